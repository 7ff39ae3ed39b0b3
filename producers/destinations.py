"""Whether the topics that a lane's records lead to are there. One of a vendor's that is not is that vendor's affair alone (ADR 28).

Without this the transaction would fail, and with it the lane, for all vendors and for ever. Never takes a silent broker for a missing
topic: the broker must have named its topics, again and again for a while. Of the topics that all need, none is ever given up.
"""

import asyncio
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka

from contracts.records import Outgoing
from contracts.topics import vendor_of

MISSING_FOR: Final = 10.0
"""Seconds after which what goes to a topic that is not there is set aside: until then it may be about to be made."""
ASK_WITHIN: Final = 5.0

Missing = dict[str, float]
"""Vendors' topics that the broker did not name, and since when (monotonic). Outlives the lane."""


class TopicMissing(Exception):
    """A topic of one vendor is not there: what goes there waits in a letter until somebody has made it."""


class Destinations:
    """As one lane's producer sees them."""

    def __init__(self, producer: AIOKafkaProducer, missing: Missing) -> None:
        self._producer, self._missing = producer, missing
        self._there: set[str] = set()

    async def wanting(self, answers: Sequence[Sequence[Outgoing]]) -> dict[int, float]:
        """The places of the answers that go where there is no topic, and for how many seconds there has been none."""
        topics = {message.topic for answer in answers for message in answer}
        if not topics <= self._there:
            await self._ask(topics - self._there)
        if self._missing.keys().isdisjoint(topics):
            return {}
        now = time.monotonic()
        return {at: min(now - since for since in found) for at, answer in enumerate(answers) if (found := self._since(answer))}

    def _since(self, answer: Sequence[Outgoing]) -> list[float]:
        return [self._missing[message.topic] for message in answer if message.topic in self._missing]

    async def _ask(self, topics: AbstractSet[str]) -> None:
        try:
            async with asyncio.timeout(ASK_WITHIN):
                named = (await self._producer.client.fetch_all_metadata()).topics()
        except (kafka.KafkaError, OSError):
            return  # the transaction will say what is wrong
        self._there |= topics & named
        for topic in topics:
            if topic in named:
                self._missing.pop(topic, None)
            elif _is_of_one_vendor(topic):
                self._missing.setdefault(topic, time.monotonic())


def _is_of_one_vendor(topic: str) -> bool:
    try:
        return bool(vendor_of(topic))
    except ValueError:
        return False

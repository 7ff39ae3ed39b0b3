"""The loop of every input: each record that is ours is read once, what it leads to is sent in order, and only then its offset is committed.

At least once: what it repeats after a rebalance carries the same source coordinates. Never loses a record, never lets one overtake another,
and never decides what a record means. Which topics it reads may change while it runs.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from aiokafka import ConsumerRecord, TopicPartition
from faststream.kafka import KafkaBroker

from consumers.caring import Care
from consumers.fetching import Fetching
from consumers.progress import Fresh, Progress
from consumers.subscribing import subscribe
from contracts.kafka_connection import RecordRefused
from contracts.records import Outgoing, Received

log = logging.getLogger(__name__)

SLICE: Final = 32
"""So many records are read before the event loop gets its turn: heartbeats and transactions go on."""
RETRY_AFTER: Final = 1.0
"""Seconds that the input waits after a mistake of ours, or while the group's coordinator is away."""
LOOK_AGAIN: Final = 0.02
WAITS_AT_MOST: Final = 20.0
"""Seconds that a batch waits for room: who does not ask for records for minutes loses their partitions."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Sequencing = Callable[[Received], Outgoing]
Refused = Callable[[Received, RecordRefused], Outgoing]
Receiving = Callable[[ConsumerRecord], Received]
HasRoom = Callable[[], bool]
"""Whether what is behind can take more: bulk waits where it lies (ADR 21)."""


class OrderedSender(Protocol):
    """Who sends what was read."""

    async def send(self, outgoing: Sequence[Outgoing]) -> None:
        """Returns when the broker has all. `RecordRefused` for what is refused for itself."""


def appended_at(record: ConsumerRecord[Any, Any]) -> datetime:
    """When the broker took it: the topics we read are dated by it."""
    return _EPOCH + timedelta(milliseconds=record.timestamp)


def always() -> bool:
    """There is room."""
    return True


class Intake:
    """Reads each record once it is ours, and sends what it led to. Without `care` what kills the process does so for ever."""

    def __init__(
        self, *, received: Receiving, sequence: Sequencing, refused: Refused, sender: OrderedSender, pattern: str,
        has_room: HasRoom = always, care: Care | None = None,
    ) -> None:
        self._received, self._sequence, self._refused, self._sender, self._has_room = received, sequence, refused, sender, has_room
        self._care = care
        self._progress = Progress()
        self._pattern = self._subscribed = pattern
        self._last_taken = -math.inf
        self._find_consumer: Callable[[], Any] = lambda: None

    @property
    def quiet_for(self) -> float:
        """Seconds since it was last handed a record; infinite before the first."""
        return time.monotonic() - self._last_taken

    def subscribe(self, broker: KafkaBroker, *, group: str, fetching: Fetching) -> None:
        """Read all topics that fit the pattern, now and later; `follow` changes it."""
        self._find_consumer = subscribe(
            broker, group=group, take=self.take, listener=self._progress, fetching=fetching, pattern=self._pattern,
        )
        self._progress.attach(self._find_consumer, on_assigned=self._keep_pattern)

    def follow(self, pattern: str) -> None:
        """Read the topics that fit this pattern from now on, and no others. Before the start: as soon as it has started."""
        self._pattern = pattern
        self._keep_pattern()

    def _keep_pattern(self) -> None:
        consumer = self._find_consumer()
        if consumer is None or self._subscribed == self._pattern:
            return
        # aiokafka rejoins the group when other topics fit: what was fetched is dropped, and comes again from the committed offset
        consumer.subscribe(pattern=self._pattern, listener=self._progress)
        self._subscribed = self._pattern

    async def take(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """Until all is sent or not ours any more. Raises nothing: the loop that calls would go on, and pass over these records."""
        self._last_taken = time.monotonic()
        await self._wait_for_room()
        failures = 0
        while True:
            try:
                await self._take(records)
            except Exception as error:  # noqa: BLE001  a mistake of ours, or the group's coordinator is away: hold, never pass over
                log.error("reception_holds", extra={"reason": type(error).__name__})  # noqa: TRY400  a traceback could quote a message
                self._tell_hold(type(error).__name__)
            else:
                return self._tell_hold(None)
            failures += 1
            await asyncio.sleep(self._care.back_off(failures) if self._care else RETRY_AFTER)

    def _tell_hold(self, reason: str | None) -> None:
        if self._care:
            self._care.on_hold(reason)

    async def _wait_for_room(self) -> None:
        until = time.monotonic() + WAITS_AT_MOST
        while not self._has_room() and time.monotonic() < until:  # noqa: ASYNC110  the lanes work meanwhile, and tell nobody
            await asyncio.sleep(LOOK_AGAIN)

    async def _take(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        fresh = await self._progress.fresh(records)
        for record in fresh.alone:
            received = self._received(record)
            await self._send([received], [await self._sequenced_alone(record, received, fresh)])
            await self._progress.commit(replace(fresh, ends={TopicPartition(record.topic, record.partition): record.offset + 1}))
        together = [self._received(record) for record in fresh.records]
        if self._care:
            await self._progress.begin(fresh)
        await self._send(together, await self._sequenced(together))
        await self._progress.commit(fresh)

    async def _sequenced_alone(self, record: ConsumerRecord[Any, Any], received: Received, fresh: Fresh) -> Outgoing:
        """The note is taken back before anything is sent: who is killed while the broker is away did not die of this record."""
        if self._care is None:
            return self._sequence(received)
        async with self._care.room.alone():
            deaths = await self._progress.begin_alone(record, fresh)
            if deaths >= self._care.deaths:
                log.error("process_killed", extra={
                    "topic": record.topic, "partition": record.partition, "offset": record.offset, "count": deaths,
                })
                return self._care.killed(received)
            outgoing = self._sequence(received)
            await self._progress.survived(record)
            return outgoing

    async def _sequenced(self, received: Sequence[Received]) -> list[Outgoing]:
        outgoing: list[Outgoing] = []
        for start in range(0, len(received), SLICE):
            async with self._care.room.together() if self._care else nullcontext():
                outgoing += map(self._sequence, received[start : start + SLICE])
            await asyncio.sleep(0)
        return outgoing

    async def _send(self, received: Sequence[Received], outgoing: list[Outgoing]) -> None:
        """What is refused for itself is replaced, once; then all is sent again, so that the order stands."""
        replaced: set[int] = set()
        while len(replaced) <= len(outgoing):
            try:
                await self._sender.send(outgoing)
            except RecordRefused as refusal:
                if refusal.index in replaced:
                    raise
                replaced.add(refusal.index)
                outgoing[refusal.index] = self._refused(received[refusal.index], refusal)
            else:
                return

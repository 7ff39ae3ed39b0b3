"""Reception's subscriber: all vendors' inboxes by pattern, at least once, in order (architecture 2). The pattern may change while it runs.

Commits an offset only when the broker has everything before it. Never loses a record and never lets one overtake another; what it repeats
after a rebalance carries the same source coordinates. Reads no key and no header: they are the vendor's.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaBroker

from consumers.fetching import Fetching
from consumers.progress import Progress
from consumers.subscribing import subscribe
from contracts.kafka_connection import RecordRefused
from contracts.records import Outgoing, Received, Source
from contracts.topics import vendor_of

log = logging.getLogger(__name__)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SLICE = 32
"""So many records are read before the event loop gets its turn: heartbeats and transactions go on."""
RETRY_AFTER = 1.0
"""Seconds that all inboxes wait after a mistake of ours, or while the group's coordinator is away."""

Sequencing = Callable[[Received], Outgoing]
Refused = Callable[[Received, RecordRefused], Outgoing]


class OrderedSender(Protocol):
    """Who sends what was read."""

    async def send(self, outgoing: Sequence[Outgoing]) -> None:
        """Returns when the broker has all. `RecordRefused` for what is refused for itself."""


def received_of(record: ConsumerRecord[Any, Any]) -> Received:
    """The record as reception meets it."""
    source = Source(record.topic, record.partition, record.offset)
    return Received(source, vendor_of(record.topic), EPOCH + timedelta(milliseconds=record.timestamp), record.value)


class Inboxes:
    """Reads each record once it is ours, and sends what it led to."""

    def __init__(self, *, sequence: Sequencing, refused: Refused, sender: OrderedSender, progress: Progress, pattern: str) -> None:
        self._sequence, self._refused, self._sender, self._progress = sequence, refused, sender, progress
        self._pattern = self._subscribed = pattern
        self._find_consumer: Callable[[], Any] = lambda: None

    def attach(self, find_consumer: Callable[[], Any]) -> None:
        """Where to find the consumer."""
        self._find_consumer = find_consumer
        self._progress.attach(find_consumer, on_assigned=self._keep_pattern)

    def follow(self, pattern: str) -> None:
        """Read the inboxes that fit this pattern from now on, and no others. Before the start: as soon as it has started."""
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
        while True:
            try:
                return await self._take(records)
            except Exception as error:  # noqa: BLE001  a mistake of ours, or the group's coordinator is away: hold, never pass over
                log.error("reception_holds", extra={"reason": type(error).__name__})  # noqa: TRY400  a traceback could quote a message
            await asyncio.sleep(RETRY_AFTER)

    async def _take(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        fresh = await self._progress.fresh(records)
        received = [received_of(record) for record in fresh.records]
        await self._send(received, await self._sequenced(received))
        await self._progress.commit(fresh)

    async def _sequenced(self, received: Sequence[Received]) -> list[Outgoing]:
        outgoing: list[Outgoing] = []
        for start in range(0, len(received), SLICE):
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


def subscribe_inboxes(
    broker: KafkaBroker,
    *,
    group: str,
    sequence: Sequencing,
    refused: Refused,
    sequencer: OrderedSender,
    pattern: str,
    fetching: Fetching | None = None,
) -> Inboxes:
    """Subscribe to all inboxes that fit the pattern, now and later; `follow` changes it.

    `sequence` is pure and never raises: what one record leads to. `refused`: what to send instead when the broker refuses that for itself.
    """
    progress = Progress()
    inboxes = Inboxes(sequence=sequence, refused=refused, sender=sequencer, progress=progress, pattern=pattern)
    inboxes.attach(subscribe(
        broker, group=group, take=inboxes.take, listener=progress, fetching=fetching or Fetching(), pattern=pattern
    ))
    return inboxes

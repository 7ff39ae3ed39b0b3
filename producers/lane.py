"""One lane: the records of one input partition, in order, from the inbox to the commit.

While the transaction of one batch is on the wire the next batch is decided already (rule 19). A lane that waits keeps its records in hand
and never seeks (rule 9). It never decides who owns the partition, and never uses a producer again that has failed (rule 6).
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from aiokafka import AIOKafkaProducer, TopicPartition

from producers import transaction
from producers.aiokafka_private import dispose
from producers.blame import Trouble, cause_of
from producers.deciding import Decider, Settled
from producers.destinations import MISSING_FOR, Destinations, Missing, TopicMissing
from producers.inbox import Inbox
from producers.observer import LaneObserver
from producers.transaction import Delivery, delivery_of
from producers.work import Hold, LaneKey, LaneWork, Record

log = logging.getLogger(__name__)

AT_ONCE: Final = Hold(0)
"""Ask the work again now: it is told more than before."""
TOPIC_MISSING: Final = "topic_missing"


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """How much at a time. Times in seconds."""

    max_records: int = 500
    """Of one transaction: sets the throughput (rule 13)."""
    max_bytes: int = 8 << 20
    """Of one transaction's records: it ends with the record that reaches this."""
    small: int = 50
    """A batch of fewer waits for the wire, and grows meanwhile (rule 19)."""
    transaction_timeout: float = 60.0
    """The broker aborts after this: above the worst batch (rule 12)."""
    wire_timeout: float = 45.0
    """We give up before the broker does."""
    stop_timeout: float = 20.0
    """How long a graceful stop waits for the transaction that is running."""


class LaneHost(Protocol):
    """Who keeps the lanes."""

    def pause(self, source: TopicPartition) -> None:
        """Fetch nothing more of it. Drops what was prefetched."""

    def resume(self, source: TopicPartition) -> None:
        """Fetch again."""

    def made_room(self) -> None:
        """A lane has taken records out of its inbox."""

    def replace(self, lane: "Lane", error: Exception) -> None:
        """The lane cannot go on."""


class Lane:
    """Runs from its making until `retire`."""

    def __init__(
        self,
        host: LaneHost,
        key: LaneKey,
        *,
        producer: AIOKafkaProducer,
        group: str,
        committed: int,
        work: LaneWork,
        trouble: Trouble,
        observer: LaneObserver,
        limits: LaneLimits,
        missing: Missing,
    ) -> None:
        self.key = key
        self.source = TopicPartition(key.topic, key.partition)
        self.trouble = trouble
        self.closed = self.holding = self._came_forward = False
        self.inbox = Inbox(committed)
        self._host, self._producer, self._group, self._work = host, producer, group, work
        self._observer, self._limits = observer, limits
        self._decider = Decider(work, key, trouble, observer)
        self._destinations = Destinations(producer, missing)
        self._arrived = asyncio.Event()
        self._wire: asyncio.Task[None] | None = None
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._ended)

    def offer(self, records: Sequence[Record]) -> None:
        """Take in what is new of these."""
        if self.inbox.offer(records):
            self._arrived.set()

    def close(self) -> None:
        """Decide nothing more. What is on the wire goes on; what was decided and not delivered belongs to the next owner."""
        self.closed = True
        self._task.cancel()
        self.inbox.clear()
        self._host.made_room()

    async def finish(self, wait: float) -> None:
        """After `close`: let the running transaction end, for at most so many seconds, and tell the work that the lane is gone."""
        try:
            if running := [task for task in (self._task, self._wire) if task and not task.done()]:
                await asyncio.wait(running, timeout=wait)
        finally:
            if self._wire:
                self._wire.cancel()
            await self._work.closed(self.key)

    async def dispose(self) -> None:
        """After `finish`: throw the producer away. Needs no hurry, the next owner's producer fences this one."""
        await dispose(self._producer)

    async def _run(self) -> None:
        while not self.closed:
            delivery = await self._decided(await self._next_records())
            await self._wire_is_free()
            if not self.closed:
                self._wire = asyncio.create_task(self._deliver(delivery))

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A lane never stops without a word: fenced off by the database, or a mistake of ours, it is opened again, with back-off."""
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self.trouble.failures += 1
            self._host.replace(self, error)

    async def _next_records(self) -> list[Record]:
        while not self.inbox:
            self._arrived.clear()
            await self._arrived.wait()
        alone = self.inbox.next_offset < self.trouble.single_until
        if alone or not self._came_forward or len(self.inbox) < self._limits.small:
            # a worker that dies over the second record, or batch, leaves the first one delivered: else nobody could tell them apart
            await self._wire_is_free()
        records = self.inbox.take(most=1 if alone else self._limits.max_records, max_bytes=self._limits.max_bytes)
        self._host.made_room()
        return records

    async def _wire_is_free(self) -> None:
        if self._wire and not self._wire.done():
            await asyncio.wait([self._wire])

    async def _decided(self, records: list[Record]) -> Delivery:
        """Holds until at least the first record can go; what has to wait goes back to the front of the inbox."""
        while True:
            settled = await self._sendable(records, await self._decider.settle(records))
            count = len(settled.answers)
            if count:
                self._goes_on()
                self.inbox.put_back(records[count:])
                return delivery_of(records[:count], settled.answers)
            if settled.hold is not AT_ONCE:
                await self._hold(settled.hold or Hold())

    async def _sendable(self, records: Sequence[Record], settled: Settled) -> Settled:
        """Up to the first answer that goes to a vendor's topic that is not there; what has waited for one long enough is set aside."""
        wanting = await self._destinations.wanting(settled.answers)
        if not wanting:
            return settled
        if first := min(wanting):
            return Settled(settled.answers[:first])
        waited = [records[at] for at, seconds in wanting.items() if seconds >= MISSING_FOR]
        given_up = [record.offset for record in waited if record.offset not in self.trouble.condemned]
        for offset in given_up:
            self.trouble.condemn(offset, TopicMissing())
        return Settled((), AT_ONCE if records[0].offset in given_up else Hold(reason=TOPIC_MISSING))

    def _goes_on(self) -> None:
        if self.trouble.holds:
            self.trouble.holds = 0
            self._observer.lane_state(self.key.partition, "open")

    async def _hold(self, hold: Hold) -> None:
        """Nothing is open on the broker, the records stay in hand, and no other lane notices (rule 10)."""
        seconds = self.trouble.wait_for(hold)
        self._observer.held(self.key.partition, seconds, hold.reason)
        self._observer.lane_state(self.key.partition, "holding")
        self.holding = True
        self._host.made_room()
        self._host.pause(self.source)
        await asyncio.sleep(seconds)
        self.holding = False
        self._host.resume(self.source)

    async def _deliver(self, delivery: Delivery) -> None:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._limits.wire_timeout):
                await transaction.deliver(self._producer, delivery, group=self._group, source=self.source)
        except Exception as error:  # noqa: BLE001  whatever it is, this producer is not used again
            self._failed(delivery, error)
            return
        self._delivered(delivery, time.perf_counter() - started)

    def _failed(self, delivery: Delivery, error: Exception) -> None:
        cause = cause_of(error)
        log.warning("transaction_failed", extra={"lane": self.source.partition, "count": delivery.count, "reason": type(cause).__name__})
        self.trouble.failed(error, first=delivery.first, end=delivery.end, count=delivery.count, outgoing=delivery.outgoing)
        self._host.replace(self, cause)

    def _delivered(self, delivery: Delivery, seconds: float) -> None:
        self._came_forward = True
        self._observer.transaction(self.key.partition, seconds, delivery.count)
        for _ in range(self.trouble.delivered(delivery.end)):
            self._observer.set_aside(self.key.partition)

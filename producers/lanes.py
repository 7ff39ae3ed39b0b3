"""Exactly once from Kafka to Kafka: one lane per input partition, one transactional producer per lane.

Opens, replaces and closes lanes as the group moves partitions, and hands each its records. Never decides about a record, never aborts a
transaction, never commits an offset outside of one.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka import errors as kafka

from contracts.kafka_connection import KafkaConnection
from producers.aiokafka_private import dispose, still_member
from producers.backing_off import back_off
from producers.blame import Trouble
from producers.destinations import Missing
from producers.lane import Lane, LaneLimits
from producers.observer import LaneObserver
from producers.opening import fence, new_producer, take_over
from producers.turns import Turns
from producers.work import LaneKey, LaneWork, Record

log = logging.getLogger(__name__)

REVOKE_TIMEOUT = 4.0
"""Seconds, below the session timeout: no heartbeat goes out while a rebalance callback runs (rule 1)."""
OPEN_BACK_OFF = 0.1
"""Seconds after the first failed opening."""
MEMBER_TIMEOUT = 10.0
MEMBER_BACK_OFF = 1.0


def record_of(raw: ConsumerRecord) -> Record:
    """What the work is shown of a record."""
    headers = tuple((name, value or b"") for name, value in raw.headers) if raw.headers else ()
    return Record(raw.topic, raw.partition, raw.offset, raw.timestamp, raw.key, raw.value, headers)


class Lanes(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """The lanes of one worker, and the rebalance listener of its consumer."""

    def __init__(
        self,
        connection: KafkaConnection,
        *,
        group: str,
        work: LaneWork,
        observer: LaneObserver | None = None,
        limits: LaneLimits | None = None,
    ) -> None:
        self.group = group
        self._connection, self._work = connection, work
        self._observer, self._limits = observer or LaneObserver(), limits or LaneLimits()
        self._lanes: dict[TopicPartition, Lane] = {}
        self._troubles: dict[TopicPartition, Trouble] = {}
        self._missing: Missing = {}
        self._turns = Turns()
        self._room = asyncio.Event()
        self._closing = False
        self._find_consumer: Callable[[], AIOKafkaConsumer | None] = lambda: None

    def attach(self, find_consumer: Callable[[], AIOKafkaConsumer | None]) -> None:
        """Where to find the consumer: it is born when its subscriber starts, after the lanes."""
        self._find_consumer = find_consumer

    @property
    def consumer(self) -> Any:
        """The consumer; None before the start and after the stop."""
        return self._find_consumer()

    @property
    def open_lanes(self) -> frozenset[LaneKey]:
        """The lanes that take records."""
        return frozenset(lane.key for lane in self._lanes.values())

    @property
    def backlog(self) -> int:
        """About how many records of the log wait for these lanes, fetched or not: offsets have gaps, the end is as of the last fetch."""
        return sum(len(lane.inbox) + self._unfetched(lane) for lane in self._lanes.values())

    def _unfetched(self, lane: Lane) -> int:
        consumer = self.consumer
        end = consumer.highwater(lane.source) if consumer is not None and lane.source in consumer.assignment() else None
        return max(0, end - lane.inbox.handed) if end is not None else 0

    # records in

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Hand the records to their lanes, and wait for room, never for one lane: the loop that calls is serial. Raises nothing."""
        by_source: dict[TopicPartition, list[ConsumerRecord]] = {}
        for record in records:
            by_source.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
        for source, some in by_source.items():
            await self._offer(source, some)
        while not self._closing and self._is_full():
            self._room.clear()
            await self._room.wait()

    async def _offer(self, source: TopicPartition, records: list[ConsumerRecord]) -> None:
        lane = self._lanes.get(source)
        if lane is None or not await self._is_current(source, records[-1].offset) or lane.closed:
            self._observer.stale(source.partition, len(records))
            return
        lane.offer([record_of(record) for record in records])

    async def _is_current(self, source: TopicPartition, last: int) -> bool:
        """Not if it was fetched before a seek or a reassignment: it comes again (rule 4). Raises nothing: other partitions wait behind."""
        try:
            return self._owns(source) and bool(await self.consumer.position(source) > last)
        except kafka.KafkaError:
            return False

    def _is_full(self) -> bool:
        waiting = [lane.inbox for lane in self._lanes.values() if not lane.holding]
        return sum(map(len, waiting)) > 2 * self._limits.max_records or sum(i.size for i in waiting) > 8 * self._limits.max_bytes

    # partitions come and go; aiokafka only logs what these raise

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Pause, open each lane in the background, return at once (rule 1)."""
        sources = list(assigned)
        if sources:
            self.consumer.pause(*sources)
        for source in sources:
            self._turns.open(source, partial(self._open, source, asked=True))

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Let the running transactions end, for as long as the session allows."""
        await self._leave(list(revoked), wait=REVOKE_TIMEOUT)

    async def aclose(self) -> None:
        """Graceful stop, before the consumer leaves the group: the running transactions end, nothing new begins."""
        self._closing = True
        self._room.set()
        await self._leave(list(self._lanes.keys() | self._turns.opening), wait=self._limits.stop_timeout)
        await self._turns.drained()

    async def _leave(self, sources: Sequence[TopicPartition], *, wait: float) -> None:
        for lane in [lane for source in sources if (lane := self._lanes.pop(source, None))]:
            lane.close()
            self._turns.end(lane.source, self._retire(lane, wait=wait))
        await self._turns.leave(sources, wait=wait + 1)
        for source in sources:
            self._observer.lane_state(source.partition, "closed")

    async def _retire(self, lane: Lane, *, wait: float) -> None:
        try:
            await lane.finish(wait)
        finally:
            self._turns.background(lane.dispose())

    # lanes open

    def _owns(self, source: TopicPartition) -> bool:
        return not self._closing and self.consumer is not None and source in self.consumer.assignment()

    async def _open(self, source: TopicPartition, *, asked: bool) -> None:
        """Until it is open, or not ours. `asked`: the group has just said that it is."""
        failures = 0
        while self._owns(source) and (asked or await self._still_ours(source)):
            self._observer.lane_state(source.partition, "opening")
            try:
                await self._open_once(source)
            except Exception as error:  # noqa: BLE001  the cluster, the database, anything: tried again while it is ours
                self._observer.open_error(source.partition, type(error).__name__)
                log.warning("opening_failed", extra={"lane": source.partition, "reason": type(error).__name__})
            else:
                return
            await asyncio.sleep(back_off(failures, first=OPEN_BACK_OFF))
            failures, asked = failures + 1, False

    async def _open_once(self, source: TopicPartition) -> None:
        producer = new_producer(self._connection, group=self.group, source=source, limits=self._limits)
        try:
            key = await fence(producer, source)
            await self._begin(source, key=key, producer=producer)
        except BaseException:
            self._turns.background(dispose(producer))
            raise

    async def _begin(self, source: TopicPartition, *, key: LaneKey, producer: AIOKafkaProducer) -> None:
        try:
            committed, suspect = await take_over(self.consumer, source, key=key, work=self._work, most=2 * self._limits.max_records)
        except BaseException:
            await self._work.closed(key)
            raise
        trouble = self._troubles.setdefault(source, Trouble())
        trouble.single_until = max(trouble.single_until, suspect)
        self._lanes[source] = Lane(
            self,
            key,
            producer=producer,
            group=self.group,
            committed=committed,
            work=self._work,
            trouble=trouble,
            observer=self._observer,
            limits=self._limits,
            missing=self._missing,
        )
        self.resume(source)
        self._observer.lane_state(source.partition, "open")

    # the lanes' host

    def pause(self, source: TopicPartition) -> None:
        """Fetch nothing more of it, if it is still ours."""
        with contextlib.suppress(kafka.IllegalStateError, AttributeError):
            self.consumer.pause(source)

    def resume(self, source: TopicPartition) -> None:
        """Fetch again, if it is still ours."""
        with contextlib.suppress(kafka.IllegalStateError, AttributeError):
            self.consumer.resume(source)

    def made_room(self) -> None:
        """Wake the consume loop if it waits."""
        self._room.set()

    def replace(self, lane: Lane, error: Exception) -> None:
        """A lane whose producer is unusable is replaced, not aborted (rule 8). Perhaps the next owner fenced us, perhaps not."""
        if lane.closed:
            return
        lane.close()
        self._tell_lost(lane, error)
        self.pause(lane.source)
        if self._lanes.get(lane.source) is lane:
            del self._lanes[lane.source]
        self._turns.end(lane.source, self._retire(lane, wait=REVOKE_TIMEOUT))
        self._turns.open(lane.source, partial(self._reopen, lane))

    def _tell_lost(self, lane: Lane, error: Exception) -> None:
        partition, reason = lane.key.partition, type(error).__name__
        log.warning("lane_lost", extra={"lane": partition, "reason": reason})
        if isinstance(error, kafka.ProducerFenced):
            self._observer.fenced(partition)
        self._observer.lost(partition, reason)
        self._observer.lane_state(partition, "lost")

    async def _reopen(self, lane: Lane) -> None:
        await asyncio.sleep(lane.trouble.back_off())
        await self._open(lane.source, asked=False)

    async def _still_ours(self, source: TopicPartition) -> bool:
        """Given up only when the group says that it is somebody else's; then `on_partitions_assigned` will tell (rules 7 and 8)."""
        while self._owns(source):
            try:
                async with asyncio.timeout(MEMBER_TIMEOUT):
                    return await still_member(self.consumer)
            except Exception as error:  # noqa: BLE001  whatever keeps us from asking: an opener that died here would stall the partition
                log.warning("membership_unknown", extra={"lane": source.partition, "reason": type(error).__name__})
            await asyncio.sleep(MEMBER_BACK_OFF)
        return False

"""How far reception has come in each partition of the inboxes, across rebalances. Commits forwards only, and only what was sent.

Never raises for a rebalance: whatever cannot be committed any more comes again, as repetitions of the same source coordinates. Beside the
offset it notes what is being read, so that a record that kills its reader is known by the next one (`consumers/caring.py`).
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka import errors as kafka

from consumers.aiokafka_private import committed_of
from consumers.caring import AT_MOST, deaths_of, died, trying

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Place:
    """How far we are in one partition."""

    floor: int
    """First offset not yet settled."""
    careful_until: int = 0
    """Below this every record is read alone."""
    deaths: int = 0
    """Readers that died over the record at `floor`."""
    came_forward: bool = False
    """Something was settled since the partition is ours."""


Floors = dict[TopicPartition, Place]
"""A new one for each assignment, so that it also says which assignment it belongs to."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Records that are ours to send, and the assignment under which they are. `alone`: those that are read one by one, before the rest."""

    alone: Sequence[ConsumerRecord[Any, Any]]
    records: Sequence[ConsumerRecord[Any, Any]]
    ends: dict[TopicPartition, int]
    """Behind `records`."""
    floors: Floors


class Progress(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """The rebalance listener of reception's consumer."""

    def __init__(self) -> None:
        self._floors: Floors = {}
        self._noted: dict[TopicPartition, tuple[int, str]] = {}
        self._find_consumer: Callable[[], Any] = lambda: None
        self._on_assigned: Callable[[], None] = lambda: None

    def attach(self, find_consumer: Callable[[], Any], *, on_assigned: Callable[[], None] = lambda: None) -> None:
        """Where to find the consumer, and whom to tell of each assignment."""
        self._find_consumer, self._on_assigned = find_consumer, on_assigned

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:  # noqa: ARG002  aiokafka's signature
        """Begin anew: another worker may have come further meanwhile."""
        self._floors = {}
        self._on_assigned()

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002  aiokafka's signature
        """What is being sent is not ours to commit any more."""
        self._floors = {}

    async def fresh(self, records: Sequence[ConsumerRecord[Any, Any]]) -> Fresh:
        """Those that are still ours and not settled. KafkaError when the committed offset cannot be asked for.

        Dropped is what was fetched before a reassignment: the consumer's position is then not behind it, so it comes again. Going on with
        it could commit past records that nobody has sent, or below what another worker has.
        """
        floors = self._floors
        alone: list[ConsumerRecord[Any, Any]] = []
        kept: list[ConsumerRecord[Any, Any]] = []
        ends: dict[TopicPartition, int] = {}
        for source, some in _by_source(records).items():
            if not await self._is_current(source, some[-1].offset):
                continue
            place = await self._place(floors, source)
            left = [record for record in some if record.offset >= place.floor]
            alone += [record for record in left if record.offset < place.careful_until]
            if left and left[-1].offset >= place.careful_until:
                kept += [record for record in left if record.offset >= place.careful_until]
                ends[source] = left[-1].offset + 1
        return Fresh(alone, kept, ends, floors)

    async def begin(self, fresh: Fresh) -> None:
        """Note that what comes first in a partition is being read; later batches leave no note. KafkaError: then nothing may be read."""
        first = [source for source in fresh.ends if not fresh.floors[source].came_forward]
        if first:
            await self._note({source: (fresh.floors[source].floor, trying(0)) for source in first})

    async def begin_alone(self, record: ConsumerRecord[Any, Any], fresh: Fresh) -> int:
        """Note that this record is being read, and nothing else; answers how many have died over it. KafkaError: it may not be read."""
        source = _source(record)
        deaths = fresh.floors[source].deaths
        await self._note({source: (record.offset, trying(deaths))})
        return deaths

    async def survived(self, record: ConsumerRecord[Any, Any]) -> None:
        """It has been read. KafkaError."""
        await self._note({_source(record): (record.offset, died(0))})

    async def commit(self, fresh: Fresh) -> None:
        """Commit behind these, if the assignment is still the same."""
        if fresh.floors is not self._floors or not fresh.ends:
            return
        try:
            await self._find_consumer().commit(fresh.ends)
        except (kafka.KafkaError, AttributeError) as error:  # AttributeError: the consumer has stopped
            log.info("not_committed", extra={"reason": type(error).__name__})
            return
        for source, end in fresh.ends.items():
            place = fresh.floors[source]
            place.floor, place.deaths, place.came_forward = end, 0, True

    async def _note(self, notes: dict[TopicPartition, tuple[int, str]]) -> None:
        await self._find_consumer().commit(notes)
        self._noted |= notes

    async def _is_current(self, source: TopicPartition, last: int) -> bool:
        consumer = self._find_consumer()
        if consumer is None or source not in consumer.assignment():
            return False
        try:
            return bool(await consumer.position(source) > last)
        except kafka.IllegalStateError:
            return False

    async def _place(self, floors: Floors, source: TopicPartition) -> Place:
        """Asked for once per assignment."""
        if source not in floors:
            floors[source] = await self._found(source)
        return floors[source]

    async def _found(self, source: TopicPartition) -> Place:
        consumer = self._find_consumer()
        offset, note = await committed_of(consumer, source)
        # a note of our own was left by a rebalance: we are alive
        deaths = 0 if self._noted.get(source) == (offset, note) else deaths_of(note)
        if not deaths:
            return Place(offset)
        if note != died(deaths):
            await self._note({source: (offset, died(deaths))})
            log.warning("reader_died", extra={"topic": source.topic, "partition": source.partition, "offset": offset, "count": deaths})
        return Place(offset, min(offset + AT_MOST, consumer.highwater(source) or 0), deaths)


def _source(record: ConsumerRecord[Any, Any]) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)


def _by_source(records: Sequence[ConsumerRecord[Any, Any]]) -> dict[TopicPartition, list[ConsumerRecord[Any, Any]]]:
    by_source: dict[TopicPartition, list[ConsumerRecord[Any, Any]]] = {}
    for record in records:
        by_source.setdefault(_source(record), []).append(record)
    return by_source

"""How far reception has come in each partition of the inboxes, across rebalances. Commits forwards only, and only what was sent.

Never raises for a rebalance: whatever cannot be committed any more comes again, as repetitions of the same source coordinates.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka import errors as kafka

log = logging.getLogger(__name__)

Floors = dict[TopicPartition, int]
"""First offset not yet settled. A new one for each assignment, so that it also says which assignment it belongs to."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Records that are ours to send, and the assignment under which they are."""

    records: Sequence[ConsumerRecord[Any, Any]]
    ends: dict[TopicPartition, int]
    floors: Floors


class Progress(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """The rebalance listener of reception's consumer."""

    def __init__(self) -> None:
        self._floors: Floors = {}
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
        kept: list[ConsumerRecord[Any, Any]] = []
        ends: dict[TopicPartition, int] = {}
        for source, some in _by_source(records).items():
            if not await self._is_current(source, some[-1].offset):
                continue
            floor = await self._floor(floors, source)
            if some[-1].offset >= floor:
                kept += [record for record in some if record.offset >= floor]
                ends[source] = some[-1].offset + 1
        return Fresh(kept, ends, floors)

    async def commit(self, fresh: Fresh) -> None:
        """Commit behind these, if the assignment is still the same."""
        if fresh.floors is not self._floors or not fresh.ends:
            return
        try:
            await self._find_consumer().commit(fresh.ends)
        except (kafka.KafkaError, AttributeError) as error:  # AttributeError: the consumer has stopped
            log.info("not_committed", extra={"reason": type(error).__name__})
            return
        fresh.floors.update(fresh.ends)

    async def _is_current(self, source: TopicPartition, last: int) -> bool:
        consumer = self._find_consumer()
        if consumer is None or source not in consumer.assignment():
            return False
        try:
            return bool(await consumer.position(source) > last)
        except kafka.IllegalStateError:
            return False

    async def _floor(self, floors: Floors, source: TopicPartition) -> int:
        """Asked for once per assignment."""
        if source not in floors:
            floors[source] = await self._find_consumer().committed(source) or 0
        return floors[source]


def _by_source(records: Sequence[ConsumerRecord[Any, Any]]) -> dict[TopicPartition, list[ConsumerRecord[Any, Any]]]:
    by_source: dict[TopicPartition, list[ConsumerRecord[Any, Any]]] = {}
    for record in records:
        by_source.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
    return by_source

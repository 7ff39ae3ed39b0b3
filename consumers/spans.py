"""Stretches of partitions, read once: from an offset to an offset, of what is committed. No group, and nothing is ever committed.

Never waits for what is not there yet: where a stretch ends, who asks says.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition

from consumers.groupless import groupless
from contracts.kafka_connection import KafkaConnection
from contracts.topics import MAX_MESSAGE_BYTES

_WAIT_MS: Final = 500
_AT_ONCE: Final = 2_000


class Span(NamedTuple):
    """Offsets of one partition: the first, and the one behind the last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Spans that are being read."""

    consumer: Any
    spans: Mapping[TopicPartition, Span]

    async def some(self, of: Collection[TopicPartition]) -> Mapping[TopicPartition, Sequence[Any]]:
        """What comes next of these partitions, a few thousand records at most; nothing where nothing has come yet."""
        found = await self.consumer.getmany(*of, timeout_ms=_WAIT_MS, max_records=_AT_ONCE)
        return {source: [record for record in records if record.offset < self.spans[source].end] for source, records in found.items()}

    async def is_over(self, source: TopicPartition) -> bool:
        """Everything of it has been handed over: a span may end with what no reader is shown."""
        return bool(await self.consumer.position(source) >= self.spans[source].end)


@asynccontextmanager
async def reading(connection: KafkaConnection, spans: Mapping[TopicPartition, Span]) -> AsyncIterator[Reading]:
    """Read these. Spans that are empty are over at once. Raises KafkaError."""
    async with _consumer(connection) as consumer:
        consumer.assign(list(spans))
        for source, span in spans.items():
            consumer.seek(source, span.start)
        # aiokafka awaits a task of its own when it stops, which raises when it was ended before it had begun
        await asyncio.sleep(0)
        yield Reading(consumer, spans)


async def all_of(connection: KafkaConnection, spans: Mapping[TopicPartition, Span]) -> AsyncGenerator[Any, None]:
    """Every record of them, each partition's in order. Raises KafkaError."""
    left = {source for source, span in spans.items() if span.start < span.end}
    if not left:
        return
    async with reading(connection, spans) as going:
        while left:
            for records in (await going.some(left)).values():
                for record in records:
                    yield record
            left = {source for source in left if not await going.is_over(source)}


async def standing_on(connection: KafkaConnection, partitions: Mapping[str, int]) -> dict[TopicPartition, Span]:
    """What stands on these topics now and is committed; `partitions`: how many each has. Raises KafkaError."""
    sources = [TopicPartition(topic, partition) for topic, count in partitions.items() for partition in range(count)]
    async with _consumer(connection) as consumer:
        begins, ends = await consumer.beginning_offsets(sources), await consumer.end_offsets(sources)
    return {source: Span(begins[source], ends[source]) for source in sources}


async def open_since(connection: KafkaConnection, spans: Mapping[TopicPartition, Span], *, before: datetime) -> list[TopicPartition]:
    """Where a transaction is open that began to write before then: behind it nothing is shown to readers of what is committed.

    `spans`: what is committed. Asks for offsets alone, so that it needs no right to read. Raises KafkaError.
    """
    async with _consumer(connection, "read_uncommitted") as consumer:
        written = await consumer.end_offsets(list(spans))
        uncommitted = [source for source, span in spans.items() if span.end < written[source]]
        later = await consumer.offsets_for_times(dict.fromkeys(uncommitted, int(before.timestamp() * 1000))) if uncommitted else {}
    return [source for source in uncommitted if later[source] is None or later[source].offset > spans[source].end]


def _consumer(connection: KafkaConnection, isolation: str = "read_committed") -> AbstractAsyncContextManager[Any]:
    return groupless(
        connection, isolation_level=isolation, auto_offset_reset="none", max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
    )

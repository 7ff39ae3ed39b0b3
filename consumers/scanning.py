"""A topic read once, from an offset to its end as of now, a batch at a time: for jobs that look at all of it.

Only what is committed is shown. Never in a group, never commits an offset, never waits for what comes later, and never holds more than a
batch: a log of a year may be read.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, Literal

from aiokafka import AIOKafkaConsumer, TopicPartition

from consumers.groupless import groupless
from contracts.kafka_connection import KafkaConnection
from contracts.records import Headers
from contracts.topics import MAX_MESSAGE_BYTES

_LOOK_MS: Final = 200
_ANSWER_MS: Final = 10_000
_FETCH_BYTES: Final = 3 * MAX_MESSAGE_BYTES
_Isolation = Literal["read_committed", "read_uncommitted"]


@dataclass(frozen=True, slots=True)
class Scanned:
    """One record as it stands on its topic."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    def __repr__(self) -> str:
        return f"Scanned({self.partition}/{self.offset})"


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the partitions of a topic end, by their number."""

    written: Mapping[int, int]
    """Behind the last record, whatever becomes of it."""
    committed: Mapping[int, int]
    """Where readers of what is committed come to: lower where a transaction is still open."""

    @property
    def partitions(self) -> int:
        """How many the topic has."""
        return len(self.written)

    @property
    def is_transaction_open(self) -> bool:
        """Something may still be committed or aborted, and hides what stands behind it."""
        return self.written != self.committed


async def ends_of(connection: KafkaConnection, topic: str) -> Ends:
    """Where the topic ends now. KafkaError where it is not there or cannot be read."""
    return Ends(await _ends(connection, topic, "read_uncommitted"), await _ends(connection, topic, "read_committed"))


async def scan(
    connection: KafkaConnection, topic: str, *, start: Mapping[int, int] | None = None,
) -> AsyncGenerator[Sequence[Scanned], None]:
    """Batches, in order within each partition. `start`: the first offset of a partition; the beginning where there is none.

    Who leaves the loop early closes it: `contextlib.aclosing`.
    """
    async with _consumer(connection, topic, "read_committed") as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        for source in ends:
            if start and source.partition in start:
                consumer.seek(source, start[source.partition])
        while any([await consumer.position(source) < end for source, end in ends.items()]):
            found: Mapping[TopicPartition, Sequence[Any]] = await consumer.getmany(timeout_ms=_LOOK_MS)
            if some := [_scanned(record) for records in found.values() for record in records]:
                yield some


async def _ends(connection: KafkaConnection, topic: str, isolation: _Isolation) -> dict[int, int]:
    async with _consumer(connection, topic, isolation) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
    return {source.partition: end for source, end in ends.items()}


def _scanned(record: Any) -> Scanned:
    headers = tuple((name, value or b"") for name, value in record.headers)
    return Scanned(record.partition, record.offset, record.key, record.value, headers)


def _consumer(connection: KafkaConnection, topic: str, isolation: _Isolation) -> AbstractAsyncContextManager[AIOKafkaConsumer]:
    return groupless(
        connection, topic, isolation_level=isolation, auto_offset_reset="earliest", max_partition_fetch_bytes=_FETCH_BYTES,
        fetch_max_bytes=_FETCH_BYTES, request_timeout_ms=_ANSWER_MS,
    )

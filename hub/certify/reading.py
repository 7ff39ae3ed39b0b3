"""Reading topics as any subscriber may: what is committed, from the beginning to what stands there when it is asked. Never writes."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from checker.facts import Seen, Topics
from contracts.topics import MAX_MESSAGE_BYTES, SEQUENCED, TOPICS

_PATIENCE: Final = 200
"""Milliseconds of one look."""


def names_of(topic: str, vendors: Iterable[str]) -> tuple[str, ...]:
    """A topic's name, or the names for all vendors where each has its own."""
    return tuple(dict.fromkeys(topic.replace("<vendor>", vendor) for vendor in vendors))


async def read_all(bootstrap: Sequence[str], vendors: Sequence[str]) -> Topics:
    """Everything that subscribers can read, and what was sent."""
    names = [name for topic in TOPICS if topic is not SEQUENCED for name in names_of(topic.name, vendors)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=list(bootstrap), isolation_level="read_committed", auto_offset_reset="earliest",
        max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
    )
    await consumer.start()
    try:
        return await _read(consumer, names)
    finally:
        await consumer.stop()


async def _read(consumer: AIOKafkaConsumer, names: Sequence[str]) -> dict[str, list[Seen]]:
    sources = [TopicPartition(name, at) for name in names for at in await partitions_of(consumer, name)]
    consumer.assign(sources)
    ends, found = await consumer.end_offsets(sources), dict[str, list[Seen]]((name, []) for name in names)
    while not await has_read(consumer, ends):
        for source, records in (await consumer.getmany(timeout_ms=_PATIENCE)).items():
            found[source.topic] += [seen(record) for record in records]
    return found


async def has_read(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> bool:
    """It stands at these ends, or behind them."""
    return all([await consumer.position(source) >= end for source, end in ends.items()])


async def partitions_of(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    """Of a topic that the consumer may not have read yet."""
    found: set[int] = await consumer._client._wait_on_metadata(topic) or set()  # noqa: SLF001  the public call does not wait
    return found


def seen(record: Any) -> Seen:
    """A consumer's record as the checker has it."""
    headers = tuple((name, value) for name, value in record.headers)
    return Seen(record.topic, record.partition, record.offset, record.timestamp, record.key, record.value, headers)

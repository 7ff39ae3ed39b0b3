"""Opening a lane: fence the former owner, then read the committed offset, then have the database fenced, then seek (rule 2).

Never resumes the partition: that is for those who have put the lane in its place.
"""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from contracts.kafka_connection import KafkaConnection
from contracts.topics import MAX_MESSAGE_BYTES
from producers.aiokafka_private import fence_of
from producers.batches import MAX_BATCH_BYTES
from producers.lane import LaneLimits
from producers.work import LaneKey, LaneWork

OPEN_TIMEOUT = 30.0
"""Seconds: every wait on the cluster and the database is bounded (rule 3)."""

_START_ENDS_WITHIN = 1.0
"""Seconds: whoever leaves a partition waits for its opener."""


def transactional_id(group: str, source: TopicPartition) -> str:
    """One transactional producer per input partition: the next owner fences the former."""
    return f"{group}.{source.topic}.{source.partition}"


def new_producer(connection: KafkaConnection, *, group: str, source: TopicPartition, limits: LaneLimits) -> AIOKafkaProducer:
    """A producer for one lane, not started."""
    settings: dict[str, Any] = {
        "linger_ms": 0,
        "max_batch_size": MAX_BATCH_BYTES,
        "max_request_size": MAX_MESSAGE_BYTES,
        "compression_type": "zstd",
        "transaction_timeout_ms": int(limits.transaction_timeout * 1000),
    }
    return AIOKafkaProducer(transactional_id=transactional_id(group, source), **settings, **connection.client_settings())


async def fence(producer: AIOKafkaProducer, source: TopicPartition) -> LaneKey:
    """Start the producer: the broker fences the former owner and aborts what it left open."""
    starting = asyncio.create_task(producer.start())
    try:
        async with asyncio.timeout(OPEN_TIMEOUT):
            await asyncio.shield(starting)
    except BaseException:
        await _ended(starting)
        raise
    return LaneKey(source.topic, source.partition, *fence_of(producer))


async def _ended(starting: asyncio.Task[None]) -> None:
    """A start that is cut short leaves a connection open that nobody closes: it may come to its end first, if that is near."""
    done, _ = await asyncio.wait([starting], timeout=_START_ENDS_WITHIN)
    if done and not starting.cancelled():
        starting.exception()
    starting.cancel()


async def take_over(consumer: AIOKafkaConsumer, source: TopicPartition, *, key: LaneKey, work: LaneWork, most: int) -> tuple[int, int]:
    """After `fence`, so that the committed offset is final: clean the database behind it, seek to it, and answer it.

    And below which offset every record is to travel alone, because former owners died: what stood in the log, `most` records at most.

    kafka.IllegalStateError when the partition has gone meanwhile; what `work.opened` raises.
    """
    async with asyncio.timeout(OPEN_TIMEOUT):
        before = await consumer.committed(source)
        committed = int((await consumer.beginning_offsets([source]))[source] if before is None else before)
        deaths = await work.opened(key, committed, resumed=before is not None)
        suspect = min((await consumer.end_offsets([source]))[source], committed + most) if deaths else committed
    consumer.seek(source, committed)
    return committed, int(suspect)

"""One short transaction: all that a batch of records led to, and the offset behind them; or what belongs together, by itself.

Never aborts (rule 6): after an abortable error aiokafka's `abort_transaction()` sends no EndTxn, and what was "aborted" becomes visible
with the next commit. Whatever goes wrong in here, the caller throws the producer away; the next one with the same id fences it, and the
broker aborts what was open.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition

from contracts.records import Outgoing
from producers.batches import Batch, chained
from producers.blame import SendFailed
from producers.work import Record


@dataclass(frozen=True, slots=True)
class Delivery:
    """Decided records of one input partition, ready for one transaction."""

    outgoing: Sequence[Outgoing]
    first: int
    end: int
    """The offset to commit: one beyond the last record. Offsets have gaps, so `count` is not their difference (rule 4)."""
    count: int


def delivery_of(records: Sequence[Record], answers: Iterable[Sequence[Outgoing]]) -> Delivery:
    """The records and what each led to."""
    outgoing = [message for answer in answers for message in answer]
    return Delivery(outgoing, records[0].offset, records[-1].offset + 1, len(records))


async def deliver(producer: AIOKafkaProducer, delivery: Delivery, *, group: str, source: TopicPartition) -> None:
    """Begin, send all, look at every send, only then the offset, commit (rule 5).

    `SendFailed` with Kafka's error as its cause, or any KafkaError: the producer is not to be used again.
    """
    await producer.begin_transaction()
    await _all_arrived(await _hand_over(producer, delivery.outgoing))
    await producer.send_offsets_to_transaction({source: delivery.end}, group)
    await producer.commit_transaction()


async def deliver_together(producer: AIOKafkaProducer, outgoing: Sequence[Outgoing]) -> dict[TopicPartition, int]:
    """One transaction without an input: readers of what is committed see all of it or nothing. Fails as `deliver` does.

    Answers an offset in each output partition. The broker has promised the commit, but readers may see it only a moment later: when the
    partition's last stable offset is beyond.
    """
    await producer.begin_transaction()
    futures = await _hand_over(producer, outgoing)
    await _all_arrived(futures)
    await producer.commit_transaction()
    arrived = [future.result() for future in futures]
    return {TopicPartition(one.topic, one.partition): one.offset for one in arrived}


async def partitions_of(producer: AIOKafkaProducer, outgoing: Iterable[Outgoing]) -> dict[str, int]:
    """How many partitions each topic has."""
    return {topic: len(await producer.partitions_for(topic)) for topic in {message.topic for message in outgoing}}


async def _hand_over(producer: AIOKafkaProducer, outgoing: Sequence[Outgoing]) -> list[asyncio.Future[Any]]:
    """Give everything to the producer, breadth first: it takes one batch per output partition at a time."""
    partitions = await partitions_of(producer, outgoing)
    chains = chained(outgoing, partitions=partitions, create=producer.create_batch)
    futures: list[asyncio.Future[Any]] = []
    try:
        for wave in zip_longest(*chains):
            futures += [await send(producer, batch) for batch in wave if batch]
    finally:
        for future in futures:
            future.add_done_callback(looked_at)
    return futures


async def send(producer: AIOKafkaProducer, batch: Batch) -> asyncio.Future[Any]:
    """Hand one batch over; the future ends when the broker has answered."""
    future: asyncio.Future[Any] = await producer.send_batch(batch.builder, batch.topic, partition=batch.partition)
    return future


def looked_at(future: asyncio.Future[Any]) -> None:
    """Also a send that ends after another has failed is looked at by somebody: else asyncio reports each (rule 14)."""
    if not future.cancelled():
        future.exception()


async def _all_arrived(futures: Sequence[asyncio.Future[Any]]) -> None:
    """`commit_transaction()` returns normally although a send failed, so every send is looked at, and before the offset goes (rule 5)."""
    if futures:
        await asyncio.wait(futures)
    for future in futures:
        if error := future.exception():
            raise SendFailed from error

"""A compacted topic as a table that stays current: everything that stands on it, then every change as it comes.

Every reader reads all of it: no group, no committed offset. What stood on the topic at the start is handed over as one batch, so that no
state is ever seen that was over before we began. Never raises for a record, and never ends for an outage: it begins where it was.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from consumers.groupless import groupless
from contracts.kafka_connection import KafkaConnection
from contracts.topics import MAX_MESSAGE_BYTES

log = logging.getLogger(__name__)

Change = tuple[bytes, bytes | None]
"""A key and its new value; None takes it away."""
Take = Callable[[Sequence[Change]], None]
"""Takes changes in their order. Must not raise: they would be handed over again."""

WITHIN: Final = 30.0
"""Seconds that a single reading of the topic may take."""
_LOOK_EVERY: Final = 0.02
_TO_THE_END_MS: Final = 100
_FOLLOWING_MS: Final = 1_000
"""How long to wait for records; they are handed over as soon as they are there."""
_ANSWER_MS: Final = 10_000
"""So long a topic may be unknown, and a broker silent, before we begin anew."""
_FETCH_BYTES: Final = 3 * MAX_MESSAGE_BYTES
"""What was committed together should come together."""


class CompactedTopic:
    """One topic. `reached` is set when everything that stood there at the start has been handed over."""

    def __init__(self, connection: KafkaConnection, topic: str, *, take: Take, back_off: Callable[[int], float]) -> None:
        self._connection, self._topic, self._take, self._back_off = connection, topic, take, back_off
        self._next: dict[TopicPartition, int] = {}
        self._failures = 0
        self.reached = asyncio.Event()

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with _consumer(self._connection, self._topic) as consumer:
                    await self._follow(consumer)
            except Exception as error:  # noqa: BLE001  whatever it is, an outage ends, and the table is current again
                log.warning("table_waits", extra={"topic": self._topic, "reason": type(error).__name__})
            await asyncio.sleep(self._back_off(self._failures))
            self._failures += 1

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        for source, offset in self._next.items():
            consumer.seek(source, offset)
        if not self.reached.is_set():
            await self._hand_over(consumer, await _to_the_end(consumer))
            self.reached.set()
        while True:
            if changes := await _some(consumer, _FOLLOWING_MS):
                await self._hand_over(consumer, changes)

    async def _hand_over(self, consumer: AIOKafkaConsumer, changes: Sequence[Change]) -> None:
        self._take(changes)
        self._next = {source: await consumer.position(source) for source in consumer.assignment()}
        self._failures = 0


async def read_once(connection: KafkaConnection, topic: str, *, within: float = WITHIN) -> Sequence[Change]:
    """Everything that is committed on the topic now, in its order. KafkaError or TimeoutError when it cannot be read."""
    async with asyncio.timeout(within), _consumer(connection, topic) as consumer:
        return await _to_the_end(consumer)


async def until_seen(connection: KafkaConnection, topic: str, offsets: Mapping[TopicPartition, int], *, within: float = WITHIN) -> None:
    """Return when every reader can see what was committed at these offsets. Raises as `read_once` does."""
    async with asyncio.timeout(within), _consumer(connection, topic) as consumer:
        while any([(await consumer.end_offsets([source]))[source] <= offset for source, offset in offsets.items()]):  # noqa: ASYNC110  the broker tells nobody
            await asyncio.sleep(_LOOK_EVERY)


async def _to_the_end(consumer: AIOKafkaConsumer) -> Sequence[Change]:
    # of what is committed: a transaction that nobody ends is not waited for
    ends = await consumer.end_offsets(consumer.assignment())
    changes: list[Change] = []
    while any([await consumer.position(source) < end for source, end in ends.items()]):
        changes += await _some(consumer, _TO_THE_END_MS)
    return changes


async def _some(consumer: AIOKafkaConsumer, timeout_ms: int) -> list[Change]:
    records: Iterable[Sequence[Any]] = (await consumer.getmany(timeout_ms=timeout_ms)).values()
    return [(record.key or b"", record.value) for some in records for record in some]


def _consumer(connection: KafkaConnection, topic: str) -> AbstractAsyncContextManager[AIOKafkaConsumer]:
    """At the beginning of all partitions. UnknownTopicOrPartitionError when there is no such topic."""
    return groupless(
        connection, topic, isolation_level="read_committed", auto_offset_reset="earliest", max_partition_fetch_bytes=_FETCH_BYTES,
        fetch_max_bytes=_FETCH_BYTES, request_timeout_ms=_ANSWER_MS,
    )

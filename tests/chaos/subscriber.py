"""What an outsider sees: reads all outgoing topics committed, from now on, and waits for what is said of a message."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.topics import JOURNAL, TOPICS
from tests.broker.waiting import until
from tests.chaos.facts import Seen


class Subscriber:
    """Everything heard since it began."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self.heard: list[Seen] = []

    def of(self, topic: str) -> list[Seen]:
        """Records of this topic."""
        return [record for record in self.heard if record.topic == topic]

    def about(self, msg_id: str, topic: str) -> list[Seen]:
        """Events of this topic that the message caused."""
        return [record for record in self.of(topic) if record.cause == msg_id]

    def journal(self, msg_id: str) -> list[dict[str, Any]]:
        """The journal's lines about the message, in its partition's order."""
        return [record.data for record in self.about(msg_id, JOURNAL.name)]

    async def until(self, condition: Callable[[], bool], *, what: str, within: float = 40.0) -> None:
        """Wait for it; then for all else that is committed by now: what is not there does not come any more."""
        await until(condition, what=what, within=within)
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        await until(lambda: self._has_read(ends), what="the subscriber has read all there is", within=within)

    async def journalled(self, msg_id: str, lines: int = 1, *, within: float = 40.0) -> list[dict[str, Any]]:
        """The lines about the message, when there are so many."""
        await self.until(lambda: len(self.journal(msg_id)) >= lines, what=f"{lines} lines in the journal", within=within)
        return self.journal(msg_id)

    async def _has_read(self, ends: dict[TopicPartition, int]) -> bool:
        return all([await self._consumer.position(source) >= end for source, end in ends.items()])

    async def listen(self) -> None:
        """Until cancelled."""
        while True:
            for records in (await self._consumer.getmany(timeout_ms=200)).values():
                self.heard += [seen(record) for record in records]


@asynccontextmanager
async def subscriber(bootstrap: str, vendors: Collection[str]) -> AsyncIterator[Subscriber]:
    """Listens from now on."""
    names = {topic.name.replace("<vendor>", vendor) for topic in TOPICS if topic.direction == "out" for vendor in vendors}
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed", auto_offset_reset="latest")
    await consumer.start()
    try:
        sources = [TopicPartition(name, at) for name in names for at in await partitions_of(consumer, name)]
        consumer.assign(sources)
        for source in sources:
            await consumer.position(source)
        listener = Subscriber(consumer)
        listening = asyncio.create_task(listener.listen())
        try:
            yield listener
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
    finally:
        await consumer.stop()


async def partitions_of(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    """Of a topic that the consumer may not have read yet."""
    found: set[int] = await consumer._client._wait_on_metadata(topic) or set()
    return found


def seen(record: Any) -> Seen:
    """A consumer's record as the checker has it."""
    headers = tuple((name, value) for name, value in record.headers)
    return Seen(record.topic, record.partition, record.offset, record.timestamp, record.key, record.value, headers)

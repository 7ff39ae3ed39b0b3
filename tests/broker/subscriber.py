"""What an outsider sees: reads all outgoing topics committed, from now on, and waits for what is said of a message."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from checker.facts import Seen
from contracts.topics import JOURNAL, TOPICS
from hub.certify.reading import has_read, partitions_of, seen
from tests.broker.waiting import until


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
        await until(lambda: has_read(self._consumer, ends), what="the subscriber has read all there is", within=within)

    async def journalled(self, msg_id: str, lines: int = 1, *, within: float = 40.0) -> list[dict[str, Any]]:
        """The lines about the message, when there are so many."""
        await self.until(lambda: len(self.journal(msg_id)) >= lines, what=f"{lines} lines in the journal", within=within)
        return self.journal(msg_id)

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

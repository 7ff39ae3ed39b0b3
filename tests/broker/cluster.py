"""The tests' own client of the broker: topics with unique names, records in, everything readable out. Knows nothing of the hub."""

import uuid
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.kafka_connection import KafkaConnection
from contracts.topics import MAX_MESSAGE_BYTES
from tests.broker.waiting import until

LARGE = {"max.message.bytes": str(MAX_MESSAGE_BYTES)}
BROKER_FENCED = 38
LAST = b"the end of what there is"


@dataclass(frozen=True, slots=True)
class Input:
    """One record to write. `headers` as an outsider would."""

    value: bytes | None
    key: bytes | None = b"k"
    headers: Sequence[tuple[str, bytes]] = ()
    partition: int | None = None


class Cluster:
    """The broker of the session."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.connection = KafkaConnection((bootstrap,))

    def name(self, kind: str) -> str:
        """A name that nobody else has."""
        return f"{kind}-{uuid.uuid4().hex[:12]}"

    async def topic(self, kind: str, partitions: int = 1, *, config: dict[str, str] | None = None, name: str | None = None) -> str:
        """Make a topic and answer its name. Waits for a broker whose session has lapsed on a busy machine."""
        made = NewTopic(name or self.name(kind), partitions, 1, topic_configs=config or {})
        await until(partial(self._made, made), what="a topic is made")
        return str(made.name)

    async def _made(self, topic: NewTopic) -> bool:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            answer = await admin.create_topics([topic])
        finally:
            await admin.close()
        [error] = [row[1] for row in answer.topic_errors]
        assert error in (0, BROKER_FENCED), answer.topic_errors
        return bool(error == 0)

    async def put(self, topic: str, inputs: Iterable[Input]) -> None:
        """Write these, in order."""
        async with self.producer() as producer:
            sent = [await producer.send(topic, i.value, key=i.key, headers=list(i.headers), partition=i.partition) for i in inputs]
            for future in sent:
                await future

    async def read(self, topic: str) -> list[Any]:
        """Everything committed that there is, found by writing an end to each partition and reading up to it."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
        )
        await consumer.start()
        try:
            return await self._read(consumer, topic)
        finally:
            await consumer.stop()

    async def _read(self, consumer: AIOKafkaConsumer, topic: str) -> list[Any]:
        await consumer._client.force_metadata_update()
        partitions = await self._end(topic)
        consumer.assign([TopicPartition(topic, partition) for partition in partitions])
        records: list[Any] = []
        ended: set[int] = set()
        while ended != partitions:
            for some in (await consumer.getmany(timeout_ms=1000)).values():
                records += [record for record in some if record.value != LAST]
                ended |= {record.partition for record in some if record.value == LAST and record.key == self._token}
        return records

    async def _end(self, topic: str) -> set[int]:
        self._token = uuid.uuid4().bytes
        async with self.producer() as producer:
            partitions: set[int] = set(await producer.partitions_for(topic))
            for partition in partitions:
                await producer.send_and_wait(topic, LAST, key=self._token, partition=partition)
        return partitions

    async def committed(self, group: str, topic: str, partition: int = 0) -> int:
        """The group's offset; 0 when there is none."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(group)
        finally:
            await admin.close()
        found = offsets.get(TopicPartition(topic, partition))
        return found.offset if found else 0

    @asynccontextmanager
    async def producer(self) -> AsyncIterator[AIOKafkaProducer]:
        """A plain producer for large records."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, max_request_size=MAX_MESSAGE_BYTES)
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()


def numbers(records: Iterable[Any]) -> list[int]:
    """Records are `<number>|...`: their numbers, in order."""
    return [int(record.value.split(b"|")[0]) for record in records]


def numbered(count: int, filler: bytes = b"x") -> list[Input]:
    """So many records, numbered from 0."""
    return [Input(b"%d|" % number + filler) for number in range(count)]

"""Reception's subscriber on the real broker: all inboxes, none lost, none overtaken, through rebalances and refusals."""

import asyncio
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.record.util import calc_crc32c

from consumers.aiokafka_private import committed_of
from consumers.caring import trying
from consumers.connecting import kafka_broker
from consumers.inboxes import subscribe_inboxes
from contracts.kafka_connection import RecordRefused
from contracts.records import Outgoing, Received
from producers.sequencer import Sequencer
from tests.broker.cluster import LARGE, Cluster, Input, numbers
from tests.broker.waiting import until

pytestmark = pytest.mark.broker


class Reception:
    """A worker with reception alone: every record goes to one topic, under its source."""

    def __init__(self, cluster: Cluster, *, tag: str, group: str, to: str) -> None:
        self.cluster, self.to, self.group = cluster, to, group
        self.received: list[Received] = []
        self.sequencer = Sequencer(cluster.connection)
        self.broker = kafka_broker(cluster.connection, metadata_max_age_ms=300)
        self.inboxes = subscribe_inboxes(
            self.broker,
            group=group,
            sequence=self.sequence,
            refused=self.refused,
            sequencer=self.sequencer,
            pattern=rf"^epj\.{tag}[a-z0-9-]*\.inbox$",
        )

    def sequence(self, received: Received) -> Outgoing:
        """The body, keyed by its partition."""
        self.received.append(received)
        return Outgoing(self.to, b"%s/%d" % (received.source.topic.encode(), received.source.partition), received.body)

    def refused(self, received: Received, error: RecordRefused) -> Outgoing:
        """Its number alone."""
        return Outgoing(self.to, b"refused", (received.body or b"").split(b"|")[0] + b"|refused")

    async def __aenter__(self) -> Self:
        await self.sequencer.start()
        await self.broker.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.broker.stop()
        await self.sequencer.stop()

    async def committed(self, topic: str, *offsets: int) -> None:
        """Wait until the group has come at least so far in each partition of the inbox."""

        async def there() -> bool:
            return all([await self.cluster.committed(self.group, topic, p) >= o for p, o in enumerate(offsets)])

        await until(there, what=f"{offsets} of {topic}")


async def test_reception_commits_what_the_broker_has(cluster: Cluster) -> None:
    """Every record comes with vendor, source and the time the broker knows; odd keys and headers are never looked at."""
    tag = cluster.name("v")
    inbox, out = await cluster.topic("in", name=f"epj.{tag}.inbox"), await cluster.topic("out")
    odd = [("content-type", b"application/json"), ("reply_to", out.encode()), ("x", b"\xff")]
    await cluster.put(inbox, [Input(b"%d|x" % n, key=b"\xff", headers=odd) for n in range(50)])
    async with Reception(cluster, tag=tag, group=cluster.name("g"), to=out) as reception:
        await reception.committed(inbox, 50)
    assert numbers(await cluster.read(out)) == list(range(50))
    first = reception.received[0]
    assert (first.vendor, tuple(first.source)) == (tag, (inbox, 0, 0))
    assert first.at.utcoffset() == timedelta(0)
    assert abs(first.at - datetime.now(UTC)) < timedelta(minutes=2)


async def test_a_tombstone_is_received_as_one(cluster: Cluster) -> None:
    """A record without a value reaches `sequence` with no body; what happens to it is not the consumer's business."""
    tag = cluster.name("v")
    inbox, out = await cluster.topic("in", name=f"epj.{tag}.inbox"), await cluster.topic("out")
    await cluster.put(inbox, [Input(None)])
    async with Reception(cluster, tag=tag, group=cluster.name("g"), to=out) as reception:
        await reception.committed(inbox, 1)
    assert [r.body for r in reception.received] == [None]


async def test_a_new_vendors_inbox_is_found_without_a_restart(cluster: Cluster) -> None:
    """A topic that is made while the worker runs is picked up by the pattern."""
    tag = cluster.name("v")
    one, out = await cluster.topic("in", name=f"epj.{tag}-a.inbox"), await cluster.topic("out")
    async with Reception(cluster, tag=tag, group=cluster.name("g"), to=out) as reception:
        await cluster.put(one, [Input(b"0|x")])
        await reception.committed(one, 1)
        two = await cluster.topic("in", name=f"epj.{tag}-b.inbox")
        await cluster.put(two, [Input(b"1|x")])
        await reception.committed(two, 1)
    assert {r.vendor for r in reception.received} == {f"{tag}-a", f"{tag}-b"}
    assert sorted(set(numbers(await cluster.read(out)))) == [0, 1]


async def test_workers_that_come_and_go_lose_nothing_and_let_nothing_overtake(cluster: Cluster) -> None:
    """A second worker joins while records flow and the first one leaves: repetitions may come, but first occurrences keep their order."""
    tag, group = cluster.name("v"), cluster.name("g")
    inbox, out = await cluster.topic("in", 3, name=f"epj.{tag}.inbox"), await cluster.topic("out", 2)
    inputs = [Input(b"%d|x" % n, partition=p) for n in range(3000) for p in range(3)]
    first, second = (Reception(cluster, tag=tag, group=group, to=out) for _ in range(2))
    async with second:
        async with first:
            putting = asyncio.create_task(cluster.put(inbox, inputs))
            await until(lambda: len(first.received) > 300 and len(second.received) > 300, what="both work")
        await putting
        await second.committed(inbox, 3000, 3000, 3000)
    found = await cluster.read(out)
    for partition in range(3):
        mine = [r for r in found if r.key.endswith(b"/%d" % partition)]
        assert list(dict.fromkeys(numbers(mine))) == list(range(3000))


async def test_what_the_broker_refuses_is_replaced_in_its_place(cluster: Cluster) -> None:
    """The caller says what to send instead; the records around it come in order."""
    tag = cluster.name("v")
    inbox = await cluster.topic("in", name=f"epj.{tag}.inbox")
    out = await cluster.topic("out", config={"max.message.bytes": "1000"})
    await cluster.put(inbox, [Input(b"%d|" % n + (os.urandom(5000) if n in (7, 11) else b"x")) for n in range(20)])
    async with Reception(cluster, tag=tag, group=cluster.name("g"), to=out) as reception:
        await reception.committed(inbox, 20)
    found = await cluster.read(out)
    assert list(dict.fromkeys(numbers(found))) == list(range(20))
    assert {n for n, r in zip(numbers(found), found, strict=True) if r.value.endswith(b"|refused")} == {7, 11}


async def test_sixteen_megabytes_are_received(cluster: Cluster) -> None:
    """A large message passes reception whole."""
    tag = cluster.name("v")
    inbox, out = await cluster.topic("in", name=f"epj.{tag}.inbox", config=LARGE), await cluster.topic("out", config=LARGE)
    big = b"0|" + os.urandom(16_000_000)
    await cluster.put(inbox, [Input(big), Input(b"1|x")])
    async with Reception(cluster, tag=tag, group=cluster.name("g"), to=out) as reception:
        await reception.committed(inbox, 2)
    assert [r.value for r in await cluster.read(out)] == [big, b"1|x"]


async def test_a_stale_batch_neither_repeats_nor_rewinds(cluster: Cluster) -> None:
    """Records that were fetched once more from before the committed offset are dropped, and the offset stays where it is."""
    tag = cluster.name("v")
    inbox, out = await cluster.topic("in", name=f"epj.{tag}.inbox"), await cluster.topic("out")
    await cluster.put(inbox, [Input(b"%d|x" % n) for n in range(10)])
    async with Reception(cluster, tag=tag, group=cluster.name("g"), to=out) as reception:
        await reception.committed(inbox, 10)
        old = [record for record in await cluster.read(inbox) if record.offset < 5]
        await reception.committed(inbox, 11)
        await reception.inboxes.take(old)
        assert await cluster.committed(reception.group, inbox) == 11
    assert numbers(r for r in await cluster.read(out) if b"|" in r.value) == list(range(10))


async def test_a_mistake_of_ours_holds_reception_and_loses_nothing(cluster: Cluster) -> None:
    """`sequence` raises although it must not: nothing is passed over, and when it is mended everything comes."""
    tag = cluster.name("v")
    inbox, out = await cluster.topic("in", name=f"epj.{tag}.inbox"), await cluster.topic("out")
    broken, asked = True, 0

    class Mistaken(Reception):
        def sequence(self, received: Received) -> Outgoing:
            nonlocal asked
            asked += 1
            if broken and received.source.offset == 3:
                raise ZeroDivisionError
            return super().sequence(received)

    await cluster.put(inbox, [Input(b"%d|x" % n) for n in range(10)])
    async with Mistaken(cluster, tag=tag, group=cluster.name("g"), to=out) as reception:
        await until(lambda: asked > 4, what="it was tried again")
        assert await cluster.committed(reception.group, inbox) == 0
        broken = False
        await reception.committed(inbox, 10)
    assert numbers(await cluster.read(out)) == list(range(10))


async def test_a_header_name_that_is_not_utf8_harms_nobody(cluster: Cluster) -> None:
    """Brokers let such a name pass: neither that record is lost, nor one behind it, nor one of another vendor."""
    tag = cluster.name("v")
    odd, other = [await cluster.topic("in", name=f"epj.{tag}-{which}.inbox") for which in "ab"]
    out = await cluster.topic("out")
    await cluster.put(other, [Input(b"%d|x" % n) for n in range(10, 20)])
    await put_odd_name(cluster, odd, b"0|x")
    await cluster.put(odd, [Input(b"1|x")])
    async with Reception(cluster, tag=tag, group=cluster.name("g"), to=out) as reception:
        await reception.committed(odd, 2)
        await reception.committed(other, 10)
    assert sorted(set(numbers(await cluster.read(out)))) == [0, 1, *range(10, 20)]


async def put_odd_name(cluster: Cluster, topic: str, value: bytes) -> None:
    """One record with a header name that no client library would write."""
    async with cluster.producer() as producer:
        await producer.partitions_for(topic)
        batch = producer.create_batch()
        batch.append(timestamp=None, key=b"k", value=value, headers=[("header", b"v")])
        built = bytearray(batch._build().replace(b"header", b"\xff\xfeader"))
        struct.pack_into(">I", built, 17, calc_crc32c(bytes(built[21:])))
        batch._buffer = bytes(built)
        await (await producer.send_batch(batch, topic, partition=0))


async def test_a_note_beside_the_committed_offset_is_found_by_the_next_reader(cluster: Cluster) -> None:
    """aiokafka writes it, its own `committed` leaves it out: who died over which record stands there. None yet: offset 0, no note."""
    topic, group = await cluster.topic("in"), cluster.name("g")
    source = TopicPartition(topic, 0)
    found = []
    for _ in range(2):
        async with consuming(cluster, topic, group) as consumer:
            found.append(await committed_of(consumer, source))
            await consumer.commit({source: (0, trying(2))})
            found.append(await committed_of(consumer, source))
    assert found == [(0, ""), (0, "trying 2"), (0, "trying 2"), (0, "trying 2")]


@asynccontextmanager
async def consuming(cluster: Cluster, topic: str, group: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A member of the group that has the topic."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=cluster.bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        await until(lambda: bool(consumer.assignment()), what="it has the topic")
        yield consumer
    finally:
        await consumer.stop()

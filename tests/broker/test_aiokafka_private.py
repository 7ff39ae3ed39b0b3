"""What we stand on in aiokafka's private parts: these say when an upgrade changes it."""

import asyncio
import gc
import time
from importlib.metadata import version
from typing import Any

import aiokafka.client
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka import errors as kafka
from aiokafka.conn import create_conn

from contracts.kafka_connection import KafkaConnection
from contracts.records import Outgoing
from producers.aiokafka_private import STOP_TIMEOUT, dispose, fence_of, still_member
from producers.blame import SendFailed
from producers.lane import LaneLimits
from producers.sequencer import Sequencer
from producers.transaction import deliver_together, looked_at
from tests.broker.cluster import Cluster, numbered, numbers
from tests.broker.waiting import until
from tests.broker.workers import Echo, Worker

pytestmark = pytest.mark.broker


def test_the_version_is_the_one_that_was_read() -> None:
    """Another one: read its coordinator, sender and transaction manager again, then run the tests of this folder."""
    assert version("aiokafka") == "0.14.0"


async def test_the_fence_rises_with_every_opening(cluster: Cluster) -> None:
    """Same transactional id, same producer id, an epoch more."""
    transactional_id, fences = cluster.name("t"), []
    for _ in range(3):
        producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, transactional_id=transactional_id)
        await producer.start()
        fences.append(fence_of(producer))
        await dispose(producer)
    assert len({producer_id for producer_id, _ in fences}) == 1
    assert [epoch - fences[0][1] for _, epoch in fences] == [0, 1, 2]


async def test_the_group_says_who_is_a_member(cluster: Cluster) -> None:
    """Yes to a member, no to somebody it does not know; the committed offset is not touched (rule 7)."""
    topic, group = await cluster.topic("in"), cluster.name("g")
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=cluster.bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        await consumer.commit({TopicPartition(topic, 0): 7})
        assert await still_member(consumer)
        member, consumer._coordinator.member_id = consumer._coordinator.member_id, "nobody"
        assert not await still_member(consumer)
        consumer._coordinator.member_id = member
    finally:
        await consumer.stop()
    assert await cluster.committed(group, topic) == 7


async def test_a_lane_is_given_up_when_the_group_says_so_and_comes_back_with_the_assignment(cluster: Cluster) -> None:
    """A worker that the group has forgotten does not fence the next owner: it waits until it is assigned something again (rule 8)."""
    topic, out = await cluster.topic("in"), await cluster.topic("out")
    work = Echo(out)
    async with Worker(cluster, work, topic=topic, group=cluster.name("g"), limits=LaneLimits(wire_timeout=0.5)) as worker:
        await until(lambda: len(worker.lanes.open_lanes) == 1, what="the lane is open")
        [lane] = worker.lanes._lanes.values()
        lane._producer._sender.sender_task.cancel()
        worker.lanes.consumer._coordinator.member_id = "nobody"
        await cluster.put(topic, numbered(20))
        await worker.committed(20)
    assert len(work.openings) == 2
    assert numbers(await cluster.read(out)) == list(range(20))


async def test_a_producer_that_cannot_flush_is_thrown_away_in_time(cluster: Cluster) -> None:
    """Its sender is dead and a send is open: disposing is bounded, and the send's future ends."""
    topic = await cluster.topic("out")
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, enable_idempotence=True)
    await producer.start()
    await producer.partitions_for(topic)
    producer._sender._muted_partitions.add(TopicPartition(topic, 0))
    future = await producer.send(topic, b"x")
    started = time.monotonic()
    await dispose(producer)
    assert time.monotonic() - started < 2 * STOP_TIMEOUT + 1
    assert future.done()
    assert future.exception()


async def test_a_connection_that_comes_while_a_producer_is_thrown_away_is_closed_too(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It does not stop, and what it has to send is just connecting anew, as after an outage."""
    topic, connects, made = await cluster.topic("out"), asyncio.Event(), []
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap)
    await producer.start()

    async def connecting(*where: Any, **how: Any) -> Any:
        await connects.wait()
        made.append(await create_conn(*where, **how))
        return made[-1]

    async def does_not_stop() -> None:
        producer._closed = True
        raise kafka.KafkaTimeoutError

    await producer.partitions_for(topic)
    for connection in list(producer.client._conns.values()):
        connection.close()
    monkeypatch.setattr(aiokafka.client, "create_conn", connecting)
    monkeypatch.setattr(producer, "stop", does_not_stop)
    (await producer.send(topic, b"late")).add_done_callback(looked_at)
    await until(producer.client._get_conn_lock.locked, what="it connects")
    asyncio.get_running_loop().call_later(0.2, connects.set)
    await dispose(producer)
    assert [connection.connected() for connection in made] == [False]


async def test_a_fenced_transaction_is_thrown_away_without_a_word(cluster: Cluster) -> None:
    """What nobody looked at would be reported by asyncio when it is collected, in the middle of anything."""
    topic, reported = await cluster.topic("out"), list[str]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["message"]))
    fenced, newer = (AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, transactional_id=topic) for _ in range(2))
    await fenced.start()
    await newer.start()
    with pytest.raises(SendFailed):
        await deliver_together(fenced, [Outgoing(topic, b"k", b"x")])
    await dispose(fenced)
    await dispose(newer)
    del fenced
    gc.collect()
    assert reported == []


async def test_a_cluster_that_is_not_there_is_told_at_the_start() -> None:
    """The sequencer's start raises, and leaves no client behind."""
    with pytest.raises((OSError, RuntimeError, asyncio.TimeoutError)):
        await Sequencer(KafkaConnection(("127.0.0.1:9",))).start()

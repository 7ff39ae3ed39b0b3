"""Reception's sender on the real broker: nothing lost, first occurrences in order, whatever fails."""

import asyncio
import os
from typing import Any

import pytest
from aiokafka import errors as kafka
from aiokafka.producer import sender

from contracts.kafka_connection import RecordRefused
from contracts.records import Outgoing
from producers.sequencer import Sequencer
from tests.broker.cluster import LARGE, Cluster, numbers
from tests.broker.waiting import until

pytestmark = pytest.mark.broker


def first_occurrences(found: list[int]) -> list[int]:
    """In the order in which each came first."""
    return list(dict.fromkeys(found))


@pytest.fixture
async def sequencer(cluster: Cluster) -> Any:
    """A started sequencer with small batches, so that a send needs several of them."""
    sequencer = Sequencer(cluster.connection, max_batch_bytes=400)
    await sequencer.start()
    yield sequencer
    await sequencer.stop()


async def test_what_was_sent_is_there_when_send_returns(cluster: Cluster, sequencer: Sequencer) -> None:
    """All records, each partition in order, in the partition that every Kafka client would choose for the key."""
    topic = await cluster.topic("out", 3)
    await sequencer.send([Outgoing(topic, b"k%d" % (n % 9), b"%d|x" % n, (("h", b"v"),)) for n in range(300)])
    found = await cluster.read(topic)
    assert sorted(numbers(found)) == list(range(300))
    by_key = [[n for n in numbers(found) if n % 9 == k] for k in range(9)]
    assert by_key == [list(range(k, 300, 9)) for k in range(9)]
    async with cluster.producer() as plain:
        place = {key: (await plain.send_and_wait(topic, b"0|", key=key)).partition for key in {r.key for r in found}}
    assert all(record.partition == place[record.key] for record in found)


async def test_first_occurrences_keep_their_order_through_failing_sends(
    cluster: Cluster, sequencer: Sequencer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers of the broker are lost and senders die, again and again: some records come twice, none is missing, no first one overtakes."""
    topic = await cluster.topic("out", 2)
    answer, calls = sender.SendProduceReqHandler.handle_response, 0

    def deaf(self: Any, response: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls % 4 == 0:
            raise kafka.KafkaError("the answer is lost")
        return answer(self, response)

    monkeypatch.setattr(sender.SendProduceReqHandler, "handle_response", deaf)
    await sequencer.send([Outgoing(topic, b"k%d" % (n % 2), b"%d|x" % n) for n in range(200)])
    monkeypatch.undo()
    found = numbers(await cluster.read(topic))
    assert len(found) > 200
    for rest in range(2):
        assert first_occurrences([n for n in found if n % 2 == rest]) == list(range(rest, 200, 2))


async def test_a_sent_batch_is_never_overtaken_by_the_next_call(cluster: Cluster, sequencer: Sequencer) -> None:
    """A call that was cancelled in the middle leaves nothing behind that could meet what comes next."""
    topic = await cluster.topic("out")
    cancelled = asyncio.create_task(sequencer.send([Outgoing(topic, b"k", b"%d|x" % n) for n in range(200)]))
    await asyncio.wait([cancelled], timeout=0.02)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    await sequencer.send([Outgoing(topic, b"k", b"%d|x" % n) for n in range(200)])
    assert first_occurrences(numbers(await cluster.read(topic))) == list(range(200))


async def test_calls_take_turns(cluster: Cluster, sequencer: Sequencer) -> None:
    """Two subscribers that send at once: each call's records keep their order."""
    topic = await cluster.topic("out")
    calls = [[Outgoing(topic, b"k", b"%d|x" % n) for n in range(start, 200, 2)] for start in range(2)]
    await asyncio.gather(*(sequencer.send(call) for call in calls))
    found = numbers(await cluster.read(topic))
    assert [n for n in found if n % 2 == 0] == list(range(0, 200, 2))
    assert [n for n in found if n % 2] == list(range(1, 200, 2))


async def test_only_a_record_that_is_refused_alone_is_refused(cluster: Cluster, sequencer: Sequencer) -> None:
    """Its index is told; what stood before it has arrived, and nothing behind it. When it is replaced, all is there in order."""
    topic = await cluster.topic("out", config={"max.message.bytes": "1000"})
    outgoing = [Outgoing(topic, b"k", b"%d|" % n + (os.urandom(5000) if n == 20 else b"x")) for n in range(40)]
    with pytest.raises(RecordRefused) as refusal:
        await sequencer.send(outgoing)
    assert refusal.value.index == 20
    assert first_occurrences(numbers(await cluster.read(topic))) == list(range(20))
    outgoing[20] = Outgoing(topic, b"k", b"20|instead")
    await sequencer.send(outgoing)
    assert first_occurrences(numbers(await cluster.read(topic))) == list(range(40))


async def test_a_record_that_cannot_be_built_is_refused(cluster: Cluster, sequencer: Sequencer) -> None:
    """A header's value that is no bytes: the record before it arrives, and its index is told."""
    topic = await cluster.topic("out")
    broken: Any = (("h", "no bytes"),)
    with pytest.raises(RecordRefused) as refusal:
        await sequencer.send([Outgoing(topic, b"k", b"0|x"), Outgoing(topic, b"k", b"1|x", broken)])
    assert refusal.value.index == 1
    assert numbers(await cluster.read(topic)) == [0]


async def test_eighteen_megabytes_of_settings_pass_sixteen(cluster: Cluster, sequencer: Sequencer) -> None:
    """A record far larger than a batch travels alone in its place."""
    topic = await cluster.topic("out", config=LARGE)
    big = os.urandom(16_000_000)
    await sequencer.send([Outgoing(topic, b"k", b"%d|" % n + (big if n == 1 else b"x")) for n in range(3)])
    found = await cluster.read(topic)
    assert numbers(found) == [0, 1, 2]
    assert found[1].value == b"1|" + big


async def test_a_topic_that_is_missing_is_waited_for(cluster: Cluster) -> None:
    """A missing topic is an outage: when it is there, everything arrives."""
    sequencer = Sequencer(cluster.connection)
    await sequencer.start()
    assert sequencer._producer
    sequencer._producer.client._request_timeout_ms = 500
    name = cluster.name("late")
    sending = asyncio.create_task(sequencer.send([Outgoing(name, b"k", b"0|x")]))
    await until(lambda: sequencer._producer is None, what="the first try has failed")
    await cluster.topic("late", name=name)
    await asyncio.wait_for(sending, 60)
    await sequencer.stop()
    assert numbers(await cluster.read(name)) == [0]

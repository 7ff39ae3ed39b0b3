"""The cases by which earlier engines were broken, against the lanes on the real broker."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka import errors as kafka
from aiokafka.producer import sender

from contracts.records import Outgoing
from producers import lane
from producers.lane import LaneLimits
from producers.opening import fence, new_producer
from producers.transaction import Delivery, deliver
from producers.work import FencedOff, Hold, LaneKey, Record, Unavailable, Verdict
from tests.broker.cluster import LARGE, Cluster, Input, numbered, numbers
from tests.broker.waiting import until
from tests.broker.workers import Echo, Worker

pytestmark = pytest.mark.broker

SMALL = {"max.message.bytes": "1000"}


async def test_a_record_that_the_broker_refuses_is_set_aside_alone(cluster: Cluster) -> None:
    """Number 20 of 40 is too large for the output topic: it alone becomes a letter, the others come once and in order (rule 11)."""
    topic, out, letters = await cluster.topic("in"), await cluster.topic("out", config=SMALL), await cluster.topic("letters")
    noise = os.urandom(5000)
    await cluster.put(topic, [Input(b"%d|" % n + (noise if n == 20 else b"x")) for n in range(40)])
    async with Worker(cluster, Echo(out, letters), topic=topic, group=cluster.name("g")) as worker:
        await worker.committed(40)
    assert numbers(await cluster.read(out)) == [n for n in range(40) if n != 20]
    [letter] = await cluster.read(letters)
    assert letter.value.endswith(noise)
    assert dict(letter.headers)["reason"] == b"MessageSizeTooLargeError"
    assert worker.seen.letters == 1


async def test_what_is_large_only_before_compression_passes(cluster: Cluster) -> None:
    """Five kilobytes of one letter pass a topic with a limit of one: refused or not is decided after zstd."""
    topic, out = await cluster.topic("in"), await cluster.topic("out", config=SMALL)
    await cluster.put(topic, numbered(40, b"x" * 5000))
    async with Worker(cluster, Echo(out), topic=topic, group=cluster.name("g")) as worker:
        await worker.committed(40)
    assert numbers(await cluster.read(out)) == list(range(40))
    assert worker.seen.losses == []


class HoldsOne(Echo):
    """Holds partition 0 from offset 20 on until it is told that what was down is up again."""

    up = False

    async def decide(
        self, lane: LaneKey, records: Sequence[Record], *, condemned: Mapping[int, Exception]
    ) -> Sequence[Verdict]:
        """Raise Hold for the whole batch, as a work does that finds out in the middle."""
        if lane.partition == 0 and not self.up and any(record.offset >= 20 for record in records):
            raise Hold(0.05, "down")
        return await super().decide(lane, records, condemned=condemned)


async def test_a_partition_that_holds_lets_the_others_go_on(cluster: Cluster) -> None:
    """The records before the held one are delivered, the others never notice, nothing is set aside, nobody leaves the group (rule 10)."""
    topic, out, letters = await cluster.topic("in", 3), await cluster.topic("out"), await cluster.topic("letters")
    work = HoldsOne(out, letters)
    await cluster.put(topic, [Input(b"%d|%d" % (n, p), partition=p) for n in range(60) for p in range(3)])
    async with Worker(cluster, work, topic=topic, group=cluster.name("g")) as worker:
        await worker.committed(20, 60, 60)
        await until(lambda: worker.seen.holds > 5, what="the lane holds again and again")
        assert await cluster.committed(worker.group, topic, 0) == 20
        work.up = True
        await worker.committed(60, 60, 60)
    records = await cluster.read(out)
    for partition in range(3):
        assert numbers(r for r in records if r.value.endswith(b"|%d" % partition)) == list(range(60))
    assert await cluster.read(letters) == []
    assert sorted(state for state in worker.seen.states if state[1] == "opening") == [(0, "opening"), (1, "opening"), (2, "opening")]
    assert (0, "holding") in worker.seen.states


async def test_an_outage_sets_nothing_aside(cluster: Cluster) -> None:
    """While the work says Unavailable, the lane waits with its records in hand; then all of them come."""
    topic, out = await cluster.topic("in"), await cluster.topic("out")
    down = True

    class Down(Echo):
        async def decide(
            self, lane: LaneKey, records: Sequence[Record], *, condemned: Mapping[int, Exception]
        ) -> Sequence[Verdict]:
            if down:
                raise Unavailable(0.02)
            return await super().decide(lane, records, condemned=condemned)

    await cluster.put(topic, numbered(10))
    async with Worker(cluster, Down(out), topic=topic, group=cluster.name("g")) as worker:
        await until(lambda: worker.seen.holds > 5, what="holding")
        down = False
        await worker.committed(10)
    assert numbers(await cluster.read(out)) == list(range(10))
    assert worker.seen.letters == 0


async def test_odd_headers_lose_nothing_and_publish_nothing(cluster: Cluster) -> None:
    """A header that is not UTF-8, a content type that lies, an outsider's reply_to: all come, and nothing goes to the victim (rule 16)."""
    topic, out, victim = await cluster.topic("in"), await cluster.topic("out"), await cluster.topic("victim")
    odd = [("x", b"\xff\xfe"), ("content-type", b"application/json"), ("reply_to", victim.encode()), ("correlation_id", b"\xff")]
    await cluster.put(topic, [Input(b"%d|{" % n, headers=odd if n in (5, 15) else ()) for n in range(20)])
    async with Worker(cluster, Echo(out), topic=topic, group=cluster.name("g")) as worker:
        await worker.committed(20)
    assert numbers(await cluster.read(out)) == list(range(20))
    assert await cluster.read(victim) == []


async def test_poison_is_set_aside_in_its_place(cluster: Cluster) -> None:
    """Two records fail by themselves, one spoils its whole batch: three letters, everything else once and in order (rule 11)."""
    topic, out, letters = await cluster.topic("in"), await cluster.topic("out"), await cluster.topic("letters")

    class Poisoned(Echo):
        async def decide(
            self, lane: LaneKey, records: Sequence[Record], *, condemned: Mapping[int, Exception]
        ) -> Sequence[Verdict]:
            if 50 not in condemned and any(record.offset == 50 for record in records):
                raise RuntimeError("secret: spoils the batch")
            return await super().decide(lane, records, condemned=condemned)

    work = Poisoned(out, letters, answer=lambda r: KeyError("secret") if r.offset in (3, 77) else [Outgoing(out, r.key, r.value)])
    await cluster.put(topic, [Input(b"%d|" % n, headers=[("h", b"\xff")] if n == 3 else ()) for n in range(100)])
    async with Worker(cluster, work, topic=topic, group=cluster.name("g")) as worker:
        await worker.committed(100)
    assert numbers(await cluster.read(out)) == [n for n in range(100) if n not in (3, 50, 77)]
    found = await cluster.read(letters)
    assert [dict(r.headers)["offset"] for r in found] == [b"3", b"50", b"77"]
    assert [dict(r.headers)["reason"] for r in found] == [b"KeyError", b"RuntimeError", b"KeyError"]
    assert dict(found[0].headers)["original.h"] == b"\xff"
    assert worker.seen.letters == 3


async def test_aiokafka_commits_although_a_send_failed(cluster: Cluster) -> None:
    """Why rule 5 looks at every send: aiokafka's commit_transaction() returns normally, and the failed send is missing."""
    out, other = await cluster.topic("out", config=SMALL), await cluster.topic("other")
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, transactional_id=cluster.name("t"))
    await producer.start()
    try:
        await producer.begin_transaction()
        futures = [await producer.send(out, os.urandom(5000)), await producer.send(other, b"0|companion")]
        await producer.commit_transaction()
    finally:
        await producer.stop()
    assert isinstance(futures[0].exception(), kafka.MessageSizeTooLargeError)
    assert (len(await cluster.read(out)), len(await cluster.read(other))) == (0, 1)


async def test_sixteen_megabytes_pass(cluster: Cluster) -> None:
    """Two records of 16 MB among small ones, in order and byte for byte."""
    topic, out = await cluster.topic("in", config=LARGE), await cluster.topic("out", config=LARGE)
    big = os.urandom(16_000_000)
    await cluster.put(topic, [Input(b"%d|" % n + (big if n in (1, 2) else b"x")) for n in range(4)])
    async with Worker(cluster, Echo(out), topic=topic, group=cluster.name("g")) as worker:
        await worker.committed(4)
    found = await cluster.read(out)
    assert numbers(found) == [0, 1, 2, 3]
    assert found[1].value == b"1|" + big


async def test_a_lane_whose_commit_went_unheard_is_replaced(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker accepts EndTxn, its answer is lost, the sender dies, time and again: nobody knows, and all comes once (rules 7, 8)."""
    topic, out = await cluster.topic("in"), await cluster.topic("out", 3)
    answer, calls = sender.EndTxnHandler.handle_response, 0

    def deaf(self: Any, response: Any) -> Any:
        nonlocal calls
        calls += 1
        if response.error_code == 0 and calls % 3 == 0:
            raise kafka.KafkaError("the answer is lost")
        return answer(self, response)

    monkeypatch.setattr(sender.EndTxnHandler, "handle_response", deaf)
    await cluster.put(topic, [Input(b"%d|x" % n, key=b"%d" % n) for n in range(200)])
    group = cluster.name("g")
    async with Worker(cluster, Echo(out), topic=topic, group=group, limits=LaneLimits(max_records=10)) as worker:
        await worker.committed(200)
    assert sorted(numbers(await cluster.read(out))) == list(range(200))
    assert len(worker.seen.losses) >= 3


async def test_a_lane_whose_sender_was_killed_is_replaced(cluster: Cluster) -> None:
    """Its producer's sender task is gone before the transaction: the lane gives up in time, opens again, and loses nothing (rules 3, 8)."""
    topic, out = await cluster.topic("in"), await cluster.topic("out")
    group = cluster.name("g")
    async with Worker(cluster, Echo(out), topic=topic, group=group, limits=LaneLimits(wire_timeout=1.0)) as worker:
        await until(lambda: len(worker.lanes.open_lanes) == 1, what="the lane is open")
        [lane] = worker.lanes._lanes.values()
        lane._producer._sender.sender_task.cancel()
        await cluster.put(topic, numbered(20))
        await worker.committed(20)
    assert numbers(await cluster.read(out)) == list(range(20))
    assert len(worker.seen.losses) == 1


async def test_a_stop_finishes_the_running_transaction(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked to stop while a transaction is on the wire, the lane ends it: output and offset are there, and no second worker repeats it."""
    topic, out = await cluster.topic("in"), await cluster.topic("out")
    begun, go_on = asyncio.Event(), asyncio.Event()
    commit = AIOKafkaProducer.commit_transaction

    async def slow(self: AIOKafkaProducer) -> None:
        begun.set()
        await go_on.wait()
        await commit(self)

    monkeypatch.setattr(AIOKafkaProducer, "commit_transaction", slow)
    await cluster.put(topic, numbered(5))
    work, group = Echo(out), cluster.name("g")
    async with Worker(cluster, work, topic=topic, group=group) as worker:
        await asyncio.wait_for(begun.wait(), 20)
        stopping = asyncio.create_task(worker.lanes.aclose())
        await until(lambda: not worker.lanes.open_lanes, what="the lane is closing")
        go_on.set()
        await stopping
    assert await cluster.committed(group, topic) == 5
    assert numbers(await cluster.read(out)) == list(range(5))
    assert work.closings == [work.openings[0][0]]


async def test_a_zombie_delivers_nothing(cluster: Cluster) -> None:
    """A worker that slept while its partition was opened by the next owner: its transaction fails, and nothing of it becomes visible."""
    topic, out, group = await cluster.topic("in"), await cluster.topic("out"), cluster.name("g")
    source = TopicPartition(topic, 0)
    zombie, owner = (new_producer(cluster.connection, group=group, source=source, limits=LaneLimits()) for _ in range(2))
    try:
        before, after = await fence(zombie, source), await fence(owner, source)
        await deliver(owner, Delivery([Outgoing(out, b"k", b"1|owner")], 0, 1, 1), group=group, source=source)
        with pytest.raises((kafka.KafkaError, Exception)) as refused:
            await asyncio.wait_for(
                deliver(zombie, Delivery([Outgoing(out, b"k", b"0|zombie")], 0, 7, 1), group=group, source=source), 20
            )
    finally:
        await zombie.stop()
        await owner.stop()
    assert isinstance(refused.value.__cause__ or refused.value, kafka.ProducerFenced)
    assert after.producer_epoch > before.producer_epoch
    assert numbers(await cluster.read(out)) == [1]
    assert await cluster.committed(group, topic) == 1


async def test_a_lane_that_was_fenced_asks_the_group_and_opens_again(cluster: Cluster) -> None:
    """Fenced by somebody who does not own the partition: the group says that it is still ours, so the lane comes back and loses nothing."""
    topic, out, group = await cluster.topic("in"), await cluster.topic("out"), cluster.name("g")
    source = TopicPartition(topic, 0)
    work = Echo(out)
    async with Worker(cluster, work, topic=topic, group=group) as worker:
        await until(lambda: len(worker.lanes.open_lanes) == 1, what="the lane is open")
        stranger = new_producer(cluster.connection, group=group, source=source, limits=LaneLimits())
        await fence(stranger, source)
        await stranger.stop()
        await cluster.put(topic, numbered(20))
        await worker.committed(20)
    assert numbers(await cluster.read(out)) == list(range(20))
    assert worker.seen.fences == 1
    assert work.openings[1][0].producer_epoch > work.openings[0][0].producer_epoch


async def test_a_lane_that_the_database_fences_off_is_opened_anew(cluster: Cluster) -> None:
    """FencedOff is nobody's fault: no letter, and the work is told of the new opening at the committed offset."""
    topic, out = await cluster.topic("in"), await cluster.topic("out")

    class Fenced(Echo):
        async def decide(
            self, lane: LaneKey, records: Sequence[Record], *, condemned: Mapping[int, Exception]
        ) -> Sequence[Verdict]:
            if records[-1].offset >= 10 and len(self.openings) == 1:
                raise FencedOff
            return await super().decide(lane, records, condemned=condemned)

    work = Fenced(out)
    async with Worker(cluster, work, topic=topic, group=cluster.name("g")) as worker:
        await cluster.put(topic, numbered(10))
        await worker.committed(10)
        await cluster.put(topic, [Input(b"%d|x" % n) for n in range(10, 20)])
        await worker.committed(20)
    assert numbers(await cluster.read(out)) == list(range(20))
    assert worker.seen.losses == ["FencedOff"]
    [(first, _), (second, committed)] = work.openings
    assert committed >= 10
    assert work.closings == [first, second]


async def test_a_work_that_cannot_be_opened_is_asked_again(cluster: Cluster) -> None:
    """The database is down while the lane opens: no record is shown before `opened` succeeds, each failed opening is closed (rule 2)."""
    topic, out = await cluster.topic("in"), await cluster.topic("out")

    class Reluctant(Echo):
        async def opened(self, lane: LaneKey, committed: int, *, resumed: bool) -> None:
            assert self.batches == []
            await super().opened(lane, committed, resumed=resumed)
            if len(self.openings) < 3:
                raise ConnectionError

    work = Reluctant(out)
    await cluster.put(topic, numbered(10))
    async with Worker(cluster, work, topic=topic, group=cluster.name("g")) as worker:
        await worker.committed(10)
    assert worker.seen.open_errors == ["ConnectionError", "ConnectionError"]
    assert work.closings == [key for key, _ in work.openings]
    assert numbers(await cluster.read(out)) == list(range(10))


async def test_workers_that_come_and_go_lose_and_double_nothing(cluster: Cluster) -> None:
    """A second worker joins while records flow, the first one leaves: every record comes once, in the order of its partition."""
    topic, out, group = await cluster.topic("in", 4), await cluster.topic("out", 4), cluster.name("g")
    inputs = [Input(b"%d|x" % n, key=b"%d" % p, partition=p) for n in range(1500) for p in range(4)]
    limits = LaneLimits(max_records=20)
    first, second = (Worker(cluster, Echo(out), topic=topic, group=group, limits=limits) for _ in range(2))
    async with second:
        async with first:
            putting = asyncio.create_task(cluster.put(topic, inputs))
            await until(lambda: first.seen.records > 200 and second.seen.records > 200, what="both work")
        await putting
        await second.committed(1500, 1500, 1500, 1500)
    by_key: dict[bytes, list[int]] = {}
    for record in await cluster.read(out):
        by_key.setdefault(record.key, []).append(int(record.value.split(b"|")[0]))
    assert by_key == {b"%d" % p: list(range(1500)) for p in range(4)}


async def test_a_vendors_missing_topic_holds_up_nobody_else(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes there waits a little, then in letters; everything else is delivered; once it is made, what comes later goes there."""
    topic, out, letters = await cluster.topic("in"), await cluster.topic("out"), await cluster.topic("letters")
    outbox = f"epj.{cluster.name('v')}.outbox"
    monkeypatch.setattr(lane, "MISSING_FOR", 0.5)

    def to_a_vendor(record: Record) -> Verdict:
        to_it = int((record.value or b"").split(b"|")[0]) % 10 == 3
        return [Outgoing(out, record.key, record.value), *([Outgoing(outbox, record.key, record.value)] if to_it else [])]

    await cluster.put(topic, numbered(40))
    async with Worker(cluster, Echo(out, letters, answer=to_a_vendor), topic=topic, group=cluster.name("g")) as worker:
        await worker.committed(40)
        await cluster.topic("outbox", name=outbox)
        await cluster.put(topic, [Input(b"%d|x" % n) for n in range(40, 50)])
        await worker.committed(50)
    assert numbers(await cluster.read(out)) == [n for n in range(50) if n % 10 != 3 or n == 43]
    assert [dict(record.headers)["reason"] for record in await cluster.read(letters)] == [b"TopicMissing"] * 4
    assert numbers(await cluster.read(outbox)) == [43]
    assert (worker.seen.losses, set(worker.seen.reasons)) == ([], {"topic_missing"})


async def test_a_stale_batch_is_not_delivered_again(cluster: Cluster) -> None:
    """Records that were fetched once more from before the lane's offset are dropped (rule 4)."""
    topic, out = await cluster.topic("in"), await cluster.topic("out")
    await cluster.put(topic, numbered(10))
    async with Worker(cluster, Echo(out), topic=topic, group=cluster.name("g")) as worker:
        await worker.committed(10)
        await worker.lanes.take([record for record in await cluster.read(topic) if record.offset < 5])
        await worker.committed(11)
    assert numbers(r for r in await cluster.read(out) if b"|" in r.value) == list(range(10))


async def test_what_was_fetched_before_a_seek_is_dropped(cluster: Cluster) -> None:
    """The consumer's position is not behind the batch, so it comes again: taken now it would come twice (rule 4)."""
    topic, out = await cluster.topic("in"), await cluster.topic("out")
    async with Worker(cluster, Echo(out), topic=topic, group=cluster.name("g")) as worker:
        await until(lambda: len(worker.lanes.open_lanes) == 1, what="the lane is open")
        worker.lanes.pause(TopicPartition(topic, 0))
        await cluster.put(topic, numbered(10))
        await worker.lanes.take([record for record in await cluster.read(topic) if record.offset < 10])
        assert worker.seen.dropped == 10
        worker.lanes.resume(TopicPartition(topic, 0))
        await worker.committed(10)
    assert numbers(r for r in await cluster.read(out) if b"|" in r.value) == list(range(10))

"""The register on the real broker: what is published is in force without a restart, and what is no register changes nothing."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest
from pydantic import SecretStr

from consumers.compacted import Change, CompactedTopic, read_once
from contracts.party import ActiveProcess, Party
from contracts.topics import ERRORS, INBOX, PARTIES, of_vendor
from hub.certify.numbered import OFFICES, VENDORS, Office, write_register
from hub.parties import Register, read_register
from hub.register import key_of
from hub.register_topic import held_on, publish
from hub.settings import Settings
from hub.topic_admin import create
from hub.worker import Worker, worker_on
from producers.backing_off import back_off
from tests.broker.cluster import Cluster, Input
from tests.broker.ground import PSEUDONYM_KEY, Ground
from tests.broker.subscriber import subscriber
from tests.broker.test_path import put, said
from tests.broker.waiting import until

pytestmark = [pytest.mark.broker, pytest.mark.database]

HERE: Final = OFFICES[0]
NEW: Final = Office("nyvik", ("8950100", "8950101"))
TIMERESERVASJON: Final = ActiveProcess(process="Timereservasjon", version="1.2")


@pytest.fixture
def cluster(ground: Ground) -> Cluster:
    """Its broker."""
    return Cluster(ground.kafka.bootstrap)


@pytest.fixture
def register(ground: Ground) -> Register:
    """The offices of the chaos run, and the portal."""
    return read_register(write_register(ground.folder / "register.toml"))


@asynccontextmanager
async def working(ground: Ground) -> AsyncIterator[Worker]:
    """A worker that no file names a register for."""
    settings = Settings(
        kafka_bootstrap_servers=(ground.kafka.bootstrap,), database_url=SecretStr(ground.database_url),
        pseudonym_key=SecretStr(PSEUDONYM_KEY),
    )
    async with worker_on(settings, kafka=settings.kafka_connection(), database_url=ground.database_url) as worker, worker.working():
        yield worker


def party_of(office: Office, *processes: ActiveProcess) -> Party:
    """The office's party."""
    return Party(her_id=office.her_ids[1], level_1=office.her_ids[0], name="Kontoret", vendor=office.vendor, processes=processes)


def with_party(register: Register, party: Party) -> Register:
    """The register with this party in it, or in the place of the one that has its HER-id."""
    return Register(party=(*(one for one in register.party if one.her_id != party.her_id), party))


async def published(worker: Worker, cluster: Cluster, register: Register) -> None:
    """On the topic, and in force at the worker."""
    await publish(register, cluster.connection)
    wanted = {party.her_id: party for party in register.party}
    await until(lambda: {one.her_id: one for one in worker.register.current.party} == wanted, what="the register in force")


async def test_a_process_that_becomes_active_is_carried_from_the_next_message_on(
    ground: Ground, cluster: Cluster, register: Register,
) -> None:
    """Refused, published, delivered; no restart. And refused again when it is taken away."""
    ids = [str(uuid.uuid4()) for _ in range(3)]
    await publish(with_party(register, party_of(HERE)), cluster.connection)
    async with working(ground) as worker, subscriber(ground.kafka.bootstrap, VENDORS) as portal:
        outcomes = []
        for msg_id, processes in zip(ids, ((), (TIMERESERVASJON,), ()), strict=True):
            await published(worker, cluster, with_party(register, party_of(HERE, *processes)))
            await put(cluster, said(msg_id))
            outcomes += [line["outcome"] for line in await portal.journalled(msg_id)]
        conditions = [told.data["condition"] for told in portal.of(of_vendor(ERRORS, HERE.vendor))]
    assert outcomes == ["refused", "delivered", "refused"]
    assert conditions == ["transport:unsupported-message"] * 2


async def test_a_new_vendor_is_delivered_for_without_a_restart(ground: Ground, cluster: Cluster, register: Register) -> None:
    """Topics, a party, a message. What its inbox held before stays unread until then; one that leaves is not read any more."""
    first, second, late = (str(uuid.uuid4()) for _ in range(3))
    inbox = of_vendor(INBOX, NEW.vendor)
    await publish(register, cluster.connection)
    async with working(ground) as worker:
        await create(cluster.connection, vendors=[NEW.vendor])
        await put(cluster, said(first, office=NEW), vendor=NEW.vendor)
        async with subscriber(ground.kafka.bootstrap, [*VENDORS, NEW.vendor]) as portal:
            beside = str(uuid.uuid4())
            await put(cluster, said(beside))
            await portal.journalled(beside)
            assert await cluster.committed("hub.reception", inbox) == 0
            await published(worker, cluster, with_party(register, party_of(NEW, TIMERESERVASJON)))
            await put(cluster, said(second, office=NEW), vendor=NEW.vendor)
            lines = [*await portal.journalled(first), *await portal.journalled(second)]
            await until(lambda: f'vendor="{NEW.vendor}"'.encode() in worker.metrics.text(), what="its label")
            await published(worker, cluster, register)
            await until(lambda: inbox not in _topics(worker), what="its inbox is left")
            await put(cluster, said(late, office=NEW), vendor=NEW.vendor)
            again = str(uuid.uuid4())
            await put(cluster, said(again))
            await portal.journalled(again)
            assert portal.journal(late) == []
    assert [(line["outcome"], line["vendor"]) for line in lines] == [("delivered", NEW.vendor)] * 2


def _topics(worker: Worker) -> set[str]:
    consumers = [getattr(subscriber, "consumer", None) for subscriber in worker.broker.subscribers]
    return {source.topic for consumer in consumers if consumer for source in consumer.assignment()}


@pytest.mark.parametrize("wrong", [
    (b"1", b'{"her_id": "1"}'),
    (b"1", b"no JSON at all \xff"),
    (b"2", party_of(HERE, TIMERESERVASJON).model_dump_json().encode()),
    (b"3", Party(her_id="3", level_1=HERE.her_ids[0], name="-", vendor=VENDORS[1]).model_dump_json().encode()),
], ids=["no-party", "no-json", "other-key", "contradiction"])
async def test_what_is_no_register_leaves_the_last_good_one_in_force(
    ground: Ground, cluster: Cluster, register: Register, wrong: tuple[bytes, bytes],
) -> None:
    """It is counted, messages pass as before, and a publication mends it."""
    msg_id = str(uuid.uuid4())
    key, value = wrong
    await publish(register, cluster.connection)
    async with working(ground) as worker, subscriber(ground.kafka.bootstrap, VENDORS) as portal:
        before = worker.register.current
        await cluster.put(PARTIES.name, [Input(value, key=key, headers=[("x", b"\xff")])])
        await until(lambda: b"hub_register_refused_total 1.0" in worker.metrics.text(), what="it is refused")
        await put(cluster, said(msg_id))
        lines = await portal.journalled(msg_id)
        assert worker.register.current is before
        assert [line["outcome"] for line in lines] == ["delivered"]
        found = await publish(register, cluster.connection)
        assert found.removed == (key,)
        await published(worker, cluster, with_party(register, party_of(HERE)))


async def test_a_worker_without_a_register_takes_the_first_that_comes(ground: Ground, cluster: Cluster, register: Register) -> None:
    """It starts, reads no inbox, and begins when somebody is there to be answered."""
    msg_id = str(uuid.uuid4())
    await publish(Register(party=()), cluster.connection)
    async with working(ground) as worker, subscriber(ground.kafka.bootstrap, VENDORS) as portal:
        assert worker.register.current.party == ()
        await put(cluster, said(msg_id))
        await until(worker.checks()["lanes"], what="the worker is ready")
        assert portal.journal(msg_id) == []
        await published(worker, cluster, register)
        lines = await portal.journalled(msg_id)
    assert [line["outcome"] for line in lines] == ["delivered"]


async def test_a_register_that_changes_before_the_start_is_the_one_that_is_read_by(
    ground: Ground, cluster: Cluster, register: Register,
) -> None:
    """Between reading the topic and joining the group: the first assignment sees to it."""
    msg_id = str(uuid.uuid4())
    settings = Settings(
        kafka_bootstrap_servers=(ground.kafka.bootstrap,), database_url=SecretStr(ground.database_url),
        pseudonym_key=SecretStr(PSEUDONYM_KEY),
    )
    await publish(Register(party=()), cluster.connection)
    async with worker_on(settings, kafka=cluster.connection, database_url=ground.database_url) as worker:
        await published(worker, cluster, register)
        async with worker.working(), subscriber(ground.kafka.bootstrap, VENDORS) as portal:
            await put(cluster, said(msg_id))
            lines = await portal.journalled(msg_id)
    assert [line["outcome"] for line in lines] == ["delivered"]


async def test_publishing_twice_writes_nothing_the_second_time(cluster: Cluster, register: Register) -> None:
    """The topic is as long as it was."""
    await publish(Register(party=()), cluster.connection)
    first = await publish(register, cluster.connection)
    length = await _length(cluster)
    second = await publish(register, cluster.connection)
    assert (len(first.added), second.records, second.unchanged) == (len(register.party), (), len(register.party))
    assert await _length(cluster) == length


async def test_what_was_published_is_seen_by_the_next_publication(cluster: Cluster, register: Register) -> None:
    """To and fro: a commit that readers see late would be taken for nothing to do."""
    other = with_party(register, party_of(NEW, TIMERESERVASJON))
    for one in (register, other) * 4:
        await publish(one, cluster.connection)
        assert set(await held_on(cluster.connection)) == {key_of(party) for party in one.party}


async def test_publishers_take_turns(cluster: Cluster, register: Register) -> None:
    """Two at once: what stands in the end is the one's or the other's, never half of each."""
    other = with_party(register, party_of(NEW, TIMERESERVASJON))
    await publish(Register(party=()), cluster.connection)
    told = await asyncio.gather(*(publish(one, cluster.connection) for one in (register, other) * 3), return_exceptions=True)
    assert any(not isinstance(one, BaseException) for one in told)
    keys = set(await held_on(cluster.connection))
    assert keys in ({key_of(party) for party in register.party}, {key_of(party) for party in other.party})


async def test_what_stood_on_a_topic_is_handed_over_at_once_and_the_rest_as_it_comes(cluster: Cluster) -> None:
    """Old values of a key never make a state of their own."""
    topic = await cluster.topic("table", 3)
    await cluster.put(topic, [Input(b"%d" % n, key=b"k%d" % (n % 7)) for n in range(200)])
    batches: list[list[Change]] = []
    table = CompactedTopic(cluster.connection, topic, take=lambda changes: batches.append(list(changes)), back_off=back_off)
    following = asyncio.create_task(table.follow())
    await until(table.reached.is_set, what="all that stood there")
    assert [len(batch) for batch in batches] == [200]
    assert dict(batches[0]) == dict(await read_once(cluster.connection, topic))
    await cluster.put(topic, [Input(None, key=b"k1")])
    await until(lambda: batches[1:] == [[(b"k1", None)]], what="the tombstone")
    following.cancel()


async def test_a_table_goes_on_where_it_was_after_an_outage(ground: Ground, cluster: Cluster) -> None:
    """The broker dies and comes back: no record twice, none missing."""
    topic = await cluster.topic("table")
    taken: list[Change] = []
    table = CompactedTopic(cluster.connection, topic, take=taken.extend, back_off=back_off)
    following = asyncio.create_task(table.follow())
    await cluster.put(topic, [Input(b"1", key=b"a")])
    await until(lambda: len(taken) == 1, what="the first record")
    await asyncio.to_thread(ground.kafka.kill)
    await asyncio.to_thread(ground.kafka.start)
    await cluster.put(topic, [Input(b"2", key=b"b")])
    await until(lambda: len(taken) == 2, what="the second record")
    following.cancel()
    assert taken == [(b"a", b"1"), (b"b", b"2")]


async def test_a_callback_that_raises_is_handed_the_same_again(cluster: Cluster) -> None:
    """A mistake of ours costs no record."""
    topic = await cluster.topic("table")
    await cluster.put(topic, [Input(b"1", key=b"a")])
    taken: list[Change] = []
    mistakes = [ZeroDivisionError()]

    def take(changes: object) -> None:
        if mistakes:
            raise mistakes.pop()
        taken.extend(changes)  # type: ignore[arg-type]

    table = CompactedTopic(cluster.connection, topic, take=take, back_off=back_off)
    following = asyncio.create_task(table.follow())
    await until(table.reached.is_set, what="taken after all")
    following.cancel()
    assert taken == [(b"a", b"1")]


async def _length(cluster: Cluster) -> int:
    return len(await read_once(cluster.connection, PARTIES.name))

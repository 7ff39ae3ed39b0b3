"""A database that was lost or is older than Kafka, on the real broker: nobody decides on it, and it is made anew and compared.

One story is told first, with all that a hub meets: messages of three vendors, questions, bookings, receipts, deadlines; letters that were
replayed, discarded and left. Each test then has a database of its own, as it was lost or restored.
"""

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
import pytest
from pydantic import SecretStr

from contracts.commands import FindFreeSlots, Person
from contracts.topics import ACCESS, APPOINTMENTS, INBOX, JOURNAL, SEQUENCED, of_vendor
from examples.portal import reply_of
from hub import letters as operators
from hub import processes, register_topic
from hub.demo import play
from hub.ground import Ground as Place
from hub.memory.comparing import compare
from hub.memory.migrate import migrate
from hub.memory.rows import Wanted
from hub.parties import read_register
from hub.rebuilding import refold
from hub.rebuilding.proof import Expected
from hub.rebuilding.rebuild import Rebuilding, Result, rebuild
from hub.rebuilding.refold import DecidedOtherwise
from hub.reception import Reception
from hub.settings import DEMO_REGISTER, Settings
from hub.standstill import StillWorking, committed_by
from hub.topic_admin import create
from hub.ways import Ways
from hub.worker import Worker, desk_of, worker_on
from schemas.documents import Hodemelding
from tests import messages
from tests.broker.cluster import Cluster, Input
from tests.broker.ground import PSEUDONYM_KEY, Ground, standing
from tests.broker.subscriber import Subscriber, subscriber
from tests.broker.waiting import until
from translators.statements import Statement

pytestmark = [pytest.mark.broker, pytest.mark.database]

REGISTER: Final = read_register(DEMO_REGISTER)
PREFIX: Final = "hub"
_PATIENTS = itertools.count()
SAME: Final = str(uuid.uuid4())
"""MsgId of a message that the story has delivered."""


@dataclass(slots=True)
class Told:
    """The ground after the story, the database as it was in the middle and at the end, and the way to have more of them."""

    ground: Ground
    body: bytes = b""
    made: int = 0
    left: list[uuid.UUID] = field(default_factory=list)
    """Letters that wait."""

    async def copy(self, name: str) -> str:
        """A database like that one."""
        self.made += 1
        return await self._do(f"copy_{self.made}", f' template "{name}"')

    async def nothing(self) -> str:
        """A database that was lost: the tables are there again, and empty."""
        self.made += 1
        url = await self._do(f"copy_{self.made}", "")
        await migrate(url)
        return url

    async def _do(self, name: str, of: str) -> str:
        connection = await asyncpg.connect(self.ground.postgres.url())
        try:
            await connection.execute(f'create database "{name}"{of}')
        finally:
            await connection.close()
        return self.ground.postgres.url(name)

    def rebuilding(self, url: str, **more: Any) -> Rebuilding:
        """Of that database."""
        return Rebuilding(Cluster(self.ground.kafka.bootstrap).connection, PREFIX, url, **more)


def settings_of(ground: Ground, url: str) -> Settings:
    """The hub's, with the register that stands on its topic."""
    return Settings(
        kafka_bootstrap_servers=(ground.kafka.bootstrap,), database_url=SecretStr(url), pseudonym_key=SecretStr(PSEUDONYM_KEY),
    )


@asynccontextmanager
async def working(ground: Ground, url: str) -> AsyncIterator[Worker]:
    """One worker on that database."""
    settings = settings_of(ground, url)
    async with worker_on(settings, kafka=settings.kafka_connection(), database_url=url) as worker, worker.working():
        yield worker


def somebody() -> str:
    """A patient whom no message has named yet."""
    number = next(_PATIENTS)
    return messages.patient(messages.national_id(number % 28 + 1, number // 28 + 1, 60))


def said(msg_id: str, code: str = "05", patient: str | None = None) -> bytes:
    """What an office of fjord's tells of an appointment."""
    return messages.message(
        dialog=messages.foresporsel(code), calendar=messages.icalendar(messages.vevent(uid=str(uuid.uuid4()))), msg_id=msg_id,
        sender=messages.office(("8100100", "8100101")), receiver=messages.portal(("8990010", "8990011")), patient=patient or somebody(),
    )


def explode(_message: Hodemelding) -> tuple[Statement, ...]:
    """A mistake of ours."""
    raise ZeroDivisionError


@contextmanager
def exploding(code: str) -> Iterator[None]:
    """While this lasts, the translator of this push fails."""
    key = ("Timereservasjon", "Foresporsel", code)
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(processes._BY_KEY, key, replace(processes._BY_KEY[key], translator=explode))
        yield


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    """The story, told once: afterwards no worker runs. `middle` and `hub` are the databases."""
    with standing() as ground:
        story = Told(ground)
        asyncio.run(_tell(story))
        yield story


async def _tell(story: Told) -> None:
    ground, cluster = story.ground, Cluster(story.ground.kafka.bootstrap)
    await create(cluster.connection, vendors=REGISTER.vendors)
    await register_topic.publish(REGISTER, cluster.connection)
    settings = settings_of(ground, ground.database_url)
    await play(settings, Place(settings.kafka_connection(), ground.database_url), ways=Ways(), once=True)
    async with subscriber(ground.kafka.bootstrap, REGISTER.vendors) as heard:
        async with working(ground, ground.database_url) as worker:
            await _letters(story, cluster, worker, heard, 3)
        await story._do("middle", ' template "hub"')
        async with working(ground, ground.database_url) as worker:
            await _letters(story, cluster, worker, heard, 3)
            story.body = said(SAME)
            await cluster.put(of_vendor(INBOX, "fjord"), [Input(story.body), Input(story.body), Input(b"<no", partition=1)])
            await heard.journalled(SAME, 2)
            await _fails_in_its_turn(story, cluster, worker, heard)
            asked = FindFreeSlots(
                receiver="8100101", patient=Person(national_id=messages.national_id(), family_name="M", given_name="K"),
                deadline=datetime.now(UTC) + timedelta(seconds=1), from_date=datetime.now(UTC).date(),
                to_date=datetime.now(UTC).date() + timedelta(days=3),
            )
            reply = await reply_of(ground.kafka.bootstrap, asked)
            assert reply is not None
            assert reply.kind == "reply.none.timed-out"


async def _fails_in_its_turn(story: Told, cluster: Cluster, worker: Worker, heard: Subscriber) -> None:
    """Two of one patient wait behind a letter; when it is replayed the first is delivered, the second fails, and waits in its place."""
    patient, ids = somebody(), [str(uuid.uuid4()) for _ in range(4)]
    with exploding("11"):
        codes = ("11", "08", "05", "05")
        await cluster.put(of_vendor(INBOX, "fjord"), [Input(said(*each, patient)) for each in zip(ids, codes, strict=True)])
        await heard.until(lambda: all(heard.journal(msg_id) for msg_id in ids), what="one set aside and three parked")
    (letter,) = (one for one in await worker.memory.letters(Wanted(fault="hub")) if one.msg_id == ids[0])
    with exploding("05"):
        desk = Reception(desk_of(settings_of(story.ground, ""), worker.register.current))
        waiting = await operators.waiting_letter(worker.memory, letter.letter_id, to_be="replayed")
        await operators.append([operators.replay(waiting, desk)], connection=cluster.connection)
        await heard.journalled(ids[2], 2)
    outcomes = [[line["outcome"] for line in heard.journal(msg_id)] for msg_id in ids]
    assert outcomes == [["set aside", "delivered"], ["parked", "delivered"], ["parked", "set aside"], ["parked"]]


async def _letters(story: Told, cluster: Cluster, worker: Worker, heard: Subscriber, count: int) -> None:
    """So many are set aside by a fault that is mended then; one is replayed, one discarded, the others wait."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    with exploding("11"):
        await cluster.put(of_vendor(INBOX, "fjord"), [Input(said(msg_id, "11")) for msg_id in ids])
        await heard.until(lambda: all(heard.journal(msg_id) for msg_id in ids), what="all set aside")
    waiting = [letter for letter in await worker.memory.letters(Wanted(fault="hub")) if letter.msg_id in ids]
    desk = Reception(desk_of(settings_of(story.ground, ""), worker.register.current))
    replayed, discarded, *left = [await operators.waiting_letter(worker.memory, one.letter_id, to_be="replayed") for one in waiting]
    acts = [operators.replay(replayed, desk), operators.discard(discarded, reason="asked by telephone", at=datetime.now(UTC))]
    await operators.append(acts, connection=cluster.connection)
    for one in (replayed, discarded):
        await operators.settled(worker.memory, one)
    story.left += [one.letter_id for one in left]


async def equal(told: Told, url: str) -> bool:
    """That database and the one of the story, up to where the hub had come."""
    ends = await committed_by(told.rebuilding(url).connection, PREFIX)
    tables = await compare(url, told.ground.database_url, ends)
    assert {"cases", "claims", "letters", "resolutions", "sent"} <= {one.table for one in tables if one.compared}
    return not any(one.only_first or one.only_second or one.unlike for one in tables)


def wrong(result: Result) -> dict[str, tuple[int, int]]:
    """What is not equal."""
    return {one.what: (one.missing, one.extra) for one in result.proof if not one.is_equal}


async def test_a_lost_database_is_made_anew_and_is_equal(told: Told) -> None:
    """All tables as they were, the letters that wait as well, although what set them aside is mended; every topic is what would be told."""
    url = await told.nothing()
    result = await rebuild(told.rebuilding(url))
    assert wrong(result) == {}
    assert result.folded > 40
    compared = {one.what: one.compared for one in result.proof}
    assert all(compared[topic] for topic in (APPOINTMENTS.name, JOURNAL.name, "epj.fjord.outbox"))
    assert await equal(told, url)


async def test_a_lost_database_is_not_decided_on_until_it_is_rebuilt(told: Told) -> None:
    """No lane opens, and health says so; afterwards a message that was there is known, and a letter can be replayed."""
    url, again = await told.nothing(), Input(told.body, partition=2)
    async with working(told.ground, url) as worker:
        await until(worker.memory.is_behind, what="the database says that it is behind")
        assert not await worker.checks()["lanes"]()
        assert not await worker.checks()["memory"]()
        await Cluster(told.ground.kafka.bootstrap).put(of_vendor(INBOX, "fjord"), [again])
        with pytest.raises(StillWorking):
            await rebuild(told.rebuilding(url))
    assert wrong(await rebuild(told.rebuilding(url))) == {}
    async with subscriber(told.ground.kafka.bootstrap, REGISTER.vendors) as heard, working(told.ground, url) as worker:
        lines = await heard.journalled(SAME)
        letter = await worker.memory.letter(told.left[0])
    assert [line["outcome"] for line in lines] == ["duplicate"]
    assert letter is not None
    assert letter.body
    # what was decided here is news to the database that the other tests compare with
    assert wrong(await rebuild(told.rebuilding(told.ground.database_url))) == {}


async def test_a_database_restored_from_an_older_dump_gets_what_it_lacks(told: Told) -> None:
    """Only that is folded; the half that it knew is not touched."""
    url = await told.copy("middle")
    result = await rebuild(told.rebuilding(url))
    assert wrong(result) == {}
    assert 0 < result.folded < 40
    assert await equal(told, url)


async def test_beside_a_hub_that_works_another_database_is_made_and_compared_with_its_own(told: Told) -> None:
    """Nobody is stopped, and nothing of the hub's own is written."""
    url, own = await told.nothing(), await told.copy("hub")
    async with working(told.ground, own) as worker:
        await until(lambda: len(worker.lanes.open_lanes) == SEQUENCED.partitions, what="all lanes open")
        result = await rebuild(told.rebuilding(own, into=url))
        assert len(worker.lanes.open_lanes) == SEQUENCED.partitions
    assert wrong(result) == {}
    assert {one.what for one in result.proof} >= {"table cases", "table claims", "table letters"}


PLANTED: Final = {
    "claims": "delete from claims where ctid = (select ctid from claims limit 1)",
    "cases": "update case_versions set state = state || 'x' where ctid = (select ctid from case_versions order by \"offset\" desc limit 1)",
    "letters": "update letters set vendor = 'vidde' where ctid = (select ctid from letters where vendor = 'fjord' limit 1)",
    "resolutions": "delete from resolutions where ctid = (select ctid from resolutions limit 1)",
    "sent": "update sent set receiver = '1' where ctid = (select ctid from sent limit 1)",
    "deadlines": "insert into deadlines values ('nobody''s', 'answer', '1.a', 0, 1, now())",
}


async def test_one_row_that_is_otherwise_is_found_and_its_table_named(told: Told) -> None:
    """Of any table: the proof is shown to bite, and only there."""
    own = told.ground.database_url
    ends = await committed_by(told.rebuilding(own).connection, PREFIX)
    for table, planted in PLANTED.items():
        other = await told.copy("hub")
        connection = await asyncpg.connect(other)
        assert (await connection.execute(planted)).endswith(" 1")
        await connection.close()
        unlike = {one.table: one.only_first + one.only_second + one.unlike for one in await compare(own, other, ends)}
        assert {name: count for name, count in unlike.items() if count} == {table: 1}


async def test_beside_a_hub_whose_own_database_is_otherwise_the_result_is_not_equal(told: Told) -> None:
    """As an operator meets it."""
    url, own = await told.nothing(), await told.copy("hub")
    connection = await asyncpg.connect(own)
    await connection.execute(PLANTED["sent"])
    await connection.close()
    assert wrong(await rebuild(told.rebuilding(own, into=url))) == {"table sent": (1, 0)}


async def test_a_rebuilding_that_was_interrupted_goes_on_where_it_was(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile nobody decides; the second run folds the rest, and the tables are equal."""
    url, heard = await told.nothing(), 0
    monkeypatch.setattr(refold, "WINDOW", 5)

    def interrupt(folded: int, _offsets: int) -> None:
        if folded == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rebuild(told.rebuilding(url), progress=interrupt)
    async with working(told.ground, url) as worker:
        await until(worker.memory.is_behind, what="it waits")
        heard = len(worker.lanes.open_lanes)
    result = await rebuild(told.rebuilding(url))
    assert heard == 0
    assert wrong(result) == {}
    assert await equal(told, url)


async def test_a_record_that_was_decided_then_and_fails_now_stops_it(told: Told) -> None:
    """A letter that nobody was told of is not written: the words say which record, and what to do."""
    url = await told.nothing()
    with exploding("05"), pytest.raises(DecidedOtherwise, match="Run the version of the hub that decided it"):
        await rebuild(told.rebuilding(url))


async def test_an_event_that_nobody_told_and_one_that_is_gone_are_found(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """One record more on a topic, and one that would have left and stands nowhere: then the hub goes on only when it is told to."""
    url = await told.nothing()
    await Cluster(told.ground.kafka.bootstrap).put(APPOINTMENTS.name, [Input(b"{}", headers=[("ce_id", str(uuid.uuid4()).encode())])])
    monkeypatch.setattr("hub.rebuilding.rebuild.Expected", OneMore)
    result = await rebuild(told.rebuilding(url))
    assert wrong(result) == {APPOINTMENTS.name: (0, 1), ACCESS.name: (1, 0)}
    async with working(told.ground, url) as worker:
        await until(worker.memory.is_behind, what="it waits")
    assert not (await rebuild(told.rebuilding(url), accept=True)).is_equal
    async with working(told.ground, url) as worker:
        await until(lambda: len(worker.lanes.open_lanes) == SEQUENCED.partitions, what="all lanes open")


class OneMore(Expected):
    """Expects a record that never left."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.newest[ACCESS.name, b"nobody's"] = b"x" * 16

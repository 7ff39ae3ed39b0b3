"""The worst hours: what is down, for long against every timeout; what happens meanwhile, and what is there when it is up again.

Each story sends messages of every vendor and asks questions while something is down. Afterwards: no letter, every message once and in the
order of its case, every question answered once, with its timeout.
"""

import itertools
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final

import asyncpg
import psutil
import pytest

from contracts.topics import APPOINTMENTS, DEAD_LETTERS, INBOX, JOURNAL, OUTBOX, REPLIES, SEQUENCED, of_vendor
from hub.certify.commands import command_id, question
from hub.certify.numbered import OFFICES, Office
from hub.certify.waiting import last
from hub.memory.rows import Wanted
from hub.worker import Worker
from producers import lane
from tests import messages
from tests.broker.cluster import Cluster, Input
from tests.broker.ground import Ground
from tests.broker.subscriber import Subscriber
from tests.broker.test_path import NEW, put, said, somebody, working
from tests.broker.waiting import until

pytestmark = [pytest.mark.broker, pytest.mark.database]

LONG: Final = 16.0
"""Seconds of an outage: above the database's 5 s, the longest back-off of 5 s, the group's session of 6 s, and a question's 15 s."""
_QUESTIONS = itertools.count()
Outage = Callable[[Ground], AbstractAsyncContextManager[None]]


@pytest.fixture
def cluster(ground: Ground) -> Cluster:
    """Its broker, to send to."""
    return Cluster(ground.kafka.bootstrap)


# what is down

@asynccontextmanager
async def database_stopped(ground: Ground) -> AsyncIterator[None]:
    """Connections break in mid-sentence, and nobody answers."""
    ground.postgres.stop("immediate")
    try:
        yield
    finally:
        ground.postgres.start()


@asynccontextmanager
async def database_frozen(ground: Ground) -> AsyncIterator[None]:
    """It takes connections and says nothing."""
    server = ground.postgres._server
    assert server is not None
    first = psutil.Process(server.get_pid())
    processes = [first, *first.children(recursive=True)]
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


@asynccontextmanager
async def database_full(ground: Ground) -> AsyncIterator[None]:
    """Somebody else has all of its connections."""
    async with AsyncExitStack() as held:
        holder = await asyncpg.connect(ground.database_url)
        held.push_async_callback(holder.close)
        await _take_all(ground, held)
        while await holder.fetchval("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'epj-hub'"):
            await _take_all(ground, held)
        yield


async def _take_all(ground: Ground, held: AsyncExitStack) -> None:
    with suppress(asyncpg.TooManyConnectionsError):
        while True:
            connection = await asyncpg.connect(ground.database_url)
            held.push_async_callback(connection.close)


# what is sent, and what is there afterwards

def ids(count: int) -> list[str]:
    """MsgIds that nobody has."""
    return [str(uuid.uuid4()) for _ in range(count)]


class Story:
    """Messages of every office, each office's about one patient, and questions."""

    def __init__(self, cluster: Cluster, portal: Subscriber) -> None:
        self.cluster, self.portal = cluster, portal
        self.sent: dict[Office, list[str]] = {office: [] for office in OFFICES}
        self.asked: list[str] = []
        self._patients = {office: messages.patient(somebody()) for office in OFFICES}

    async def send(self, each: int = 5) -> None:
        """So many of every office."""
        for office in OFFICES:
            some = ids(each)
            self.sent[office] += some
            bodies = [said(one, office=office, patient=self._patients[office]) for one in some]
            await put(self.cluster, *bodies, vendor=office.vendor)

    async def ask(self, *numbers: int) -> None:
        """Questions that nobody answers."""
        for number in numbers:
            letter = question(number, number, at=datetime.now(UTC))
            self.asked.append(command_id(number))
            await self.cluster.put(letter.topic, [Input(letter.body, headers=letter.headers)])

    async def is_told(self) -> None:
        """Every message has its line, every question its reply; and then nothing is wrong with them."""
        everything = {one for some in self.sent.values() for one in some}
        await self.portal.until(
            lambda: everything <= {line.cause for line in self.portal.of(JOURNAL.name)}, what="a line for each", within=90)
        await self.portal.until(lambda: set(self.asked) <= set(self._replies()), what="a reply to each", within=90)
        assert self.portal.of(DEAD_LETTERS.name) == []
        for office, some in self.sent.items():
            assert [event.cause for event in self.portal.of(APPOINTMENTS.name) if event.cause in some] == some
            outbox = self.portal.of(of_vendor(OUTBOX, office.vendor))
            receipts = [record.value for record in outbox if record.value and b"<AppRec" in record.value]
            assert all(sum(one.encode() in receipt for receipt in receipts) == 1 for one in some)
        assert sorted(self._replies()) == sorted(self.asked)

    def _replies(self) -> list[str]:
        return [reply.data["command"] for reply in self.portal.of(REPLIES.name) if reply.data["command"] in self.asked]


async def everything_is_open(worker: Worker) -> None:
    """All lanes."""
    await until(lambda: len(worker.lanes.open_lanes) == SEQUENCED.partitions, what="all lanes open")


def holds_for(worker: Worker, reason: str) -> bool:
    """Something began to wait for this."""
    return f'hub_holds_total{{reason="{reason}"}}'.encode() in worker.metrics.text()


@pytest.mark.parametrize("outage", [database_stopped, database_frozen, database_full])
async def test_an_hour_without_the_database_costs_time_and_nothing_else(
    ground: Ground, cluster: Cluster, portal: Subscriber, outage: Outage,
) -> None:
    """Stopped, silent or without a free connection: everything sent meanwhile waits in place, and the questions time out."""
    story, first = Story(cluster, portal), 1 + next(_QUESTIONS) * 10
    async with working(ground) as worker:
        await everything_is_open(worker)
        await story.send()
        await story.is_told()
        async with outage(ground):
            await story.send()
            await story.ask(first, first + 2)
            await until(lambda: holds_for(worker, "database"), what="a lane waits for the database")
            await last(LONG)
            await story.send()
        await story.is_told()
        assert b'hub_hold_seconds_total{reason="database"}' in worker.metrics.text()


async def test_an_hour_without_the_broker_costs_time_and_nothing_else(ground: Ground, cluster: Cluster, portal: Subscriber) -> None:
    """Killed amid work, down for long, started again: what it had taken comes once, in order, and so does what comes later."""
    story = Story(cluster, portal)
    async with working(ground) as worker:
        await everything_is_open(worker)
        await story.ask(900)
        await story.send(150)  # more than can be decided before the broker is gone
        ground.kafka.kill()
        try:
            await until(lambda: holds_for(worker, "broker"), what="something waits for the broker", within=60)
            await last(LONG)
        finally:
            ground.kafka.start()
        await story.send()
        await story.is_told()


async def test_a_vendor_without_its_topics_holds_up_no_other(
    ground: Ground, cluster: Cluster, portal: Subscriber, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is in the register and has an inbox alone: what it sends waits in letters that say so, and everybody else is served."""
    monkeypatch.setattr(lane, "MISSING_FOR", 1.0)
    story, lonely = Story(cluster, portal), ids(5)
    await cluster.topic("inbox", name=of_vendor(INBOX, NEW.vendor))
    async with working(ground, (*OFFICES, NEW)) as worker:
        await everything_is_open(worker)
        await cluster.put(of_vendor(INBOX, NEW.vendor), [Input(said(one, office=NEW)) for one in lonely])
        await story.send(20)
        everything = {*lonely, *(one for some in story.sent.values() for one in some)}
        await portal.until(lambda: everything <= {line.cause for line in portal.of(JOURNAL.name)}, what="a line for each", within=90)
        letters = await worker.memory.letters(Wanted(rule="TopicMissing"))
    assert {letter.msg_id for letter in letters} == set(lonely)
    assert {letter.vendor for letter in letters} == {NEW.vendor}
    assert len(portal.of(DEAD_LETTERS.name)) == len(lonely)
    for some in story.sent.values():
        assert [event.cause for event in portal.of(APPOINTMENTS.name) if event.cause in some] == some

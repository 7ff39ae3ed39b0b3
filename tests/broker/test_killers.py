"""Messages that kill the process that has them in hand: real workers, started again each time, on the real broker and database."""

import asyncio
import random
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import pytest

from contracts.topics import APPOINTMENTS, DEAD_LETTERS, INBOX, JOURNAL, OUTBOX, of_vendor
from hub.certify.numbered import OFFICES, PORTAL_HER_IDS
from hub.certify.waiting import last
from hub.local.ports import free_pair
from hub.memory.memory import Memory
from hub.memory.rows import Letter
from tests import messages
from tests.broker.cluster import Cluster, Input
from tests.broker.dying_main import CODE, MARK
from tests.broker.ground import ROOT, Ground, plain_environment
from tests.broker.subscriber import Subscriber
from tests.broker.waiting import until

pytestmark = [pytest.mark.broker, pytest.mark.database]

HERE: Final = OFFICES[0]
DEATHS: Final = 2
"""What is allowed here: each death costs a session timeout."""
WITHIN: Final = 240.0


@dataclass(slots=True)
class Kept:
    """One worker that is started again whenever it ends. `ended`: its exit codes."""

    ground: Ground
    ended: list[int] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What all of them wrote."""
        return (self.ground.folder / "dying.log").read_text()

    async def keep(self) -> None:
        """Until cancelled."""
        while True:
            if self.process is None or self.process.poll() is not None:
                if self.process:
                    self.ended.append(self.process.returncode)
                    _close(self.process)
                self.process = self._start()
            await last(0.1)

    def _start(self) -> subprocess.Popen[bytes]:
        own = {"HUB_HTTP_PORT": str(free_pair()), "HUB_DEATHS_OF_ONE_MESSAGE": str(DEATHS)}
        with (self.ground.folder / "dying.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.broker.dying_main"], cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log,
                env={**plain_environment(), **self.ground.environment, **own},
            )

    def kill(self) -> None:
        """-9; it is started again."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """For good."""
        if self.process:
            self.process.kill()
            self.process.wait()
            _close(self.process)


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()


@asynccontextmanager
async def kept(ground: Ground) -> AsyncIterator[Kept]:
    """A worker, for as long as the block lasts."""
    worker = Kept(ground)
    keeping = asyncio.create_task(worker.keep())
    try:
        yield worker
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        worker.end()


def said(msg_id: str, code: str = "05", *, day: int = 1) -> bytes:
    """What an office tells of an appointment of one patient a day."""
    return messages.message(
        dialog=messages.foresporsel(code), msg_id=msg_id, sender=messages.office(HERE.her_ids), receiver=messages.portal(PORTAL_HER_IDS),
        patient=messages.patient(messages.national_id(day, 3, 41)),
        calendar=messages.icalendar(messages.vevent(
            "2027-03-12T09:15:00", "2027-03-12T09:30:00", uid=str(uuid.uuid4()), contact=HERE.her_ids[1],
        )),
    )


async def letters_of(ground: Ground) -> list[Letter]:
    """Those that wait, as the database has them."""
    memory = await Memory.connect(ground.database_url)
    try:
        return await memory.letters()
    finally:
        await memory.close()


def told(portal: Subscriber, ids: Sequence[str]) -> list[str]:
    """Which of these the portal was told of, in its order."""
    return [event.cause for event in portal.of(APPOINTMENTS.name) if event.cause in ids]


@pytest.mark.parametrize("where", ["reading", "the fold"])
async def test_a_message_that_kills_its_process_is_set_aside_and_nothing_else_is(ground: Ground, portal: Subscriber, where: str) -> None:
    """In a batch with others it kills one worker after the other; then it is in a letter, and every other message came once, in order."""
    before, after, killer = ([str(uuid.uuid4()) for _ in range(8)], [str(uuid.uuid4()) for _ in range(8)], str(uuid.uuid4()))
    body = said(killer, day=3) + MARK if where == "reading" else said(killer, CODE, day=4)
    bodies = [*(said(each) for each in before), body, *(said(each, day=2) for each in after)]
    await Cluster(ground.kafka.bootstrap).put(of_vendor(INBOX, HERE.vendor), [Input(each, key=None, partition=0) for each in bodies])
    async with kept(ground) as worker:
        others = [*before, *after]  # of two patients, and so perhaps of two lanes
        await portal.until(lambda: set(told(portal, others)) == set(others), what="all but the killer", within=WITHIN)
        await portal.until(lambda: bool(portal.of(DEAD_LETTERS.name)), what="the killer in a letter", within=WITHIN)
    died_of = -signal.SIGSEGV if where == "reading" else 9
    assert DEATHS <= len(worker.ended) <= DEATHS + 3, worker.ended
    assert set(worker.ended) == {died_of}
    assert (told(portal, before), told(portal, after)) == (before, after)
    letter = (await letters_of(ground))[0]
    assert (letter.fault, letter.rule, letter.vendor) == ("hub", "ProcessKilled", HERE.vendor)
    assert "process_killed" in worker.log
    (line,) = _lines(portal, letter)
    assert (line["outcome"], line.get("note", letter.rule)) == ("set aside", "ProcessKilled")
    answered = [record for record in portal.of(of_vendor(OUTBOX, HERE.vendor)) if record.value and b"<AppRec" in record.value]
    assert all(sum(each.encode() in record.value for record in answered if record.value) == 1 for each in (*before, *after))


async def test_innocents_whose_worker_is_killed_again_and_again_are_delivered_once(ground: Ground, portal: Subscriber) -> None:
    """kill -9 amid work, five times: no letter, nothing twice, in order; fewer deaths are allowed here than that."""
    sent, chance = [str(uuid.uuid4()) for _ in range(600)], random.Random(7)
    bodies = [said(each, day=5 + at % 8) for at, each in enumerate(sent)]
    inbox = [Input(each, key=None, partition=1) for each in bodies]
    async with kept(ground) as worker:
        for at in range(5):
            # some at a time, so that each of them has something in hand
            await Cluster(ground.kafka.bootstrap).put(of_vendor(INBOX, HERE.vendor), inbox[at * 120 : (at + 1) * 120])
            enough = min(len(told(portal, sent)) + chance.randrange(1, 60), len(sent))
            await until(lambda enough=enough: len(told(portal, sent)) >= enough, what="some more are delivered", within=WITHIN)
            worker.kill()
        await portal.until(lambda: set(told(portal, sent)) == set(sent), what="all of them", within=WITHIN)
    assert worker.ended.count(-signal.SIGKILL) == 5
    assert portal.of(DEAD_LETTERS.name) == []
    for day in range(8):
        mine = sent[day::8]
        assert told(portal, mine) == mine


def _lines(portal: Subscriber, letter: Letter) -> list[dict[str, str]]:
    return [line.data for line in portal.of(JOURNAL.name) if line.data["source"] == str(letter.source)]

"""A story with a standstill in its middle: what a hub has begun, another one goes on with after the cases were moved.

Told on the real parts, and checked at its end. Over many cases: numbered pushes, one that is set aside and one parked behind it, a block, a
booking, a question that is answered after the standstill and one whose time runs out in it; messages that come while nobody works, some
again, and one that reception wrote twice.
"""

import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from checker.facts import Kind, Seen, mail_of
from consumers.scanning import scan
from contracts.commands.base import ANSWERED_WITHIN
from contracts.records import Outgoing
from contracts.topics import APPOINTMENTS, DEAD_LETTERS, DELIVERIES, INBOX, JOURNAL, OUTBOX, REPLIES, SEQUENCED, of_vendor
from hub import letters as operators
from hub.certify import commands, epj, numbered
from hub.certify.numbered import OFFICES, PORTAL_HER_IDS, VENDORS, Letter
from hub.memory.memory import Memory
from hub.reception import Reception
from hub.settings import Settings
from hub.worker import desk_of, worker_on
from tests import messages
from tests.broker.cluster import Cluster, Input
from tests.broker.ground import Ground
from tests.broker.subscriber import Subscriber
from tests.broker.test_path import exploding, said

CASES: Final = 40
PUSHES: Final = 160
"""Before the standstill, and as many after it."""
RESENT: Final = 10
ASIDE: Final = 400
"""The case whose message is set aside, and who has nothing else."""
BLOCKED: Final = 4
"""The case of the citizen who is blocked."""
_PATIENCE: Final = timedelta(minutes=5)
_SHORT: Final = timedelta(seconds=2)
_GOOD, _YES, _ACCEPTED = 70, 60, 80
"""Below these shares an EPJ of a run answers well."""


@dataclass(slots=True)
class Across:
    """One story. `after`: the settings of the hub that goes on."""

    ground: Ground
    heard: Subscriber
    before: Settings
    after: Settings
    cluster: Cluster = field(init=False)
    sent: list[Letter] = field(default_factory=list)
    aside: str = field(default_factory=lambda: str(uuid.uuid4()))
    behind: str = field(default_factory=lambda: str(uuid.uuid4()))
    question: int = 0
    timing_out: int = 0
    booking: int = 0
    _cases: dict[int, int] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=lambda: random.Random(5))

    def __post_init__(self) -> None:
        self.cluster = Cluster(self.ground.kafka.bootstrap)
        self.question = next(n for n in range(700, 7000, 7) if epj.share(commands.command_id(n), "answer") < _GOOD and n % 40)
        self.timing_out = next(n for n in range(self.question + 7, 9000, 7) if n % 40)
        self.booking = next(
            n for n in range(1, 1000)
            if epj.share(commands.command_id(n), "receipt") < _ACCEPTED and epj.share(commands.command_id(n), "word") < _YES
        )

    async def tell(self, job: Callable[[], Awaitable[None]]) -> None:
        """All of it; `job` is done while nobody works."""
        await self.begin()
        await self._put(self._pushes())
        await job()
        await self.go_on()
        self.check()

    async def begin(self) -> None:
        """The first hub: everything is decided or waits when it stops."""
        async with working(self.ground, self.before):
            with exploding("11"):
                await self._put(self._pushes())
                patient = messages.patient(numbered.patient_of(ASIDE))
                await self._put_bodies(said(self.aside, "11", patient=patient), said(self.behind, patient=patient), _blocking())
                await self._ask()
                await self._until_told(lambda: {letter.msg_id for letter in self.sent} | {self.aside, self.behind} <= self._told())
            await self.heard.until(lambda: len(self._documents()) == 3, what="three requests have left")

    async def go_on(self) -> None:
        """The second hub, and what comes to it."""
        await self._write_twice(self.sent[0])
        again = [letter.sent_again(aside=1) for letter in self.sent[:RESENT]]
        await self._put([*again, *self._answers()], known=True)
        async with working(self.ground, self.after) as memory:
            await self._until_told(lambda: {letter.msg_id for letter in self.sent} <= self._told())
            await self._replay(memory)
            await self._put(self._pushes(PUSHES // 4))
            await self._until_told(lambda: {letter.msg_id for letter in self.sent} <= self._told())
            await self.heard.until(self._all_answered, what="replies, receipts and the booking's end")

    def check(self) -> None:
        """Nothing lost, nothing doubled, every case in its order, and what waited has come to its end."""
        for case in range(CASES):
            assert self._numbers_heard(case) == [letter.number for letter in self.sent if self._cases[letter.number] == case]
        for revisions in self._revisions().values():
            assert revisions == list(range(1, len(revisions) + 1))
        assert set(Counter(self._receipted()).values()) == {1}
        assert {letter.msg_id for letter in self.sent} | {self.aside, self.behind} <= set(self._receipted())
        assert [self._outcomes(letter.msg_id) for letter in self.sent[:RESENT]] == [["delivered", "duplicate"]] * RESENT
        assert (self._outcomes(self.aside), self._outcomes(self.behind)) == (["set aside", "delivered"], ["parked", "delivered"])
        assert self._kinds(REPLIES.name, self.question) == ["free-slots"]
        assert self._kinds(REPLIES.name, self.timing_out) == ["timed-out"]
        assert sorted(self._kinds(DELIVERIES.name, self.booking)) == ["accepted", "answered", "sent"]
        assert [record.what for record in self.heard.of(DEAD_LETTERS.name)] == ["written", "replayed"]

    # what is sent

    def _pushes(self, count: int = PUSHES) -> list[Letter]:
        first = len(self._cases)
        cases = {number: self._chance.randrange(CASES) for number in range(first, first + count)}
        self._cases |= cases
        return [numbered.push(number, case, self._chance) for number, case in cases.items()]

    async def _put(self, letters: Iterable[Letter], *, known: bool = False) -> None:
        letters = list(letters)
        self.sent += [] if known else letters
        for topic in dict.fromkeys(letter.topic for letter in letters):
            await self.cluster.put(topic, [
                Input(one.body, key=None, headers=one.headers, partition=one.partition) for one in letters if one.topic == topic
            ])

    async def _put_bodies(self, *bodies: bytes) -> None:
        await self.cluster.put(of_vendor(INBOX, OFFICES[0].vendor), [Input(body, key=None, partition=0) for body in bodies])

    async def _ask(self) -> None:
        now = datetime.now(UTC) - ANSWERED_WITHIN
        asked = [
            commands.question(self.question, 1, at=now + _PATIENCE), commands.question(self.timing_out, 2, at=now + _SHORT),
            commands.booking(self.booking, 3),
        ]
        await self._put(asked, known=True)

    async def _write_twice(self, letter: Letter) -> None:
        """As a reception that died before it had committed its offset."""
        log = [record async for some in scan(self.cluster.connection, SEQUENCED.name) for record in some]
        [written] = [record for record in log if letter.msg_id.encode() in (record.value or b"")]
        again = Outgoing(SEQUENCED.name, written.key, written.value, written.headers)
        await operators.append([again], connection=self.cluster.connection)

    def _answers(self) -> Iterator[Letter]:
        for record in self._documents():
            if commands.command_id(self.timing_out).encode() not in (record.value or b""):
                yield from (posted.letter for posted in epj.answers(record))

    async def _replay(self, memory: Memory) -> None:
        [told] = self.heard.of(DEAD_LETTERS.name)
        letter = await operators.waiting_letter(memory, uuid.UUID(told.data["letter_id"]), to_be="replayed")
        record = operators.replay(letter, Reception(desk_of(self.after)))
        await operators.append([record, record], connection=self.cluster.connection)

    # what is heard

    def _told(self) -> set[str]:
        return {line.cause for line in self.heard.of(JOURNAL.name)}

    async def _until_told(self, condition: Callable[[], bool]) -> None:
        await self.heard.until(condition, what="a line for each", within=90)

    def _documents(self) -> list[Seen]:
        return [one for one in self._outboxes() if one.value and b"<MsgHead" in one.value[:100]]

    def _outboxes(self) -> list[Seen]:
        return [one for vendor in VENDORS for one in self.heard.of(of_vendor(OUTBOX, vendor))]

    def _receipted(self) -> list[str]:
        mails = [mail_of(one.value or b"") for one in self._outboxes()]
        return [mail.answers for mail in mails if mail.kind is Kind.RECEIPT]

    def _numbers_heard(self, case: int) -> list[int]:
        told = [str(event.data["appointment"].get("about", "")) for event in self.heard.of(APPOINTMENTS.name)]
        numbers = [int(about.removeprefix("nr ")) for about in told if about.startswith("nr ")]
        return [number for number in numbers if self._cases[number] == case]

    def _revisions(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for event in self.heard.of(APPOINTMENTS.name):
            found.setdefault(event.data["appointment"]["appointment_id"], []).append(event.data["appointment"]["revision"])
        return found

    def _outcomes(self, msg_id: str) -> list[str]:
        lines = self.heard.journal(msg_id)
        return [str(line["outcome"]) for line in lines if line.get("note") != "letter already dealt with"]

    def _kinds(self, topic: str, number: int) -> list[str]:
        told = commands.command_id(number).encode()
        return [record.what for record in self.heard.of(topic) if record.key == told]

    def _all_answered(self) -> bool:
        return (
            len(self._kinds(REPLIES.name, self.question)) >= 1 and len(self._kinds(REPLIES.name, self.timing_out)) >= 1
            and len(self._kinds(DELIVERIES.name, self.booking)) >= 3 and len(self.heard.of(DEAD_LETTERS.name)) >= 2
            and {self.aside, self.behind} <= set(self._receipted())
        )


@asynccontextmanager
async def working(ground: Ground, settings: Settings) -> AsyncIterator[Memory]:
    """One worker in this process, and its memory."""
    async with worker_on(settings, kafka=settings.kafka_connection(), database_url=ground.database_url) as worker, worker.working():
        yield worker.memory


def _blocking() -> bytes:
    """The office blocks a citizen, in answer to what nobody here has seen."""
    return messages.message(
        dialog=messages.notat("30", text="Ring oss"), conversation=messages.conversation(str(uuid.uuid4()), str(uuid.uuid4())),
        sender=messages.office(OFFICES[0].her_ids), receiver=messages.portal(PORTAL_HER_IDS),
        patient=messages.patient(numbered.patient_of(BLOCKED)),
    )

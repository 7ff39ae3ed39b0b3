"""The pure path, driven in order: what reception reads and casework decides, with the memory in dictionaries. No broker, no clock.

The same `Reception` and the same `Casework` as in production: claims, replays, re-runs and set-asides are theirs. Only `Ledger` stands
here for PostgreSQL, with the same promises (first of each claim, rows by offset, nothing at all after an exception).
"""

import contextlib
import copy
import json
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from contracts.commands import Command
from contracts.events import FAMILIES, Event
from contracts.records import PORTAL, Headers, Outgoing, Received, Source
from contracts.topics import COMMANDS, INBOX, JOURNAL, SEQUENCED, of_vendor
from hub.case.deadlines import What
from hub.case.decision import Decision
from hub.case.entries import Discard, Due, Entry, Origin
from hub.case.state import Case
from hub.casework import Casework
from hub.log_record import to_log
from hub.memory.cleaning import NOTHING, Cleaned
from hub.memory.memory import Memory, first_of_each
from hub.memory.rows import (
    Asked,
    CaseVersion,
    Citizen,
    ClaimKey,
    DeadlineMet,
    DeadlineSet,
    Fence,
    Known,
    Letter,
    News,
    Owner,
    Resolution,
    Sent,
)
from hub.parties import Register, read_register
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk, Sequenced
from hub.reception import Reception
from producers.work import LaneKey, Record
from schemas.documents import MsgInfo
from schemas.wire import decoder
from translators.failure_to_apprec import XML

T = TypeVar("T")
START = datetime(2026, 6, 1, 8, tzinfo=UTC)
"""When the log takes the first record; each further one a minute later."""
REGISTER: Register = read_register(Path(__file__).parent / "golden" / "parties.toml")
KEY = b"a key that only the tests use ..."
DESK = Desk(Pseudonyms(KEY), REGISTER)
_LANE = LaneKey(SEQUENCED.name, 0, 1000, 0)
_CASE = decoder(Case)
_MODELS: dict[str, type[Event]] = {type_: family.model for family in FAMILIES for type_ in family.types}


@dataclass(slots=True)
class Ledger:
    """What `hub.memory.Memory` keeps, in dictionaries."""

    claims: dict[ClaimKey, Owner] = field(default_factory=dict)
    cases: list[CaseVersion] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    resolutions: list[Resolution] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    deadlines: list[DeadlineSet] = field(default_factory=list)
    met: list[DeadlineMet] = field(default_factory=list)
    citizens: list[Citizen] = field(default_factory=list)

    async def open_lane(self, _fence: Fence, *, committed: int, former: Fence | None = None, resumed: bool = False) -> int:
        """Take away what stands at or beyond the committed offset. Nobody dies here."""
        self._cut(committed)
        return 0

    async def mark(self, _fence: Fence, *, offset: int) -> None:
        """Nobody dies here."""

    async def leave_lane(self, _fence: Fence) -> None:
        """Nobody dies here."""

    async def rewind(self, _fence: Fence, *, to: int) -> None:
        """Take away what stands at or beyond this offset."""
        self._cut(to)

    async def prune(self, _fence: Fence, *, committed: int) -> int:
        """Nothing is ever too much here."""
        return 0

    async def clean(self, _fence: Fence, **_: object) -> Cleaned:
        """Nothing is ever too old."""
        return NOTHING

    @contextlib.asynccontextmanager
    async def batch(self, fence: Fence, *, start: int | None = None, end: int | None = None) -> AsyncIterator["LedgerBatch"]:
        """All of it or nothing."""
        before = {each.name: copy.copy(getattr(self, each.name)) for each in fields(self)}
        try:
            yield LedgerBatch(self, fence.partition)
        except BaseException:
            for name, rows in before.items():
                setattr(self, name, rows)
            raise

    def _cut(self, offset: int) -> None:
        self.claims = {key: owner for key, owner in self.claims.items() if owner.offset < offset}
        for each in fields(self):
            if each.name != "claims":
                setattr(self, each.name, [row for row in getattr(self, each.name) if row.offset < offset])

    def open_letters(self) -> list[Letter]:
        """Those of the hub's fault that nobody has dealt with, the oldest first. What is parked is none."""
        resolved = {row.letter_id for row in self.resolutions}
        return [row for row in self.letters if row.fault == "hub" and row.behind is None and row.letter_id not in resolved]

    def open_deadlines(self) -> list[DeadlineSet]:
        """What is waited for, the earliest first."""
        met = {(row.command_id, row.what) for row in self.met}
        return sorted((row for row in self.deadlines if (row.command_id, row.what) not in met), key=lambda row: row.due_at)


@dataclass(frozen=True, slots=True)
class LedgerBatch:
    """One batch: claims and answers, then appends."""

    ledger: Ledger
    partition: int

    async def survived(self) -> None:
        """Nobody dies here."""

    async def recall(self, asked: Asked) -> Known:
        """Who owns what is claimed, and the latest of each case and letter asked for."""
        for key, claim in first_of_each(asked.claims).items():
            self.ledger.claims.setdefault(key, Owner(claim.source, claim.digest, self.partition, claim.offset))
        return Known(
            {(claim.scope, claim.id): self.ledger.claims[claim.scope, claim.id] for claim in asked.claims},
            {row.case_key: row.state for row in self.ledger.cases if row.case_key in asked.case_keys},
            {row.letter_id: self._resolved(row) for row in self.ledger.letters if row.letter_id in asked.letter_ids},
            {row.msg_id: row for row in self.ledger.sent if row.msg_id in asked.sent_ids},
            {row.person: row.active for row in self.ledger.citizens if row.person in asked.persons},
            tuple(self._parked(asked.parked_in)),
        )

    async def remember(self, news: News) -> None:
        """Append. A letter is resolved once."""
        self.ledger.cases += news.cases
        self.ledger.letters += news.letters
        for resolution in news.resolutions:
            assert resolution.letter_id not in {row.letter_id for row in self.ledger.resolutions}, "a letter was resolved twice"
            self.ledger.resolutions.append(resolution)
        self.ledger.sent += news.sent
        self.ledger.deadlines += news.deadlines
        self.ledger.met += news.met
        self.ledger.citizens += news.citizens

    def _parked(self, case_keys: tuple[str, ...]) -> list[Letter]:
        resolved = {row.letter_id for row in self.ledger.resolutions}
        waiting = [row for row in self.ledger.letters if row.behind and row.letter_id not in resolved and row.case_key in case_keys]
        return sorted(waiting, key=lambda row: row.offset)

    def _resolved(self, letter: Letter) -> Letter:
        what = next((row.what for row in self.ledger.resolutions if row.letter_id == letter.letter_id), None)
        return Letter(**{name: getattr(letter, name) for name in Letter.__slots__} | {"resolved": what})


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one record of the log."""

    body: bytes | None = field(repr=False)
    entry: Entry
    decision: Decision

    @property
    def decided(self) -> list[tuple[Entry, Decision]]:
        """What was decided: this record, and what was parked and had its turn with it."""
        return [(self.entry, self.decision), *((each.parked.entry, each.decision) for each in self.decision.released)]

    @property
    def outgoing(self) -> list[Outgoing]:
        """Everything that leaves."""
        return self.decision.leaving

    @property
    def events(self) -> list[Outgoing]:
        """Every event but the journal's line, and tombstones."""
        return [out for out in self.outgoing if out.topic not in (JOURNAL.name, SEQUENCED.name) and not is_xml(out)]

    @property
    def whats(self) -> list[str]:
        """The types of those events; `tombstone` for one."""
        return [type_of(out) or "tombstone" for out in self.events]

    @property
    def receipts(self) -> list[Outgoing]:
        """The AppRecs of ours."""
        return [out for out in self.outgoing if is_xml(out) and b"<AppRec" in (out.value or b"")[:100] and out.value != self.body]

    @property
    def written(self) -> list[Outgoing]:
        """The dialogue messages of ours."""
        return [out for out in self.outgoing if is_xml(out) and b"<MsgHead" in (out.value or b"")[:100] and out.value != self.body]

    @property
    def handed_on(self) -> list[Outgoing]:
        """The message itself, byte for byte, to another vendor."""
        return [out for out in self.outgoing if is_xml(out) and out.value == self.body]


class Hub:
    """One partition of the log and one worker: what is sent is read, ordered and decided at once."""

    def __init__(self, desk: Desk = DESK) -> None:
        self.desk, self.ledger = desk, Ledger()
        self.log: list[Record] = []
        self.told: list[Told] = []
        self._condemned: dict[int, Exception] = {}
        self._sources: dict[str, int] = {}
        self._last = START
        self._open(committed=0)

    def send(
        self, body: bytes | None, *, vendor: str = "fjord", at: datetime | None = None, source: Source | None = None,
        letter: str | None = None, condemned: bool = False,
    ) -> Told:
        """A vendor puts one record on its inbox. `source`: reception writes a record again that it has written before.

        `condemned`: something of ours fails on this record, every time, so that it is set aside.
        """
        when = at or self._next_minute()
        received = Received(source or self._next_source(vendor), vendor, when, body)
        if condemned:
            self.condemn_next()
        return self.append(Reception(self.desk).sequence(received, letter_id=letter), at=when)

    def send_all(self, bodies: Iterable[bytes], *, vendor: str = "fjord") -> list[Told]:
        """One after the other."""
        return [self.send(body, vendor=vendor) for body in bodies]

    def replay(self, letter: str, body: bytes, *, vendor: str = "fjord", condemned: bool = False) -> Told:
        """An operator sends a letter on: the same bytes, under the source coordinates they came by."""
        row = next(row for row in self.ledger.letters if str(row.letter_id) == letter)
        return self.send(body, vendor=vendor, source=row.source, letter=letter, condemned=condemned)

    def command(self, command: Command, command_id: str, *, at: datetime | None = None, condemned: bool = False) -> Told:
        """The portal puts a command on its topic."""
        headers = {"ce_specversion": "1.0", "ce_id": command_id, "ce_source": "urn:portal", "ce_type": command.family.type}
        body = command.model_dump_json(exclude_none=True).encode()
        return self.told_of(COMMANDS.name, body, headers=headers, at=at, condemned=condemned)

    def told_of(
        self, topic: str, body: bytes | None, *, key: bytes | None = None, headers: dict[str, str] | None = None,
        at: datetime | None = None, source: Source | None = None, condemned: bool = False,
    ) -> Told:
        """The portal, or the register, puts a record on one of its topics."""
        if condemned:
            self.condemn_next()
        given: Headers = tuple((name, value.encode()) for name, value in (headers or {}).items())
        when = at or self._next_minute()
        received = Received(source or self._next_source(topic=topic), PORTAL, when, body, key, given)
        return self.append(Reception(self.desk).sequence(received), at=when)

    def fall_due(self, command_id: str | None = None) -> Told:
        """The next deadline comes, of this command or of any: whoever owns the lane writes so into the log."""
        row = next(row for row in self.ledger.open_deadlines() if command_id in (None, row.command_id))
        return self.append(to_log(Sequenced(row.case_key, due_of(row)), None), at=max(row.due_at, self._last))

    def discard(self, letter: str, *, key: str, msg_info: MsgInfo | None, reason: str = "not wanted") -> Told:
        """An operator decides that a letter is not to be delivered."""
        row = next(row for row in self.ledger.letters if str(row.letter_id) == letter)
        origin = Origin(row.source, row.vendor, row.written_at, b"", letter)
        return self.append(to_log(Sequenced(key, Discard(origin, reason, msg_info)), None), at=self._next_minute())

    def condemn_next(self) -> None:
        """Something of ours, or the broker, fails on the next record, every time."""
        self._condemned[len(self.log)] = RuntimeError("made by the test")

    def append(self, record: Outgoing, *, at: datetime) -> Told:
        """One record more in the log, decided. What fails alone is set aside, as the lane does after some tries (rule 11)."""
        offset = len(self.log)
        self._last = max(self._last, at)
        self.log.append(Record(SEQUENCED.name, 0, offset, _milliseconds(at), record.key, record.value, record.headers))
        self._decide(self.log[offset:])
        told = self.told[-1]
        for passed_on in [out for out in told.outgoing if out.topic == SEQUENCED.name]:
            self.append(passed_on, at=at)
        return told

    def run_again(self, offset: int, *, anew: bool = False) -> list[list[Outgoing]]:
        """The log from this offset once more. `anew`: by another worker, who opens the lane there; else after a failed batch."""
        before = [told.outgoing for told in self.told[offset:]]
        del self.told[offset:]
        if anew:
            self._open(committed=offset)
        self._decide(self.log[offset:])
        return before

    def case(self, key: str) -> Case:
        """The latest version of a case."""
        states = [row.state for row in self.ledger.cases if row.case_key == key]
        return _CASE.decode(states[-1]) if states else Case()

    @property
    def now(self) -> datetime:
        """When the log took the last record."""
        return self._last

    @property
    def outgoing(self) -> list[list[Outgoing]]:
        """What left, record by record."""
        return [told.outgoing for told in self.told]

    def _open(self, *, committed: int) -> None:
        self._casework = Casework(cast("Memory", self.ledger), told=self._hear)
        at_once(self._casework.opened(_LANE, committed, resumed=committed > 0))

    def _hear(self, entry: Entry, decision: Decision) -> None:
        self.told.append(Told(self.log[len(self.told)].value, entry, decision))

    def _decide(self, records: Sequence[Record]) -> None:
        while records:
            verdicts = at_once(self._casework.decide(_LANE, records, condemned=self._condemned))
            if isinstance(verdicts[-1], Exception):
                failed = records[len(verdicts) - 1]
                assert failed.offset not in self._condemned, "what is set aside must not fail again"
                self._condemned[failed.offset] = verdicts[-1]
                verdicts = verdicts[:-1]
            records = records[len(verdicts):]

    def _next_minute(self) -> datetime:
        """A minute for each record, and never before what was written last."""
        return max(START + timedelta(minutes=len(self.log)), self._last)

    def _next_source(self, vendor: str = "", *, topic: str | None = None) -> Source:
        topic = topic or of_vendor(INBOX, vendor)
        self._sources[topic] = self._sources.get(topic, -1) + 1
        return Source(topic, 0, self._sources[topic])


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run what waits for nothing. AssertionError if it waits."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    raise AssertionError("the pure path waited for something")


def is_xml(out: Outgoing) -> bool:
    """An XML document, not an event."""
    return out.headers == XML


def type_of(out: Outgoing) -> str | None:
    """The CloudEvents type; None for XML and tombstones."""
    return dict(out.headers).get("ce_type", b"").decode() or None


def data_of(out: Outgoing) -> Any:
    """An event's data as JSON; None for a tombstone."""
    return json.loads(out.value) if out.value is not None else None


def model_of(out: Outgoing) -> Event:
    """An event's data as the model that promises it. ValidationError if it breaks the promise."""
    return _MODELS[type_of(out) or ""].model_validate_json(out.value or b"")


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def due_of(row: DeadlineSet) -> Due:
    """As the owner of the lane writes it: under the coordinates of the record that set the deadline."""
    return Due(Origin(Source(SEQUENCED.name, 0, row.offset), PORTAL, row.due_at, b""), row.command_id, What(row.what))


"""`hub check`: the two pure functions on a file's bytes, with no broker, no database and no clock. What it shows is what production does.

Every message stands alone, unless a story is told: then messages meet the cases and claims that those before them left behind.
Never prints, never writes, never raises for what a message holds: an exception of the pure path becomes `set aside`, as in production.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from contracts.failures import Failure, Outcome, Rule
from contracts.records import Outgoing, Received, Source
from contracts.topics import INBOX, OUTBOX, of_vendor
from hub.case.decide import decide, set_aside
from hub.case.decision import Claimed, Context, Decision
from hub.case.entries import Entry, Read
from hub.case.identity import msg_id_of, own_claim
from hub.case.state import Case
from hub.faults import fault_of
from hub.log_record import as_carried
from hub.reading import Desk, Sequenced
from hub.reception import Reception
from schemas.splitting import Piece, lines_of_wrapped, messages_in
from schemas.uuids import is_uuid
from translators.cloud_event import Stamp

NOBODY: Final = "check"
"""The vendor of a message whose sender is not checked."""
_APPREC: Final = b"<AppRec "
_SHOWN: Final = ("portal.", "notification.")
"""Whose topics are shown: the vendor's own answer is the receipt, the hub's own topics are its operators'."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event that would leave."""

    topic: str
    type: str | None
    """None: a tombstone, which takes away what was told before."""
    key: str | None
    data: dict[str, Any] | None = field(repr=False)
    """Holds person data, as the event does."""

    def as_json(self) -> dict[str, Any]:
        """As `--json` has it."""
        return {"topic": self.topic, "type": self.type, "key": self.key, "data": self.data}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one message. Everything but `events` and `receipt` is safe to print."""

    file: str
    outcome: Outcome
    process: str | None = None
    failure: Failure | None = None
    """Its line counts from the top of the file."""
    leniencies: tuple[str, ...] = ()
    events: tuple[Told, ...] = field(default=(), repr=False)
    receipt: str | None = field(default=None, repr=False)
    """Our AppRec, as XML."""
    fault: str | None = None
    """Of one set aside: the exception's type and our line."""

    @property
    def code(self) -> str | None:
        """What its sender is told by: the AppRec's code, or the condition of a transport error."""
        if self.failure is None:
            return None
        return self.failure.condition if self.outcome is Outcome.REFUSED else self.failure.code

    def as_json(self) -> dict[str, Any]:
        """The documented keys, no more and no fewer."""
        failure = self.failure
        return {
            "file": self.file,
            "outcome": self.outcome.value,
            "process": self.process,
            "code": self.code,
            "path": failure.path if failure else None,
            "line": failure.line if failure else None,
            "hint": {"nb": failure.hint.nb, "en": failure.hint.en} if failure else None,
            "leniencies": list(self.leniencies),
            "events": [event.as_json() for event in self.events],
            "receipt": self.receipt,
        }


@dataclass(slots=True)
class Story:
    """What the messages before have left behind, as memory would hold it."""

    cases: dict[str, Case] = field(default_factory=dict)
    claims: dict[tuple[str, str], bytes] = field(default_factory=dict)
    length: int = 0

    def claim(self, entry: Entry) -> Claimed:
        """The first one to use an id has it."""
        if (key := own_claim(entry)) is None:
            return Claimed.FIRST
        if key not in self.claims:
            self.claims[key] = entry.origin.digest
            return Claimed.FIRST
        return Claimed.DUPLICATE if self.claims[key] == entry.origin.digest else Claimed.OTHER_CONTENT


def check_bytes(
    body: bytes, *, desk: Desk, at: datetime, file: str, vendor: str = NOBODY, story: Story | None = None,
) -> list[Result]:
    """One result for every message in a file's bytes, in order; at least one. `at`: when it is taken to arrive (aware).

    `vendor` is whose inbox it arrives on: matters only at a desk with a register. `story`: what went before; None: each stands alone.
    """
    return [
        result
        for piece in messages_in(body)
        for result in _placed(_checked(piece.body, desk=desk, at=at, file=file, vendor=vendor, story=story or Story()), piece)
    ]


def _checked(body: bytes, *, desk: Desk, at: datetime, file: str, vendor: str, story: Story) -> Result:
    received = Received(Source(of_vendor(INBOX, vendor), 0, story.length), vendor, at, body)
    sequenced = as_carried(Reception(desk).read(received))
    decision = _decided(sequenced, received, story)
    story.length += 1
    entry = sequenced.entry
    return Result(
        file, decision.outcome, getattr(entry, "process", None), decision.failure, getattr(entry, "leniencies", ()),
        tuple(_told(decision.outgoing)), _receipt(decision.outgoing, received), decision.letter.detail if decision.letter else None,
    )


def _decided(sequenced: Sequenced, received: Received, story: Story) -> Decision:
    key, entry = sequenced.key, sequenced.entry
    case = story.cases.get(key, Case())
    context = Context(_stamp(received, entry), key, story.claim(entry), received.body or b"")
    try:
        decision = decide(case, entry, context)
    except Exception as error:  # noqa: BLE001  casework does the same, after having tried it alone
        decision = set_aside(case, entry, context, fault=fault_of(error))
    if isinstance(entry, Read):
        story.cases[key] = decision.case
    return decision


def _stamp(received: Received, entry: Entry) -> Stamp:
    msg_id = msg_id_of(entry)
    return Stamp(0, received.source.offset, received.at, str(received.source), msg_id if msg_id and is_uuid(msg_id) else None)


def _told(outgoing: Iterable[Outgoing]) -> Iterable[Told]:
    for one in outgoing:
        if one.topic.startswith(_SHOWN):
            kind = dict(one.headers).get("ce_type", b"").decode() or None
            yield Told(one.topic, kind, one.key.decode() if one.key else None, json.loads(one.value) if one.value else None)


def _receipt(outgoing: Iterable[Outgoing], received: Received) -> str | None:
    """Ours alone: a message that is handed on to the same outbox is the sender's own bytes, and the answer to a test is no receipt."""
    outbox = of_vendor(OUTBOX, received.vendor)
    ours = (one.value for one in outgoing if one.topic == outbox and one.value and one.value != received.body)
    return next((value.decode() for value in ours if _APPREC in value[:100]), None)


def _placed(result: Result, piece: Piece) -> list[Result]:
    """With lines of the file instead of the document; and once for every message in a foreign envelope."""
    failure = result.failure
    if failure is None or failure.line is None:
        return [result]
    lines = lines_of_wrapped(piece.body) if failure.rule == Rule.WRAPPED.name else (failure.line,)
    return [replace(result, failure=replace(failure, line=line + piece.lines_before)) for line in lines]

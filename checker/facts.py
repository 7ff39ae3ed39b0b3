"""The topics and letters of a finished run, indexed by what is asked of them. Pure; says what stands there, and never whether it may.

What a message is, its bytes tell: not the one who sent it, and not the hub.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, NamedTuple

from checker.terms import LetterRow, Terms
from contracts.commands import COMMAND_FAMILIES
from contracts.commands.base import ANSWERED_WITHIN, CommandFamily
from contracts.topics import APPOINTMENTS, COMMANDS, DELIVERIES, INBOX, JOURNAL, OUTBOX, PARTIES, REPLIES, SEQUENCED, SYNC, of_vendor

QUICK: Final = frozenset({"03", "04", "20", "21", "RKT"})
"""Codes that answer a question."""
BROKEN: Final = b"<Ugyldig/>"
"""Stands in an answer that no schema allows."""
_FAMILIES: Final = {family.type: family for family in COMMAND_FAMILIES}
_MSG_ID: Final = re.compile(rb"<MsgId>([^<]+)</MsgId>")
_PARENT: Final = re.compile(rb"<RefToParent>([^<]+)</RefToParent>")
_CODE: Final = re.compile(rb'<(?:TemaKodet|TypeForesp) V="([^"]+)"')
_ABOUT: Final = re.compile(rb"<summary><text>([^<]+)</text>")
_RECEIPT: Final = re.compile(
    rb'</GenDate>\s*<Id>([^<]+)</Id>.*<Status V="(\d)".*<OriginalMsgId>.*<Id>([^<]+)</Id>\s*</OriginalMsgId>', re.DOTALL,
)
_OF_A_LINE: Final = frozenset({"source", "outcome", "note", "msg_id", "decided_at"})
_ON_THE_WAY: Final = frozenset({"set aside", "parked"})
"""What the journal says of a message of which it says more later."""
_DEALT_WITH: Final = "letter already dealt with"
"""What it notes of a letter that was replayed or discarded once more."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Seen(NamedTuple):
    """One record of a topic, read committed."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    @property
    def place(self) -> str:
        """As the journal names a source."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def at(self) -> datetime:
        """When the broker took it, of what we read."""
        return _EPOCH + timedelta(milliseconds=self.timestamp_ms)

    @property
    def cause(self) -> str:
        """MsgId of the message that caused it."""
        return self._header("ce_cause")

    @property
    def what(self) -> str:
        """The last word of its type: `confirmed` of `hub.appointment.confirmed.v1`."""
        return (["", *self._header("ce_type").split(".")])[-2]

    @property
    def data(self) -> dict[str, Any]:
        """Its JSON."""
        found: dict[str, Any] = json.loads(self.value or b"{}")
        return found

    def _header(self, name: str) -> str:
        return dict(self.headers).get(name, b"").decode()


Topics = Mapping[str, Sequence[Seen]]


class Kind(StrEnum):
    """What a vendor has put on an inbox."""

    PUSH = "push"
    ANSWER = "answer"
    """An office's word to a booking or a cancellation."""
    REPLY = "reply"
    """To a question."""
    BROKEN = "broken"
    """Meant as a reply, and against the schema."""
    RECEIPT = "receipt"
    """An AppRec."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What stands in an XML document, as far as it is asked for."""

    msg_id: str
    kind: Kind
    code: str
    """Of 7601, 7602 or 7603; an AppRec's status."""
    answers: str = ""
    """MsgId of what it answers; empty: nothing."""
    about: str = ""
    """What a push calls its appointment."""


def mail_of(body: bytes) -> Mail:
    """Read by its bytes: what cannot be read is a push with an empty id, which nobody has sent."""
    if found := _RECEIPT.search(body):
        msg_id, status, answered = (part.decode() for part in found.groups())
        return Mail(msg_id, Kind.RECEIPT, status, answered)
    parent, code = _first(_PARENT, body), _first(_CODE, body)
    return Mail(_first(_MSG_ID, body), _kind(body, parent, code), code, parent, _first(_ABOUT, body))


def _kind(body: bytes, parent: str, code: str) -> Kind:
    if not parent:
        return Kind.PUSH
    if BROKEN in body:
        return Kind.BROKEN
    return Kind.REPLY if code in QUICK else Kind.ANSWER


def _first(pattern: re.Pattern[bytes], body: bytes) -> str:
    found = pattern.search(body)
    return found[1].decode() if found else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, by the first of its records."""

    command_id: str
    family: CommandFamily
    at: datetime
    data: Mapping[str, Any]

    @property
    def is_question(self) -> bool:
        """Exactly one reply is owed."""
        return self.family.is_question

    @property
    def deadline(self) -> datetime:
        """Of a question: before it nobody may say that it was too late."""
        return min(datetime.fromisoformat(self.data["deadline"]), self.at + ANSWERED_WITHIN)


class Facts:
    """The topics, indexed by what is asked of them, and the letters."""

    def __init__(self, topics: Topics, terms: Terms, letters: Iterable[LetterRow] = ()) -> None:
        self._topics, self.terms, self.letters = topics, terms, tuple(letters)

    def of(self, topic: str) -> list[Seen]:
        """A topic's records, each partition in its order."""
        return sorted(self._topics.get(topic, ()), key=lambda record: (record.partition, record.offset))

    def of_all(self, topic: str) -> list[Seen]:
        """A vendor's own topic, of all vendors."""
        return [record for vendor in self.terms.vendors for record in self.of(topic.replace("<vendor>", vendor))]

    # what came in

    @cached_property
    def inbox(self) -> list[Seen]:
        """Everything that vendors sent, the oldest first."""
        return sorted([*self.of_all(INBOX.name), *self.of_all(SYNC.name)], key=lambda record: record.timestamp_ms)

    @cached_property
    def orders(self) -> list[Seen]:
        """Everything that the portal sent, the oldest first."""
        return sorted(self.of(COMMANDS.name), key=lambda record: record.timestamp_ms)

    @cached_property
    def register(self) -> list[Seen]:
        """What the workers published of their register when they started."""
        return self.of(PARTIES.name)

    @cached_property
    def mail(self) -> dict[str, Mail]:
        """By MsgId: what vendors sent."""
        return {mail.msg_id: mail for mail in self._read.values()}

    @cached_property
    def asked(self) -> dict[str, Asked]:
        """By id: the commands."""
        asked: dict[str, Asked] = {}
        for record in self.orders:
            asked.setdefault(command_id := id_of(record), _asked(record, command_id))
        return asked

    def outbox_of(self, asked: Asked) -> str:
        """Where its document must stand."""
        return of_vendor(OUTBOX, self.terms.offices[asked.data["receiver"]])

    @cached_property
    def copies(self) -> dict[str, list[Seen]]:
        """By MsgId or command's id: the record, and its re-sends."""
        copies: dict[str, list[Seen]] = defaultdict(list)
        for record in self.inbox:
            copies[self._read[record.place].msg_id].append(record)
        for record in self.orders:
            copies[id_of(record)].append(record)
        return copies

    @cached_property
    def answering(self) -> dict[str, list[Mail]]:
        """By command's id: what vendors sent in answer to it."""
        answering: dict[str, list[Mail]] = defaultdict(list)
        for mail in self.mail.values():
            answering[mail.answers].append(mail)
        return answering

    @cached_property
    def _read(self) -> dict[str, Mail]:
        return {record.place: mail_of(record.value or b"") for record in self.inbox}

    # what left

    @cached_property
    def events(self) -> list[Seen]:
        """What happened to appointments."""
        return self.of(APPOINTMENTS.name)

    @cached_property
    def told(self) -> Counter[str]:
        """Events by what caused them."""
        return Counter(event.cause for event in self.events)

    @cached_property
    def documents(self) -> list[tuple[Seen, Mail]]:
        """What stands in the outboxes."""
        return [(record, mail_of(record.value or b"")) for record in self.of_all(OUTBOX.name)]

    @cached_property
    def receipts(self) -> Counter[str]:
        """AppRecs of the hub, by the MsgId that they answer."""
        return Counter(mail.answers for _, mail in self.documents if mail.kind is Kind.RECEIPT)

    @cached_property
    def replies(self) -> dict[str, list[Seen]]:
        """By command's id."""
        return _by(self.of(REPLIES.name), "command")

    @cached_property
    def stories(self) -> dict[str, list[Seen]]:
        """By command's id: each step of what became of it."""
        return _by(self.of(DELIVERIES.name), "request")

    # what the journal says

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """What became of each record that came in: the last that is said of it."""
        return [line for line in self._journal if not _of_deadline(line) and not _is_between(line)]

    @cached_property
    def waits(self) -> list[dict[str, Any]]:
        """Of a message that was set aside or parked, each time."""
        return [line for line in self._journal if line["outcome"] in _ON_THE_WAY]

    @cached_property
    def deadlines(self) -> list[dict[str, Any]]:
        """One for each deadline that told something."""
        return [line for line in self._journal if _of_deadline(line)]

    @cached_property
    def winners(self) -> dict[str, dict[str, Any]]:
        """By MsgId or command's id: the line of the copy that was decided; every other is a duplicate."""
        return {line["msg_id"]: line for line in self.lines if line["outcome"] != "duplicate" and "msg_id" in line}

    def was(self, msg_id: str, outcome: str, *, note: str | None = None) -> bool:
        """This became of it, and the journal says so with this note."""
        line = self.winners.get(msg_id, {})
        return line.get("outcome") == outcome and line.get("note") == note

    # letters

    @cached_property
    def discarded(self) -> frozenset[str]:
        """MsgIds of what an operator has decided against."""
        return frozenset(row.msg_id for row in self.letters if row.resolved == "discarded")

    @cached_property
    def passed(self) -> frozenset[str]:
        """MsgIds of what was set aside at all."""
        return frozenset(line["msg_id"] for line in self.waits if "msg_id" in line)

    @cached_property
    def _journal(self) -> list[dict[str, Any]]:
        # a long run has a million of these: only what is asked for is kept of each
        return [{name: value for name, value in record.data.items() if name in _OF_A_LINE} for record in self.of(JOURNAL.name)]


def _asked(record: Seen, command_id: str) -> Asked:
    return Asked(command_id, _FAMILIES[dict(record.headers)["ce_type"].decode()], record.at, record.data)


def id_of(record: Seen) -> str:
    """A command's id."""
    return dict(record.headers).get("ce_id", b"").decode()


def place_of(source: str) -> tuple[str, int]:
    """`topic/partition`, and the offset there."""
    partition, _, offset = source.rpartition("/")
    return partition, int(offset)


def _is_between(line: Mapping[str, Any]) -> bool:
    return line["outcome"] in _ON_THE_WAY or line.get("note") == _DEALT_WITH


def _of_deadline(line: Mapping[str, Any]) -> bool:
    return str(line["source"]).startswith(SEQUENCED.name)


def _by(records: Iterable[Seen], name: str) -> dict[str, list[Seen]]:
    found: dict[str, list[Seen]] = defaultdict(list)
    for record in records:
        found[record.data[name]].append(record)
    return found

"""The checker: what the topics say about what became of each message. Pure; believes neither the hub nor the one who sent.

The truth is what stands in the inboxes. Each MsgId must have exactly one event, in its case's order, exactly one receipt in its sender's
outbox, and each record exactly one line in the journal; an appointment's revision rises by one, and its status ends where its events end.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, NamedTuple

from contracts.topics import (
    APPOINTMENT_STATUS,
    APPOINTMENTS,
    DEAD_LETTERS,
    ERRORS,
    INBOX,
    JOURNAL,
    NOTIFICATIONS,
    OUTBOX,
    of_vendor,
)
from tests.chaos.numbered import number_of

_MSG_ID: Final = re.compile(rb"<MsgId>([^<]+)</MsgId>")
_ANSWERED: Final = re.compile(rb'<Status V="(\d)".*<OriginalMsgId>.*<Id>([^<]+)</Id></OriginalMsgId>', re.DOTALL)


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
    def cause(self) -> str:
        """MsgId of the message that caused it."""
        return dict(self.headers).get("ce_cause", b"").decode()

    @property
    def data(self) -> dict[str, Any]:
        """Its JSON."""
        found: dict[str, Any] = json.loads(self.value or b"{}")
        return found


Topics = Mapping[str, Sequence[Seen]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every list holds examples of what must not be; all empty is the proof."""

    records: int
    messages: int
    events: int
    longest_gap: float
    """Seconds in which no event came, since the first message was sent."""
    gap_began: float
    """Seconds after the first message."""
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    """An event of no message, or one that tells another message's number."""
    out_of_order: list[str] = field(default_factory=list)
    revisions: list[str] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    receipts_missing: list[str] = field(default_factory=list)
    receipts_doubled: list[str] = field(default_factory=list)
    receipts_wrong: list[str] = field(default_factory=list)
    """Negative, in another vendor's outbox, or of no message."""
    journal: list[str] = field(default_factory=list)
    notified_twice: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    """Dead letters, transport errors and notices: none is owed to anybody."""

    @property
    def faults(self) -> dict[str, list[str]]:
        """What was found, by kind, without the empty ones."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in found.items() if isinstance(value, list) and value}

    def line(self) -> str:
        """One line for people and for the log of a run."""
        counted = {each.name: getattr(self, each.name) for each in fields(self)}
        words = [f"{name}={len(value)}" for name, value in counted.items() if isinstance(value, list)]
        return (
            f"RESULT {'FAIL' if self.faults else 'PASS'} records={self.records} messages={self.messages} "
            f"resends={self.records - self.messages} events={self.events} {' '.join(words)} "
            f"longest_gap={self.longest_gap:.1f}s@{self.gap_began:.0f}"
        )


def verdict(topics: Topics, *, vendors: Iterable[str]) -> Verdict:
    """Judge a finished run by all it left behind."""
    facts = Facts(topics, tuple(vendors))
    events = facts.events
    gap, began = longest_gap([*facts.inbox[:1], *events])
    return Verdict(
        records=len(facts.inbox), messages=len(facts.copies), events=len(events), longest_gap=gap, gap_began=began,
        lost=sorted(facts.copies.keys() - facts.told.keys()), doubled=_more_than_once(facts.told), strange=[*_strange(facts)],
        out_of_order=[*_out_of_order(facts)], revisions=[*_revisions(facts)], status=[*_status(facts)],
        receipts_missing=sorted(facts.copies.keys() - facts.receipts.keys()), receipts_doubled=_more_than_once(facts.receipts),
        receipts_wrong=[*_receipts_wrong(facts)], journal=[*_journal(facts)], notified_twice=[*_notified_twice(facts)],
        letters=[record.place for record in facts.of(DEAD_LETTERS.name) + facts.of_all(ERRORS.name)],
    )


def longest_gap(records: Sequence[Seen]) -> tuple[float, float]:
    """(seconds, seconds after the first record at which it began)."""
    times = sorted(record.timestamp_ms / 1000 for record in records)
    gaps = [(after - before, before - times[0]) for before, after in pairwise(times)]
    return max(gaps, default=(0.0, 0.0))


class Facts:
    """The topics, indexed by what is asked of them."""

    def __init__(self, topics: Topics, vendors: tuple[str, ...]) -> None:
        self._topics, self.vendors = topics, vendors

    def of(self, topic: str) -> list[Seen]:
        """A topic's records, each partition in its order."""
        return sorted(self._topics.get(topic, ()), key=lambda record: (record.partition, record.offset))

    def of_all(self, topic: str) -> list[Seen]:
        """A vendor's own topic, of all vendors."""
        return [record for vendor in self.vendors for record in self.of(topic.replace("<vendor>", vendor))]

    @cached_property
    def inbox(self) -> list[Seen]:
        """Everything that was sent, the oldest first."""
        return sorted(self.of_all(INBOX.name), key=lambda record: record.timestamp_ms)

    @cached_property
    def copies(self) -> dict[str, list[Seen]]:
        """By MsgId: the record, and its re-sends."""
        copies: dict[str, list[Seen]] = defaultdict(list)
        for record in self.inbox:
            copies[_msg_id(record)].append(record)
        return copies

    @cached_property
    def events(self) -> list[Seen]:
        """What happened to appointments."""
        return self.of(APPOINTMENTS.name)

    @cached_property
    def told(self) -> Counter[str]:
        """Events by MsgId."""
        return Counter(event.cause for event in self.events)

    @cached_property
    def answers(self) -> list[tuple[Seen, str, str]]:
        """(record, status, MsgId) of every receipt."""
        return [(record, *_answered(record)) for record in self.of_all(OUTBOX.name)]

    @cached_property
    def receipts(self) -> Counter[str]:
        """Receipts by MsgId."""
        return Counter(msg_id for _, _, msg_id in self.answers)

    @cached_property
    def journal(self) -> list[dict[str, Any]]:
        """The journal's lines."""
        return [record.data for record in self.of(JOURNAL.name)]

    @cached_property
    def winners(self) -> dict[str, tuple[str, int]]:
        """By MsgId: partition and offset of the record that was delivered, as the journal has it."""
        return {line["msg_id"]: _place(line["source"]) for line in self.journal if line["outcome"] == "delivered"}


def _msg_id(record: Seen) -> str:
    found = _MSG_ID.search(record.value or b"")
    return found[1].decode() if found else record.place


def _answered(record: Seen) -> tuple[str, str]:
    found = _ANSWERED.search(record.value or b"")
    return (found[1].decode(), found[2].decode()) if found else ("?", record.place)


def _place(source: str) -> tuple[str, int]:
    partition, _, offset = source.rpartition("/")
    return partition, int(offset)


def _more_than_once(counted: Counter[str]) -> list[str]:
    return sorted(found for found, times in counted.items() if times > 1)


def _strange(facts: Facts) -> Iterator[str]:
    for event in facts.events:
        told = event.data["appointment"]["about"]
        if event.cause not in facts.copies or told != f"nr {number_of(event.cause)}":
            yield event.cause


def _out_of_order(facts: Facts) -> Iterator[str]:
    """Of one case and one source partition, what was sent later is told later; and of a message's copies there, the first was delivered."""
    last: dict[tuple[bytes | None, str], int] = {}
    for event in facts.events:
        partition, offset = facts.winners.get(event.cause, ("?", -1))
        if offset <= last.get((event.key, partition), -1):
            yield event.cause
        last[event.key, partition] = offset
    yield from (msg_id for msg_id, (partition, offset) in facts.winners.items() if _not_first(facts.copies[msg_id], partition, offset))


def _not_first(copies: Sequence[Seen], partition: str, offset: int) -> bool:
    here = [copy.offset for copy in copies if _place(copy.place)[0] == partition]
    return min(here, default=-1) != offset


def _revisions(facts: Facts) -> Iterator[str]:
    """Each appointment stays in one case, and its revision rises by one with every event."""
    before: dict[str, int] = defaultdict(int)
    for event in facts.events:
        appointment = event.data["appointment"]
        found = appointment["appointment_id"]
        if appointment["revision"] != before[found] + 1 or appointment["case"].encode() != event.key:
            yield f"{found} {before[found]} {appointment['revision']}"
        before[found] = appointment["revision"]


def _status(facts: Facts) -> Iterator[str]:
    """Compaction may have thinned it: it rises, and its last value is the last event's."""
    stands: dict[str, dict[str, Any]] = {}
    for record in facts.of(APPOINTMENT_STATUS.name):
        key, appointment = (record.key or b"").decode(), record.data.get("appointment", {"revision": 0})
        if appointment["revision"] <= stands.get(key, {"revision": 0})["revision"]:
            yield f"{key} falls"
        stands[key] = appointment
    ends = {event.data["appointment"]["appointment_id"]: event.data["appointment"] for event in facts.events}
    yield from (key for key in stands.keys() | ends.keys() if stands.get(key) != ends.get(key))


def _receipts_wrong(facts: Facts) -> Iterator[str]:
    for record, status, msg_id in facts.answers:
        outboxes = {copy.topic: of_vendor(OUTBOX, vendor) for vendor in facts.vendors for copy in facts.copies.get(msg_id, ())[:1]
                    if copy.topic == of_vendor(INBOX, vendor)}
        if status != "1" or record.topic not in outboxes.values():
            yield msg_id


def _journal(facts: Facts) -> Iterator[str]:
    """One line for each record that came in, and of a message's copies exactly one was delivered."""
    lines = Counter(line["source"] for line in facts.journal)
    yield from (f"{record.place}: {lines[record.place]} lines" for record in facts.inbox if lines[record.place] != 1)
    yield from lines.keys() - {record.place for record in facts.inbox}
    delivered = Counter(line["msg_id"] for line in facts.journal if line["outcome"] == "delivered")
    yield from (msg_id for msg_id in facts.copies if delivered[msg_id] != 1)
    yield from (line["source"] for line in facts.journal if line["outcome"] not in ("delivered", "duplicate"))


def _notified_twice(facts: Facts) -> Iterator[str]:
    asked = Counter(
        f"{dict(record.headers)['ce_type'].decode()} {record.data['appointment_id']} {record.data['revision']}"
        for record in facts.of(NOTIFICATIONS.name)
    )
    yield from _more_than_once(asked)

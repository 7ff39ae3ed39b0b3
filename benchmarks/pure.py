"""The pure path alone, in this process: microseconds a message, step by step, and the plain loop's work on the same messages."""

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from benchmarks import plain_loop
from benchmarks.messages import PARTIES_FILE, Load, Message
from contracts.records import Outgoing, Received, Source
from contracts.topics import INBOX, of_vendor
from hub.case.decide import decide
from hub.case.decision import Claimed, Context, Decision
from hub.case.entries import Entry, Read
from hub.case.state import Case
from hub.log_record import from_log
from hub.parties import read_register
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk
from hub.reception import Reception
from producers.work import Record
from schemas.parsing import parse
from schemas.reading.document import document
from schemas.recognition import recognise
from schemas.validation import violation
from schemas.wire import encode
from translators.cloud_event import Stamp

KEY: Final = b"a key for benchmarks alone, 32 bytes"
REPETITIONS: Final = 5
Steps = dict[str, float]


def steps(*, count: int = 1_000, repetitions: int = REPETITIONS) -> Steps:
    """Microseconds a message for each step, the median of interleaved repetitions."""
    prepared = Prepared(Load(now=datetime.now(UTC), doubled=0).take(count))
    taken: dict[str, list[float]] = {}
    gc.collect()
    gc.freeze()
    for _ in range(repetitions):
        for name, (work, given) in prepared.table().items():
            taken.setdefault(name, []).append(_timed(work, given))
    return {name: round(statistics.median(some), 1) for name, some in taken.items()}


def _timed(work: Callable[[Any], object], given: Sequence[object]) -> float:
    started = time.process_time()
    for one in given:
        work(one)
    return (time.process_time() - started) / len(given) * 1e6


class Prepared:
    """What each step is given: the same messages, as far as the steps before it have brought them."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.reception = Reception(Desk(Pseudonyms(KEY), read_register(PARTIES_FILE)))
        self.bodies = [message.body for message in messages]
        self.received = [_received(message, at) for at, message in enumerate(messages)]
        self.roots = [parse(body) for body in self.bodies]
        self.entries = [self.reception.read(received).entry for received in self.received]
        self.records = [_record(self.reception.sequence(received), at) for at, received in enumerate(self.received)]

    def table(self) -> dict[str, tuple[Callable[[Any], object], Sequence[object]]]:
        """Step by step."""
        fold = Folding()
        return {
            "parse": (parse, self.bodies),
            "recognise": (recognise, self.roots),
            "validate": (violation, self.roots),
            "read the document": (document, self.roots),
            "encode for the log": (encode, self.entries),
            "reception, whole": (self.reception.sequence, self.received),
            "decode from the log": (from_log, self.records),
            "decide": (fold.decide, list(zip(self.records, self.entries, strict=True))),
            "encode the case": (encode, list(fold.cases_of(self.records, self.entries))),
            "casework, whole": (Folding().whole, self.records),
            "plain loop, whole": (plain_loop.answer, self.bodies),
        }


class Folding:
    """The fold over the cases of one lane, without memory and Kafka."""

    def __init__(self) -> None:
        self.cases: dict[bytes, Case] = {}

    def whole(self, record: Record) -> tuple[list[Outgoing], bytes]:
        """From the record of the log to what leaves and what is kept."""
        decision = self.decide((record, from_log(record)))
        return decision.outgoing, encode(decision.case)

    def decide(self, given: tuple[Record, Entry]) -> Decision:
        """One record told to its case."""
        record, entry = given
        key = record.key or b""
        decision = decide(self.cases.get(key) or Case(), entry, _context(record, entry))
        self.cases[key] = decision.case
        return decision

    def cases_of(self, records: Iterable[Record], entries: Iterable[Entry]) -> Iterable[Case]:
        """How each case stands after each record, in a fold of its own."""
        fold = Folding()
        return [fold.decide(given).case for given in zip(records, entries, strict=True)]


def _received(message: Message, at: int) -> Received:
    return Received(Source(of_vendor(INBOX, message.vendor), 0, at), message.vendor, datetime.now(UTC), message.body)


def _record(outgoing: Outgoing, at: int) -> Record:
    return Record(outgoing.topic, 0, at, 1_800_000_000_000 + at, outgoing.key, outgoing.value, outgoing.headers)


def _context(record: Record, entry: Entry) -> Context:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=record.timestamp_ms)
    cause = entry.message.msg_info.msg_id if isinstance(entry, Read) else None
    stamp = Stamp(record.partition, record.offset, at, str(entry.origin.source), cause)
    return Context(stamp, (record.key or b"").decode(), Claimed.FIRST, record.value or b"")

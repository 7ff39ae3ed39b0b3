"""The checker's part that judges what operators see: letters, transport errors, the journal. Pure.

A broken answer has a letter at its sender's charge. A message that was marked to fail has at most one at ours, and when the run ends it
is resolved. Nobody else has either: an outage, a crash and a slow database are no fault of a message.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from checker.facts import Facts, Kind
from checker.terms import is_marked
from contracts.refusals import Refusal
from contracts.topics import DEAD_LETTERS, ERRORS, PARTIES

Outcomes = frozenset[tuple[str, str | None]]
"""Of a line in the journal: outcome and note."""
_DUPLICATE: Final[Outcomes] = frozenset({("duplicate", "duplicate")})
_DELIVERED: Final[Outcomes] = _DUPLICATE | {("delivered", None)}
_DISCARDED: Final[Outcomes] = _DUPLICATE | {("rejected", None)}
_TOO_LATE: Final[Outcomes] = frozenset({("refused", Refusal.DEADLINE_PASSED.code)})
_OUTCOMES: Final = {Kind.REPLY: _DELIVERED | {("delivered", "late")}, Kind.BROKEN: _DISCARDED}
_NOTES: Final = {"timed-out": "timed out", "overdue": "overdue"}
"""A deadline that told something, and what the journal notes of it."""
_SET_ASIDE: Final = "set aside"
_ENDS: Final = frozenset({"replayed", "discarded"})


def letters(facts: Facts) -> Iterator[str]:
    """What is written, told and kept of letters, beside what is owed."""
    yield from _of_senders(facts)
    yield from _of_ours(facts)
    yield from _kept(facts)
    yield from (record.place for record in facts.of_all(ERRORS.name) if record.what != "error")


def _of_senders(facts: Facts) -> Iterator[str]:
    """A broken answer has one letter and one transport error."""
    broken = {mail.msg_id for mail in facts.mail.values() if mail.kind is Kind.BROKEN}
    written = _written(facts, "sender")
    told = Counter(record.data.get("original_message_id", record.place) for record in facts.of_all(ERRORS.name) if record.what == "error")
    yield from (msg_id for msg_id in broken | written.keys() | told.keys() if (written[msg_id], told[msg_id]) != _owed(msg_id in broken))


def _owed(is_broken: bool) -> tuple[int, int]:
    return (1, 1) if is_broken else (0, 0)


def _of_ours(facts: Facts) -> Iterator[str]:
    """Only what was marked has one, once, and it was dealt with."""
    written = _written(facts, "hub")
    ended = Counter(record.data.get("msg_id", record.place) for record in facts.of(DEAD_LETTERS.name) if record.what in _ENDS)
    yield from (msg_id for msg_id, times in written.items() if times > 1 or not is_marked(msg_id))
    yield from (msg_id for msg_id in written.keys() | ended.keys() if written[msg_id] != ended[msg_id])
    yield from (record.place for record in facts.of(DEAD_LETTERS.name) if record.data.get("fault") not in ("sender", "hub"))


def _written(facts: Facts, fault: str) -> Counter[str]:
    told = (record for record in facts.of(DEAD_LETTERS.name) if record.what == "written" and record.data.get("fault") == fault)
    return Counter(record.data.get("msg_id", record.place) for record in told)


def _kept(facts: Facts) -> Iterator[str]:
    """The database knows of the letters that were announced, and of no others; nothing of ours still waits."""
    kept = Counter((row.msg_id, row.fault) for row in facts.letters if not row.is_parked)
    told = Counter((msg_id, fault) for fault in ("sender", "hub") for msg_id in _written(facts, fault).elements())
    yield from (f"{msg_id} {fault}" for msg_id, fault in (kept - told) + (told - kept))
    yield from (f"{row.letter_id} waits" for row in facts.letters if row.resolved is None and (row.fault == "hub" or row.is_parked))
    yield from (f"{row.letter_id} discarded" for row in facts.letters if row.resolved == "discarded" and not is_marked(row.msg_id))


def journal(facts: Facts) -> Iterator[str]:
    """One last line for each record that came in, of a message's copies exactly one decided; one for each deadline that told something."""
    records = [*facts.inbox, *facts.orders, *facts.register]
    lines = Counter(line["source"] for line in facts.lines)
    yield from (f"{record.place}: {lines[record.place]} lines" for record in records if lines[record.place] != 1)
    yield from lines.keys() - {record.place for record in records}
    decided = Counter(line.get("msg_id") for line in facts.lines if line["outcome"] != "duplicate")
    yield from (msg_id for msg_id in facts.copies if decided[msg_id] != 1)
    of_messages = [line for line in facts.lines if not line["source"].startswith(PARTIES.name)]
    became = ((line, (line["outcome"], line.get("note"))) for line in of_messages)
    yield from (line["source"] for line, outcome in became if outcome not in _outcomes(facts, line.get("msg_id", "")))
    yield from (line["source"] for line in facts.waits if line["outcome"] == _SET_ASIDE and not is_marked(line.get("msg_id", "")))
    yield from _deadlines(facts)


def _outcomes(facts: Facts, msg_id: str) -> Outcomes:
    """What may become of it. Only a question and its answers can come too late."""
    if msg_id in facts.asked:
        return _DELIVERED | _TOO_LATE if facts.asked[msg_id].is_question else _DELIVERED
    if msg_id in facts.discarded:
        return _DISCARDED
    return _OUTCOMES.get(facts.mail[msg_id].kind, _DELIVERED) if msg_id in facts.mail else frozenset()


def _deadlines(facts: Facts) -> Iterator[str]:
    noted = Counter((line["msg_id"], line["note"]) for line in facts.deadlines)
    told = Counter(
        (told_id, _NOTES[record.what]) for of in (facts.replies, facts.stories) for told_id, records in of.items()
        for record in records if record.what in _NOTES
    )
    yield from (f"{command_id}: {note}" for command_id, note in (noted - told) + (told - noted))

"""The checker's part that judges what a sender hears and what operators see: AppRecs, transport errors, letters, the journal. Pure."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from contracts.refusals import Refusal
from contracts.topics import DEAD_LETTERS, ERRORS, INBOX, OUTBOX, PARTIES
from tests.chaos.facts import Facts, Kind, Mail
from tests.chaos.of_events import more_than_once

_RECEIPTED: Final = frozenset({Kind.PUSH, Kind.ANSWER})
"""What asks for an AppRec. A reply is waited for and asks for none; an AppRec is never answered."""
Outcomes = frozenset[tuple[str, str | None]]
"""Of a line in the journal: outcome and note."""
_DUPLICATE: Final[Outcomes] = frozenset({("duplicate", "duplicate")})
_DELIVERED: Final[Outcomes] = _DUPLICATE | {("delivered", None)}
_TOO_LATE: Final[Outcomes] = frozenset({("refused", Refusal.DEADLINE_PASSED.code)})
_OUTCOMES: Final = {Kind.REPLY: _DELIVERED | {("delivered", "late")}, Kind.BROKEN: _DUPLICATE | {("rejected", None)}}
_NOTES: Final = {"timed-out": "timed out", "overdue": "overdue"}
"""A deadline that told something, and what the journal notes of it."""


def receipts_missing(facts: Facts) -> list[str]:
    """Its sender waits for it."""
    return sorted(mail.msg_id for mail in facts.mail.values() if mail.kind in _RECEIPTED and mail.msg_id not in facts.receipts)


def receipts_doubled(facts: Facts) -> list[str]:
    """One AppRec per MsgId, whatever happens."""
    return more_than_once(facts.receipts)


def receipts_wrong(facts: Facts) -> Iterator[str]:
    """Negative, in another vendor's outbox, or of nothing that asked for one."""
    for record, mail in facts.documents:
        if mail.kind is Kind.RECEIPT and not _is_owed(facts, record.topic, mail):
            yield mail.answers


def _is_owed(facts: Facts, outbox: str, receipt: Mail) -> bool:
    answered = facts.mail.get(receipt.answers)
    if answered is None or answered.kind not in _RECEIPTED:
        return False
    inbox = facts.copies[answered.msg_id][0].topic
    return receipt.code == "1" and outbox == inbox.replace(INBOX.name[-len("inbox"):], OUTBOX.name[-len("outbox"):])


def letters(facts: Facts) -> Iterator[str]:
    """A broken answer has one letter at its sender's charge, and one transport error; nothing else has either."""
    broken = {mail.msg_id for mail in facts.mail.values() if mail.kind is Kind.BROKEN}
    written = Counter(record.data.get("msg_id", record.place) for record in facts.of(DEAD_LETTERS.name) if record.what == "written")
    told = Counter(record.data.get("original_message_id", record.place) for record in facts.of_all(ERRORS.name) if record.what == "error")
    yield from (msg_id for msg_id in broken | written.keys() | told.keys() if (written[msg_id], told[msg_id]) != _owed(msg_id in broken))
    yield from (record.place for record in facts.of(DEAD_LETTERS.name) if (record.what, record.data.get("fault")) != ("written", "sender"))
    yield from (record.place for record in facts.of_all(ERRORS.name) if record.what != "error")


def _owed(is_broken: bool) -> tuple[int, int]:
    return (1, 1) if is_broken else (0, 0)


def journal(facts: Facts) -> Iterator[str]:
    """One line for each record that came in, of a message's copies exactly one decided; one for each deadline that told something."""
    records = [*facts.inbox, *facts.orders, *facts.register]
    lines = Counter(line["source"] for line in facts.lines)
    yield from (f"{record.place}: {lines[record.place]} lines" for record in records if lines[record.place] != 1)
    yield from lines.keys() - {record.place for record in records}
    decided = Counter(line.get("msg_id") for line in facts.lines if line["outcome"] != "duplicate")
    yield from (msg_id for msg_id in facts.copies if decided[msg_id] != 1)
    of_messages = [line for line in facts.lines if not line["source"].startswith(PARTIES.name)]
    became = ((line, (line["outcome"], line.get("note"))) for line in of_messages)
    yield from (line["source"] for line, outcome in became if outcome not in _outcomes(facts, line.get("msg_id", "")))
    yield from _deadlines(facts)


def _outcomes(facts: Facts, msg_id: str) -> Outcomes:
    """What may become of it. Only a question and its answers can come too late."""
    if msg_id in facts.asked:
        return _DELIVERED | _TOO_LATE if facts.asked[msg_id].is_question else _DELIVERED
    return _OUTCOMES.get(facts.mail[msg_id].kind, _DELIVERED) if msg_id in facts.mail else frozenset()


def _deadlines(facts: Facts) -> Iterator[str]:
    noted = Counter((line["msg_id"], line["note"]) for line in facts.deadlines)
    told = Counter(
        (told_id, _NOTES[record.what]) for of in (facts.replies, facts.stories) for told_id, records in of.items()
        for record in records if record.what in _NOTES
    )
    yield from (f"{command_id}: {note}" for command_id, note in (noted - told) + (told - noted))

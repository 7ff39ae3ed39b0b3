"""The checker's part that judges commands: one reply a question, one story a command, one document in its outbox, in the case's order.

Which reply is right, the answers in the inboxes say, and the journal, which tells what was decided of each. Pure.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from checker.facts import Asked, Facts, Kind, Mail, Seen, place_of
from contracts.refusals import Refusal

_ASKS: Final = {"find-free-slots": "HLT", "find-practitioners": "HB", "test-connection": "KT", "book": "RT", "cancel": "ART"}
"""What its document asks, of 7601 or 7603."""
_GIVES: Final = {"free-slots": "03", "practitioners": "20", "connected": "RKT"}
"""The answer that gives a reply."""
_ANSWERS: Final = {"find-free-slots": "free-slots", "find-practitioners": "practitioners", "test-connection": "connected"}
_STEP_OF: Final = {"1": "accepted", "2": "rejected"}
"""Of an AppRec's status."""


def questions(facts: Facts) -> Iterator[Asked]:
    """Those that want a reply."""
    return (asked for asked in facts.asked.values() if asked.is_question)


def became(facts: Facts) -> Counter[str]:
    """What questions and commands were told, by how often."""
    return Counter(record.what for of in (facts.replies, facts.stories) for records in of.values() for record in records)


# replies

def replies_missing(facts: Facts) -> Iterator[str]:
    """Somebody waits for ever."""
    return (asked.command_id for asked in questions(facts) if asked.command_id not in facts.replies)


def replies_doubled(facts: Facts) -> Iterator[str]:
    """The second may say something else."""
    return (command_id for command_id, replies in facts.replies.items() if len(replies) > 1)


def replies_wrong(facts: Facts) -> Iterator[str]:
    """To nobody's question, under another's key, or not what was decided of its answers."""
    for command_id, replies in facts.replies.items():
        asked = facts.asked.get(command_id)
        if asked is None or not asked.is_question or not all(_reply_is_right(facts, asked, reply) for reply in replies):
            yield command_id


def _reply_is_right(facts: Facts, asked: Asked, reply: Seen) -> bool:
    fits = _FITS.get(reply.what, _is_answered)
    return reply.key == asked.command_id.encode() and fits(facts, asked, reply)


def taken(facts: Facts, command_id: str) -> list[str]:
    """The answers of which the journal says that they were delivered, and in time."""
    replies = (mail for mail in facts.answering[command_id] if mail.kind is Kind.REPLY)
    return [mail.msg_id for mail in replies if facts.was(mail.msg_id, "delivered")]


def _is_answered(facts: Facts, asked: Asked, reply: Seen) -> bool:
    """By the one answer that was taken, with its words."""
    mail, data = facts.mail.get(reply.cause), reply.data
    if mail is None or taken(facts, asked.command_id) != [reply.cause]:
        return False
    is_fit = reply.what == _ANSWERS[asked.family.name] and mail.code == _GIVES[reply.what]
    return is_fit and data.get("text", f"svar {reply.cause}") == f"svar {reply.cause}" and _slots(data) <= {reply.cause}


def _slots(data: dict[str, Any]) -> set[str]:
    return {slot["uid"] for slot in data.get("slots", ())}


def _is_timed_out(facts: Facts, asked: Asked, reply: Seen) -> bool:
    """Not before its time, only where no answer was taken, and where none stood in the log in time."""
    answering = facts.answering[asked.command_id]
    is_in_vain = not taken(facts, asked.command_id) and not any(_was_in_time(facts, asked, mail) for mail in answering)
    return is_in_vain and _at(reply) >= asked.deadline and not is_refused(facts, asked)


def _was_in_time(facts: Facts, asked: Asked, mail: Mail) -> bool:
    line = facts.winners.get(mail.msg_id)
    return mail.kind is Kind.REPLY and line is not None and datetime.fromisoformat(line["decided_at"]) < asked.deadline


def _is_broken(facts: Facts, asked: Asked, _reply: Seen) -> bool:
    """A broken answer was sent and rejected, and none was taken."""
    broken = (mail for mail in facts.answering[asked.command_id] if mail.kind is Kind.BROKEN)
    return not taken(facts, asked.command_id) and any(facts.winners.get(mail.msg_id, {}).get("outcome") == "rejected" for mail in broken)


def _is_not_sent(facts: Facts, asked: Asked, reply: Seen) -> bool:
    """The hub was away for so long that the office could not have answered in time."""
    return is_refused(facts, asked) and reply.data["reason"]["code"] == Refusal.DEADLINE_PASSED.code and _at(reply) >= asked.deadline


_FITS: Final[dict[str, Callable[[Facts, Asked, Seen], bool]]] = {
    "timed-out": _is_timed_out, "broken": _is_broken, "not-sent": _is_not_sent,
}


# stories

def stories_wrong(facts: Facts) -> Iterator[str]:
    """None, one that cannot be, or one that leaves out what an office has said."""
    yield from (asked.command_id for asked in facts.asked.values() if not _story_is_right(facts, asked))
    yield from facts.stories.keys() - facts.asked.keys()


def _story_is_right(facts: Facts, asked: Asked) -> bool:
    steps = facts.stories.get(asked.command_id, [])
    whats = [step.what for step in steps]
    if whats == ["not-sent"]:
        return asked.is_question and is_refused(facts, asked) and steps[0].data["reason"]["code"] == Refusal.DEADLINE_PASSED.code
    if whats[:1] != ["sent"]:
        return False
    overdue = [step for step in steps if step.what == "overdue"]
    said = Counter(whats[1:]) - Counter(["overdue"])
    return said == Counter(_said(facts.answering[asked.command_id])) and _overdue_is_right(facts, asked, steps, overdue, is_silent=not said)


def _said(answering: list[Mail]) -> Iterator[str]:
    """What the office has said must be told, each once; nothing of it after a question."""
    yield from {_STEP_OF[mail.code] for mail in answering if mail.kind is Kind.RECEIPT}
    yield from {"answered" for mail in answering if mail.kind is Kind.ANSWER}


def _overdue_is_right(facts: Facts, asked: Asked, steps: list[Seen], overdue: list[Seen], *, is_silent: bool) -> bool:
    """Owed where nothing was ever said, and possible only before anything was."""
    if not overdue:
        return asked.is_question or not is_silent
    return not asked.is_question and overdue == steps[1:2] and _at(overdue[0]) >= asked.at + facts.terms.receipt_within


def is_refused(facts: Facts, asked: Asked) -> bool:
    """The journal says that this command was not sent."""
    return facts.was(asked.command_id, "refused", note=Refusal.DEADLINE_PASSED.code)


def _at(told: Seen) -> datetime:
    return datetime.fromisoformat(told.data["at"])


# documents

def sent(facts: Facts) -> Counter[str]:
    """By command's id: documents in the outbox of the office that it names, which ask what it asks."""
    return Counter(mail.msg_id for record, mail in facts.documents if mail.kind is not Kind.RECEIPT and _is_fit(facts, record, mail))


def sent_missing(facts: Facts) -> Iterator[str]:
    """Told as sent, and in no outbox."""
    documents = sent(facts)
    return (asked.command_id for asked in facts.asked.values() if not documents[asked.command_id] and not is_refused(facts, asked))


def sent_doubled(facts: Facts) -> Iterator[str]:
    """An office would be asked twice."""
    return (command_id for command_id, times in sent(facts).items() if times > 1)


def documents_strange(facts: Facts) -> Iterator[str]:
    """Of no command, in another vendor's outbox, asking something else, or of a command that was not sent."""
    for record, mail in facts.documents:
        if mail.kind is not Kind.RECEIPT and not (_is_fit(facts, record, mail) and not is_refused(facts, facts.asked[mail.msg_id])):
            yield mail.msg_id or record.place


def _is_fit(facts: Facts, record: Seen, mail: Mail) -> bool:
    asked = facts.asked.get(mail.msg_id)
    return asked is not None and record.topic == facts.outbox_of(asked) and mail.code == _ASKS[asked.family.name]


def documents_out_of_order(facts: Facts) -> Iterator[str]:
    """Of one case and one source partition, what was asked later stands later in the outbox."""
    last: dict[tuple[bytes | None, str], int] = {}
    for record, mail in facts.documents:
        winner = facts.winners.get(mail.msg_id)
        if mail.kind is Kind.RECEIPT or winner is None:
            continue
        partition, offset = place_of(winner["source"])
        if offset <= last.get((record.key, partition), -1):
            yield mail.msg_id
        last[record.key, partition] = offset

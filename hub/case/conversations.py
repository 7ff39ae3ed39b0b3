"""Which request a message answers, and whether it was answered before (Correlation Identifier). Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from hub.case.state import Case, Conversation
from translators.statements import Said


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says it, of whom, when, and in answer to what."""

    patient: str = field(repr=False)
    """National id."""
    office: str
    service: str
    code: str
    stated_at: datetime
    msg_id: str
    answers: str | None
    """RefToParent."""
    thread: str | None
    """RefToConversation."""
    is_answer: bool
    """A Notat: it answers, also when its request was never seen."""


def answered_by(speaker: Speaker, case: Case) -> Conversation | None:
    """The request that is answered, if it is known: the parent first, else the thread's first message."""
    by_id = {c.msg_id: c for c in case.conversations}
    return by_id.get(speaker.answers or "") or by_id.get(speaker.thread or "")


def was_answered(speaker: Speaker, case: Case) -> bool:
    """Somebody answered this request before."""
    return any(c.msg_id == speaker.answers and c.ended for c in case.conversations)


def asked(speaker: Speaker, case: Case, *, asks: Said, appointment_id: str, at: datetime) -> Case:
    """Remember a request and the appointment it is about. One that was answered already stays so: the answer overtook it."""
    known = next((c for c in case.conversations if c.msg_id == speaker.msg_id), Conversation(speaker.msg_id, asks, appointment_id, at))
    return _remembered(case, replace(known, asks=asks, appointment_id=appointment_id, told_at=at))


def closed(speaker: Speaker, case: Case, *, appointment_id: str | None, at: datetime, booked: bool) -> Case:
    """Remember that the request is answered, also one that was never seen."""
    if not speaker.is_answer or speaker.answers is None:
        return case
    known = next((c for c in case.conversations if c.msg_id == speaker.answers), Conversation(speaker.answers, None, appointment_id, at))
    return _remembered(case, replace(
        known, ended=True, appointment_id=appointment_id or known.appointment_id, booked=known.booked or booked,
    ))


def _remembered(case: Case, conversation: Conversation) -> Case:
    others = tuple(c for c in case.conversations if c.msg_id != conversation.msg_id)
    return replace(case, conversations=(*others, conversation))

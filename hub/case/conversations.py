"""Which request a message answers, and whether it was answered before (Correlation Identifier). Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from hub.case.state import Case, Conversation, Sending
from translators.statements import Said

UNMATCHED: Final = "answers nothing"
"""The journal's note where no request of ours is answered."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says it, of whom, when, and in answer to what."""

    patient: str = field(repr=False)
    """National id."""
    office: str
    service: str
    code: str | None
    """None: an AppRec or a deadline, which say nothing about an appointment themselves."""
    stated_at: datetime
    msg_id: str
    answers: str | None
    """RefToParent."""
    thread: str | None
    """RefToConversation."""
    is_answer: bool
    """It answers, also when its request was never seen."""
    text: str | None = field(default=None, repr=False)
    """The office's words to the citizen, also where the message tells no time."""


def answered_by(speaker: Speaker, case: Case) -> Conversation | None:
    """The request that is answered, if it is known: the parent first, else the thread's first message."""
    by_id = {c.msg_id: c for c in case.conversations}
    return by_id.get(speaker.answers or "") or by_id.get(speaker.thread or "")


def of_request(msg_id: str, case: Case) -> Conversation | None:
    """The request with this MsgId, if it is known."""
    return next((c for c in case.conversations if c.msg_id == msg_id), None)


def was_answered(speaker: Speaker, case: Case) -> bool:
    """Somebody answered this request before."""
    return any(c.msg_id == speaker.answers and c.ended for c in case.conversations)


def asked(speaker: Speaker, case: Case, *, asks: Said, appointment_id: str, at: datetime) -> Case:
    """Remember a request and the appointment it is about. One that was answered already stays so: the answer overtook it."""
    known = of_request(speaker.msg_id, case) or Conversation(speaker.msg_id, asks, appointment_id, at)
    return remembered(case, replace(known, asks=asks, appointment_id=appointment_id, told_at=at))


def closed(speaker: Speaker, case: Case, *, appointment_id: str | None, at: datetime, booked: bool) -> Case:
    """Remember that the request is answered, also one that was never seen."""
    if not speaker.is_answer or speaker.answers is None:
        return case
    known = of_request(speaker.answers, case) or Conversation(speaker.answers, None, appointment_id, at)
    return remembered(case, ended(replace(
        known, appointment_id=appointment_id or known.appointment_id, booked=known.booked or booked,
    )))


def ended(conversation: Conversation) -> Conversation:
    """Answered, or not waited for any more: whom it was about is forgotten."""
    return replace(conversation, ended=True, sent=replace(conversation.sent, patient=None) if conversation.sent else None)


def sending(case: Case, msg_id: str, sent: Sending, *, at: datetime) -> Case:
    """Remember a request that we send. What was said of it before it was sent was no answer: it begins here."""
    known = of_request(msg_id, case) or Conversation(msg_id, None, None, at)
    return remembered(case, replace(known, sent=sent, told_at=at, ended=False))


def remembered(case: Case, conversation: Conversation) -> Case:
    """The case with this conversation as it stands now."""
    others = tuple(c for c in case.conversations if c.msg_id != conversation.msg_id)
    return replace(case, conversations=(*others, conversation))

"""What the portal asks for: may it be sent, what is waited for, and what an AppRec, a deadline or a broken answer means for it. Pure.

An AppRec and a deadline name no patient: they find the request by its id in the case, and whom it is about rests there while it is open.
"""

from dataclasses import replace
from typing import Final

from contracts.events.delivery import DeliveryError
from contracts.records import Outgoing
from contracts.refusals import Reason, Refusal
from hub.case import conversations, stories
from hub.case.appointments import OPEN
from hub.case.conversations import UNMATCHED, Speaker
from hub.case.deadlines import What
from hub.case.decision import Context
from hub.case.entries import Broken, Commanded, Declined, Due, Receipted
from hub.case.fold import Fold
from hub.case.identity import AHEAD, answered_id
from hub.case.state import Appointment, Case, Conversation, Sending
from hub.case.state import Receipted as Receipt
from schemas.documents import Hodemelding
from schemas.kodeverk.status_8258 import Status8258
from translators.apprec_to_delivery import errors_of
from translators.command_to_hodemelding import about_appointment

Told = tuple[Case, list[Outgoing], str | None]
"""The case after, what leaves, and the journal's note."""


# may it be sent?

def why_not(case: Case, entry: Commanded, context: Context) -> Refusal | None:
    """What only the case and the log's time can say against it."""
    if any(deadline.what is What.ANSWER and deadline.at <= context.stamp.at for deadline in entry.deadlines):
        return Refusal.DEADLINE_PASSED
    if entry.appointment_id is None:
        return None
    appointment = _appointment(case, entry)
    if appointment is None or appointment.details.starts_at is None:
        return Refusal.APPOINTMENT_UNKNOWN
    return None if appointment.state in OPEN else Refusal.APPOINTMENT_OVER


def completed(case: Case, entry: Commanded) -> Hodemelding:
    """The document as it leaves: a cancellation with its appointment, as the office last told it."""
    appointment = _appointment(case, entry)
    if appointment is None:
        return entry.message
    details = replace(appointment.details, party=appointment.details.party or entry.receiver)
    return about_appointment(entry.message, details, names=appointment.names)


def sending_of(entry: Commanded) -> Sending:
    """What is remembered of it."""
    patient = entry.message.msg_info.patient
    return Sending(
        entry.command, entry.code, entry.process, entry.receiver, entry.office,
        is_question=entry.is_question, patient=patient.national_id if patient else None,
    )


def _appointment(case: Case, entry: Commanded) -> Appointment | None:
    return next((a for a in case.appointments if a.id == entry.appointment_id), None)


# it is not sent

def not_sent(entry: Commanded | Declined, context: Context, refusal: Refusal) -> list[Outgoing]:
    """The step that ends its story before it began, and for a question the reply that somebody waits for."""
    reason = refusal.reason(getattr(entry, "limit", None))
    told = [_not_sent(entry, context, reason, path=getattr(entry, "path", None))]
    if entry.is_question and entry.command_id:
        told.append(stories.not_asked(entry.command_id, entry.receiver or "", reason, leaving=stories.Leaving(context.stamp, 1)))
    return told


def used_twice(entry: Commanded | Declined, context: Context) -> list[Outgoing]:
    """The id's story and reply are another command's: only the story tells that there was a second, whatever else is wrong with it."""
    return [_not_sent(entry, context, Refusal.COMMAND_ID_USED_TWICE.reason(), path=None)]


def _not_sent(entry: Commanded | Declined, context: Context, reason: Reason, *, path: str | None) -> Outgoing:
    source = str(entry.origin.source)
    return stories.not_sent(
        entry.command_id or source, reason, leaving=stories.Leaving(context.stamp, 0), command=entry.command, path=path, source=source,
    )


# what became of it

def waits_of(request: Conversation) -> tuple[What, ...]:
    """What is waited for, of a request that stands so."""
    if request.sent is None or request.ended:
        return ()
    if request.sent.is_question:
        return (What.ANSWER,)
    return (What.WORD,) if request.sent.receipt is not Receipt.NOT_YET else (What.RECEIPT, What.WORD)


def due(case: Case, entry: Due, context: Context) -> Told:
    """A deadline has come: what it was for is told as missing, once. What has come meanwhile makes it nothing."""
    request = conversations.of_request(entry.command_id, case)
    if request is None or entry.what not in waits_of(request):
        return case, [], None
    leaving = stories.Leaving(context.stamp, 0)
    if entry.what is What.ANSWER:
        after = conversations.remembered(case, conversations.ended(request))
        return after, [stories.no_reply("timed-out", request, leaving=leaving)], "timed out"
    what = _MISSING[entry.what]
    return case, [stories.step(what, request, leaving=leaving)], what


_MISSING: Final = {What.RECEIPT: "overdue", What.WORD: "unanswered"}


def broken(case: Case, entry: Broken, context: Context) -> tuple[Case, list[Outgoing]]:
    """The answer came and could not be read: whoever waits need not wait for the deadline."""
    request = conversations.of_request(entry.command_id, case)
    if request is None or not request.is_waiting_question:
        return case, []
    after = conversations.remembered(case, conversations.ended(request))
    return after, [stories.no_reply("broken", request, leaving=stories.Leaving(context.stamp, 0))]


def receipted(case: Case, entry: Receipted, context: Context) -> Told:
    """Accepted, or rejected: then it has failed, and what it asked for does not happen."""
    request = conversations.of_request(answered_id(entry) or "", case)
    if request is None or request.sent is None or request.sent.is_question:
        return case, [], UNMATCHED
    if request.sent.receipt is not Receipt.NOT_YET:
        return case, [], "receipted before"
    accepted = entry.apprec.status.v == Status8258.OK
    sent = replace(request.sent, receipt=Receipt.ACCEPTED if accepted else Receipt.REJECTED)
    after = conversations.remembered(case, replace(request, sent=sent))
    errors: tuple[DeliveryError, ...] = errors_of(entry.apprec)
    told = [stories.step(
        sent.receipt.value, request, leaving=stories.Leaving(context.stamp, 0), at=entry.apprec.gen_date, errors=errors,
    )]
    if accepted or request.ended:
        return after, told, None
    failed, events = _failed(after, request, entry, context)
    return failed, [*told, *events], None


def _failed(case: Case, request: Conversation, entry: Receipted, context: Context) -> tuple[Case, list[Outgoing]]:
    """Nothing is booked, or what was to be cancelled stands (appointments.md 11.2: request failed technically)."""
    sent = request.sent
    patient = sent.patient.reveal() if sent and sent.patient else ""
    speaker = Speaker(
        patient, sent.office if sent else "", sent.service if sent else "", None,
        min(entry.apprec.gen_date, entry.origin.received_at + AHEAD), entry.apprec.id, request.msg_id, None, is_answer=True,
    )
    fold = Fold(case, context.case_key, context.stamp, speaker)
    fold.fail(request.msg_id)
    return fold.case, fold.outgoing

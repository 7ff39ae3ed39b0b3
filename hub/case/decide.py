"""The fold: one record of the log and the case it concerns, in; the case after and everything that leaves, out.

Production, `hub check`, dry run, replay and tests call this one function. It has no clock (`stamp.at` is the log's own append time),
no broker and no disk, and it never raises for what a message holds: what raises here is our fault and sets the message aside.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, Literal
from uuid import UUID

from contracts.events import JournalLine, LetterWritten
from contracts.failures import Failure, Outcome, Rule
from contracts.records import PORTAL, Outgoing
from contracts.refusals import Refusal
from contracts.topics import OUTBOX, SEQUENCED, of_vendor
from hub.case import asking, parking
from hub.case.conversations import UNMATCHED, Speaker
from hub.case.decision import Claimed, Context, Decision, Dispatch, LetterDraft, Parked, Released, Settled
from hub.case.entries import (
    Broken,
    CitizenTold,
    Commanded,
    Declined,
    Discard,
    Due,
    Entry,
    Forget,
    Freed,
    Origin,
    PartyTold,
    Read,
    Receipt,
    Receipted,
    Refused,
    Rejected,
    Unread,
    Unusable,
    is_of_a_case,
)
from hub.case.fold import Fold
from hub.case.forgetting import forgotten
from hub.case.identity import AHEAD, answered_id, folded
from hub.case.state import Case, HeldUp
from hub.faults import fault_of
from hub.log_record import passed_on
from hub.offering import offered
from hub.processes import Direction, Need, row_of
from schemas.documents import MsgInfo
from schemas.uuids import is_uuid
from schemas.writing.hodemelding import write_hodemelding
from translators.apprec_to_delivery import delivery
from translators.cloud_event import cloud_event
from translators.command_to_hodemelding import answer_to_test
from translators.failure_to_apprec import XML, apprec
from translators.failure_to_transport_error import notice, transport_error
from translators.hodemelding_to_statements import words_of
from translators.statements import AskedToAnswer, Statement

PARKED: Final = "parked"
"""In the place of a fault, of what only waits."""


def decide(case: Case, entry: Entry, context: Context) -> Decision:
    """What follows from this record. A record that reception wrote twice leaves no trace at all."""
    if context.claimed is Claimed.WRITTEN_TWICE:
        return Decision(case, Outcome.DUPLICATE, note="written twice")
    decision = _refusal(case, entry, context) or _parked(case, entry, context) or _DECIDE[type(entry)](case, entry, context)
    return _told(decision, entry, context)


def set_aside(case: Case, entry: Entry, context: Context, *, fault: str) -> Decision:
    """The fault is ours: the message waits in a letter, and its sender hears nothing yet. A command is not kept waiting: it is told.

    A deadline counts as met: it would fail the next time too, and be written into the log for ever. What would only wait anyway does. And
    where a decision about a letter cannot be carried out because of what waits behind it, the first of those is what is set aside.
    """
    if isinstance(entry, Discard | Freed) and context.parked:
        return decide(case, entry, replace(context, first_fails=fault))
    if unheard := _refusal(case, entry, context) or _parked(case, entry, context):
        return _told(unheard, entry, context)
    told = asking.not_sent(entry, context, Refusal.FAULT_OF_OURS) if isinstance(entry, Commanded) else []
    settled = ((entry.command_id, entry.what),) if isinstance(entry, Due) else ()
    return _told(replace(_aside(case, entry, context, fault), outgoing=told, settled=settled), entry, context)


def _aside(case: Case, entry: Entry, context: Context, fault: str) -> Decision:
    letter = _letter(entry, context, "hub", Failure.of(Rule.SET_ASIDE), detail=fault)
    # a replay holds up what its letter held up, under the new letter's name, and nothing more
    if (way := parking.way_of(entry)) and context.letter_at is None:
        case = parking.holding(case, way, str(letter.letter_id))
    return Decision(case, Outcome.SET_ASIDE, letter=letter, failure=letter.failure, resolved=_replayed(entry), note=fault)


def _told(decision: Decision, entry: Entry, context: Context) -> Decision:
    """With what operators and the journal are told, and with what was parked behind the letter that this record has dealt with."""
    decision = _journalled(_with_letter(decision, entry, context), entry, context)
    dealt_with = _dealt_with(decision, entry)
    held = parking.held_by(decision.case, dealt_with[0]) if dealt_with else None
    return _freed_behind(decision, held, dealt_with[1], context) if held and dealt_with else decision


# what may not be heard

def _refusal(case: Case, entry: Entry, context: Context) -> Decision | None:
    if entry.origin.letter_id and not context.letter_open:
        return Decision(case, Outcome.DUPLICATE, note="letter already dealt with")
    if context.claimed is Claimed.FIRST:
        return None
    told = _used_twice(entry, context) if context.claimed is Claimed.OTHER_CONTENT else []
    return Decision(case, Outcome.DUPLICATE, told, resolved=_replayed(entry), note=context.claimed.value)


def _used_twice(entry: Entry, context: Context) -> list[Outgoing]:
    """Two contents under one id: the second is not dealt with, and whoever sent it is told."""
    if isinstance(entry, Commanded | Declined):
        return asking.used_twice(entry, context)
    return [notice(Failure.of(Rule.MSG_ID_USED_TWICE), stamp=context.stamp, vendor=entry.origin.vendor)]


def _replayed(entry: Entry) -> tuple[str, Literal["replayed"]] | None:
    return (entry.origin.letter_id, "replayed") if entry.origin.letter_id else None


# what waits behind a letter

def _parked(case: Case, entry: Entry, context: Context) -> Decision | None:
    """Behind an earlier message of this case and direction that is set aside: kept, in order, and its sender hears nothing yet."""
    way = parking.way_of(entry)
    held = parking.held_up(case, way)
    if way is None or held is None or entry.origin.letter_id == held.letter:
        return None
    draft = _letter(entry, context, "hub", Failure.of(Rule.SET_ASIDE), detail=PARKED)
    return Decision(
        parking.one_more(case, held), Outcome.PARKED,
        letter=replace(draft, case_key=context.case_key, way=way, behind=UUID(held.letter)), resolved=_replayed(entry),
        note=f"behind {held.letter}",
    )


def _dealt_with(decision: Decision, entry: Entry) -> tuple[str, str | None] | None:
    """The letter that is one no more, and the one that its message is in now, if it failed again."""
    if isinstance(entry, Freed):
        return entry.letter_id, entry.by
    if decision.resolved is None:
        return None
    letter = decision.letter
    return decision.resolved[0], str(letter.letter_id) if letter and letter.fault == "hub" else None


def _freed_behind(decision: Decision, held: HeldUp, by: str | None, context: Context) -> Decision:
    """Those behind have their turn now, in order, up to the first that fails: it is what the others wait for from now on."""
    if by:
        return replace(decision, case=parking.renamed(decision.case, held, by))
    waiting = [each for each in context.parked if parking.way_of(each.entry) == held.way]
    case, released = parking.free(decision.case, held), list[Released]()
    for left, each in zip(range(len(waiting) - 1, -1, -1), waiting, strict=True):
        told = _in_turn(case, each, fault=each.context.first_fails or (None if released else context.first_fails))
        case = told.case
        released.append(Released(each, told))
        if failed := parking.held_up(case, parking.way_of(each.entry)):
            case = parking.holding(case, Direction(failed.way), failed.letter, parked=left)
            break
    return replace(decision, case=case, released=tuple(released))


def _in_turn(case: Case, each: Parked, *, fault: str | None) -> Decision:
    if fault:
        return set_aside(case, each.entry, each.context, fault=fault)
    try:
        return decide(case, each.entry, each.context)
    except OSError:
        raise  # the machine's, and no message's: all of this is decided again
    except Exception as error:  # noqa: BLE001  a message may raise anything: it is set aside, and those behind it wait for it
        return set_aside(case, each.entry, each.context, fault=fault_of(error))


# one function per kind of record

def _read(case: Case, entry: Read, context: Context) -> Decision:
    if not context.is_active:
        return _of_inactive_citizen(case, entry, context)
    row = row_of(entry.process, entry.element, entry.code)
    fold = Fold(case, context.case_key, context.stamp, _speaker(entry), of_another=context.of_another)
    statements = row.translate(entry.message)
    fold.tell_all(statements)
    fold.outgoing += _answer(entry, context, statements)
    note = None if entry.hand_on_to and fold.note == UNMATCHED else fold.note
    return Decision(
        fold.case, Outcome.DELIVERED, fold.outgoing, resolved=_replayed(entry), sent=_dispatched(entry), note=note,
        settled=_settled(case, fold.case),
    )


def _of_inactive_citizen(case: Case, entry: Read, context: Context) -> Decision:
    """The portal may not keep it: E35, and no letter, for nothing is to be mended (appointments.md 11.8)."""
    failure = Failure.of(Rule.CITIZEN_NOT_ACTIVE)
    told = _no(failure, entry.message.msg_info, context, entry.origin.vendor, by_apprec=entry.receipted)
    return Decision(case, Outcome.REJECTED, [told], resolved=_replayed(entry), failure=failure)


def _no(failure: Failure, info: MsgInfo, context: Context, vendor: str, *, by_apprec: bool) -> Outgoing:
    if by_apprec:
        return apprec(info, failure, stamp=context.stamp, vendor=vendor, key=context.case_key)
    return transport_error(failure, stamp=context.stamp, vendor=vendor)


def _dispatched(entry: Read) -> Dispatch | None:
    if entry.hand_on_to is None:
        return None
    info = entry.message.msg_info
    return Dispatch(folded(info.msg_id), info.receiver.her_id or "", entry.hand_on_to, of_portal=False)


def _settled(before: Case, after: Case) -> tuple[Settled, ...]:
    """What was waited for and is not any more."""
    open_before = {c.msg_id: asking.waits_of(c) for c in before.conversations if c.sent and not c.ended}
    now = {c.msg_id: asking.waits_of(c) for c in after.conversations if c.msg_id in open_before}
    return tuple((command, what) for command, waits in open_before.items() for what in waits if what not in now.get(command, ()))


def _answer(entry: Read, context: Context, statements: tuple[Statement, ...]) -> list[Outgoing]:
    """The receipt or answer we owe, or the message itself to the party that owes it; and what there is to mend."""
    info, vendor = entry.message.msg_info, entry.origin.vendor
    answer = [notice(failure, stamp=context.stamp, vendor=vendor, index=i) for i, failure in enumerate(entry.notices)]
    if entry.hand_on_to:
        answer.append(_to_outbox(entry.hand_on_to, context.body, context))
    elif any(isinstance(statement, AskedToAnswer) for statement in statements):
        rkt = answer_to_test(info, msg_id=context.stamp.id_of("rkt"), at=context.stamp.at)
        answer.append(_to_outbox(vendor, write_hodemelding(rkt), context))
    if entry.receipted:
        answer.append(apprec(info, None, stamp=context.stamp, vendor=vendor, key=context.case_key))
    return answer


def _to_outbox(vendor: str, document: bytes, context: Context) -> Outgoing:
    return Outgoing(of_vendor(OUTBOX, vendor), context.case_key.encode(), document, XML)


def _receipt(case: Case, entry: Receipt, context: Context) -> Decision:
    if context.asked_in and entry.hand_on_to is None:
        told = passed_on(context.asked_in, Receipted(_without_letter(entry.origin), entry.apprec))
        return Decision(case, Outcome.DELIVERED, [told], resolved=_replayed(entry))
    outgoing = [] if context.of_another else [delivery(entry.apprec, stamp=context.stamp)]
    if entry.hand_on_to:
        outgoing.append(_to_outbox(entry.hand_on_to, context.body, context))
    note = None if entry.hand_on_to else UNMATCHED
    return Decision(case, Outcome.DELIVERED, outgoing, resolved=_replayed(entry), note=note)


def _without_letter(origin: Origin) -> Origin:
    """Of what is passed on: its letter is resolved here, and is not to be dealt with there once more."""
    return replace(origin, letter_id=None)


def _receipted(case: Case, entry: Receipted, context: Context) -> Decision:
    after, outgoing, note = asking.receipted(case, entry, context)
    return Decision(after, Outcome.DELIVERED, outgoing, note=note, settled=_settled(case, after))


def _broken(case: Case, entry: Broken, context: Context) -> Decision:
    after, outgoing = asking.broken(case, entry, context)
    return Decision(after, Outcome.DELIVERED, outgoing, settled=_settled(case, after))


def _due(case: Case, entry: Due, context: Context) -> Decision:
    after, outgoing, note = asking.due(case, entry, context)
    settled = dict.fromkeys(((entry.command_id, entry.what), *_settled(case, after)))
    return Decision(after, Outcome.DELIVERED, outgoing, note=note, settled=tuple(settled))


def _commanded(case: Case, entry: Commanded, context: Context) -> Decision:
    refusal = None if context.is_active else Refusal.CITIZEN_NOT_ACTIVE
    refusal = refusal or asking.why_not(case, entry, context)
    if refusal is not None:
        return Decision(case, Outcome.REFUSED, asking.not_sent(entry, context, refusal), note=refusal.code)
    message = asking.completed(case, entry)
    fold = Fold(case, context.case_key, context.stamp, _speaker(entry))
    fold.outgoing.append(_to_outbox(entry.to_vendor, write_hodemelding(message), context))
    fold.send(asking.sending_of(entry), row_of(entry.process, entry.element, entry.code).translate(message))
    sent = Dispatch(entry.command_id, entry.receiver, entry.to_vendor, of_portal=True)
    return Decision(fold.case, Outcome.DELIVERED, fold.outgoing, sent=sent, deadlines=entry.deadlines, note=fold.note)


def _declined(case: Case, entry: Declined, context: Context) -> Decision:
    refusal = Refusal[entry.refusal]
    letter = _letter(entry, context, "hub", Failure.of(Rule.SET_ASIDE), detail=entry.fault) if entry.fault else None
    return Decision(case, Outcome.REFUSED, asking.not_sent(entry, context, refusal), letter, note=refusal.code)


def _party(case: Case, entry: PartyTold, context: Context) -> Decision:
    told = offered(context.body or None, entry.her_id, stamp=context.stamp)
    return Decision(case, Outcome.DELIVERED, [told])


def _citizen(case: Case, entry: CitizenTold, _context: Context) -> Decision:
    return Decision(case, Outcome.DELIVERED, citizen=(entry.person, entry.active))


def _forget(case: Case, entry: Forget, context: Context) -> Decision:
    """Not while a letter waits: what an operator has still to decide about would be decided for an empty case."""
    if case.held_up:
        return Decision(case, Outcome.REFUSED, note="letters wait")
    after = case if case == Case() else Case()
    return Decision(
        after, Outcome.DELIVERED, forgotten(case, entry, context), settled=_settled(case, after),
        citizen=(entry.person, False) if entry.person else None, note="forgotten",
    )


def _unusable(case: Case, _entry: Unusable, _context: Context) -> Decision:
    return Decision(case, Outcome.REFUSED, note="unusable")


def _rejected(case: Case, entry: Rejected, context: Context) -> Decision:
    letter = _letter(entry, context, "sender", entry.failure, process=entry.process)
    told = [_no(entry.failure, entry.msg_info, context, entry.origin.vendor, by_apprec=entry.by_apprec)]
    if context.asked_in:
        told.append(passed_on(context.asked_in, Broken(_without_letter(entry.origin), answered_id(entry) or "")))
    return Decision(case, Outcome.REJECTED, told, letter, resolved=_replayed(entry), failure=entry.failure)


def _refused(case: Case, entry: Refused, context: Context) -> Decision:
    letter = _letter(entry, context, "door", entry.failure, process=entry.process)
    told = transport_error(entry.failure, stamp=context.stamp, vendor=entry.origin.vendor)
    return Decision(case, Outcome.REFUSED, [told], letter, resolved=_replayed(entry), failure=entry.failure)


def _unread(case: Case, entry: Unread, context: Context) -> Decision:
    return _aside(case, entry, context, entry.fault)


def _freed(case: Case, _entry: Freed, _context: Context) -> Decision:
    return Decision(case, Outcome.DELIVERED)


def _discarded(case: Case, entry: Discard, context: Context) -> Decision:
    """The sender of a message that was never delivered is told so, once: X99 with the operator's reason.

    The portal has no errors of its own to read: what was set aside of it has been told, or says nothing to anybody.
    """
    letter_id = entry.origin.letter_id or ""
    failure = Failure.of(Rule.DISCARDED, expected=entry.reason)
    told = [] if entry.origin.vendor == PORTAL else _discard_answer(entry.msg_info, failure, context, entry.origin.vendor)
    return Decision(case, Outcome.REJECTED, told, resolved=(letter_id, "discarded"), failure=failure)


def _discard_answer(info: MsgInfo | None, failure: Failure, context: Context, vendor: str) -> list[Outgoing]:
    if info is None:
        return [transport_error(failure, stamp=context.stamp, vendor=vendor)]
    return [apprec(info, failure, stamp=context.stamp, vendor=vendor, key=context.case_key)]


_DECIDE: Final[dict[type[Entry], Callable[[Case, Any, Context], Decision]]] = {
    Read: _read, Receipt: _receipt, Rejected: _rejected, Refused: _refused, Unread: _unread, Discard: _discarded,
    Commanded: _commanded, Declined: _declined, Due: _due, Receipted: _receipted, Broken: _broken, Freed: _freed,
    PartyTold: _party, CitizenTold: _citizen, Unusable: _unusable, Forget: _forget,
}


# what is said of it

def _speaker(entry: Read | Commanded) -> Speaker:
    info, row = entry.message.msg_info, row_of(entry.process, entry.element, entry.code)
    reference = info.conversation_ref
    patient = info.patient.national_id if info.patient else None
    return Speaker(
        patient=patient.reveal() if patient else "", office=entry.office, service=entry.process, code=entry.code,
        stated_at=min(info.gen_date, entry.origin.received_at + AHEAD), msg_id=folded(info.msg_id),
        answers=folded(reference.ref_to_parent) if reference else None,
        thread=folded(reference.ref_to_conversation) if reference else None, is_answer=row.conversation is Need.REQUIRED,
        text=words_of(entry.message),
    )


def _letter(
    entry: Entry, context: Context, fault: Literal["sender", "hub", "door"], failure: Failure, *,
    process: str | None = None, detail: str | None = None,
) -> LetterDraft:
    if isinstance(entry, Read | Commanded):
        process = entry.process
    # a MsgId that is no UUID may be anything, a person's number too: it stays in the letter's bytes
    held = context.letter_at
    case_key, way = (held.case_key, held.way) if held else (context.case_key if is_of_a_case(entry) else None, None)
    return LetterDraft(
        UUID(context.stamp.id_of("letter")), fault, failure, context.stamp.cause, process, detail, case_key,
        (way or parking.way_of(entry)) if fault == "hub" else None,
    )


def _with_letter(decision: Decision, entry: Entry, context: Context) -> Decision:
    """What became of a letter, and a new one, are announced to the operators; its bytes stay in memory."""
    if decision.resolved:
        decision.outgoing.append(_resolved(decision.resolved, entry, context))
    if decision.letter and decision.letter.behind is None:
        decision.outgoing.append(_written(decision.letter, entry, context))
    if elsewhere := _freed_elsewhere(decision, entry, context):
        decision.outgoing.append(elsewhere)
    return decision


def _freed_elsewhere(decision: Decision, entry: Entry, context: Context) -> Outgoing | None:
    """Read anew, it proved to be of another case, or of none: the case that its letter held up is told by a record of its own."""
    held, dealt_with = context.letter_at, _dealt_with(decision, entry)
    if held is None or dealt_with is None or held.case_key == context.case_key:
        return None
    return passed_on(held.case_key, Freed(_without_letter(entry.origin), *dealt_with))


def _resolved(resolved: tuple[str, Literal["replayed", "discarded"]], entry: Entry, context: Context) -> Outgoing:
    letter_id, what = resolved
    # Only a letter of our fault is ever replayed or discarded.
    told = LetterWritten(
        letter_id=UUID(letter_id), fault="hub", rule=Rule.SET_ASIDE.id, code=Rule.SET_ASIDE.code, vendor=entry.origin.vendor,
        service=getattr(entry, "process", None), msg_id=_uuid(context.stamp.cause), case=_case_of(entry, context),
        source=str(entry.origin.source), written_at=context.stamp.at,
    )
    return cloud_event(told, what, stamp=context.stamp, key=context.case_key)


def _written(letter: LetterDraft, entry: Entry, context: Context) -> Outgoing:
    written = LetterWritten(
        letter_id=letter.letter_id, fault=letter.fault, rule=letter.failure.rule_id, code=letter.failure.code,
        path=letter.failure.path, line=letter.failure.line, vendor=entry.origin.vendor, service=letter.process,
        msg_id=_uuid(context.stamp.cause), case=_case_of(entry, context), source=str(entry.origin.source), written_at=context.stamp.at,
    )
    return cloud_event(written, "written", stamp=context.stamp, key=context.case_key)


def _case_of(entry: Entry, context: Context) -> str | None:
    return context.case_key if is_of_a_case(entry) and not isinstance(entry, Discard | Forget) else None


def _is_told_elsewhere(decision: Decision, entry: Entry) -> bool:
    goes_on = isinstance(entry, Receipt) and any(out.topic == SEQUENCED.name for out in decision.outgoing)
    return goes_on or isinstance(entry, Broken | Freed) or (isinstance(entry, Due) and decision.note is None)


def _uuid(text: str | None) -> UUID | None:
    """Only a UUID is told: whatever else an id holds, its sender wrote it."""
    return UUID(text) if text and is_uuid(text) else None


def _journalled(decision: Decision, entry: Entry, context: Context) -> Decision:
    """One line for each record that came in. What was only passed on inside the log has its line where it ends."""
    if _is_told_elsewhere(decision, entry):
        return decision
    failure, stamp = decision.failure, context.stamp
    line = JournalLine(
        source=str(entry.origin.source), log=f"{stamp.partition}/{stamp.offset}", vendor=entry.origin.vendor,
        service=getattr(entry, "process", None), code=getattr(entry, "code", None), outcome=decision.outcome.value,
        rule=failure.rule_id if failure else None, failure_code=failure.code if failure else None,
        path=failure.path if failure else None, line=failure.line if failure else None,
        leniencies=getattr(entry, "leniencies", ()), note=decision.note, msg_id=_uuid(stamp.cause), answers=_uuid(answered_id(entry)),
        case=_case_of(entry, context), events=len(decision.outgoing), received_at=entry.origin.received_at, decided_at=stamp.at,
    )
    decision.outgoing.append(cloud_event(line, stamp=stamp, key=entry.origin.source.topic_partition))
    return decision

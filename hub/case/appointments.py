"""Which appointment is meant, and how it stands after what was said of it. Pure; knows nothing of topics or receipts."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Final

from contracts.events.appointment import AppointmentState as State
from hub.case.state import Appointment, Case, Conversation
from translators.cloud_event import derived_id
from translators.statements import Details, Said

OPEN: Final = frozenset({State.REQUESTED, State.CONFIRMED, State.CANCELLATION_REQUESTED})
STANDING: Final = frozenset({State.CONFIRMED, State.CANCELLATION_REQUESTED})
OVER: Final = frozenset({State.NOT_BOOKED, State.CANCELLED, State.NO_SHOW, State.COMPLETED})
BY_CITIZEN: Final = frozenset({Said.REQUESTED, Said.CANCELLATION_REQUESTED})
STANDS: Final = frozenset({Said.CANCELLATION_REFUSED, Said.CHANGE_REFUSED})
"""Answers that leave the appointment as it was: it is told that it stands, though nothing of it changed."""

_SETTLES: Final = {
    Said.CONFIRMED: State.CONFIRMED,
    Said.CHANGED: State.CONFIRMED,
    Said.CANCELLED: State.CANCELLED,
    Said.NOT_BOOKED: State.NOT_BOOKED,
    Said.CANCELLATION_REFUSED: State.CONFIRMED,
    Said.CHANGE_REFUSED: State.CONFIRMED,
    Said.NO_SHOW: State.NO_SHOW,
    Said.COMPLETED: State.COMPLETED,
}
"""The office's word settles it, whatever was before (appointments.md 11.2)."""
AS_IT_STANDS: Final = {
    State.REQUESTED: Said.REQUESTED,
    State.CONFIRMED: Said.CHANGED,
    State.NOT_BOOKED: Said.NOT_BOOKED,
    State.CANCELLATION_REQUESTED: Said.CANCELLATION_REQUESTED,
    State.CANCELLED: Said.CANCELLED,
    State.NO_SHOW: Said.NO_SHOW,
    State.COMPLETED: Said.COMPLETED,
}
"""What is said of an appointment that a merge alone has changed."""


@dataclass(frozen=True, slots=True)
class Told:
    """One statement about an appointment, with when it was written and when the log took it."""

    said: Said
    details: Details | None
    stated_at: datetime
    at: datetime
    service: str
    first_answer: bool = False
    """It answers a request that no message has answered before."""
    text: str | None = field(default=None, repr=False)
    """The office's words, which stand also where the rest of the details does not change."""


def find(
    case: Case, names: tuple[str, ...], *, conversation: Conversation | None, details: Details | None,
) -> tuple[Appointment, ...]:
    """The appointments that are meant, oldest first: by conversation or name, else by an open slot. More than one prove one."""
    meant = {conversation.appointment_id} if conversation and conversation.appointment_id else set()
    found = tuple(a for a in case.appointments if a.id in meant or not set(names).isdisjoint(a.names))
    return found or tuple(a for a in case.appointments if _same_slot(a, details))


def _same_slot(appointment: Appointment, details: Details | None) -> bool:
    known = appointment.details
    return (
        details is not None and appointment.state in OPEN and details.party is not None and details.starts_at is not None
        and (known.party, known.starts_at) == (details.party, details.starts_at)
    )


def begun(case_key: str, names: tuple[str, ...], told: Told) -> Appointment:
    """An appointment nobody had heard of, before anything is said of it. Revision 0 is never published."""
    return Appointment(
        id=str(derived_id(case_key, names[0])), names=names, state=State.REQUESTED, revision=0, details=told.details or Details(),
        stated_at=None, service=told.service, told_at=told.at,
    )


def merged(older: Appointment, younger: Appointment) -> Appointment:
    """Two names proved one: the older keeps its id and its revision, the newer word of the office keeps its say."""
    newest = max(older, younger, key=lambda a: (a.stated_at is not None, a.stated_at or a.told_at))
    return replace(
        newest, id=older.id, names=_union(older.names, younger.names), revision=older.revision,
        published=older.published,
    )


def is_older(appointment: Appointment, told: Told) -> bool:
    """The office has said something newer already. What a citizen asks for is ordered by the log alone."""
    return told.said not in BY_CITIZEN and appointment.stated_at is not None and told.stated_at < appointment.stated_at


def after(appointment: Appointment, told: Told) -> Appointment:
    """How it stands after this. Equal to before (but for `stated_at` and names) when it was no news."""
    state = _state_after(appointment, told.said)
    details = appointment.details if _keeps_details(appointment, told) else _joined(appointment.details, told.details)
    if told.text and told.text != details.text:
        details = replace(details, text=told.text)
    by_citizen = told.said in BY_CITIZEN
    return replace(
        appointment, state=state, details=details, stated_at=appointment.stated_at if by_citizen else told.stated_at,
        names=_union(appointment.names, told.details.names if told.details else ()),
    )


def _state_after(appointment: Appointment, said: Said) -> State:
    before, unknown = appointment.state, appointment.revision == 0
    if said is Said.REQUESTED:
        return State.REQUESTED if unknown or before in OVER else before
    if said is Said.CANCELLATION_REQUESTED:
        return State.CANCELLATION_REQUESTED if unknown or before in OPEN else before
    if said is Said.CHANGE_REFUSED and before in OPEN and not unknown:
        return before
    return _SETTLES[said]


def _keeps_details(appointment: Appointment, told: Told) -> bool:
    """A request on something that stands, or an answer that it stands, tells no new time."""
    stands = told.said in STANDS or told.said is Said.CANCELLATION_REQUESTED
    over = told.said is Said.REQUESTED and appointment.state not in OVER
    return told.details is None or (appointment.revision > 0 and (stands or over))


_of_five: Final = attrgetter("text", "practitioner", "party", "related_to", "uid")


def _joined(before: Details, now: Details | None) -> Details:
    """What a message leaves out of these five was not unsaid: practitioner, words, party and names stay."""
    if now is None or now == before:
        return before
    if all(_of_five(now)):
        return now
    return replace(
        now, text=now.text or before.text, practitioner=now.practitioner or before.practitioner, party=now.party or before.party,
        related_to=now.related_to or before.related_to, uid=now.uid or before.uid,
    )


def is_news(before: Appointment, now: Appointment, told: Told) -> bool:
    """Something that a subscriber does not know yet."""
    unheard = told.said in STANDS and told.first_answer
    return before.revision == 0 or unheard or differ(before, now)


def differ(before: Appointment, now: Appointment) -> bool:
    """A subscriber who knows the one does not know the other."""
    return (before.state, before.details) != (now.state, now.details)


def is_more_than_words(before: Appointment, now: Appointment) -> bool:
    """More changed than the office's free text or the names it goes by: worth a notification."""
    return before.revision == 0 or before.state is not now.state or _substance(before.details) != _substance(now.details)


_substance: Final = attrgetter(*(each.name for each in fields(Details) if each.name not in {"text", "uid", "related_to", "party"}))


def _union(some: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    if set(more).issubset(some):
        return some
    return tuple(dict.fromkeys(some + more))

"""From an office's answer to the reply of a question: free slots, planned visits, practitioners, a connection that works.

Never decides whether anybody waits for it: that is the case's.
"""

from collections.abc import Iterator
from typing import Final

from contracts.events import Connected, FreeSlots, PlannedVisits, Practitioners
from contracts.events.appointment import Practitioner
from contracts.events.reply import ListedPractitioner, PlannedVisit, Recurrence, Slot
from schemas.documents import HealthcareProfessional, Helsepersonell, Hodemelding, Recur, Vevent, her_id
from schemas.kodeverk.foresporsel_7601 import Foresporsel7601 as Ber
from schemas.kodeverk.kommunikasjonstest_7603 import Kommunikasjonstest7603
from translators.hodemelding_to_statements import kinds_of, place_of, words_of
from translators.statements import AskedToAnswer, Replied, Statement

_MUST_CALL: Final = ("mustcall", "must-call")
"""Conflict C8: the guide prints the second spelling once."""
_CONTACT_ID: Final = "tjenesteid:"


def found_free_slots(message: Hodemelding) -> tuple[Statement, ...]:
    """03 and 04: every vevent is a slot (appointments.md 10.2)."""
    listed = tuple(_listed(message))
    slots = tuple(_slot(event, listed) for event in _events(message) if event.dtstart and event.uid)
    return (Replied(FreeSlots, Ber.HLT.value, {"slots": slots, "practitioners": listed, "text": words_of(message)}),)


def found_planned_visits(message: Hodemelding) -> tuple[Statement, ...]:
    """01 and 02 (appointments.md 10.7)."""
    visits = tuple(_visit(event) for event in _events(message) if event.dtstart)
    return (Replied(PlannedVisits, Ber.HBT.value, {"visits": visits, "text": words_of(message)}),)


def found_practitioners(message: Hodemelding) -> tuple[Statement, ...]:
    """20 and 21. A 21 with a list is a slip of a published example: the list counts (appointments.md 15)."""
    return (Replied(Practitioners, Ber.HB.value, {"practitioners": tuple(_listed(message)), "text": words_of(message)}),)


def connected(_message: Hodemelding) -> tuple[Statement, ...]:
    """RKT: the other end answers."""
    return (Replied(Connected, Kommunikasjonstest7603.KT.value, {}),)


def tested(_message: Hodemelding) -> tuple[Statement, ...]:
    """KT from an EPJ: it is answered at once, with nobody asked."""
    return (AskedToAnswer(),)


def _events(message: Hodemelding) -> tuple[Vevent, ...]:
    return message.icalendar.vevent if message.icalendar else ()


def _slot(event: Vevent, listed: tuple[ListedPractitioner, ...]) -> Slot:
    assert event.dtstart and event.uid  # noqa: S101, PT018  the caller has looked
    must_call = any(kind.lower() in _MUST_CALL for kind in event.categories)
    return Slot(
        uid=event.uid, party=event.contact, starts_at=event.dtstart, ends_at=event.dtend, kinds=kinds_of(event), must_call=must_call,
        # together with MustCall it means nothing (appointments.md 5)
        available_at=None if must_call else event.x_available_at,
        about=event.summary, description=event.description, place=place_of(event), practitioner=_whose(event, listed),
    )


def _whose(event: Vevent, listed: tuple[ListedPractitioner, ...]) -> Practitioner | None:
    """By the party's HER-id among the listed ones, else as the event names them."""
    for one in listed:
        if event.contact and one.her_id == event.contact:
            return Practitioner(name=one.name, hpr_number=one.hpr_number, role=one.role)
    return Practitioner(name=", ".join(event.attendee)) if event.attendee else None


def _visit(event: Vevent) -> PlannedVisit:
    assert event.dtstart  # noqa: S101  the caller has looked
    return PlannedVisit(
        uid=event.uid, party=event.contact, starts_at=event.dtstart, ends_at=event.dtend, expected_duration=event.x_expected_duration,
        kinds=kinds_of(event), status=event.status, cancellation_reason=event.x_cancellation_reason, about=event.summary,
        description=event.description, place=place_of(event), staff=event.attendee, organiser=event.organizer,
        contact_id=_contact_id(event), recurrence=_recurrence(event.rrule, event),
    )


def _contact_id(event: Vevent) -> str | None:
    """Spelt in several ways, with and without a blank (appointments.md 5.2)."""
    ids = (kind[len(_CONTACT_ID):].strip() for kind in event.categories if kind.lower().startswith(_CONTACT_ID))
    return next(ids, None) or None


def _recurrence(recur: Recur | None, event: Vevent) -> Recurrence | None:
    if recur is None:
        return None
    return Recurrence(freq=recur.freq, count=recur.count, interval=recur.interval, byday=recur.byday, exceptions=event.exdate)


def _listed(message: Hodemelding) -> Iterator[ListedPractitioner]:
    for entry in message.helsepersonel_liste or ():
        yield from (_practitioner(who, entry) for who in entry.helsepersonell)


def _practitioner(who: HealthcareProfessional, entry: Helsepersonell) -> ListedPractitioner:
    role, profession = who.role_to_patient, who.type_healthcare_professional
    return ListedPractitioner(
        name=who.whole_name, family_name=who.family_name, given_name=who.given_name, her_id=her_id(who.ident),
        hpr_number=who.hpr_number, role=role.v if role else None, profession=profession.v if profession else None, remark=entry.merknad,
    )

"""The scenario of the demo, its second half: what the portal asks, there and back. Each exchange says what comes of it.

Data alone: who sends it, and waits for what comes of it, is the demo or a test. Everything in it is made up (`made_up.py`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from contracts.commands import (
    Book,
    Cancel,
    Command,
    FindFreeSlots,
    FindPlannedVisits,
    FindPractitioners,
    Person,
    Relation,
    Representative,
    TestConnection,
    WantedSlot,
)
from examples.answers import BLOCKED, NO_FREE_SLOT, REFUSED, SILENCE, TAKEN, UNKNOWN_HERE, Answer
from examples.made_up import FJORD, OSLO, VIDDE, Party, at, id_of, patient_of
from examples.portal import Asked, ExamplePortal, wanted
from examples.subscriber import Data

WITHIN: Final = timedelta(seconds=10)
"""How long the portal gives an office for an answer to a question."""
SOON: Final = timedelta(seconds=1)
"""The same, where nothing will come."""
ToCommand = Callable[[ExamplePortal, datetime], Command]
"""Of what the portal has been told so far, and the time."""
Choice = Callable[[ExamplePortal], WantedSlot]


@dataclass(frozen=True, slots=True)
class Exchange:
    """Something that the portal asks, and all that comes of it."""

    name: str
    office: Party
    command: ToCommand
    ends: tuple[str, ...]
    """What the portal is told and what the EPJ gets: when all of it has come, the exchange has come to its end."""
    answer: Answer | None = None
    """What the office answers; None: as it usually does."""


_SENT: Final = ("delivery.sent", "delivery.accepted", "delivery.answered", "appointment.requested", "RT", "AppRec OK")
_BOOKED: Final = (*_SENT, "appointment.confirmed", "appointment.status", "notification.new")
_NOT_BOOKED: Final = (*_SENT, "appointment.not-booked")


def exchanges(today: date, *, run: str = "first") -> list[Exchange]:
    """What the portal asks, in its order: each later one may need what the ones before have brought."""
    return [*_there_and_back(today, run), *_without_success(today, run), *_for_others(today, run)]


def _there_and_back(today: date, run: str) -> Iterator[Exchange]:
    """A free slot found and booked, asked for once more by somebody else, and cancelled; another one only by telephone."""
    citizen, other = _person(run, "Berg", "Nora"), _person(run, "Haug", "Emil")
    yield Exchange("find free slots", FJORD, _slots(today, citizen), ("reply.free-slots", "HLT"))
    yield Exchange("book the first", FJORD, _booking(_offered(0), citizen), _BOOKED)
    yield Exchange("the same slot again", FJORD, _booking(_offered(0), other), _NOT_BOOKED, TAKEN)
    yield Exchange("one to be phoned for", FJORD, _booking(_offered(3), citizen), ("delivery.not-sent",))
    yield Exchange(
        "cancel it", FJORD, _cancelling(citizen),
        ("delivery.sent", "delivery.accepted", "delivery.answered", "appointment.cancelled", "notification.cancelled", "ART", "AppRec OK"),
    )


def _without_success(today: date, run: str) -> Iterator[Exchange]:
    """Nothing is free; refused, blocked, rejected by the EPJ; and an EPJ that does not answer."""
    person, slot = partial(_person, run), _unseen(today, run)
    yield Exchange("no free slot", FJORD, _slots(today, person("Dahl", "Iben")), ("reply.free-slots", "HLT"), NO_FREE_SLOT)
    yield Exchange("office refuses", FJORD, _booking(slot, person("Lund", "Geir")), _NOT_BOOKED, REFUSED)
    blocked = _slots(today, person("Aas", "Tuva"))
    yield Exchange("citizen is blocked", FJORD, blocked, ("reply.none.refused", "access.blocked", "HLT"), BLOCKED)
    yield Exchange(
        "EPJ rejects it", FJORD, _booking(slot, person("Ruud", "Per")),
        ("delivery.sent", "delivery.rejected", "appointment.not-booked", "RT"), UNKNOWN_HERE,
    )
    silent = _slots(today, person("Sund", "Live"), within=SOON)
    yield Exchange("EPJ is silent", FJORD, silent, ("reply.none.timed-out", "HLT"), SILENCE)


def _for_others(today: date, run: str) -> Iterator[Exchange]:
    """For a child; of home care; whom one can choose; and about nobody, whether the EPJ is there."""
    person = partial(_person, run)
    mother, child, cared_for = person("Holm", "Anna"), person("Holm", "Sander"), person("Vang", "Olga")
    for_child = Representative(person=mother, relation=Relation.FO)
    yield Exchange("book for a child", FJORD, _booking(_unseen(today, run), child, for_child), (*_BOOKED, "on behalf: FO"))
    yield Exchange(
        "planned visits", VIDDE, lambda _portal, now: FindPlannedVisits(receiver=VIDDE.her_id, patient=cared_for, deadline=now + WITHIN),
        ("reply.planned-visits", "HBT"),
    )
    yield Exchange(
        "practitioners", FJORD, lambda _portal, now: FindPractitioners(receiver=FJORD.her_id, patient=child, deadline=now + WITHIN),
        ("reply.practitioners", "HB"),
    )
    yield Exchange(
        "communication test", FJORD, lambda _portal, now: TestConnection(receiver=FJORD.her_id, deadline=now + WITHIN),
        ("reply.connected", "KT"),
    )


# commands

def _slots(today: date, who: Person, *, within: timedelta = WITHIN) -> ToCommand:
    return lambda _portal, now: FindFreeSlots(
        receiver=FJORD.her_id, patient=who, deadline=now + within, from_date=today, to_date=today + timedelta(weeks=2),
    )


def _booking(choice: Choice, who: Person, by: Representative | None = None) -> ToCommand:
    return lambda portal, _now: Book(
        receiver=FJORD.her_id, patient=who, representative=by, slot=choice(portal), about="Vond hals", accepts_other_practitioner=True,
    )


def _cancelling(who: Person) -> ToCommand:
    """The appointment of this person that stands as confirmed."""

    def command(portal: ExamplePortal, _now: datetime) -> Command:
        appointment = _confirmed(portal, who)
        return Cancel(receiver=appointment["party"], patient=who, appointment_id=appointment["appointment_id"], reason="Er frisk igjen")

    return command


def _confirmed(portal: ExamplePortal, who: Person) -> Data:
    return next(
        appointment for appointment in portal.appointments.values()
        if (appointment["patient"], appointment["state"]) == (who.national_id, "confirmed")
    )


def _offered(place: int) -> Choice:
    """One of the free slots that the portal has been told of, last."""
    return lambda portal: wanted(_free(portal)[place])


def _free(portal: ExamplePortal) -> list[Data]:
    return next(slots for asked in reversed(portal.asked.values()) if (slots := _slots_of(asked)))


def _slots_of(asked: Asked) -> list[Data]:
    told = asked.reply.data if asked.reply else None
    return list((told or {}).get("slots", ()))


def _unseen(today: date, run: str) -> Choice:
    """A slot that the portal knows from before."""
    starts_at = at(today, days=9, hour=12).replace(tzinfo=OSLO)
    return lambda _portal: WantedSlot(uid=id_of(run, "a slot"), starts_at=starts_at, ends_at=starts_at + timedelta(minutes=15))


def _person(run: str, family_name: str, given_name: str) -> Person:
    patient = patient_of(run, family_name, given_name)
    return Person(national_id=patient.national_id, family_name=patient.family_name, given_name=patient.given_name)

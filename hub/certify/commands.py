"""Numbered commands of the portal: questions, bookings and cancellations, each with an id, a slot and a case that its number tells.

A slot's uid names the case and its number, so that whoever meets it later knows whose it is.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from contracts.commands import Book, Cancel, Command, FindFreeSlots, FindPractitioners, Person, TestConnection, WantedSlot
from contracts.commands.base import ANSWERED_WITHIN
from contracts.topics import COMMANDS
from hub.certify.numbered import OFFICES, Letter, patient_of

RECEIPT_WITHIN: Final = timedelta(minutes=1)
"""How long the hub of a run waits for an AppRec."""
_FIRST_SLOT: Final = datetime(2087, 4, 1, 8, tzinfo=UTC)
"""Ahead of whoever runs it: what has been cannot be booked."""
_LASTS: Final = timedelta(minutes=20)
_CANCELS: Final = 1 << 24
"""Added to a booking's number: the number of its cancellation."""
_LATE_EACH: Final = 40
_COMMAND: Final = 0xC0DE
_SLOT: Final = 0xB00C
_CASE_AT: Final = 32


def command_id(number: int) -> str:
    """The id of a numbered command."""
    return _uuid(_COMMAND, number)


def slot_uid(number: int, case: int) -> str:
    """The id of the slot that a booking wants."""
    return _uuid(_SLOT, (case << _CASE_AT) + number)


def is_slot(uid: str | None) -> bool:
    """Whether a booking of ours has named it."""
    return uid is not None and UUID(uid).int >> 112 == _SLOT


def question(number: int, case: int, *, at: datetime) -> Letter:
    """Mostly for free slots, now and then for practitioners or whether anybody is there; to be answered within 15 seconds, if it can be."""
    deadline = at if is_late(number) else at + ANSWERED_WITHIN
    return _letter(_ASKING[number % len(_ASKING)](case, deadline), number, case)


def is_late(number: int) -> bool:
    """A question that comes when its deadline has passed: it must not be sent any more."""
    return number % _LATE_EACH == 0


def booking(number: int, case: int) -> Letter:
    """Of a slot that no other booking wants."""
    starts_at = _FIRST_SLOT + number * _LASTS
    slot = WantedSlot(uid=slot_uid(number, case), starts_at=starts_at, ends_at=starts_at + _LASTS)
    return _letter(Book(receiver=_receiver(case), patient=_person(case), slot=slot), number, case)


def cancellation(appointment: Mapping[str, Any]) -> Letter:
    """Of an appointment that was booked here, as its status has it."""
    named = UUID(appointment["uid"]).int
    number, case = named & 0xFFFF_FFFF, named >> _CASE_AT & 0xFF_FFFF
    asked = Cancel(receiver=appointment["party"], patient=_person(case), appointment_id=UUID(appointment["appointment_id"]))
    return _letter(asked, _CANCELS + number, case)


def _free_slots(case: int, deadline: datetime) -> Command:
    day = deadline.date()
    return FindFreeSlots(
        receiver=_receiver(case), patient=_person(case), deadline=deadline, from_date=day, to_date=day + timedelta(days=14),
    )


def _practitioners(case: int, deadline: datetime) -> Command:
    return FindPractitioners(receiver=_receiver(case), patient=_person(case), deadline=deadline)


def _connection(case: int, deadline: datetime) -> Command:
    return TestConnection(receiver=_receiver(case), deadline=deadline)


_ASKING: Final = (_free_slots, _practitioners, _free_slots, _connection, _free_slots, _free_slots, _free_slots)


def _letter(asked: Command, number: int, case: int) -> Letter:
    told = command_id(number)
    headers = {"ce_specversion": "1.0", "ce_id": told, "ce_source": "urn:portal", "ce_type": asked.family.type}
    return Letter(
        number, told, COMMANDS.name, case % COMMANDS.partitions, asked.model_dump_json(exclude_none=True).encode(),
        headers=tuple((name, value.encode()) for name, value in headers.items()),
    )


def _receiver(case: int) -> str:
    return OFFICES[case % len(OFFICES)].her_ids[1]


def _person(case: int) -> Person:
    return Person(national_id=patient_of(case), family_name="Myrstad", given_name="Kaja")


def _uuid(kind: int, number: int) -> str:
    return str(UUID(int=(kind << 112) | (4 << 76) | (8 << 60) | number))

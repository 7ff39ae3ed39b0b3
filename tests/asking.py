"""What the portal asks for in tests, and the receipts of those it asks. Built with the commands of the contract; the patients are mail's.

A command's id is `m.msg_id(number)`, so that `mail.answer(..., parent=number)` answers it.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

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
from tests import mail
from tests import messages as m
from tests.story import START, Hub, Told, data_of, type_of

PERSONS = (
    Person(national_id=mail.KAJA, family_name="Myrstad", given_name="Kaja"),
    Person(national_id=mail.TOR, family_name="Sandvik", given_name="Tor"),
)
PARENT = Representative(person=Person(national_id=m.national_id(14, 2, 60), family_name="Myrstad", given_name="Liv"), relation=Relation.FO)
SECONDS = timedelta(seconds=15)
PARTY = mail.OFFICE[1]


def free_slots(*, who: int = 0, to: str = PARTY, until: datetime = START + SECONDS, **more: Any) -> FindFreeSlots:
    """HLT."""
    days = {"from_date": date(2026, 6, 8), "to_date": date(2026, 6, 26)}
    return FindFreeSlots(receiver=to, patient=PERSONS[who], deadline=until, **{**days, **more})


def planned_visits(*, who: int = 0, to: str = PARTY, until: datetime = START + SECONDS) -> FindPlannedVisits:
    """HBT."""
    return FindPlannedVisits(receiver=to, patient=PERSONS[who], deadline=until)


def practitioners(*, who: int = 0, to: str = PARTY, until: datetime = START + SECONDS) -> FindPractitioners:
    """HB."""
    return FindPractitioners(receiver=to, patient=PERSONS[who], deadline=until)


def connection(*, to: str = PARTY, until: datetime = START + SECONDS) -> TestConnection:
    """KT."""
    return TestConnection(receiver=to, deadline=until)


def book(name: int = 1, *, who: int = 0, day: int = 12, to: str = PARTY, **more: Any) -> Book:
    """RT, for the slot that `mail.slot(name, day=day)` is."""
    starts_at = datetime(2026, 6, day, 7, 15, tzinfo=UTC)
    slot = WantedSlot(uid=mail.uid(name), party=PARTY, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=15))
    return Book(receiver=to, patient=PERSONS[who], slot=slot, **more)


def cancel(appointment_id: str, *, who: int = 0, to: str = PARTY, **more: Any) -> Cancel:
    """ART."""
    return Cancel(receiver=to, patient=PERSONS[who], appointment_id=UUID(appointment_id), **more)


def receipt(
    of: int, *, number: int, at: int = 0, error: str | None = None, sender: tuple[str, str] = mail.OFFICE,
    receiver: tuple[str, str] = mail.PORTAL,
) -> bytes:
    """The AppRec to the command with this number. `error`: a negative one."""
    return m.apprec(
        m.msg_id(of), status="2" if error else "1", errors=(error,) if error else (), receipt_id=m.msg_id(number),
        gen_date=mail.gen_date(at), sender=sender, receiver=receiver,
    )


def asked(command: Command, number: int = 900, *, hub: Hub | None = None) -> Hub:
    """A hub that has sent this command."""
    hub = hub or Hub()
    assert hub.command(command, m.msg_id(number)).written, "it was not sent"
    return hub


def appointment_of(told: Told) -> str:
    """Our id of the appointment that was told of."""
    happening = next(out for out in told.events if (type_of(out) or "").startswith("hub.appointment."))
    return str(data_of(happening)["appointment"]["appointment_id"])


def story_of(hub: Hub, number: int = 900) -> list[str]:
    """The steps that have been told of the command with this number."""
    return [_what(told) for told in _told(hub, "hub.delivery.") if told["request"] == m.msg_id(number)]


def replies_to(hub: Hub, number: int = 900) -> list[str]:
    """The replies to the question with this number, by the names of their types."""
    return [_what(told) for told in _told(hub, "hub.reply.") if told["command"] == m.msg_id(number)]


def _what(told: dict[str, Any]) -> str:
    return str(told["what"])


def _told(hub: Hub, family: str) -> list[dict[str, Any]]:
    named = ((type_of(out) or "", out) for told in hub.told for out in told.events)
    return [{**data_of(out), "what": name.removeprefix(family).removesuffix(".v1")} for name, out in named if name.startswith(family)]

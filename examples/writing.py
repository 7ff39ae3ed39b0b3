"""The XML that an example EPJ writes: its own templates, filled, a function per document. Never asks what any of it means."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import Final
from xml.sax.saxutils import escape

from examples.answers import Practitioner
from examples.made_up import Party, Patient, Slot

_TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, about whom, when, and in answer to what."""

    type: str
    msg_id: str
    at: datetime
    sender: Party
    receiver: Party
    patient: Patient | None
    answers: str | None = None
    """MsgId of the request."""
    wants_receipt: bool = True


@dataclass(frozen=True, slots=True)
class Original:
    """The message that a receipt is about."""

    type: str
    msg_id: str
    written_at: datetime
    sender: Party


# messages

def message(envelope: Envelope, contents: Iterable[str]) -> bytes:
    """A MsgHead with these documents."""
    patient = envelope.patient
    inside = {
        "conversation": _filled("conversation", parent=envelope.answers) if envelope.answers else "",
        "sender": _party(envelope.sender, "party"),
        "receiver": _party(envelope.receiver, "party"),
        "patient": _filled(
            "patient", family_name=patient.family_name, given_name=patient.given_name, national_id=patient.national_id,
        ) if patient else "",
        "documents": "".join(_filled("document", inside={"content": content}) for content in contents),
    }
    return _filled(
        "msghead", type=envelope.type, gen_date=_zoned(envelope.at), msg_id=envelope.msg_id, ack="J" if envelope.wants_receipt else "N",
        inside=inside,
    ).encode()


def apprec(msg_id: str, original: Original, *, sender: Party, at: datetime, error: str | None = None) -> bytes:
    """The receipt of a message: taken, or rejected with a code of 8221."""
    inside = {
        "sender": _party(sender, "apprec_party"),
        "receiver": _party(original.sender, "apprec_party"),
        "status": _filled("apprec_rejected", code=error) if error else _filled("apprec_accepted"),
    }
    return _filled(
        "apprec", gen_date=_zoned(at), msg_id=msg_id, original_type=original.type, original_date=_zoned(original.written_at),
        original_id=original.msg_id, inside=inside,
    ).encode()


# documents

def asks(code: str, code_list: str) -> str:
    """A Dialogmelding that asks, or tells unasked."""
    return _filled("foresporsel", code=code, code_list=code_list)


def says(code: str, text: str) -> str:
    """A Dialogmelding that answers."""
    return _filled("notat", code=code, code_list="7603" if code == "RKT" else "7602", text=text)


def calendar(slots: Iterable[Slot], owner: Party) -> str:
    """The xCal of these times, which are this party's."""
    return _filled("icalendar", inside={"events": "".join(_vevent(slot, owner) for slot in slots)})


def practitioner_list(practitioners: Iterable[Practitioner]) -> str:
    """Those whom a citizen may choose among."""
    entries = (
        _filled(
            "practitioner", profession=who.profession, role=who.role, family_name=who.family_name, given_name=who.given_name,
            hpr_number=who.hpr_number, remark=who.remark,
        )
        for who in practitioners
    )
    return _filled("practitioners", inside={"entries": "".join(entries)})


# parts

def _vevent(slot: Slot, owner: Party) -> str:
    return _filled(
        "vevent", starts_at=slot.starts_at.isoformat(), ends_at=slot.ends_at.isoformat(), uid=slot.uid, contact=owner.her_id,
        about=slot.about, place=slot.place or owner.unit, inside={"more": "".join(_more(slot))},
    )


def _more(slot: Slot) -> Iterator[str]:
    """What few slots have."""
    yield from (_property("categories", kind) for kind in slot.kinds)
    if slot.available_at:
        yield _property("x-available-at", slot.available_at.isoformat(), kind="date-time")
    if slot.preparation:
        yield _property("description", slot.preparation)
    if slot.status:
        yield _property("status", slot.status)
    if slot.expected_minutes:
        yield _property("x-expected-duration", f"PT{slot.expected_minutes}M", kind="duration")
    if slot.weekly:
        yield _filled("recurrence", times=str(slot.weekly.times), days=",".join(slot.weekly.days))
        yield _property("exdate", slot.weekly.but_not.isoformat(), kind="date-time")


def _property(name: str, value: str, *, kind: str = "text") -> str:
    return _filled("property", name=name, kind=kind, value=value)


def _party(party: Party, template: str) -> str:
    return _filled(template, name=party.name, level_1=party.level_1, unit=party.unit, her_id=party.her_id)


def _filled(template: str, *, inside: dict[str, str] | None = None, **values: str) -> str:
    """A template with its values escaped; `inside` is XML already."""
    return _template(template).substitute({name: escape(value) for name, value in values.items()} | (inside or {}))


@cache
def _template(name: str) -> Template:
    return Template((_TEMPLATES / f"{name}.xml").read_text("utf-8"))


def _zoned(at: datetime) -> str:
    return at.isoformat(timespec="seconds")

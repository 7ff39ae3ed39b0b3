"""An EPJ vendor as an outsider would write it: of the hub it knows the topics' names and nothing else.

It fills XML templates of its own, puts messages on its vendor's inbox, and reads what the hub answers on outbox and errors. Every person
is made up: month +80 in the number. Never validates what it writes: some of it is meant to be refused.
"""

from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from string import Template
from typing import Final
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from aiokafka import AIOKafkaProducer

from contracts.records import Source
from contracts.topics import ERRORS, INBOX, MAX_INBOX_BYTES, OUTBOX, of_vendor
from examples.subscriber import Record, records

_TEMPLATES: Final = Path(__file__).parent / "templates"
_OSLO: Final = ZoneInfo("Europe/Oslo")
_TIMERESERVASJON: Final = "DIALOG_INNBYGGER_TIMERESERVASJON"
_NOBODYS_PROCESS: Final = "DIALOG_INNBYGGER_FINNES_IKKE"


@dataclass(frozen=True, slots=True)
class Party:
    """A communication party and the organisation it belongs to, as they are addressed."""

    vendor: str | None
    """Whose topics carry its messages; None: the portal's."""
    level_1: str
    name: str
    her_id: str
    unit: str


PORTAL: Final = Party(None, "8990010", "Innbyggerportalen", "8990011", "Innbyggerportalen")
FJORD: Final = Party("fjord", "8100100", "Fjordbyen legesenter", "8100101", "Fjordbyen legesenter")
VIDDE: Final = Party("vidde", "8200200", "Viddekommunen", "8200201", "Viddekommunen hjemmetjeneste")
PARTIES: Final = (PORTAL, FJORD, VIDDE)


@dataclass(frozen=True, slots=True)
class Patient:
    """A person nobody is."""

    national_id: str = field(repr=False)
    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    record: str
    """The EPJ's own number of the patient: what it keys its messages by."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time in the office's book."""

    uid: str
    starts_at: datetime
    """Norwegian local time, without a zone: as xCal has it."""
    minutes: int = 15
    about: str = field(default="Kontroll", repr=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One message to send."""

    name: str
    vendor: str
    body: bytes = field(repr=False)
    msg_id: str
    key: str
    """Keeps one patient's messages on one partition, in their order. Never the patient's number."""


class ExampleEpj:
    """One office's EPJ. `run` makes the ids: another run is another set of messages."""

    def __init__(self, office: Party, *, run: str) -> None:
        if office.vendor is None:
            raise ValueError("the portal has no EPJ")
        self.office, self.vendor, self._run = office, office.vendor, run

    def push(self, name: str, code: str, patient: Patient, slot: Slot, *, at: datetime, message_type: str = _TIMERESERVASJON) -> Step:
        """The office tells the portal of an appointment: 05 new, 07 changed, 08 cancelled, 11 not met."""
        dialog = _filled("foresporsel", code=code, code_list="7602")
        return self._message(name, patient, dialog, self._calendar(slot), at=at, message_type=message_type)

    def answer(
        self, name: str, code: str, patient: Patient, *, to: str, text: str, at: datetime, slot: Slot | None = None,
        receiver: Party = PORTAL,
    ) -> Step:
        """The office answers the request with this MsgId."""
        dialog = _filled("notat", code=code, text=text)
        calendar = (self._calendar(slot),) if slot else ()
        return self._message(name, patient, dialog, *calendar, at=at, receiver=receiver, parent=to)

    def request(self, name: str, code: str, patient: Patient, slot: Slot, *, receiver: Party, at: datetime) -> Step:
        """The office asks another office for an appointment on the patient's behalf: RT."""
        dialog = _filled("foresporsel", code=code, code_list="7601")
        return self._message(name, patient, dialog, self._calendar(slot, owner=receiver), at=at, receiver=receiver)

    def receipt(self, name: str, original: Step, *, written_at: datetime, receiver: Party, at: datetime) -> Step:
        """The office has taken a message, written then, that was handed on to it."""
        msg_id = self._id(name)
        body = _filled(
            "apprec", gen_date=_zoned(at), msg_id=msg_id, original_type=_TIMERESERVASJON, original_date=_zoned(written_at),
            original_id=original.msg_id,
            inside={"sender": _party(self.office, "apprec_party"), "receiver": _party(receiver, "apprec_party")},
        )
        return Step(name, self.vendor, body.encode(), msg_id, original.key)

    async def put(self, bootstrap: str, steps: Iterable[Step]) -> list[Source]:
        """Put these messages on this vendor's inbox. ValueError for another vendor's."""
        mine = list(steps)
        if any(step.vendor != self.vendor for step in mine):
            raise ValueError("another vendor's message")
        return await put(bootstrap, mine)

    def heard(self, bootstrap: str) -> AsyncGenerator[Record, None]:
        """What the hub sends this vendor: receipts and messages (XML), errors and notices (JSON)."""
        return heard(bootstrap, self.vendor)

    def _message(
        self, name: str, patient: Patient, *contents: str, at: datetime, receiver: Party = PORTAL, parent: str | None = None,
        message_type: str = _TIMERESERVASJON,
    ) -> Step:
        msg_id = self._id(name)
        inside = {
            "conversation": _filled("conversation", parent=parent) if parent else "",
            "sender": _party(self.office, "party"),
            "receiver": _party(receiver, "party"),
            "documents": "".join(_filled("document", inside={"content": content}) for content in contents),
        }
        body = _filled(
            "msghead", type=message_type, gen_date=_zoned(at), msg_id=msg_id, family_name=patient.family_name,
            given_name=patient.given_name, national_id=patient.national_id, inside=inside,
        )
        return Step(name, self.vendor, body.encode(), msg_id, patient.record)

    def _calendar(self, slot: Slot, *, owner: Party | None = None) -> str:
        owner = owner or self.office
        ends_at = slot.starts_at + timedelta(minutes=slot.minutes)
        return _filled(
            "icalendar", starts_at=slot.starts_at.isoformat(), ends_at=ends_at.isoformat(), uid=slot.uid, contact=owner.her_id,
            about=slot.about, place=owner.unit,
        )

    def _id(self, name: str) -> str:
        return _id_of(self._run, name)


# the scenario

def scenario(today: date, *, run: str = "first") -> list[Step]:
    """The messages of the demo, in their order. Appointments lie some days from `today`, GenDates in its first minutes.

    Another `run` has other ids, patients and appointments: the same scenario can be sent again and again.
    """
    return [*_one_appointment(today, run), *_one_blocked(today, run), *_one_handed_on(today, run), *_some_at_fault(today, run)]


def _one_appointment(today: date, run: str) -> Iterator[Step]:
    """Told, told again, moved and cancelled; and another one nobody came to."""
    epj, patient, at = ExampleEpj(FJORD, run=run), _patient(run, "Solvang", "Mina"), partial(_gen_date, today)
    slot = Slot(_id_of(run, "appointment"), _at(today, days=7, hour=9))
    new = epj.push("new appointment", "05", patient, slot, at=at(0))
    yield new
    yield Step("the same again", new.vendor, new.body, new.msg_id, new.key)
    moved = Slot(slot.uid, _at(today, days=8, hour=13))
    yield epj.push("changed appointment", "07", patient, moved, at=at(1))
    yield epj.push("cancelled appointment", "08", patient, moved, at=at(2))
    missed = Slot(_id_of(run, "missed"), _at(today, days=-1, hour=10))
    yield epj.push("patient did not come", "11", patient, missed, at=at(3))


def _one_blocked(today: date, run: str) -> Iterator[Step]:
    """An answer to a request that the hub never saw."""
    yield ExampleEpj(FJORD, run=run).answer(
        "service blocked", "30", _patient(run, "Lien", "Jonas"), to=_id_of(run, "a request"), text="Ring oss for å bestille time.",
        at=_gen_date(today, 4),
    )


def _one_handed_on(today: date, run: str) -> Iterator[Step]:
    """Home care asks the doctor's office: the request goes to it byte for byte, and so do its receipt and answer, the other way."""
    home_care, office, at = ExampleEpj(VIDDE, run=run), ExampleEpj(FJORD, run=run), partial(_gen_date, today)
    patient = _patient(run, "Moen", "Astrid")
    slot = Slot(_id_of(run, "wanted"), _at(today, days=5, hour=11), about="Blodprøve")
    request = home_care.request("booking request", "RT", patient, slot, receiver=FJORD, at=at(5))
    yield request
    yield office.receipt("receipt of the request", request, written_at=at(5), receiver=VIDDE, at=at(6))
    yield office.answer(
        "answer to the request", "05", patient, to=request.msg_id, text="Velkommen.", at=at(7), slot=slot, receiver=VIDDE,
    )


def _some_at_fault(today: date, run: str) -> Iterator[Step]:
    epj, patient, at = ExampleEpj(FJORD, run=run), _patient(run, "Hagen", "Odd"), partial(_gen_date, today)
    slot = Slot(_id_of(run, "broken"), _at(today, days=3, hour=14))
    sound = epj.push("broken date", "05", patient, slot, at=at(8))
    broken = sound.body.replace(slot.starts_at.isoformat().encode(), b"om tre dager")
    yield Step(sound.name, sound.vendor, broken, sound.msg_id, sound.key)
    yield epj.push("unknown process", "05", patient, slot, at=at(9), message_type=_NOBODYS_PROCESS)


# Kafka

async def put(bootstrap: str, steps: Iterable[Step]) -> list[Source]:
    """Put each message on its vendor's inbox, in order, and wait until the broker has it. Where each lies, in the same order."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, max_request_size=MAX_INBOX_BYTES) as producer:
        sent = [
            await producer.send_and_wait(of_vendor(INBOX, step.vendor), key=step.key.encode(), value=step.body) for step in steps
        ]
    return [Source(told.topic, told.partition, told.offset) for told in sent]


def heard(bootstrap: str, *vendors: str) -> AsyncGenerator[Record, None]:
    """What the hub sends these vendors, from the beginning: outboxes and errors."""
    return records(bootstrap, *(of_vendor(topic, vendor) for vendor in vendors for topic in (OUTBOX, ERRORS)))


# XML

def _filled(template: str, *, inside: dict[str, str] | None = None, **values: str) -> str:
    """A template with its values escaped; `inside` is XML already."""
    return _template(template).substitute({name: escape(value) for name, value in values.items()} | (inside or {}))


@cache
def _template(name: str) -> Template:
    return Template((_TEMPLATES / f"{name}.xml").read_text("utf-8"))


def _party(party: Party, template: str) -> str:
    return _filled(template, name=party.name, level_1=party.level_1, unit=party.unit, her_id=party.her_id)


# what is made up

def _id_of(run: str, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"urn:example-epj:{run}:{name}"))


def _patient(run: str, family_name: str, given_name: str) -> Patient:
    record = _id_of(run, f"{given_name} {family_name}")
    return Patient(synthetic_national_id(record), family_name, given_name, record)


def synthetic_national_id(seed: str) -> str:
    """A number with month +80 whose control digits hold: nobody's. The same seed gives the same."""
    number = int.from_bytes(sha256(seed.encode()).digest()[:4])
    for individual in range(1000):
        nine = f"{1 + number % 28:02}{81 + number // 28 % 12:02}{number // 336 % 100:02}{(number // 33600 + individual) % 1000:03}"
        digits = [int(digit) for digit in nine]
        for weights in ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)):
            digits.append(-sum(weight * digit for weight, digit in zip(weights, digits, strict=True)) % 11)
        if 10 not in digits:
            return "".join(map(str, digits))
    raise AssertionError("every day has such a number")


def _gen_date(today: date, minutes: int) -> datetime:
    return datetime.combine(today, time(0, minutes), _OSLO)


def _at(today: date, *, days: int, hour: int) -> datetime:
    return datetime.combine(today + timedelta(days=days), time(hour))


def _zoned(at: datetime) -> str:
    return at.isoformat(timespec="seconds")

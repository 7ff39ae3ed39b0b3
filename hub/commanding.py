"""Pure: one record of `portal.commands.v1` in, what stands in the log out: the document that asks the office, or why it is not sent.

`headers → type → id → JSON → model → times → receiver → row of table 4 → document`, each a no of its own (contracts/refusals.py).
Never does I/O, never asks the case: whether an appointment can be cancelled, casework decides. Never repeats a value of the command.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from pydantic import ValidationError

from contracts.commands import COMMAND_FAMILIES, Book, Cancel, CitizenCommand, Command, CommandFamily, FindFreeSlots, Question
from contracts.commands.base import ANSWERED_WITHIN
from contracts.commands.find_free_slots import LONGEST_PERIOD
from contracts.party import HER_ID, Party
from contracts.records import Received
from contracts.refusals import Refusal
from hub.case.deadlines import Deadline, What
from hub.case.entries import Commanded, Declined, Origin
from hub.parties import Register, common_version
from hub.processes import Process, Row, process_named, rows_of_command
from hub.pseudonyms import Pseudonyms
from schemas.documents import HealthcareProfessional, Ident, Kode, Organisation
from schemas.kodeverk.organisasjons_id_9051 import OID as OID_9051
from schemas.kodeverk.organisasjons_id_9051 import OrganisasjonsId9051
from schemas.kodeverk.person_id_8116 import OID as OID_8116
from schemas.kodeverk.person_id_8116 import PersonId8116
from schemas.national_id import NationalId
from schemas.oslo_time import OSLO
from schemas.uuids import is_uuid
from translators.command_to_hodemelding import Envelope

_FAMILIES: Final = {family.type: family for family in COMMAND_FAMILIES}
_TOO_LONG: Final = "string_too_long"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited after a request was sent, before the portal is told that nothing came."""

    receipt: timedelta = timedelta(hours=4)
    """For the AppRec."""
    word: timedelta = timedelta(days=5)
    """For the office's own answer."""


PATIENCE: Final = Patience()


@dataclass(frozen=True, slots=True)
class Counter:
    """What commands are read by, all of it frozen."""

    pseudonyms: Pseudonyms
    register: Register
    patience: Patience = PATIENCE
    asks_citizens: bool = False


class _Declines(Exception):
    """This command is not sent."""

    def __init__(self, refusal: Refusal, path: str | None = None, *, limit: int | None = None) -> None:
        super().__init__(refusal.code)
        self.refusal, self.path, self.limit = refusal, path, limit


@dataclass(frozen=True, slots=True)
class Chosen:
    """How a command is sent: to whom, by which row, in which version."""

    party: Party
    vendor: str
    row: Row
    version: str

    @property
    def process(self) -> Process:
        """The row's."""
        return process_named(self.row.process)


def read_command(received: Received, origin: Origin, counter: Counter) -> tuple[str, Commanded | Declined]:
    """The key that orders it, and the entry. Never raises for what a command holds."""
    family, command_id = _named(received)
    declined = _of(origin, family, command_id, Refusal.COMMAND_UNKNOWN)
    if family is None:
        return _declined(declined, "ce_type")
    try:
        return _commanded(received, origin, counter, family, command_id)
    except _Declines as no:
        return _declined(replace(declined, refusal=no.refusal.name, limit=no.limit, receiver=_receiver_of(received.body)), no.path)


def declined_for_a_fault(received: Received, origin: Origin, *, fault: str) -> tuple[str, Declined]:
    """Reading itself failed, and the fault is ours. `fault`: the exception's type and our line."""
    declined = _of(origin, *_named(received), Refusal.FAULT_OF_OURS)
    return _declined(replace(declined, receiver=_receiver_of(received.body), fault=fault), None)


def _named(received: Received) -> tuple[CommandFamily | None, str]:
    """What its headers say it is, and its id: a UUID only where one could be read."""
    headers = dict(received.headers)
    return _FAMILIES.get(_text(headers.get("ce_type"))), _text(headers.get("ce_id")).lower()


def _of(origin: Origin, family: CommandFamily | None, command_id: str, refusal: Refusal) -> Declined:
    return Declined(
        origin, refusal.name, command_id if is_uuid(command_id) else None, family.type if family else None,
        is_question=family is not None and family.is_question,
    )


def _declined(declined: Declined, path: str | None) -> tuple[str, Declined]:
    return declined.command_id or declined.origin.source.topic_partition, replace(declined, path=path)


def _commanded(
    received: Received, origin: Origin, counter: Counter, family: CommandFamily, command_id: str,
) -> tuple[str, Commanded]:
    if not is_uuid(command_id):
        raise _Declines(Refusal.MALFORMED, "ce_id")
    command = _modelled(received.body or b"", family)
    for check in _CHECKS:
        check(command, received.at)
    chosen = _chosen(command, counter.register, received.at)
    row, patient = chosen.row, _patient_of(command)
    envelope = Envelope(
        chosen.process.types[0], command_id, received.at, _organisation(counter.register.portal), _organisation(chosen.party),
    )
    assert row.to_document is not None  # noqa: S101  table 4: a row that names a command has its translator
    commanded = Commanded(
        origin, family.type, row.process, row.element, row.code.value, row.to_document(command, envelope), chosen.party.her_id,
        chosen.party.level_1, chosen.vendor, deadlines=tuple(_deadlines(command, received.at, counter.patience)),
        appointment_id=str(command.appointment_id) if isinstance(command, Cancel) else None,
        person=counter.pseudonyms.of_person(patient) if patient and counter.asks_citizens else None,
    )
    if patient is None:
        return counter.pseudonyms.of_request(command_id), commanded
    return counter.pseudonyms.of(patient, office=chosen.party.level_1), commanded


# the command itself

def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace").strip()


def _receiver_of(body: bytes | None) -> str | None:
    """For the reply that is owed to whoever waits: a HER-id and nothing else."""
    try:
        told: Any = json.loads(body or b"")
    except ValueError:
        return None
    receiver = told.get("receiver") if isinstance(told, dict) else None
    return receiver if isinstance(receiver, str) and re.fullmatch(HER_ID, receiver) else None


def _modelled(body: bytes, family: CommandFamily) -> Command:
    try:
        return family.model.model_validate_json(body, strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
    place = "/" + "/".join(str(step) for step in first["loc"] if _is_ours(step, family)) if first["loc"] else None
    if first["type"] == _TOO_LONG:
        raise _Declines(Refusal.TEXT_TOO_LONG, place, limit=first["ctx"]["max_length"])
    raise _Declines(Refusal.MALFORMED, place)


def _is_ours(step: object, family: CommandFamily) -> bool:
    """A name of the contract, or a place in a list: what else the portal has written there is not repeated."""
    return isinstance(step, int) or str(step) in _names_of(family.model)


@cache
def _names_of(model: type[Command]) -> frozenset[str]:
    schema = model.model_json_schema()
    described = (schema, *schema.get("$defs", {}).values())
    return frozenset(name for one in described for name in one.get("properties", ()))


def _patient_of(command: Command) -> NationalId | None:
    return NationalId(command.patient.national_id) if isinstance(command, CitizenCommand) else None


# what can be said of it without asking anybody

Check = Callable[[Command, datetime], None]


def _persons_are_possible(command: Command, _at: datetime) -> None:
    if not isinstance(command, CitizenCommand):
        return
    for path, who in (("/patient", command.patient), ("/representative/person", command.representative and command.representative.person)):
        if who and NationalId(who.national_id).series is None:
            raise _Declines(Refusal.MALFORMED, f"{path}/national_id")


def _deadline_is_ahead(command: Command, at: datetime) -> None:
    if isinstance(command, Question) and command.deadline <= at:
        raise _Declines(Refusal.DEADLINE_PASSED, "/deadline")


def _period_fits(command: Command, _at: datetime) -> None:
    if not isinstance(command, FindFreeSlots):
        return
    if command.to_date < command.from_date:
        raise _Declines(Refusal.PERIOD_BACKWARDS, "/to_date")
    if command.to_date - command.from_date > LONGEST_PERIOD:
        raise _Declines(Refusal.PERIOD_TOO_LONG, "/to_date", limit=LONGEST_PERIOD.days // 7)


def _slot_can_be_booked(command: Command, at: datetime) -> None:
    if not isinstance(command, Book):
        return
    slot = command.slot
    if slot.ends_at and slot.ends_at < slot.starts_at:
        raise _Declines(Refusal.MALFORMED, "/slot/ends_at")
    if slot.starts_at <= at:
        raise _Declines(Refusal.SLOT_IN_THE_PAST, "/slot/starts_at")
    if slot.must_call:
        raise _Declines(Refusal.MUST_CALL, "/slot/must_call")
    if slot.available_at and slot.available_at > at:
        raise _Declines(Refusal.NOT_YET_AVAILABLE, "/slot/available_at")


_CHECKS: Final[tuple[Check, ...]] = (_persons_are_possible, _deadline_is_ahead, _period_fits, _slot_can_be_booked)


def _deadlines(command: Command, at: datetime, patience: Patience) -> Iterator[Deadline]:
    """A question's own, and never later than an office may answer; else those of the receipt and of the office's word."""
    if isinstance(command, Question):
        yield Deadline(What.ANSWER, min(command.deadline, at + ANSWERED_WITHIN))
    else:
        yield Deadline(What.RECEIPT, at + patience.receipt)
        yield Deadline(What.WORD, at + patience.word)


# the receiver

def _chosen(command: Command, register: Register, at: datetime) -> Chosen:
    day = at.astimezone(OSLO).date()
    party = register.find(command.receiver)
    if party is None or party.vendor is None or party.her_id != command.receiver or not party.is_valid(day) or register.portal is None:
        raise _Declines(Refusal.RECEIVER_UNKNOWN, "/receiver")
    active = [(row, version) for row in rows_of_command(type(command)) if (version := _version(party, row))]
    if not active or (isinstance(command, Book) and _is_resource(command, party) and not party.books_resources):
        raise _Declines(Refusal.NOT_ACTIVE, "/receiver")
    row, version = active[0]
    chosen = Chosen(party, party.vendor, row, version)
    if isinstance(command, CitizenCommand) and command.representative and not chosen.process.represents(version):
        raise _Declines(Refusal.REPRESENTATION_NOT_POSSIBLE, "/representative")
    return chosen


def _version(party: Party, row: Row) -> str | None:
    """The version of the row's process that both sides know and that has this row."""
    version = common_version(party, process_named(row.process))
    return version if version and row.is_in(version) else None


def _is_resource(command: Book, party: Party) -> bool:
    """The slot is of a resource calendar of this party (services.md 2)."""
    return any(calendar.kind in command.slot.kinds for calendar in party.calendars)


def _organisation(party: Party | None) -> Organisation:
    """As it is addressed: an organisation, and below it the unit or practitioner (appointments.md 3)."""
    if party is None:
        return Organisation()
    unit = Organisation(party.name, (_her_id(party.her_id),))
    person = party.person
    below = HealthcareProfessional(person.family_name, None, person.given_name, (_person_her_id(party.her_id),)) if person else None
    return Organisation(
        party.level_1_name or party.name, (_her_id(party.level_1),), None if below else unit, below,
    )


def _her_id(number: str) -> Ident:
    return Ident(number, Kode(OrganisasjonsId9051.HER.value, OID_9051, OrganisasjonsId9051.HER.tekst))


def _person_her_id(number: str) -> Ident:
    return Ident(number, Kode(PersonId8116.HER.value, OID_8116, PersonId8116.HER.tekst))

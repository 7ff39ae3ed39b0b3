"""From a command to the MsgHead that asks the office: one function per row of table 4 that the portal may send.

Pure: ids, times and addresses are given. Never decides whether a command may be sent, and never fills in what only the case knows: the
appointment of a cancellation is put in by `about_appointment`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from contracts.commands import Book, Cancel, Command, FindFreeSlots, Person, Representative, WantedPractitioner
from contracts.commands.base import CitizenCommand
from schemas.documents import (
    ConversationRef,
    Dialogmelding,
    Foresporsel,
    HealthcareProfessional,
    Hodemelding,
    Icalendar,
    Ident,
    Kode,
    MsgInfo,
    Notat,
    Organisation,
    Pasientrelasjon,
    Patient,
    RollerRelatertNotat,
    Vevent,
)
from schemas.documents import Person as RepresentingPerson
from schemas.kodeverk import Kodeverk
from schemas.kodeverk.ack_7304 import Ack7304
from schemas.kodeverk.foresporsel_7601 import OID as OID_7601
from schemas.kodeverk.foresporsel_7601 import Foresporsel7601 as Ber
from schemas.kodeverk.ja_nei_1101 import OID as OID_1101
from schemas.kodeverk.ja_nei_1101 import JaNei1101
from schemas.kodeverk.kommunikasjonstest_7603 import OID as OID_7603
from schemas.kodeverk.kommunikasjonstest_7603 import Kommunikasjonstest7603
from schemas.kodeverk.meldingens_funksjon_8279 import MeldingensFunksjon8279
from schemas.kodeverk.person_id_8116 import OID as OID_8116
from schemas.kodeverk.person_id_8116 import PersonId8116
from schemas.kodeverk.representasjonsrolle_7611 import OID as OID_7611
from schemas.kodeverk.representasjonsrolle_7611 import Representasjonsrolle7611
from schemas.kodeverk.rolle_overfor_pasient_9034 import OID as OID_9034
from schemas.kodeverk.rolle_overfor_pasient_9034 import RolleOverforPasient9034
from schemas.national_id import NationalId
from translators.statements import Details


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a document needs beside its command."""

    type: MeldingensFunksjon8279
    msg_id: str
    """The command's id."""
    at: datetime
    """GenDate; aware."""
    sender: Organisation
    receiver: Organisation


ToDocument = Callable[[Any, Envelope], Hodemelding]
_WANTED: Final = RolleOverforPasient9034.ONSKET_BEHANDLER


def kode(code: Kodeverk, system: str) -> Kode:
    """A coded value as we write it."""
    return Kode(code.value, system, code.tekst)


def free_slots(command: FindFreeSlots, envelope: Envelope) -> Hodemelding:
    """HLT: the period, and whose calendar (appointments.md 10.1)."""
    return _question(command, envelope, Foresporsel(
        kode(Ber.HLT, OID_7601), fra_dato=command.from_date, til_dato=command.to_date,
        roller_relatert_notat=_wanted(command.practitioner),
    ))


def planned_visits(command: CitizenCommand, envelope: Envelope) -> Hodemelding:
    """HBT (appointments.md 10.7)."""
    return _question(command, envelope, Foresporsel(kode(Ber.HBT, OID_7601)))


def practitioners(command: CitizenCommand, envelope: Envelope) -> Hodemelding:
    """HB (appointments.md 10.12)."""
    return _question(command, envelope, Foresporsel(kode(Ber.HB, OID_7601)))


def connection_test(command: Command, envelope: Envelope) -> Hodemelding:  # noqa: ARG001  every translator is given its command
    """KT, about nobody (appointments.md 10.14)."""
    asked = Foresporsel(kode(Kommunikasjonstest7603.KT, OID_7603))
    return Hodemelding(_msg_info(envelope, Ack7304.N), Dialogmelding(foresporsel=(asked,)))


def answer_to_test(asked: MsgInfo, *, msg_id: str, at: datetime) -> Hodemelding:
    """RKT: sender and receiver change places, and the thread begins with the test."""
    reference = ConversationRef(asked.msg_id, asked.msg_id)
    info = MsgInfo(
        asked.type, at, "", msg_id, Ack7304.N.value, reference, sender=asked.receiver, receiver=asked.sender, patient=asked.patient,
    )
    return Hodemelding(info, Dialogmelding(notat=(Notat(kode(Kommunikasjonstest7603.RKT, OID_7603)),)))


def booking(command: Book, envelope: Envelope) -> Hodemelding:
    """RT: the slot's calendar, and whether another practitioner will do (appointments.md 10.3)."""
    slot = command.slot
    event = Vevent(slot.starts_at, slot.ends_at, slot.uid, slot.party or command.receiver, categories=slot.kinds)
    subject, words = _words(command.about, command.form_answers)
    return _about(command, envelope, Foresporsel(
        kode(Ber.RT, OID_7601), emne_sporsmal=subject, sporsmal=words,
        kodet_opplysning=kode(JaNei1101.JA if command.accepts_other_practitioner else JaNei1101.NEI, OID_1101),
        roller_relatert_notat=_wanted(command.practitioner),
    ), Icalendar((event,)))


def cancellation(command: Cancel, envelope: Envelope) -> Hodemelding:
    """ART, still without its appointment (appointments.md 10.4, 10.10)."""
    return _about(command, envelope, Foresporsel(
        kode(Ber.ART, OID_7601), sporsmal=command.reason, kodet_opplysning=kode(JaNei1101.NEI, OID_1101),
    ))


def about_appointment(message: Hodemelding, details: Details, *, names: tuple[str, ...]) -> Hodemelding:
    """The message with the appointment it is about: its ids as the office last told them, `related-to` as in the original."""
    uid = details.uid or details.related_to or next((name for name in names if ":" not in name), None)
    event = Vevent(details.starts_at, details.ends_at, uid, details.party, related_to=details.related_to)
    return replace(message, icalendar=Icalendar((event,)))


def _words(about: str | None, form_answers: str | None) -> tuple[str | None, str | None]:
    """Subject and text. What it is about stands in the text, as in the published example, unless a form's answers need that place."""
    return (about, form_answers) if form_answers else (None, about)


def _question(command: CitizenCommand, envelope: Envelope, asked: Foresporsel) -> Hodemelding:
    return _of_citizen(command, envelope, asked, None, Ack7304.N)


def _about(command: CitizenCommand, envelope: Envelope, asked: Foresporsel, calendar: Icalendar | None = None) -> Hodemelding:
    return _of_citizen(command, envelope, asked, calendar, Ack7304.J)


def _of_citizen(
    command: CitizenCommand, envelope: Envelope, asked: Foresporsel, calendar: Icalendar | None, ack: Ack7304,
) -> Hodemelding:
    return Hodemelding(
        _msg_info(envelope, ack, _patient(command.patient)), Dialogmelding(foresporsel=(asked,)), calendar,
        pasientrelasjon=_relation(command.representative),
    )


def _msg_info(envelope: Envelope, ack: Ack7304, patient: Patient | None = None) -> MsgInfo:
    return MsgInfo(
        Kode(envelope.type.value, dn=envelope.type.tekst), envelope.at, "", envelope.msg_id, ack.value, None, envelope.sender,
        envelope.receiver, patient,
    )


def _patient(who: Person) -> Patient:
    return Patient(who.family_name, who.middle_name, who.given_name, NationalId(who.national_id), who.telephone)


def _relation(representative: Representative | None) -> Pasientrelasjon | None:
    """Who acts for the patient; the patient stays in `MsgInfo` (appointments.md 6)."""
    if representative is None:
        return None
    who = representative.person
    person = RepresentingPerson(who.family_name, who.middle_name, who.given_name, NationalId(who.national_id), who.telephone)
    return Pasientrelasjon((person,), kode(Representasjonsrolle7611(representative.relation.value), OID_7611))


def _wanted(who: WantedPractitioner | None) -> tuple[RollerRelatertNotat, ...]:
    if who is None:
        return ()
    ident = Ident(who.hpr_number, kode(PersonId8116.HPR, OID_8116))
    return (RollerRelatertNotat(
        role_to_patient=kode(_WANTED, OID_9034),
        healthcare_professional=HealthcareProfessional(who.family_name, None, who.given_name, (ident,)),
    ),)

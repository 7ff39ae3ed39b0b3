"""From a command to the document that asks: one function per row of table 4, each part where the specification has it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from contracts.commands import COMMAND_FAMILIES, CommandFamily, Representative, WantedPractitioner
from contracts.commands.base import Relation
from hub.processes import rows_of_command
from schemas.documents import Hodemelding, Icalendar, Kode, Organisation
from schemas.kodeverk.meldingens_funksjon_8279 import MeldingensFunksjon8279 as Funksjon
from schemas.message import open_message
from schemas.writing.hodemelding import write_hodemelding
from tests import asking, mail
from tests import messages as m
from translators.command_to_hodemelding import (
    Envelope,
    about_appointment,
    answer_to_test,
    booking,
    cancellation,
    connection_test,
    free_slots,
    planned_visits,
    practitioners,
)
from translators.statements import Details

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)
ID = m.msg_id(900)
ENVELOPE = Envelope(Funksjon.TIMERESERVASJON, ID, AT, Organisation("Portalen"), Organisation("Kontoret"))
BOOKING = asking.book(about="Kontroll av blodtrykk")
WANTED = WantedPractitioner(hpr_number="555446", family_name="Lunde", given_name="Ask")
STARTS, ENDS = datetime(2026, 6, 12, 7, 15, tzinfo=UTC), datetime(2026, 6, 12, 7, 30, tzinfo=UTC)


def asked(message: Hodemelding) -> tuple[str | None, str | None, str | None]:
    """Code, subject and text of the one request."""
    (foresporsel,) = message.dialogmelding.foresporsel
    return foresporsel.type_foresp.v, foresporsel.emne_sporsmal, foresporsel.sporsmal


@pytest.mark.parametrize(("message", "code", "ack"), [
    (free_slots(asking.free_slots(), ENVELOPE), "HLT", "N"), (planned_visits(asking.planned_visits(), ENVELOPE), "HBT", "N"),
    (practitioners(asking.practitioners(), ENVELOPE), "HB", "N"), (connection_test(asking.connection(), ENVELOPE), "KT", "N"),
    (booking(asking.book(), ENVELOPE), "RT", "J"), (cancellation(asking.cancel(m.msg_id(7)), ENVELOPE), "ART", "J"),
], ids=lambda given: given if isinstance(given, str) else "")
def test_each_command_has_its_code_and_whether_a_receipt_is_wanted(message: Hodemelding, code: str, ack: str) -> None:
    """A question wants none; the first message of a thread refers to nothing."""
    info = message.msg_info
    assert (asked(message)[0], info.ack, info.conversation_ref, info.msg_id, info.gen_date) == (code, ack, None, ID, AT)


@pytest.mark.parametrize("family", COMMAND_FAMILIES, ids=lambda family: family.name)
def test_every_command_has_a_row_and_a_translator(family: CommandFamily) -> None:
    """Otherwise it could be promised and never be sent."""
    rows = rows_of_command(family.model)
    assert rows
    assert all(row.to_document for row in rows)


def test_free_slots_are_asked_for_between_two_days() -> None:
    """And from whose calendar, where the citizen has chosen."""
    message = free_slots(asking.free_slots(practitioner=WANTED), ENVELOPE)
    (foresporsel,) = message.dialogmelding.foresporsel
    assert (foresporsel.fra_dato, foresporsel.til_dato) == (date(2026, 6, 8), date(2026, 6, 26))
    (role,) = foresporsel.roller_relatert_notat
    assert role.role_to_patient
    assert role.healthcare_professional
    idents = [(ident.id, ident.type_id.v) for ident in role.healthcare_professional.ident]
    assert (role.role_to_patient.v, idents) == ("23", [("555446", "HPR")])
    assert message.icalendar is None


def test_a_booking_repeats_the_slot() -> None:
    """Start, end, id, owner and kinds; MustCall and `x-available-at` are no part of a request."""
    calendar = booking(BOOKING, ENVELOPE).icalendar
    assert calendar
    (event,) = calendar.vevent
    assert (event.dtstart, event.dtend, event.uid, event.contact) == (STARTS, ENDS, mail.uid(1), mail.OFFICE[1])
    assert (event.related_to, event.x_available_at, event.status) == (None, None, None)


@pytest.mark.parametrize(("accepts", "code"), [(True, "1"), (False, "2")])
def test_a_booking_says_whether_another_practitioner_will_do(accepts: bool, code: str) -> None:
    """`KodetOpplysning` of 1101 must be there."""
    (foresporsel,) = booking(asking.book(accepts_other_practitioner=accepts), ENVELOPE).dialogmelding.foresporsel
    assert foresporsel.kodet_opplysning is not None
    assert foresporsel.kodet_opplysning.v == code


@pytest.mark.parametrize(("given", "subject", "text"), [
    ({}, None, None), ({"about": "Kne"}, None, "Kne"), ({"form_answers": "Feber: nei"}, None, "Feber: nei"),
    ({"about": "Kne", "form_answers": "Feber: nei"}, "Kne", "Feber: nei"),
])
def test_what_it_is_about_makes_way_for_a_forms_answers(given: dict[str, Any], subject: str | None, text: str | None) -> None:
    """It stands in the text; with a form's answers there, it is the subject."""
    assert asked(booking(asking.book(**given), ENVELOPE)) == ("RT", subject, text)


@pytest.mark.parametrize("relation", Relation)
def test_whoever_acts_for_the_patient_stands_in_a_part_of_their_own(relation: Relation) -> None:
    """By each right of 7611; the patient stays in the envelope."""
    acting = Representative(person=asking.PARENT.person, relation=relation)
    part = booking(asking.book(representative=acting), ENVELOPE)
    assert part.msg_info.patient
    assert part.pasientrelasjon
    assert part.pasientrelasjon.relasjon
    assert (part.msg_info.patient.given_name, part.pasientrelasjon.person[0].given_name) == ("Kaja", "Liv")
    assert part.pasientrelasjon.relasjon.v == relation.value


def test_the_patient_is_named_with_the_number_to_be_reached_at() -> None:
    """Names, national id and telephone."""
    told = asking.PERSONS[0].model_copy(update={"middle_name": "Bråten", "telephone": "+4790000011"})
    patient = booking(asking.book().model_copy(update={"patient": told}), ENVELOPE).msg_info.patient
    assert patient
    assert patient.national_id
    assert (patient.family_name, patient.middle_name, patient.given_name) == ("Myrstad", "Bråten", "Kaja")
    assert (patient.national_id.reveal(), patient.telephone) == (mail.KAJA, "+4790000011")


def test_a_connection_test_is_about_nobody() -> None:
    """No patient and no part but the dialogue."""
    message = connection_test(asking.connection(), ENVELOPE)
    assert (message.msg_info.patient, message.icalendar, message.pasientrelasjon) == (None, None, None)


def test_a_cancellation_waits_for_its_appointment() -> None:
    """Only the case knows it; the reason stands in the text."""
    message = cancellation(asking.cancel(m.msg_id(7), reason="Er frisk"), ENVELOPE)
    assert (asked(message), message.icalendar) == (("ART", None, "Er frisk"), None)
    (foresporsel,) = message.dialogmelding.foresporsel
    assert foresporsel.kodet_opplysning is not None
    assert foresporsel.kodet_opplysning.v == "2"


@pytest.mark.parametrize(("details", "names", "uid", "related"), [
    (Details(STARTS, ENDS, uid="slot", related_to="time"), ("slot", "time"), "slot", "time"),
    (Details(STARTS, ENDS, uid="slot"), ("slot",), "slot", None),
    (Details(STARTS, ENDS, related_to="time"), ("time",), "time", "time"),
    (Details(STARTS, ENDS), ("conversation:x", "gammel"), "gammel", None),
])
def test_an_appointment_is_named_as_the_office_last_named_it(
    details: Details, names: tuple[str, ...], uid: str, related: str | None,
) -> None:
    """`related-to` as in the original; without a `uid` any name the office gave, and never one of ours."""
    message = about_appointment(cancellation(asking.cancel(m.msg_id(7)), ENVELOPE), details, names=names)
    assert isinstance(message.icalendar, Icalendar)
    (event,) = message.icalendar.vevent
    assert (event.dtstart, event.dtend, event.uid, event.related_to) == (STARTS, ENDS, uid, related)


def test_the_answer_to_a_test_goes_back_where_it_came_from() -> None:
    """Sender and receiver change places, and the thread begins with the test."""
    test = replace(connection_test(asking.connection(), ENVELOPE).msg_info, type=Kode(Funksjon.TEST.value))
    answer = answer_to_test(test, msg_id=m.msg_id(2), at=AT)
    info = answer.msg_info
    assert (info.sender, info.receiver, info.ack, info.type.v) == (test.receiver, test.sender, "N", Funksjon.TEST.value)
    assert info.conversation_ref
    assert (info.conversation_ref.ref_to_parent, info.conversation_ref.ref_to_conversation) == (ID, ID)
    assert [notat.tema_kodet.v for notat in answer.dialogmelding.notat] == ["RKT"]


@pytest.mark.parametrize("message", [
    booking(asking.book(about="<Kne> & rygg", representative=asking.PARENT, practitioner=WANTED), ENVELOPE),
    about_appointment(cancellation(asking.cancel(m.msg_id(7)), ENVELOPE), Details(STARTS, ENDS, uid="1"), names=("1",)),
    free_slots(asking.free_slots(), ENVELOPE), connection_test(asking.connection(), ENVELOPE),
], ids=["booking", "cancellation", "free slots", "connection test"])
def test_what_is_written_is_read_back_as_it_was_meant(message: Hodemelding) -> None:
    """By our own reader, with nothing forgiven; the time's text is the reader's."""
    read = open_message(write_hodemelding(message)).hodemelding()
    assert replace(read, msg_info=replace(read.msg_info, gen_date_text="")) == message

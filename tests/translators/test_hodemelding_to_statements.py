"""From a document to what it states: one statement a calendar entry, details as the citizen shall see them."""

from datetime import timedelta

import pytest

from schemas.message import open_message
from tests import mail
from tests import messages as m
from translators.hodemelding_to_statements import Translate, asked, blocked, request_ended, says, visit
from translators.statements import AboutAppointment, Asked, Blocked, Details, RequestEnded, Said, With


def stated(translate: Translate, body: bytes) -> tuple[object, ...]:
    """What a message states."""
    return translate(open_message(body).hodemelding())


def details(body: bytes) -> Details:
    """The details of its one appointment."""
    (about,) = stated(says(Said.CONFIRMED), body)
    assert isinstance(about, AboutAppointment)
    assert about.details is not None
    return about.details


def with_more(more: str) -> bytes:
    """A push whose calendar entry has more properties."""
    return mail.push("05", number=1).replace(b"<location>", more.encode() + b"<location>")


def test_each_entry_of_a_calendar_is_one_statement() -> None:
    """In the calendar's order."""
    found = stated(says(Said.CONFIRMED), mail.push("05", mail.slot(1), mail.slot(2, day=13), number=1))
    assert [about.details.uid for about in found if isinstance(about, AboutAppointment) and about.details] == [mail.uid(1), mail.uid(2)]


def test_an_answer_without_a_calendar_is_about_its_conversation() -> None:
    """No details: only the conversation says which appointment."""
    assert stated(says(Said.NOT_BOOKED), mail.answer("06", number=1, parent=2)) == (AboutAppointment(Said.NOT_BOOKED, None),)


def test_the_names_of_an_appointment_are_uid_then_related_to() -> None:
    """Either may be the slot's or the appointment's; the same one twice is one."""
    assert details(mail.push("05", mail.slot(1, also=2), number=1)).names == (mail.uid(1), mail.uid(2))
    assert details(mail.push("05", mail.slot(1, also=1), number=1)).names == (mail.uid(1),)


def test_what_travels_in_categories_without_being_a_kind_is_left_out() -> None:
    """`MustCall` and `TjenesteId:`, in any spelling; an unknown kind is carried."""
    more = "".join(f"<text>{text}</text>" for text in ("Video", "MustCall", "TjenesteId:12", "tjenesteId: 9", "Konsultasjon"))
    assert details(with_more(f"<categories>{more}</categories>")).kinds == ("Video", "Konsultasjon")


@pytest.mark.parametrize(("place", "is_home"), [("Hjemmebesøk", True), ("HJEMMEBESØK", True), ("Rom 4", False), ("", False)])
def test_a_visit_at_home_is_known_by_its_place(place: str, is_home: bool) -> None:
    """The only place that home services use."""
    assert details(mail.push("05", mail.slot(place=place), number=1)).home_visit is is_home


def test_the_practitioner_is_the_one_named_in_the_dialogue() -> None:
    """Before the list of practitioners, before the calendar's attendees."""
    body = mail.answer("05", mail.slot(), number=1, parent=2).replace(b"</Notat>", m.roller_relatert_notat().encode() + b"</Notat>")
    listed = body.replace(b"</MsgHead>", m.document(m.helsepersonel_liste()).encode() + b"</MsgHead>")
    assert details(listed).practitioner == With(name="Oda Ryggen", hpr_number="555444", role="16")


def test_the_practitioner_is_else_the_first_of_the_list() -> None:
    """The citizen got an appointment with another practitioner."""
    body = mail.answer("05", mail.slot(), number=1, parent=2)
    listed = body.replace(b"</MsgHead>", m.document(m.helsepersonel_liste()).encode() + b"</MsgHead>")
    assert details(listed).practitioner == With(name="Are Vikstad", hpr_number="555445")


def test_the_practitioner_is_else_whoever_attends() -> None:
    """Home services name their staff in the calendar."""
    attendee = "<attendee><parameters><cn><text>{}</text></cn></parameters><cal-address>mailto:a@example.test</cal-address></attendee>"
    assert details(with_more(attendee.format("Per") + attendee.format("Pål"))).practitioner == With(name="Per, Pål")


def test_a_time_window_says_how_long_it_will_take() -> None:
    """`P30M` is thirty minutes."""
    window = "<x-expected-duration><duration>P30M</duration></x-expected-duration>"
    assert details(with_more(window)).expected_duration == timedelta(minutes=30)


@pytest.mark.parametrize(("given", "text"), [({"text": "A"}, "A"), ({"tema": "B"}, "B"), ({"text": "A", "tema": "B"}, "A"), ({}, None)])
def test_the_offices_words_stand_in_the_text_else_in_the_theme(given: dict[str, str], text: str | None) -> None:
    """TekstNotatInnhold, else Tema, else nothing."""
    body = mail.answer("05", mail.slot(), number=1, parent=2, text=given.get("text"), tema=given.get("tema"))
    assert details(body).text == text


def test_a_visit_is_at_home_whatever_its_place() -> None:
    """MOA is of home services: it is never notified."""
    (about,) = stated(visit, mail.push("MOA", mail.slot(place="Rom 4", status="CANCELLED"), number=1))
    assert isinstance(about, AboutAppointment)
    assert (about.said, about.details and about.details.home_visit) == (Said.CANCELLED, True)


def test_a_refusal_keeps_its_words_and_the_slot_it_repeats() -> None:
    """26, 31, 33 and 30, with and without a calendar."""
    with_slot, without = mail.answer("26", mail.slot(), number=1, parent=2, text="Nei"), mail.answer("26", number=1, parent=2, text="Nei")
    (ended,), (blocks,) = stated(request_ended, with_slot), stated(blocked, with_slot)
    assert isinstance(ended, RequestEnded)
    assert isinstance(blocks, Blocked)
    assert ended.details == blocks.details is not None
    assert (stated(request_ended, without), stated(blocked, without)) == ((RequestEnded(None, "Nei"),), (Blocked(None, "Nei"),))


def test_a_question_states_nothing_about_an_appointment() -> None:
    """It is handed on and leaves no trace."""
    assert stated(asked, mail.request("HLT", number=1)) == (Asked(),)


def test_what_is_stated_shows_no_words_of_a_person() -> None:
    """In a traceback or a report of pytest."""
    body = mail.answer("05", mail.slot(place="Et hemmelig sted"), number=1, parent=2, text="hemmelig")
    assert "hemmelig" not in repr(stated(says(Said.CONFIRMED), body))

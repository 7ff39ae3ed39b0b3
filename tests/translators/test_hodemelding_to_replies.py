"""From an office's answer to the reply of a question: slots, visits, practitioners, as the citizen shall see them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.events.appointment import Practitioner
from contracts.events.reply import Connected, FreeSlots, ListedPractitioner, PlannedVisit, PlannedVisits, Practitioners, Slot
from schemas.message import open_message
from tests import mail
from tests import messages as m
from translators import hodemelding_to_replies
from translators.hodemelding_to_replies import connected, found_free_slots, found_planned_visits, found_practitioners
from translators.hodemelding_to_statements import Translate
from translators.statements import AskedToAnswer, Replied

STARTS = datetime(2026, 6, 12, 7, 15, tzinfo=UTC)


def replied(translate: Translate, body: bytes) -> Replied:
    """What the answer says."""
    (statement,) = translate(open_message(body).hodemelding())
    assert isinstance(statement, Replied)
    return statement


def slots_of(more: str = "", *, parts: str = "") -> tuple[Slot, ...]:
    """The slots of an answer 03 whose calendar entry has these properties too."""
    body = mail.answer("03", mail.slot(), number=1, parent=900, ack="N")
    body = body.replace(b"<location>", f"{more}<location>".encode()).replace(b"</MsgHead>", f"{parts}</MsgHead>".encode())
    slots: tuple[Slot, ...] = replied(found_free_slots, body).parts["slots"]
    return slots


def visits_of(more: str = "") -> tuple[PlannedVisit, ...]:
    """The visits of an answer 01 whose calendar entry has these properties too."""
    body = mail.answer("01", mail.slot(), number=1, parent=900, ack="N").replace(b"<location>", f"{more}<location>".encode())
    visits: tuple[PlannedVisit, ...] = replied(found_planned_visits, body).parts["visits"]
    return visits


def kinds(*given: str) -> str:
    """Categories."""
    return f"<categories>{''.join(f'<text>{kind}</text>' for kind in given)}</categories>"


def available_at(time: str = "2026-06-10T08:00:00") -> str:
    """From when on it can be booked."""
    return m.prop("x-available-at", time, "date-time")


def test_each_entry_of_a_calendar_is_a_slot() -> None:
    """In the office's order, with what has to be repeated when it is booked."""
    body = mail.answer("03", mail.slot(2), mail.slot(1, day=13), number=1, parent=900, ack="N")
    first, second = replied(found_free_slots, body).parts["slots"]
    assert (first.uid, second.uid) == (mail.uid(2), mail.uid(1))
    assert (first.party, first.starts_at, first.ends_at, first.place) == (mail.OFFICE[1], STARTS, STARTS + timedelta(minutes=15), "Rom 4")


def test_an_entry_without_an_id_is_no_slot() -> None:
    """It could never be booked."""
    body = mail.answer("03", mail.slot(None, also=4), mail.slot(1), number=1, parent=900, ack="N")
    assert [slot.uid for slot in replied(found_free_slots, body).parts["slots"]] == [mail.uid(1)]


@pytest.mark.parametrize("kind", ["MustCall", "Must-call", "mustcall"])
def test_a_slot_that_wants_a_call_says_so_and_no_time(kind: str) -> None:
    """In every spelling; beside its kind, and together with `x-available-at` that means nothing."""
    (slot,) = slots_of(kinds("Hastetime", kind) + available_at())
    assert (slot.kinds, slot.must_call, slot.available_at) == (("Hastetime",), True, None)


def test_a_slot_may_open_later() -> None:
    """It is shown, and cannot be chosen before."""
    (slot,) = slots_of(available_at())
    assert (slot.must_call, slot.available_at) == (False, datetime(2026, 6, 10, 6, tzinfo=UTC))


def test_a_video_slots_place_reads_so() -> None:
    """Whatever the office wrote; how to prepare stands in the description."""
    (slot,) = slots_of(kinds("Video") + m.prop("description", "Ha legitimasjon klar"))
    assert (slot.place, slot.description) == ("Videotime", "Ha legitimasjon klar")


def test_an_unknown_kind_is_carried() -> None:
    """An open list: the standard has no code for a telephone appointment."""
    assert slots_of(kinds("Telefon"))[0].kinds == ("Telefon",)


def _of(her_id: str) -> str:
    listed = m.helsepersonel_liste().replace(
        "</fk1:Ident>", f'</fk1:Ident><fk1:Ident><fk1:Id>{her_id}</fk1:Id><fk1:TypeId V="HER" DN="-"/></fk1:Ident>',
    )
    return m.document(listed)


def test_a_slot_is_with_the_listed_practitioner_whose_calendar_it_is() -> None:
    """By the party's HER-id."""
    (slot,) = slots_of(parts=_of(mail.OFFICE[1]))
    assert slot.practitioner == Practitioner(name="Are Vikstad", hpr_number="555445")


def test_a_slot_of_another_calendar_is_not_with_the_listed_one() -> None:
    """Who is listed is told all the same."""
    assert slots_of(parts=_of("8999999"))[0].practitioner is None


def test_a_slot_may_name_whom_it_is_with() -> None:
    """By an attendee."""
    (slot,) = slots_of(
        "<attendee><parameters><cn><text>Mina Solvang</text></cn></parameters><cal-address>mailto:a@b.no</cal-address></attendee>",
    )
    assert slot.practitioner == Practitioner(name="Mina Solvang")


@pytest.mark.parametrize(("translate", "code", "reply", "asks", "empty"), [
    (found_free_slots, "04", FreeSlots, "HLT", "slots"), (found_planned_visits, "02", PlannedVisits, "HBT", "visits"),
    (found_practitioners, "21", Practitioners, "HB", "practitioners"),
])
def test_none_is_an_answer_too(translate: Translate, code: str, reply: type, asks: str, empty: str) -> None:
    """With the office's words, and which question it answers."""
    statement = replied(translate, mail.answer(code, number=1, parent=900, ack="N", text="Prøv på mandag."))
    assert (statement.reply, statement.asked, statement.parts[empty], statement.parts["text"]) == (reply, asks, (), "Prøv på mandag.")


@pytest.mark.parametrize(("more", "told"), [
    (m.prop("status", "TENTATIVE"), {"status": "TENTATIVE"}),
    (m.prop("status", "CANCELLED") + m.prop("x-cancellation-reason", "Avlyst - ikke hjemme"),
     {"status": "CANCELLED", "cancellation_reason": "Avlyst - ikke hjemme"}),
    (kinds("Tidsvindu", "TjenesteId: 31") + m.prop("x-expected-duration", "PT25M", "duration"),
     {"kinds": ("Tidsvindu",), "contact_id": "31", "expected_duration": timedelta(minutes=25)}),
    (kinds("tjenesteid:7"), {"kinds": (), "contact_id": "7"}),
    (kinds("TjenesteId:"), {"kinds": (), "contact_id": None}),
    (m.prop("summary", "Hjemmesykepleie"), {"about": "Hjemmesykepleie", "recurrence": None}),
    ("<organizer><parameters><cn><text>Breidal</text></cn></parameters><cal-address>mailto:a@b.no</cal-address></organizer>",
     {"organiser": "Breidal"}),
], ids=["planned", "cancelled", "window", "contact in small letters", "contact without an id", "about", "organiser"])
def test_a_visit_is_told_as_the_service_has_it(more: str, told: dict[str, Any]) -> None:
    """Status, window, contact and reason; what is left out is left out."""
    (visit,) = visits_of(more)
    assert {name: getattr(visit, name) for name in told} == told


def test_everybody_who_comes_is_named() -> None:
    """One attendee each."""
    one = "<attendee><parameters><cn><text>{}</text></cn></parameters><cal-address>mailto:a@b.no</cal-address></attendee>"
    assert visits_of(one.format("Nils Moen") + one.format("Eva Dahl"))[0].staff == ("Nils Moen", "Eva Dahl")


def test_a_recurring_visit_is_told_with_its_exceptions() -> None:
    """Rule and exceptions, not the single visits."""
    (visit,) = visits_of(
        "<rrule><recur><freq>WEEKLY</freq><count>10</count><interval>2</interval><byday>MO</byday><byday>WE</byday></recur></rrule>"
        "<exdate><date-time>2026-06-17T09:15:00</date-time></exdate>",
    )
    assert visit.recurrence
    assert (visit.recurrence.freq, visit.recurrence.count, visit.recurrence.interval) == ("WEEKLY", 10, "2")
    assert (visit.recurrence.byday, visit.recurrence.exceptions) == (("MO", "WE"), (datetime(2026, 6, 17, 7, 15, tzinfo=UTC),))


def test_the_practitioners_are_listed_with_what_a_booking_repeats() -> None:
    """Names, numbers, role, profession and remark; a 21 with a list is a slip, and the list counts."""
    for code in ("20", "21"):
        body = mail.answer(code, number=1, parent=900, ack="N", process="BEHANDLEROVERSIKT")
        body = body.replace(b"</MsgHead>", m.document(m.helsepersonel_liste()).encode() + b"</MsgHead>")
        assert replied(found_practitioners, body).parts["practitioners"] == (ListedPractitioner(
            name="Are Vikstad", family_name="Vikstad", given_name="Are", hpr_number="555445", profession="LE", remark="Vikar i mars",
        ),)


def test_a_connection_that_answers_says_nothing_else() -> None:
    """RKT has no parts; and KT asks us to answer."""
    message = open_message(mail.answer("04", number=1, parent=900, ack="N")).hodemelding()
    assert connected(message) == (Replied(Connected, "KT", {}),)
    assert hodemelding_to_replies.tested(message) == (AskedToAnswer(),)

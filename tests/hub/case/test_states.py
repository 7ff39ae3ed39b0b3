"""How an appointment stands after each thing said of it: the table of appointments.md 11.2, row by row."""

import pytest

from contracts.events.appointment import AppointmentState as State
from tests import mail
from tests.story import Hub, Told, data_of, type_of

FIRST = {
    None: [],
    State.REQUESTED: [("vidde", mail.request("RT", number=900))],
    State.CONFIRMED: [("fjord", mail.push("05", number=1, at=1))],
    State.CANCELLATION_REQUESTED: [("vidde", mail.request("ART", number=901))],
    State.CANCELLED: [("fjord", mail.push("08", number=1, at=1))],
    State.NO_SHOW: [("fjord", mail.push("11", number=1, at=1))],
    State.COMPLETED: [("fjord", mail.push("MOA", mail.slot(status="COMPLETED"), number=1, at=1))],
}
"""What brings an appointment into each state."""


def after(state: State | None, body: bytes, *, vendor: str = "fjord") -> Told:
    """What this message leads to when the appointment stands so."""
    hub = Hub()
    for sender, first in FIRST[state]:
        hub.send(first, vendor=sender)
    return hub.send(body, vendor=vendor)


def stands(told: Told) -> str | None:
    """The state that the last happening tells."""
    happenings = [out for out in told.events if (type_of(out) or "").startswith("hub.appointment.") and "appointment" in data_of(out)]
    return str(data_of(happenings[-1])["appointment"]["state"]) if happenings else None


@pytest.mark.parametrize("state", [state for state in FIRST if state is not State.CONFIRMED], ids=str)
@pytest.mark.parametrize("code", ["05", "07"])
def test_a_push_05_or_07_confirms_whatever_was_before(state: State | None, code: str) -> None:
    """The office has the calendar: what it confirms is confirmed."""
    assert stands(after(state, mail.push(code, number=2, at=2))) == State.CONFIRMED


@pytest.mark.parametrize("state", [state for state in FIRST if state is not State.CANCELLED], ids=str)
def test_a_push_08_cancels_whatever_was_before(state: State | None) -> None:
    """What the office cancels is cancelled."""
    assert stands(after(state, mail.push("08", number=2, at=2))) == State.CANCELLED


@pytest.mark.parametrize("state", [state for state in FIRST if state is not State.NO_SHOW], ids=str)
def test_a_push_11_is_a_no_show_whatever_was_before(state: State | None) -> None:
    """The patient did not come."""
    assert stands(after(state, mail.push("11", number=2, at=2))) == State.NO_SHOW


@pytest.mark.parametrize(("status", "state"), [
    ("COMPLETED", State.COMPLETED), ("completed", State.COMPLETED), (None, State.COMPLETED), ("CANCELLED", State.CANCELLED),
    ("CONFIRMED", State.CONFIRMED), ("TENTATIVE", State.CONFIRMED), ("UNHEARD-OF", State.COMPLETED),
])
def test_a_visit_stands_as_its_calendar_says(status: str | None, state: State) -> None:
    """MOA says that there was a visit; the calendar's status says what became of it."""
    assert stands(after(None, mail.push("MOA", mail.slot(status=status), number=2))) == state


@pytest.mark.parametrize(("code", "state"), [
    ("05", State.CONFIRMED), ("07", State.CONFIRMED), ("06", State.NOT_BOOKED), ("26", State.NOT_BOOKED), ("30", State.NOT_BOOKED),
    ("31", State.NOT_BOOKED), ("33", State.NOT_BOOKED),
])
def test_a_booking_becomes_what_its_answer_says(code: str, state: State) -> None:
    """Answers to RT: given, or not to be had."""
    assert stands(after(State.REQUESTED, mail.answer(code, mail.slot(), number=2, parent=900, at=2))) == state


@pytest.mark.parametrize(("code", "state"), [
    ("08", State.CANCELLED), ("09", State.CONFIRMED), ("26", State.CONFIRMED), ("30", State.CONFIRMED), ("33", State.CONFIRMED),
])
def test_a_cancellation_becomes_what_its_answer_says(code: str, state: State) -> None:
    """Answers to ART: cancelled, or it stands."""
    assert stands(after(State.CANCELLATION_REQUESTED, mail.answer(code, number=2, parent=901, at=2))) == state


def test_a_change_that_is_refused_leaves_the_appointment_as_it_stands() -> None:
    """34: told, and nothing else of it changed."""
    told = after(State.CONFIRMED, mail.answer("34", mail.slot(day=15), number=2, parent=950, at=2))
    assert told.whats == ["hub.appointment.change-refused.v1", "hub.appointment.status.v1"]
    assert data_of(told.events[0])["appointment"]["starts_at"] == "2026-06-12T07:15:00Z"


@pytest.mark.parametrize(("state", "stays"), [
    (State.CONFIRMED, None), (State.CANCELLATION_REQUESTED, None), (State.CANCELLED, State.REQUESTED), (None, State.REQUESTED),
], ids=str)
def test_a_booking_request_begins_only_what_does_not_stand(state: State | None, stays: State | None) -> None:
    """RT for what is booked changes nothing; for what was cancelled it asks anew."""
    assert stands(after(state, mail.request("RT", number=910), vendor="vidde")) == stays


@pytest.mark.parametrize(("state", "becomes"), [
    (State.CONFIRMED, State.CANCELLATION_REQUESTED), (State.REQUESTED, State.CANCELLATION_REQUESTED), (State.CANCELLED, None),
    (State.NO_SHOW, None), (None, State.CANCELLATION_REQUESTED),
], ids=str)
def test_a_cancellation_request_is_about_what_is_open(state: State | None, becomes: State | None) -> None:
    """ART for what is over changes nothing."""
    assert stands(after(state, mail.request("ART", number=910), vendor="vidde")) == becomes


def test_the_refusal_of_a_second_request_does_not_undo_what_the_first_one_got() -> None:
    """Asked for twice, booked once: 06 to the second request refuses the request, and the appointment stands."""
    hub = Hub()
    hub.send(mail.request("RT", number=900), vendor="vidde")
    hub.send(mail.answer("05", mail.slot(), number=1, parent=900, at=1))
    hub.send(mail.request("RT", number=901, at=2), vendor="vidde")
    told = hub.send(mail.answer("06", mail.slot(), number=2, parent=901, at=3))
    assert told.whats == ["hub.delivery.refused.v1"]
    assert hub.send(mail.answer("06", mail.slot(), number=3, parent=901, at=3)).whats == []


def test_the_office_can_take_back_what_it_gave_to_the_same_request() -> None:
    """05 and then 06 to one request: the newer word settles it."""
    hub = Hub()
    hub.send(mail.request("RT", number=900), vendor="vidde")
    hub.send(mail.answer("05", mail.slot(), number=1, parent=900, at=1))
    assert stands(hub.send(mail.answer("06", mail.slot(), number=2, parent=900, at=2))) == State.NOT_BOOKED


@pytest.mark.parametrize("over", [State.NO_SHOW, State.COMPLETED, State.CANCELLED], ids=str)
def test_a_refused_cancellation_never_unmakes_what_is_over(over: State) -> None:
    """26 to a cancellation that came too late: the request is refused, the appointment stays what it was."""
    hub = Hub()
    hub.send(mail.push("05", number=5))
    hub.send(mail.request("ART", number=900), vendor="vidde")
    for vendor, body in FIRST[over]:
        hub.send(body, vendor=vendor)
    assert hub.send(mail.answer("26", number=6, parent=900, at=6)).whats == ["hub.delivery.refused.v1"]


def test_an_answer_without_a_calendar_to_a_request_never_seen_is_told_but_has_no_status() -> None:
    """Nobody knows when it is: the compacted topic lists only what a portal can show."""
    told = after(None, mail.answer("09", number=2, parent=950))
    assert told.whats == ["hub.appointment.cancellation-refused.v1"]


def test_a_request_for_what_stands_is_remembered_so_that_its_answer_finds_it() -> None:
    """RT for a booked slot is no news, yet 34 to it without a calendar is about that appointment and begins no other."""
    hub = Hub()
    first = hub.send(mail.push("05", number=1, at=1))
    hub.send(mail.request("RT", number=900, at=2), vendor="vidde")
    told = hub.send(mail.answer("34", number=2, parent=900, at=3))
    assert data_of(told.events[0])["appointment"]["appointment_id"] == data_of(first.events[0])["appointment"]["appointment_id"]

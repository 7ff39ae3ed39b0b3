"""Order: an older word never wins, an answer may overtake its request, and what was long ago is forgotten."""

from datetime import timedelta

import pytest

from hub.case.fold import FORGOTTEN_AFTER, forgetting
from tests import mail
from tests.story import START, Hub, data_of


def test_an_older_gen_date_never_wins() -> None:
    """The order of the log is not the order in which the office wrote."""
    hub = Hub()
    hub.send(mail.push("07", mail.slot(day=15), number=1, at=5))
    told = hub.send(mail.push("05", mail.slot(day=12), number=2, at=3))
    assert (told.whats, told.decision.note) == ([], "older")
    assert len(told.receipts) == 1


def test_of_two_words_of_the_same_moment_the_later_in_the_log_wins() -> None:
    """An equal GenDate is not older."""
    hub = Hub()
    hub.send(mail.push("05", number=1, at=3))
    assert hub.send(mail.push("08", number=2, at=3)).whats[0] == "hub.appointment.cancelled.v1"


def test_a_citizens_request_is_ordered_by_the_log_alone() -> None:
    """Another system's clock does not tell whether the office had spoken."""
    hub = Hub()
    hub.send(mail.push("05", number=1, at=5))
    assert hub.send(mail.request("ART", number=900, at=0), vendor="vidde").whats[0] == "hub.appointment.cancellation-requested.v1"


@pytest.mark.parametrize(("code", "asks"), [("05", "RT"), ("06", "RT"), ("08", "ART"), ("26", "RT"), ("30", "RT")])
def test_a_request_that_its_answer_overtook_is_history(code: str, asks: str) -> None:
    """The request is handed on all the same, and tells nobody anything."""
    hub = Hub()
    hub.send(mail.answer(code, mail.slot(), number=1, parent=900, at=1))
    told = hub.send(mail.request(asks, number=900, at=0), vendor="vidde")
    assert told.whats == []
    assert len(told.handed_on) == 1


def test_an_overtaken_request_without_a_known_appointment_begins_none() -> None:
    """26 without a calendar came first: there is nothing to ask for any more."""
    hub = Hub()
    hub.send(mail.answer("26", number=1, parent=900, at=1))
    told = hub.send(mail.request("RT", number=900, at=0), vendor="vidde")
    assert (told.whats, told.decision.case.appointments) == ([], ())


def test_an_answer_finds_its_request_by_the_thread_when_the_parent_is_unknown() -> None:
    """RefToParent may name a message between; RefToConversation names the first."""
    hub = Hub()
    asked = hub.send(mail.request("RT", number=900), vendor="vidde")
    told = hub.send(mail.answer("06", number=1, parent=950, thread=900, at=1))
    assert data_of(told.events[0])["appointment"]["appointment_id"] == data_of(asked.events[0])["appointment"]["appointment_id"]


def test_what_is_over_and_not_spoken_of_for_long_leaves_the_case() -> None:
    """A case must not grow for ever: appointments and conversations go after the time named."""
    hub = Hub()
    hub.send(mail.request("RT", mail.slot(2, day=11), number=900), vendor="vidde")
    case = hub.send(mail.push("05", number=1)).decision.case
    assert len(case.appointments) == 2
    later = forgetting(case, START + FORGOTTEN_AFTER + timedelta(days=12))
    assert (later.appointments, later.conversations) == ((), ())


def test_what_is_still_to_come_is_never_forgotten() -> None:
    """An appointment two years ahead is remembered, however long nobody speaks of it."""
    case = Hub().send(mail.push("05", mail.slot(month="2028-06"), number=1)).decision.case
    assert forgetting(case, START + FORGOTTEN_AFTER + timedelta(days=1)).appointments == case.appointments


def test_nothing_is_forgotten_a_moment_too_early() -> None:
    """Up to the very time the case is the same object: nothing is written for it."""
    case = Hub().send(mail.push("05", number=1)).decision.case
    assert forgetting(case, START + FORGOTTEN_AFTER) is case


def test_a_message_after_a_long_time_begins_anew() -> None:
    """The fold itself forgets, by the log's time: the forgotten id begins at revision 1 under its old name."""
    hub = Hub()
    hub.send(mail.push("05", number=1))
    told = hub.send(mail.push("05", mail.slot(3, month="2027-12"), number=2), at=START + FORGOTTEN_AFTER + timedelta(days=30))
    assert [a.details.uid for a in told.decision.case.appointments] == [mail.uid(3)]

"""Each exchange of the demo, offline: the hub writes, the example EPJ answers, and the portal is told what is claimed."""

from datetime import UTC, date, datetime

import pytest

from examples.exchanges import exchanges
from examples.made_up import FJORD, VIDDE
from hub.case.entries import Read
from tests.examples.played import NOW, TODAY, Play, Played

_BOOKED = [
    "appointment.requested", "delivery.sent", "delivery.accepted", "appointment.confirmed", "appointment.status", "notification.new",
    "notification.reminder", "delivery.answered",
]
_NOT_BOOKED = [
    "appointment.requested", "delivery.sent", "delivery.accepted", "appointment.not-booked", "notification.refused", "delivery.answered",
]
CLAIMS: dict[str, tuple[list[str], list[str]]] = {
    "find free slots": (["HLT"], ["delivery.sent", "reply.free-slots"]),
    "book the first": (["RT"], _BOOKED),
    "the same slot again": (["RT"], _NOT_BOOKED),
    "one to be phoned for": ([], ["delivery.not-sent"]),
    "cancel it": (["ART"], [
        "appointment.cancellation-requested", "appointment.status", "delivery.sent", "delivery.accepted", "appointment.cancelled",
        "appointment.status", "notification.cancelled", "delivery.answered",
    ]),
    "no free slot": (["HLT"], ["delivery.sent", "reply.free-slots"]),
    "office refuses": (["RT"], _NOT_BOOKED),
    "citizen is blocked": (["HLT"], ["delivery.sent", "access.blocked", "reply.none.refused"]),
    "EPJ rejects it": (["RT"], [
        "appointment.requested", "delivery.sent", "delivery.rejected", "appointment.not-booked", "notification.refused",
    ]),
    "EPJ is silent": (["HLT"], ["delivery.sent", "reply.none.timed-out"]),
    "book for a child": (["RT"], _BOOKED),
    "planned visits": (["HBT"], ["delivery.sent", "reply.planned-visits"]),
    "practitioners": (["HB"], ["delivery.sent", "reply.practitioners"]),
    "communication test": (["KT"], ["delivery.sent", "reply.connected"]),
}
"""What the EPJ is asked, and what the portal is told."""


@pytest.fixture(scope="module")
def play() -> Play:
    """A portal, a hub and the EPJs."""
    return Play(NOW)


@pytest.fixture(scope="module")
def played(play: Play) -> dict[str, Played]:
    """Every exchange, in its order."""
    return play.all(exchanges(TODAY))


def test_the_claims_are_of_every_exchange_and_no_other(played: dict[str, Played]) -> None:
    """In their order; names are unique."""
    assert list(played) == list(CLAIMS)
    assert len(exchanges(TODAY)) == len(CLAIMS)


@pytest.mark.parametrize("name", CLAIMS)
def test_the_office_is_asked_and_the_portal_told_what_is_claimed(played: dict[str, Played], name: str) -> None:
    """And nothing beside it."""
    asked, told = CLAIMS[name]
    assert [request.code for request in played[name].requests] == asked
    assert played[name].kinds == told


@pytest.mark.parametrize("name", CLAIMS)
def test_the_office_answers_by_the_standard(played: dict[str, Played], name: str) -> None:
    """Everything it sends is delivered, with nothing forgiven and nothing to mend."""
    read = [told.entry for told in played[name].decisions if isinstance(told.entry, Read)]
    assert [entry.leniencies for entry in read] == [()] * len(read)
    assert played[name].complained == []
    assert {told.decision.outcome.value for told in played[name].decisions} <= {"delivered", "refused"}


@pytest.mark.parametrize("name", CLAIMS)
def test_no_key_of_an_answer_is_a_number_of_the_patient(played: dict[str, Played], name: str) -> None:
    """Keys are read by whoever runs the cluster."""
    numbers = {request.national_id for request in played[name].requests}
    assert not numbers & {step.key for step in played[name].answered}


def test_free_slots_come_as_the_office_has_them(played: dict[str, Played]) -> None:
    """An ordinary one, one that opens later, one by video with how to prepare, and one that has to be phoned for."""
    slots = (played["find free slots"].heard("reply.free-slots").data or {})["slots"]
    ordinary, urgent, video, by_telephone = slots
    assert (ordinary["kinds"], ordinary["party"], ordinary["must_call"]) == ([], FJORD.her_id, False)
    assert (urgent["kinds"], urgent["available_at"]) == (["Hastetime"], "2026-06-02T06:00:00Z")
    assert (video["kinds"], video["place"]) == (["Video"], "Videotime")
    assert video["description"].startswith("Logg inn")
    assert by_telephone["must_call"]


def test_what_was_offered_is_what_was_booked(played: dict[str, Played]) -> None:
    """The office's own id and time go there and back."""
    slot = (played["find free slots"].heard("reply.free-slots").data or {})["slots"][0]
    (request,) = played["book the first"].requests
    appointment = (played["book the first"].heard("appointment.confirmed").data or {})["appointment"]
    assert request.slot is not None
    assert (request.slot.uid, appointment["uid"]) == (slot["uid"], slot["uid"])
    assert appointment["starts_at"] == slot["starts_at"]


def test_the_portal_ends_with_what_the_offices_said(play: Play, played: dict[str, Played]) -> None:
    """One cancelled, the child's confirmed; what was never booked is not there. One service blocked."""
    assert len(played) == len(CLAIMS)
    assert sorted(appointment["state"] for appointment in play.portal.appointments.values()) == ["cancelled", "confirmed"]
    assert [access["service"] for access in play.portal.blocked.values()] == ["Timereservasjon"]


def test_the_slot_that_somebody_took_is_told_as_not_booked(played: dict[str, Played]) -> None:
    """With the office's code and words."""
    told = played["the same slot again"]
    assert (told.heard("delivery.answered").data or {})["code"] == "06"
    assert (told.heard("appointment.not-booked").data or {})["appointment"]["text"] == "Timen er nettopp tatt av en annen."


def test_a_slot_to_be_phoned_for_is_never_sent(played: dict[str, Played]) -> None:
    """The reason is words for the citizen."""
    reason = (played["one to be phoned for"].heard("delivery.not-sent").data or {})["reason"]
    assert (reason["code"], reason["en"]) == ("must-call", "This appointment can only be booked by telephone.")


def test_the_office_is_told_who_acts_for_the_child(played: dict[str, Played]) -> None:
    """The patient is the child, the relation parental responsibility."""
    exchange = played["book for a child"]
    (request,) = exchange.requests
    assert (request.relation, request.given_name) == ("FO", "Sander")
    assert (exchange.heard("appointment.confirmed").data or {})["appointment"]["patient"] == request.national_id


def test_an_office_that_cannot_take_it_says_why_by_its_receipt(played: dict[str, Played]) -> None:
    """The code of 8221, in the official words."""
    (error,) = (played["EPJ rejects it"].heard("delivery.rejected").data or {})["errors"]
    assert error == {"code": "E35", "text": "Pasienten finnes ikke i mottakersystemet"}


def test_planned_visits_come_with_how_they_come_again(played: dict[str, Played]) -> None:
    """Every week but one; and one somewhere within a window."""
    weekly, window = (played["planned visits"].heard("reply.planned-visits").data or {})["visits"]
    assert (weekly["party"], weekly["status"]) == (VIDDE.her_id, "TENTATIVE")
    assert weekly["recurrence"] == {"freq": "WEEKLY", "count": 8, "byday": ["TU"], "exceptions": ["2026-06-16T08:00:00Z"]}
    assert (window["kinds"], window["expected_duration"]) == (["Tidsvindu"], "PT20M")


def test_a_substitute_is_among_the_practitioners(played: dict[str, Played]) -> None:
    """By role and remark."""
    practitioners = (played["practitioners"].heard("reply.practitioners").data or {})["practitioners"]
    assert [(who["name"], who["role"]) for who in practitioners] == [("Kari Bremnes", "6"), ("Henrik Vik", "15")]
    assert practitioners[1]["remark"] == "Vikar for Kari Bremnes ut året"


@pytest.mark.parametrize("today", [date(2026, 3, 28), date(2026, 10, 25), date(2028, 2, 29), date(2026, 12, 31)])
def test_the_exchanges_hold_on_any_day(today: date) -> None:
    """Over the changes of the clock, a leap day and the end of a year."""
    played = Play(datetime(today.year, today.month, today.day, 9, tzinfo=UTC)).all(exchanges(today))
    assert {name: one.kinds for name, one in played.items()} == {name: told for name, (_asked, told) in CLAIMS.items()}


def test_another_round_is_another_set_of_persons() -> None:
    """So that the demo can go round: nobody of a second round is known from the first."""
    play = Play(NOW)
    patients = [{request.national_id for one in play.all(exchanges(TODAY, run=run)).values() for request in one.requests} for run in "ab"]
    assert patients[0] & patients[1] <= {None}

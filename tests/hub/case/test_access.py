"""Code 30 blocks one service and ends its request; an ordinary answer, not older, opens it again; a push does not."""

from typing import Any

import pytest

from tests import mail
from tests.story import Hub, Told, data_of, type_of

BLOCKED, OPENED = "hub.access.blocked.v1", "hub.access.opened.v1"


def access(told: Told) -> list[str]:
    """What was told of access."""
    return [what for what in told.whats if what in {BLOCKED, OPENED}]


def blocked(at: int = 2, process: str = "TIMERESERVASJON") -> Hub:
    """A hub that has heard of a block at this minute."""
    hub = Hub()
    assert access(hub.send(mail.answer("30", number=1, parent=900, at=at, process=process))) == [BLOCKED]
    return hub


def test_code_30_says_since_when_and_when_to_ask_again() -> None:
    """No message ever lifts a block, so a citizen may try again after a week."""
    told = Hub().send(mail.answer("30", number=1, parent=900, at=2))
    data = data_of(told.events[0])
    assert (data["blocked"], data["since"], data["ask_again_after"]) == (True, "2026-06-01T07:02:00Z", "2026-06-08T07:02:00Z")


@pytest.mark.parametrize(("given", "text"), [
    ({"text": "Ring oss."}, "Ring oss."), ({"tema": "Ring"}, "Ring"), ({}, None), ({"text": "Ring oss.", "tema": "Tema"}, "Ring oss."),
])
def test_code_30_is_read_in_its_three_shapes(given: dict[str, Any], text: str | None) -> None:
    """The office's words stand in TekstNotatInnhold, in Tema, or nowhere."""
    told = Hub().send(mail.answer("30", number=1, parent=900, **given))
    assert data_of(told.events[0]).get("text") == text


def test_code_30_never_notifies() -> None:
    """The citizen is not sent a message that says no."""
    told = Hub().send(mail.answer("30", mail.slot(), number=1, parent=900))
    assert told.whats == [BLOCKED, "hub.appointment.not-booked.v1"]


def test_an_ordinary_answer_opens_the_service_again() -> None:
    """Whoever is answered is not blocked."""
    assert access(blocked().send(mail.answer("05", mail.slot(), number=2, parent=901, at=3))) == [OPENED]


def test_an_ordinary_answer_of_the_same_moment_opens() -> None:
    """Not older is enough."""
    assert access(blocked(at=2).send(mail.answer("06", number=2, parent=901, at=2))) == [OPENED]


def test_an_older_answer_does_not_open() -> None:
    """It was written before the block."""
    assert access(blocked(at=2).send(mail.answer("06", number=2, parent=901, at=1))) == []


@pytest.mark.parametrize("code", ["05", "07", "08", "11"])
def test_a_push_does_not_open(code: str) -> None:
    """It answers nobody: a blocked citizen may still be called in."""
    assert access(blocked().send(mail.push(code, number=2, at=3))) == []


@pytest.mark.parametrize("code", ["26", "31", "33"])
def test_another_refusal_does_not_open(code: str) -> None:
    """A request that ended says nothing of access."""
    assert access(blocked().send(mail.answer(code, number=2, parent=901, at=3))) == []


def test_a_request_does_not_open() -> None:
    """The citizen cannot let himself in."""
    assert access(blocked().send(mail.request("RT", number=902, at=3), vendor="vidde")) == []


def test_a_block_is_of_one_service_only() -> None:
    """Blocked from e-consultation is not blocked from booking; an answer about booking opens only booking."""
    hub = blocked(process="EKONSULTASJON")
    assert access(hub.send(mail.answer("05", mail.slot(), number=2, parent=901, at=3))) == []
    assert access(hub.send(mail.answer("30", number=3, parent=902, at=4))) == [BLOCKED]


def test_a_block_of_one_service_has_a_key_of_its_own() -> None:
    """The compacted topic keeps the newest word per patient, office and service."""
    hub = Hub()
    told = [hub.send(mail.answer("30", number=n, parent=900 + n, process=p)) for n, p in ((1, "EKONSULTASJON"), (2, "TIMERESERVASJON"))]
    keys = [out.key for each in told for out in each.events if type_of(out) == BLOCKED]
    assert len(set(keys)) == 2


def test_a_newer_block_is_told_again() -> None:
    """`since` and `ask_again_after` move."""
    assert access(blocked(at=2).send(mail.answer("30", number=2, parent=901, at=5))) == [BLOCKED]


def test_a_block_told_again_for_the_same_request_is_no_news() -> None:
    """A re-send with a new MsgId, and even a new GenDate: the request was refused already."""
    assert access(blocked(at=2).send(mail.answer("30", number=2, parent=900, at=5))) == []


def test_an_older_block_does_not_close_what_is_open() -> None:
    """An ordinary answer has come meanwhile."""
    hub = Hub()
    hub.send(mail.answer("06", number=1, parent=901, at=4))
    assert access(hub.send(mail.answer("30", number=2, parent=900, at=3))) == []


def test_an_ordinary_answer_without_a_block_tells_nothing_of_access() -> None:
    """Open is what everybody expects."""
    assert access(Hub().send(mail.answer("06", number=1, parent=900))) == []

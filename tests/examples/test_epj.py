"""The example EPJ answers what the portal asks of its own office, by a script or as usual, and passes by what it does not know."""

from dataclasses import replace

import pytest

from examples.answers import SILENCE, TAKEN, UNKNOWN_HERE
from examples.epj import ExampleEpj, Step
from examples.exchanges import exchanges
from examples.made_up import FJORD, PORTAL, VIDDE
from examples.outbox import Receipt, Request, read
from examples.scenario import scenario
from tests.examples.decided import NOW as MORNING
from tests.examples.decided import TODAY, decided
from tests.examples.played import NOW, Play


def _written(name: str) -> bytes:
    """What the hub wrote to the office in this exchange."""
    play = Play(NOW)
    for exchange in exchanges(NOW.date()):
        played = play.one(exchange)
        if exchange.name == name:
            return played.written[0]
    raise AssertionError(name)


@pytest.fixture(scope="module")
def question() -> Request:
    """HLT, as the hub writes it."""
    return _request(_written("find free slots"))


@pytest.fixture(scope="module")
def booking() -> Request:
    """RT, as the hub writes it."""
    return _request(_written("book the first"))


@pytest.fixture
def epj() -> ExampleEpj:
    """The doctor's office."""
    return ExampleEpj(FJORD, run="x")


def test_an_epj_reads_what_it_needs_of_a_booking(booking: Request) -> None:
    """Who asks whom, about whom, for what."""
    assert (booking.type, booking.code, booking.wants_receipt) == ("DIALOG_INNBYGGER_TIMERESERVASJON", "RT", True)
    assert (booking.sender, booking.receiver) == (PORTAL.her_id, FJORD.her_id)
    assert (booking.given_name, booking.relation) == ("Nora", None)
    assert booking.slot is not None
    assert (booking.slot.uid, booking.slot.starts_at.isoformat(), booking.slot.minutes) == ("ledig-2026-06-01-1", "2026-06-06T09:00:00", 15)


def test_elements_that_an_epj_does_not_know_pass_by() -> None:
    """What the standard adds breaks no EPJ that reads so."""
    xml = _written("book the first")
    newer = xml.replace(b"<MsgInfo>", b"<Added>later</Added><MsgInfo><Added><Added/></Added>").replace(b"<vevent>", b"<vevent><added/>")
    assert newer != xml
    assert read(newer) == read(xml)


def test_a_request_prints_nothing_of_a_person(booking: Request) -> None:
    """It may stand in a log."""
    assert booking.national_id
    assert not any(word in repr(booking) for word in (booking.national_id, booking.family_name, booking.given_name))


def test_a_question_is_answered_and_never_receipted(epj: ExampleEpj, question: Request) -> None:
    """It is synchronous."""
    (answer,) = epj.answers(question, at=NOW)
    assert _request(answer.body).code == "03"
    assert not _request(answer.body).wants_receipt


def test_a_booking_is_receipted_before_it_is_answered(epj: ExampleEpj, booking: Request) -> None:
    """Two messages of one patient, in their order."""
    receipt, answer = epj.answers(booking, at=NOW)
    assert read(receipt.body) == Receipt(booking.msg_id, is_accepted=True)
    assert _request(answer.body).code == "05"
    assert receipt.key == answer.key


def test_an_office_answers_by_its_script_where_it_has_one(epj: ExampleEpj, booking: Request) -> None:
    """By the request's id; any other request as usual."""
    epj.script[booking.msg_id] = TAKEN
    assert [_code(step) for step in epj.answers(booking, at=NOW)] == [None, "06"]
    assert [_code(step) for step in epj.answers(replace(booking, msg_id="another"), at=NOW)] == [None, "05"]


def test_a_request_that_is_rejected_is_not_answered(epj: ExampleEpj, booking: Request) -> None:
    """The negative receipt says it all."""
    epj.script[booking.msg_id] = UNKNOWN_HERE
    (receipt,) = epj.answers(booking, at=NOW)
    assert read(receipt.body) == Receipt(booking.msg_id, is_accepted=False)


def test_a_silent_office_still_receipts_what_it_has_taken(epj: ExampleEpj, question: Request, booking: Request) -> None:
    """Its receipt is its software's; of a question nothing comes at all."""
    epj.script = {question.msg_id: SILENCE, booking.msg_id: SILENCE}
    assert epj.answers(question, at=NOW) == []
    assert [_code(step) for step in epj.answers(booking, at=NOW)] == [None]


def test_what_an_office_has_never_heard_of_is_receipted_and_left(epj: ExampleEpj, booking: Request) -> None:
    """A code of a later version."""
    assert [_code(step) for step in epj.answers(replace(booking, code="NY"), at=NOW)] == [None]


def test_the_same_request_is_answered_under_the_same_ids(epj: ExampleEpj, booking: Request) -> None:
    """However often it is read."""
    first, again = epj.answers(booking, at=NOW), epj.answers(booking, at=NOW)
    assert first == again


def test_an_office_answers_neither_for_another_office_nor_another_office(epj: ExampleEpj, booking: Request) -> None:
    """Home care's request lies on the same outbox, and so does what another party of the vendor is asked."""
    (handed_on,) = [one.decision for one in decided(scenario(TODAY), at=MORNING) if one.step.name == "booking request"]
    home_cares = next(read(out.value or b"") for out in handed_on.outgoing if out.topic.endswith("outbox"))
    assert isinstance(home_cares, Request)
    assert (home_cares.sender, home_cares.receiver) == (VIDDE.her_id, FJORD.her_id)
    assert epj.answers(home_cares, at=NOW) == []
    assert epj.answers(replace(booking, receiver="8100102"), at=NOW) == []


async def test_an_epj_does_not_send_another_vendors_messages() -> None:
    """It is told before anything is sent."""
    theirs = [step for step in scenario(TODAY) if step.vendor == VIDDE.vendor]
    with pytest.raises(ValueError, match="another vendor"):
        await ExampleEpj(FJORD, run="x").put("127.0.0.1:1", theirs)


def test_the_portal_has_no_epj() -> None:
    """Its party has no topics of a vendor."""
    with pytest.raises(ValueError, match="no EPJ"):
        ExampleEpj(PORTAL, run="x")


def _request(xml: bytes) -> Request:
    found = read(xml)
    assert isinstance(found, Request)
    return found


def _code(step: Step) -> str | None:
    """None: a receipt."""
    found = read(step.body)
    return found.code if isinstance(found, Request) else None

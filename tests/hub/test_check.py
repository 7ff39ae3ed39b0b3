"""`hub.check`: production's two functions on a file's bytes. Synthetic persons only."""

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from contracts.failures import Outcome
from contracts.party import Party
from hub.check import Result, Story, check_bytes
from hub.parties import Register
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk
from tests import messages

AT = datetime(2026, 1, 15, 8, tzinfo=UTC)
DESK = Desk(Pseudonyms(b"k" * 32))
KEYS = ["file", "outcome", "process", "code", "path", "line", "hint", "leniencies", "events", "receipt"]
CANARY = "Kanarifugl"


def _push(number: int = 1, **more: Any) -> bytes:
    """A confirmation that the office sends by itself."""
    return messages.message(dialog=messages.foresporsel("05"), calendar=messages.icalendar(), msg_id=messages.msg_id(number), **more)


def _unaccepted() -> bytes:
    """Breaks the schema: an element of the patient that nobody knows."""
    return _push(patient=messages.patient().replace("FamilyName>", "Etternavn>"))


def _checked(body: bytes, desk: Desk = DESK, **more: Any) -> list[Result]:
    return check_bytes(body, desk=desk, at=AT, file="a.xml", **more)


def _outcomes(body: bytes, **more: Any) -> list[str]:
    return [result.outcome.value for result in _checked(body, **more)]


def test_a_good_message_shows_its_events_and_its_receipt() -> None:
    """What leaves for portal and notification, with type, key and data; the AppRec as XML."""
    (result,) = _checked(_push())
    told = result.as_json()
    assert [event["type"] for event in told["events"]] == [
        "hub.appointment.confirmed.v1", "hub.appointment.status.v1", "hub.notification.new.v1", "hub.notification.reminder.v1",
    ]
    assert all(event["topic"] and event["key"] and event["data"] for event in told["events"])
    assert "<AppRec" in told["receipt"]
    assert told["code"] is told["path"] is told["line"] is told["hint"] is None


@pytest.mark.parametrize("body", [_push(), _unaccepted(), b"", b"\0\1", b"<e>" + _push().partition(b"?>")[2] + b"</e>"])
def test_every_line_has_the_documented_keys_and_no_others(body: bytes) -> None:
    """Whatever the outcome."""
    assert [list(result.as_json()) for result in _checked(body)] == [KEYS]


def test_a_rejected_message_says_code_place_and_hint() -> None:
    """And its receipt is the negative AppRec that production would send."""
    (result,) = _checked(_unaccepted())
    told = result.as_json()
    assert (told["outcome"], told["code"], told["process"]) == ("rejected", "T02", "Timereservasjon")
    assert told["path"].startswith("/MsgHead/MsgInfo/Patient")
    assert told["line"]
    assert told["hint"]["nb"]
    assert told["hint"]["en"]
    assert "T02" in told["receipt"]


def test_a_message_that_asks_for_no_receipt_shows_none() -> None:
    """Null, not an empty string."""
    assert [result.receipt for result in _checked(_push(ack="N"))] == [None]


def test_messages_one_after_the_other_are_each_read() -> None:
    """With or without a blank line, an XML declaration or a comment between them."""
    bare = _push(2).partition(b"?>")[2].strip()
    assert _outcomes(_push(1) + b"\n\n" + _push(3) + bare + b"<!-- end -->" + bare) == ["delivered"] * 4


def test_lines_count_from_the_top_of_the_file() -> None:
    """The second message's fault stands where a person finds it in the file."""
    alone = _checked(_unaccepted())[0].failure
    before = _push(1) + b"\n\n"
    second = _checked(before + _unaccepted())[1].failure
    assert alone is not None
    assert second is not None
    assert second.line == (alone.line or 0) + before.count(b"\n")


def test_a_broken_message_does_not_hide_the_next_one() -> None:
    """It ends where the next XML declaration stands."""
    broken = _push(1)[:-30]
    assert _outcomes(broken + b"\n" + _push(2)) == ["rejected", "delivered"]


@pytest.mark.parametrize("body", [_push() + b"more", b"\n" + _push(), b" \0" + _push()])
def test_a_file_that_is_no_row_of_documents_is_one_message_as_it_is(body: bytes) -> None:
    """As it is on an inbox: nothing is cut away to make it pass."""
    assert _outcomes(body) != ["delivered"]
    assert len(_outcomes(body)) == 1


def test_entities_are_never_looked_at_while_messages_are_told_apart() -> None:
    """A DOCTYPE is refused as production refuses it, and the message behind it is read."""
    bomb = b'<!DOCTYPE a [<!ENTITY a "' + b"x" * 1000 + b'"><!ENTITY b "' + b"&a;" * 1000 + b'">]>'
    evil = _push(1).replace(b"<MsgHead", bomb + b"<MsgHead", 1)
    first, second = _checked(evil + _push(2))
    assert first.failure is not None
    assert (first.failure.rule, second.outcome) == ("DOCTYPE", Outcome.DELIVERED)


def test_each_message_in_a_foreign_envelope_is_named_with_its_line() -> None:
    """Refused, because the wrapping is not supported; one result for each message found."""
    inner = _push().partition(b"?>")[2].strip()
    results = _checked(b"<Envelope>\n<Body>\n" + inner + b"\n" + inner + b"</Body></Envelope>")
    assert [(result.outcome, result.failure and result.failure.rule) for result in results] == [(Outcome.REFUSED, "WRAPPED")] * 2
    assert [result.failure and result.failure.line for result in results] == [3, 4 + inner.count(b"\n")]
    assert {result.as_json()["code"] for result in results} == {"transport:unsupported-message"}


@pytest.mark.parametrize("body", [b"", b" \n", b"\0\1\2\3", b"no XML at all", b"\x89PNG\r\n\x1a\n", "<a/>".encode("utf-16")])
def test_what_is_no_message_is_refused_and_nothing_is_raised(body: bytes) -> None:
    """An empty file, a binary, a text."""
    assert _outcomes(body) == ["refused"]


def test_of_what_cannot_be_answered_people_see_what_is_wrong_with_its_xml() -> None:
    """Beside the code that the vendor would get."""
    (result,) = _checked(b"\0\1\2\3")
    assert result.failure is not None
    assert (result.failure.rule, result.code) == ("NOT_WELL_FORMED", "transport:not-well-formed-xml")


def test_the_same_message_twice_stands_alone_each_time() -> None:
    """By default nothing is remembered."""
    assert _outcomes(_push() + _push()) == ["delivered", "delivered"]


def test_in_a_story_a_message_sent_twice_is_a_duplicate() -> None:
    """The claims of production: the same MsgId of the same sender; also with other content."""
    story = Story()
    assert _outcomes(_push() + _push(), story=story) == ["delivered", "duplicate"]
    assert _outcomes(_push(patient=messages.patient(family="Annen")), story=story) == ["duplicate"]


def test_in_a_story_a_change_meets_the_appointment_before_it() -> None:
    """The revision rises, and what says the same once more notifies nobody."""
    later = _push(2, gen_date="2026-01-15T09:00:00+01:00")
    first, again = _checked(_push(1) + later, story=Story())
    assert "hub.notification.new.v1" in {event.type for event in first.events}
    assert not any((event.type or "").startswith("hub.notification") for event in again.events)


def test_a_fault_of_ours_is_caught_as_production_would() -> None:
    """Set aside, with the exception's type and our line and none of its words; no receipt yet."""
    broken = Desk(Pseudonyms(cast("bytes", None)))
    (result,) = _checked(_push(), desk=broken)
    assert (result.outcome, result.receipt, result.events) == (Outcome.SET_ASIDE, None, ())
    assert result.fault is not None
    assert result.fault.startswith("TypeError at hub/pseudonyms.py:")


def test_a_message_that_is_handed_on_is_not_shown_as_a_receipt() -> None:
    """Sender and receiver of one vendor: the outbox gets the message itself, and no AppRec of ours."""
    numbers = (messages.PORTAL_HER_IDS, messages.OFFICE_HER_IDS)
    register = Register(party=tuple(Party(her_id=two, level_1=one, name="-", vendor="fjord") for one, two in numbers))
    asked = messages.message(
        dialog=messages.foresporsel("RT", system="7601"), calendar=messages.icalendar(),
        sender=messages.portal(), receiver=messages.office(),
    )
    open_to_all = register.model_copy(update={"party": tuple(
        party.model_copy(update={"processes": ({"process": "Timereservasjon", "version": "1.2"},)}) for party in register.party
    )})
    desk = Desk(Pseudonyms(b"k" * 32), Register.model_validate(open_to_all.model_dump(warnings=False)))
    (result,) = _checked(asked, desk=desk, vendor="fjord")
    assert (result.outcome, result.receipt) == (Outcome.DELIVERED, None)


def test_with_a_register_the_sender_must_be_the_vendors() -> None:
    """As on the vendor's own inbox."""
    register = Register(party=(Party(her_id="1", level_1="2", name="-", vendor="fjord"),))
    (result,) = _checked(_push(), desk=Desk(Pseudonyms(b"k" * 32), register), vendor="fjord")
    assert result.as_json()["code"] == "abuse:spoofing-attack"


@pytest.mark.parametrize("body", [
    _push(patient=messages.patient(family=CANARY)), _unaccepted().replace(b"Myrstad", CANARY.encode()), CANARY.encode(),
    f"<{CANARY}/>".encode(),
])
def test_what_is_printed_of_a_result_holds_no_value_of_the_message(body: bytes) -> None:
    """A result in a traceback or a test report shows no person."""
    assert CANARY not in repr(_checked(body))


def test_checking_needs_neither_broker_nor_database() -> None:
    """None of their libraries is even imported: the check starts fast."""
    code = "import sys, hub.check; print(*{'aiokafka', 'faststream', 'asyncpg', 'sqlalchemy', 'xmlschema'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.strip() == ""

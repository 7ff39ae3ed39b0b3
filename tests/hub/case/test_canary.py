"""Canaries: a person's name, number and words, sent through good, bad and exploding paths, are found nowhere outside the portal's data.

The portal's topics and the XML to a vendor carry them by contract, and what is passed on inside the log as what came in. Keys, headers,
journal, letters, notifications, transport errors, the text of exceptions and the `repr` of anything never do.
"""

import json
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from contracts.commands import Command, Person, Representative
from contracts.commands.base import Relation
from contracts.failures import Fault, Outcome
from contracts.records import Outgoing
from contracts.topics import COMMANDS, DELIVERIES
from hub import processes
from schemas.documents import Hodemelding
from schemas.formats import XSI
from schemas.message import open_message
from tests import asking, mail
from tests import messages as m
from tests.canaries import CANARIES, GIVEN, NAME, NUMBER, PLACE, TELEPHONE, WORDS, shown_by, songs, sung
from tests.story import Hub
from tests.test_golden import GOLDEN
from translators.statements import Statement

GOOD = {
    "push": ("fjord", sung(mail.push("05", number=1))),
    "cancelled": ("fjord", sung(mail.push("08", number=1))),
    "answer": ("fjord", sung(mail.answer("06", mail.slot(), number=1, parent=900, text=WORDS))),
    "refusal": ("fjord", sung(mail.answer("26", number=1, parent=900, text=WORDS))),
    "blocked": ("fjord", sung(mail.answer("30", number=1, parent=900, tema=WORDS))),
    "request": ("vidde", sung(mail.request("RT", number=900, words=WORDS))),
    "question": ("vidde", sung(mail.request("HLT", number=900, words=WORDS))),
}
_PUSH = GOOD["push"][1]
_ANSWER = GOOD["answer"][1]
BAD = {
    "not well-formed": _PUSH.replace(b"</Patient>", b"</Pasient>"),
    "cut off": _PUSH[:-400],
    "doctype": _PUSH.replace(b"?>\n", f'?>\n<!DOCTYPE a [<!ENTITY b "{NAME}">]>\n'.encode(), 1),
    "unknown element": _PUSH.replace(b"<MsgId>", f"<{NAME}>{WORDS}</{NAME}><MsgId>".encode()),
    "unknown attribute": _PUSH.replace(b"<Patient>", f'<Patient {NAME}="{WORDS}">'.encode()),
    "wrong time": _PUSH.replace(b"2026-06-12T09:15:00", NUMBER.encode()),
    "GenDate": _PUSH.replace(b"2026-06-01T09:00:00+02:00", WORDS.encode()),
    "process": _PUSH.replace(b"DIALOG_INNBYGGER_TIMERESERVASJON", NAME.encode()),
    "code": _PUSH.replace(b'V="05"', f'V="{NAME}"'.encode()),
    "code system": _PUSH.replace(b"1.1.7602", NAME.encode()),
    "xsi:type": _PUSH.replace(b"<Patient>", f'<Patient xmlns:i="{XSI}" i:type="{NAME}">'.encode()),
    "wrong number": _PUSH.replace(NUMBER.encode(), NUMBER[::-1].encode()),
    "receiver": _PUSH.replace(mail.PORTAL[0].encode(), NUMBER.encode()).replace(mail.PORTAL[1].encode(), NUMBER.encode()),
    "sender": _PUSH.replace(mail.OFFICE[0].encode(), NUMBER.encode()).replace(mail.OFFICE[1].encode(), NUMBER.encode()),
    "Base64": _ANSWER.replace(b"</MsgHead>", m.vedlegg(f"%{WORDS}%", description=NAME).encode() + b"</MsgHead>"),
    "part": _ANSWER.replace(b"</MsgHead>", m.document(f'<{NAME} xmlns="urn:example:{WORDS}"/>').encode() + b"</MsgHead>"),
    "namespace": _PUSH.replace(b"dialog/2013-01-23", f"dialog/{NAME}".encode()),
    "wrapped": f"<{NAME}>".encode() + _PUSH.split(b"?>\n", 1)[1] + f"</{NAME}>".encode(),
    "not a message": f"<{NAME}>{WORDS}</{NAME}>".encode(),
    "no xml": f"{NAME} {NUMBER} {WORDS}".encode(),
    "status": _PUSH.replace(b"<Ack ", f"<{NAME}/><Ack ".encode()),
    "duration": _PUSH.replace(b"<location>", f"<x-expected-duration><duration>{WORDS}</duration></x-expected-duration><location>".encode()),
}
INSTEAD_OF_AN_ID = {
    "MsgId is a number": _PUSH.replace(m.msg_id(1).encode(), NUMBER.encode()),
    "MsgId is words": _PUSH.replace(m.msg_id(1).encode(), WORDS.encode()),
    "parent is a number": _ANSWER.replace(m.msg_id(900).encode(), NUMBER.encode()),
    "refused parent is a number": GOOD["refusal"][1].replace(m.msg_id(900).encode(), NUMBER.encode()),
    "receipt is for a number": (GOLDEN / "AppRec" / "1-accepted" / "in.xml").read_bytes().replace(m.msg_id(900).encode(), NUMBER.encode()),
}


ACTING = Person(national_id=NUMBER, family_name=NAME, given_name=GIVEN, telephone=TELEPHONE)
ABOUT_CANARY: dict[str, Any] = {"patient": ACTING, "representative": Representative(person=ACTING, relation=Relation.FO)}
COMMANDS_GIVEN: dict[str, Command] = {
    "book": asking.book(about=WORDS, form_answers=WORDS).model_copy(update=ABOUT_CANARY),
    "cancel": asking.cancel(m.msg_id(7), reason=WORDS).model_copy(update=ABOUT_CANARY),
    "free slots": asking.free_slots().model_copy(update=ABOUT_CANARY),
    "planned visits": asking.planned_visits().model_copy(update=ABOUT_CANARY),
    "practitioners": asking.practitioners().model_copy(update=ABOUT_CANARY),
}
COMES_OF_IT: dict[str, tuple[bytes, ...]] = {
    "confirmed": (sung(mail.answer("05", mail.slot(), number=1, parent=900, text=WORDS)),),
    "not booked": (sung(mail.answer("06", mail.slot(), number=1, parent=900, text=WORDS)),),
    "refused": (sung(mail.answer("26", number=1, parent=900, text=WORDS)),),
    "blocked": (sung(mail.answer("30", number=1, parent=900, tema=WORDS, ack="N")),),
    "free slots": (sung(mail.answer("03", mail.slot(), number=1, parent=900, text=WORDS, ack="N")),),
    "broken": (sung(mail.answer("03", number=1, parent=900, text=WORDS, ack="N")),),
    "accepted": (asking.receipt(900, number=11).replace(b"<Name>-", f"<Name>{NAME}".encode()),),
    "rejected": (asking.receipt(900, number=12, error="E35").replace(b'DN="-"', f'DN="{WORDS}"'.encode()),),
    "due": (),
}


@pytest.mark.parametrize("name", INSTEAD_OF_AN_ID)
def test_what_stands_where_an_id_should_is_no_key_and_no_header(name: str) -> None:
    """Ids are shown; what is none may be a person's number, and travels only in the portal's data."""
    told = Hub().send(INSTEAD_OF_AN_ID[name])
    assert told.outgoing
    assert [song for song in songs(told) if "repr" not in song] == []
    assert [canary for canary in CANARIES if canary in repr(told.decision.letter)] == []


@pytest.mark.parametrize("name", GOOD)
def test_a_canary_is_silent_on_the_good_path(name: str) -> None:
    """Delivered: only the portal's data and the message handed on hold the person."""
    vendor, body = GOOD[name]
    told = Hub().send(body, vendor=vendor)
    assert told.decision.outcome is Outcome.DELIVERED
    assert songs(told) == []


@pytest.mark.parametrize("name", BAD)
def test_a_canary_is_silent_on_the_bad_path(name: str) -> None:
    """Rejected, refused or forgiven: what is told of the fault never repeats what was wrong."""
    told = Hub().send(BAD[name])
    assert told.decision.outcome is not Outcome.SET_ASIDE
    assert songs(told) == []


@pytest.mark.parametrize("name", GOOD)
def test_a_canary_is_silent_when_a_duplicate_with_other_content_is_told(name: str) -> None:
    """The notice names the rule and the MsgId alone."""
    vendor, body = GOOD[name]
    hub = Hub()
    hub.send(body, vendor=vendor)
    assert songs(hub.send(body.replace(PLACE.encode(), PLACE.encode() + b" 2") + b"\n", vendor=vendor)) == []


def _quotes_everything(message: Hodemelding) -> tuple[Statement, ...]:
    """A fault of ours that carries a person's data in its words, as libraries' exceptions do."""
    patient = message.msg_info.patient
    assert patient is not None
    raise ValueError(patient.family_name, patient.given_name, patient.national_id and patient.national_id.reveal(), WORDS, PLACE)


def test_a_canary_is_silent_when_a_translator_explodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set aside: letter and journal name the exception's type and our line, never its words."""
    row = processes.row_of("Timereservasjon", "Foresporsel", "05")
    exploding = replace(row, translator=_quotes_everything)
    monkeypatch.setitem(processes._BY_KEY, ("Timereservasjon", "Foresporsel", "05"), exploding)
    hub = Hub()
    told = hub.send(_PUSH)
    assert told.decision.outcome is Outcome.SET_ASIDE
    assert songs(told) == []
    letter = hub.ledger.letters[0]
    assert letter.rule.startswith("ValueError at ")
    assert [canary for canary in CANARIES if canary in repr(letter)] == []


def test_a_canary_is_silent_when_reading_explodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault travels in the log as a type and a line."""
    def explode(_row: object, message: Hodemelding, _parts: object) -> None:
        _quotes_everything(message)

    monkeypatch.setattr("hub.checks.combination", explode)
    told = Hub().send(_PUSH)
    assert told.decision.outcome is Outcome.SET_ASIDE
    assert songs(told) == []


_STEPS = (
    "hub.reading.open_message", "hub.reading.process_of", "hub.reading.find_row", "schemas.message.recognise",
    "schemas.message.violation", "schemas.message.document", "schemas.message.msg_info", "hub.checks.spoofs", "hub.checks.required",
    "hub.checks.combination", "hub.checks.leniencies", "hub.checks.outbox_of", "hub.checks.is_receipted", "hub.pseudonyms.Pseudonyms.of",
    "hub.case.fold.Fold.tell_all", "hub.case.fold.forgetting", "hub.case.appointments.find", "hub.case.fold.happening",
    "hub.case.fold.status", "hub.case.fold.notifications", "hub.case.conversations.closed", "hub.case.decide.apprec",
)
"""What a message meets on its way, from the parser to the receipt."""
_NOT_MET = {"schemas.message.msg_info"}
"""By a message that is valid: for one that is not."""


@pytest.mark.parametrize("step", _STEPS)
def test_a_canary_is_silent_whatever_step_explodes_with_it_in_its_words(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Every function on the way is made to raise, with the message in its words and in those of its cause."""
    def explodes(*_given: object, **_named: object) -> None:
        raise ValueError(f"{WORDS} {PLACE} {GIVEN}", _PUSH) from KeyError(NAME, NUMBER)

    monkeypatch.setattr(step, explodes)
    hub, body = Hub(), _PUSH.replace(b"<Patient>", b"<Patient><a/>") if step in _NOT_MET else _PUSH
    told = hub.send(body)
    monkeypatch.undo()
    assert (told.decision.outcome, songs(told)) == (Outcome.SET_ASIDE, [])
    assert hub.ledger.letters[0].rule.startswith("ValueError at ")
    assert shown_by([told, hub.log, hub.ledger]) == []


@pytest.mark.parametrize("name", [*GOOD, *BAD])
def test_nothing_that_a_message_leads_to_shows_the_canary(name: str) -> None:
    """The document, entry, decision, case, rows and records, each by its own repr, also those that another hides."""
    vendor, body = GOOD.get(name) or ("fjord", BAD[name])
    hub = Hub()
    assert shown_by([hub.send(body, vendor=vendor), hub.send(body, vendor=vendor), hub.log, hub.ledger]) == []


@pytest.mark.parametrize("name", GOOD)
def test_nothing_that_waits_behind_a_letter_shows_the_canary(name: str) -> None:
    """Set aside, parked behind it, tried again."""
    vendor, body = GOOD[name]
    hub = Hub()
    first = hub.send(body, vendor=vendor, condemned=True)
    other = body.replace(m.msg_id(1).encode(), m.msg_id(31).encode()).replace(m.msg_id(900).encode(), m.msg_id(931).encode())
    then = hub.send(other, vendor=vendor)
    again = hub.replay(str(hub.ledger.letters[0].letter_id), body, vendor=vendor)
    assert [songs(told) for told in (first, then, again)] == [[], [], []]
    assert shown_by([first, then, again, hub.log, hub.ledger]) == []


def test_a_canary_in_a_hidden_part_is_heard() -> None:
    """The search looks behind what a repr leaves out."""
    @dataclass
    class Shown:
        name: str

    @dataclass
    class Hiding:
        held: dict[str, list[Shown]] = field(repr=False)

    assert shown_by(Hiding({"a": [Shown(NAME)]})) == ["Shown"]


# the portal's commands

def all_songs(hub: Hub) -> list[str]:
    """Of everything that was told."""
    return [song for told in hub.told for song in songs(told)]


@pytest.mark.parametrize("name", COMMANDS_GIVEN)
@pytest.mark.parametrize("end", COMES_OF_IT)
def test_a_canary_is_silent_on_the_path_of_a_command(name: str, end: str) -> None:
    """Sent or not, and whatever comes of it: the portal's data and the XML hold the person, nothing else does."""
    hub = Hub()
    hub.command(COMMANDS_GIVEN[name], m.msg_id(900))
    for body in COMES_OF_IT[end]:
        hub.send(body)
    while hub.ledger.open_deadlines():
        hub.fall_due()
    assert all_songs(hub) == []
    assert shown_by([hub.told, hub.log, hub.ledger]) == []


@pytest.mark.parametrize("name", COMMANDS_GIVEN)
def test_a_command_shows_nobody(name: str) -> None:
    """Its repr holds no person's words or numbers."""
    assert [canary for canary in CANARIES if canary in repr(COMMANDS_GIVEN[name])] == []


def _places(given: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(given, dict):
        yield from (found for key, value in given.items() for found in _places(value, (*place, key)))
        yield (*place, NAME)
    else:
        yield place


def _with_words_at(place: tuple[str, ...], given: dict[str, Any]) -> dict[str, Any]:
    name, *rest = place
    return {**given, name: _with_words_at(tuple(rest), given[name]) if rest else {WORDS: WORDS}}


_BOOKING = json.loads(COMMANDS_GIVEN["book"].model_dump_json(exclude_none=True))


@pytest.mark.parametrize("place", [*_places(_BOOKING)], ids=".".join)
def test_a_canary_is_silent_in_a_command_that_is_malformed(place: tuple[str, ...]) -> None:
    """Words in the place of any field, or as the name of one that is unknown: not even the portal is told them again."""
    body = json.dumps(_with_words_at(place, _BOOKING)).encode()
    told = Hub().told_of(COMMANDS.name, body, headers={"ce_type": "portal.command.book.v1", "ce_id": m.msg_id(900)})
    assert (told.decision.outcome, songs(told)) == (Outcome.REFUSED, [])
    said = b" ".join(out.value or b"" for out in told.outgoing if out.topic == DELIVERIES.name)
    assert [canary for canary in CANARIES if canary.encode() in said] == []


@pytest.mark.parametrize("header", ["ce_type", "ce_id"])
@pytest.mark.parametrize("canary", [NUMBER, WORDS])
def test_what_stands_in_a_commands_header_is_no_key(header: str, canary: str) -> None:
    """A person's number in the place of an id or a type is repeated nowhere."""
    headers = {"ce_type": "portal.command.book.v1", "ce_id": m.msg_id(900), header: canary}
    told = Hub().told_of(COMMANDS.name, json.dumps(_BOOKING).encode(), headers=headers)
    assert (told.decision.outcome, songs(told)) == (Outcome.REFUSED, [])
    assert not any(canary.encode() in (out.value or b"") for out in told.outgoing)


def test_a_canary_is_silent_when_a_command_explodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set aside and told as a fault of ours; letter and journal name the exception's type and our line."""
    row = processes.row_of("Timereservasjon", "Foresporsel", "RT")
    monkeypatch.setitem(processes._BY_KEY, ("Timereservasjon", "Foresporsel", "RT"), replace(row, translator=_quotes_everything))
    hub = Hub()
    told = hub.command(COMMANDS_GIVEN["book"], m.msg_id(900))
    assert (told.decision.outcome, songs(told)) == (Outcome.SET_ASIDE, [])
    assert hub.ledger.letters[0].rule.startswith("ValueError at ")


def test_a_canary_is_silent_when_an_id_is_used_twice() -> None:
    """The second command is told by its id and place alone."""
    hub = Hub()
    hub.command(COMMANDS_GIVEN["book"], m.msg_id(900))
    hub.command(COMMANDS_GIVEN["free slots"], m.msg_id(900))
    assert all_songs(hub) == []


def test_a_log_record_shows_nothing_but_its_place() -> None:
    """The record of the log holds the message; its repr does not."""
    hub = Hub()
    hub.send(_PUSH)
    assert [canary for canary in CANARIES if canary in repr(hub.log[0])] == []


@pytest.mark.parametrize("name", ["wrong time", "GenDate", "Base64", "unknown element", "xsi:type", "no xml"])
def test_the_trace_of_a_fault_holds_no_canary(name: str) -> None:
    """A Fault, with all that it was raised from, printed as a traceback prints it."""
    with pytest.raises(Fault) as caught:
        open_message(BAD[name]).hodemelding()
    words = "".join(traceback.format_exception(caught.value))
    assert [canary for canary in CANARIES if canary in words] == []


def test_a_canary_that_sings_is_heard() -> None:
    """The search itself, fed a song in a key, a header and a journal."""
    told = Hub().send(_PUSH)
    for out in (
        Outgoing("any", NUMBER.encode(), b""), Outgoing("any", None, b"", (("ce_cause", WORDS.encode()),)),
        Outgoing("hub.journal.v1", b"k", NAME.encode()),
    ):
        loud = replace(told, decision=replace(told.decision, outgoing=[out]))
        assert len(songs(loud)) == 1, out.topic

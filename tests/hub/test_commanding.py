"""Commands: each no with its place, each yes with its document, and never a value of the command in what is told. The golden folders show
each in full.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.commands import COMMAND_FAMILIES
from contracts.commands.base import ANSWERED_WITHIN
from contracts.records import PORTAL, Received, Source
from contracts.refusals import Refusal
from contracts.topics import COMMANDS
from hub.case.deadlines import Deadline, What
from hub.case.entries import Commanded, Declined
from hub.commanding import Counter, Patience, declined_for_a_fault, read_command
from hub.parties import Register
from hub.pseudonyms import Pseudonyms
from hub.reading import origin_of
from schemas.national_id import NationalId
from tests import mail
from tests import messages as m
from tests.story import DESK, KEY, REGISTER, START, Hub, data_of

ID = "c0000000-0000-4000-8000-000000000001"
COUNTER = Counter(Pseudonyms(KEY), REGISTER)
WORDS = "hemmelig-om-kneet"
KAJA = {"national_id": mail.KAJA, "family_name": "Myrstad", "given_name": "Kaja"}
IMPOSSIBLE = {**KAJA, "national_id": "12345678901"}
SLOT = {
    "uid": mail.uid(1), "party": "8800002", "starts_at": "2026-06-12T09:15:00+02:00", "ends_at": "2026-06-12T09:30:00+02:00",
}
LAST = "2026-06-01T10:00:15+02:00"
TEST = {"receiver": "8800002", "deadline": LAST}
QUESTION = {**TEST, "patient": KAJA}
DATA: dict[str, dict[str, Any]] = {
    "find-free-slots": {**QUESTION, "from_date": "2026-06-08", "to_date": "2026-06-26"},
    "find-planned-visits": QUESTION,
    "find-practitioners": QUESTION,
    "book": {"receiver": "8800002", "patient": KAJA, "slot": SLOT},
    "cancel": {"receiver": "8800002", "patient": KAJA, "appointment_id": m.msg_id(7)},
    "test-connection": TEST,
}
BY_PARENT = {"person": {**KAJA, "national_id": m.national_id(14, 2, 60)}, "relation": "FO"}


def read_bytes(name: str, body: bytes | None, *, command_id: str = ID, counter: Counter = COUNTER) -> tuple[str, Commanded | Declined]:
    """The key and the entry, of a command by its name."""
    return read_headers({"ce_type": f"portal.command.{name}.v1", "ce_id": command_id}, body, counter=counter)


def read_headers(headers: dict[str, str], body: bytes | None, *, counter: Counter = COUNTER) -> tuple[str, Commanded | Declined]:
    """The key and the entry."""
    given = tuple((name, value.encode()) for name, value in headers.items())
    received = Received(Source(COMMANDS.name, 2, 5), PORTAL, START, body, None, given)
    return read_command(received, origin_of(received), counter)


def read(name: str, *, counter: Counter = COUNTER, **changed: Any) -> Commanded | Declined:
    """The entry of a good command, with these fields changed."""
    return read_bytes(name, json.dumps({**DATA[name], **changed}).encode(), counter=counter)[1]


def commanded(name: str, *, counter: Counter = COUNTER, **changed: Any) -> Commanded:
    """The entry of a command that is sent."""
    entry = read(name, counter=counter, **changed)
    assert isinstance(entry, Commanded)
    return entry


def no(entry: Commanded | Declined) -> tuple[str, str | None]:
    """Why it is not sent, and where the fault is."""
    assert isinstance(entry, Declined)
    return Refusal[entry.refusal].code, entry.path


@pytest.mark.parametrize("name", DATA)
def test_a_command_becomes_the_document_that_asks(name: str) -> None:
    """Its id is the MsgId, its receiver is addressed, and its vendor's outbox is named."""
    entry = commanded(name)
    info = entry.message.msg_info
    assert (info.msg_id, info.receiver.her_id, info.receiver.her_id_level_1) == (ID, "8800002", "8800001")
    assert (info.sender.her_id, info.conversation_ref, entry.to_vendor) == ("7700002", None, "fjord")


def test_every_command_of_the_contract_is_tried_here() -> None:
    """A new one wants its row above."""
    assert {family.name for family in COMMAND_FAMILIES} == DATA.keys()


@pytest.mark.parametrize("name", [name for name in DATA if name != "test-connection"])
def test_a_command_about_a_citizen_is_ordered_with_the_case(name: str) -> None:
    """The pseudonym of patient and office: its answers meet it there."""
    key, _ = read_bytes(name, json.dumps(DATA[name]).encode())
    assert key == Pseudonyms(KEY).of(NationalId(mail.KAJA), office="8800001")


def test_a_connection_test_is_ordered_by_its_id() -> None:
    """It is about nobody, and so is its answer."""
    key, _ = read_bytes("test-connection", json.dumps(TEST).encode())
    assert key == Pseudonyms(KEY).of_request(ID)


def test_a_command_that_is_declined_is_ordered_by_its_id() -> None:
    """Without one, by where it lies."""
    assert read_bytes("book", b"{}")[0] == ID
    assert read_bytes("book", b"{}", command_id="time hos Oda")[0] == f"{COMMANDS.name}/2"


def test_an_id_in_capitals_is_the_same_id() -> None:
    """A UUID is one number, however it is written."""
    _, entry = read_bytes("test-connection", json.dumps(TEST).encode(), command_id=ID.upper())
    assert isinstance(entry, Commanded)
    assert entry.message.msg_info.msg_id == ID


@pytest.mark.parametrize("ce_type", ["", "portal.command.book.v2", "portal.command.change.v1", "hub.delivery.sent.v1", WORDS])
def test_a_type_that_is_no_command_is_told_so(ce_type: str) -> None:
    """The type itself is not repeated."""
    _, entry = read_headers({"ce_type": ce_type, "ce_id": ID}, b"{}")
    assert no(entry) == ("command-unknown", "ce_type")
    assert isinstance(entry, Declined)
    assert (entry.command_id, entry.command) == (ID, None)


@pytest.mark.parametrize("command_id", ["", "1", "time hos Oda", mail.KAJA, ID[:-1], f"{{{ID}}}", f"urn:uuid:{ID}"])
def test_an_id_that_is_no_uuid_is_malformed(command_id: str) -> None:
    """It would be a MsgId and a key; what it is instead is not repeated."""
    _, entry = read_bytes("find-free-slots", json.dumps(DATA["find-free-slots"]).encode(), command_id=command_id)
    assert no(entry) == ("malformed", "ce_id")
    assert isinstance(entry, Declined)
    assert entry.command_id is None


@pytest.mark.parametrize("body", [None, b"", b"null", b"[]", b"3", b"to fridager i juni", b'{"receiver": ', b"\xff\xfe"])
@pytest.mark.parametrize("name", ["book", "find-free-slots"])
def test_what_is_no_json_object_is_malformed(name: str, body: bytes | None) -> None:
    """As a whole: there is no place in it."""
    assert no(read_bytes(name, body)[1]) == ("malformed", None)


@pytest.mark.parametrize(("name", "changed", "path"), [
    ("book", {"receiver": None}, "/receiver"),
    ("book", {"receiver": "fjord"}, "/receiver"),
    ("book", {"receiver": 8800002}, "/receiver"),
    ("book", {"patient": {"national_id": mail.KAJA}}, "/patient/family_name"),
    ("book", {"patient": {**KAJA, "national_id": "123"}}, "/patient/national_id"),
    ("book", {"patient": {**KAJA, "national_id": 12838510068}}, "/patient/national_id"),
    ("book", {"patient": {**KAJA, "telephone": WORDS}}, "/patient/telephone"),
    ("book", {"patient": IMPOSSIBLE}, "/patient/national_id"),
    ("book", {"representative": {"person": IMPOSSIBLE, "relation": "FO"}}, "/representative/person/national_id"),
    ("book", {"representative": {"person": KAJA, "relation": WORDS}}, "/representative/relation"),
    ("book", {"slot": {**SLOT, "starts_at": "i morgen"}}, "/slot/starts_at"),
    ("book", {"slot": {**SLOT, "starts_at": "2026-06-12T09:15:00"}}, "/slot/starts_at"),
    ("book", {"slot": {**SLOT, "ends_at": "2026-06-12T09:00:00+02:00"}}, "/slot/ends_at"),
    ("book", {"slot": {**SLOT, "kinds": ["Video", ""]}}, "/slot/kinds/1"),
    ("book", {"slot": {**SLOT, "uid": ""}}, "/slot/uid"),
    ("book", {"about": ""}, "/about"),
    ("cancel", {"appointment_id": "timen på fredag"}, "/appointment_id"),
    ("find-free-slots", {"from_date": "2026-02-30"}, "/from_date"),
    ("find-free-slots", {"deadline": "2026-06-01T10:00:15"}, "/deadline"),
    ("find-free-slots", {"practitioner": {"hpr_number": WORDS, "family_name": "A", "given_name": "B"}}, "/practitioner/hpr_number"),
])
def test_a_field_that_is_wrong_is_named_by_its_place(name: str, changed: dict[str, Any], path: str) -> None:
    """The first fault, in names of the contract."""
    assert no(read(name, **changed)) == ("malformed", path)


@pytest.mark.parametrize("name", DATA)
def test_each_field_that_must_be_there_is_missed_by_its_name(name: str) -> None:
    """One after the other is left out."""
    for field in DATA[name]:
        body = {key: value for key, value in DATA[name].items() if key != field}
        assert no(read_bytes(name, json.dumps(body).encode())[1]) == ("malformed", f"/{field}")


@pytest.mark.parametrize(("changed", "path"), [
    ({WORDS: 1}, "/"), ({"slot": {**SLOT, WORDS: 1}}, "/slot"), ({"patient": {**KAJA, WORDS: 1}}, "/patient"),
])
def test_a_field_that_is_unknown_is_refused_without_its_name(changed: dict[str, Any], path: str) -> None:
    """What the portal has written there may be anything."""
    assert no(read("book", **changed)) == ("malformed", path)


@pytest.mark.parametrize(("name", "field", "limit"), [("book", "about", 50), ("cancel", "reason", 50), ("book", "form_answers", 1000)])
def test_a_text_is_taken_up_to_its_length(name: str, field: str, limit: int) -> None:
    """Characters, not bytes; the words for the citizen say how many."""
    longest, too_long = dict[str, Any]({field: "å" * limit}), dict[str, Any]({field: "å" * (limit + 1)})
    assert isinstance(read(name, **longest), Commanded)
    entry = read(name, **too_long)
    assert no(entry) == ("text-too-long", f"/{field}")
    assert isinstance(entry, Declined)
    assert str(limit) in Refusal[entry.refusal].reason(entry.limit).en


@pytest.mark.parametrize(("name", "changed", "code", "path"), [
    ("find-free-slots", {"deadline": "2026-06-01T10:00:00+02:00"}, "deadline-passed", "/deadline"),
    ("test-connection", {"deadline": "2026-06-01T07:59:59Z"}, "deadline-passed", "/deadline"),
    ("find-free-slots", {"to_date": "2026-06-07"}, "period-backwards", "/to_date"),
    ("find-free-slots", {"to_date": "2026-07-07"}, "period-too-long", "/to_date"),
    ("book", {"slot": {**SLOT, "starts_at": "2026-06-01T10:00:00+02:00"}}, "slot-in-the-past", "/slot/starts_at"),
    ("book", {"slot": {**SLOT, "must_call": True}}, "must-call", "/slot/must_call"),
    ("book", {"slot": {**SLOT, "available_at": "2026-06-01T10:00:01+02:00"}}, "not-yet-available", "/slot/available_at"),
    ("book", {"receiver": "8999999"}, "receiver-unknown", "/receiver"),
    ("book", {"receiver": "8800001"}, "receiver-unknown", "/receiver"),
    ("book", {"receiver": "8950002"}, "receiver-unknown", "/receiver"),
    ("book", {"receiver": "8850002"}, "receiver-unknown", "/receiver"),
    ("book", {"receiver": "7700002"}, "receiver-unknown", "/receiver"),
    ("book", {"receiver": "8810002"}, "not-active", "/receiver"),
    ("find-planned-visits", {"receiver": "8820002"}, "not-active", "/receiver"),
    ("find-practitioners", {"receiver": "8900002"}, "not-active", "/receiver"),
    ("book", {"receiver": "8840002", "slot": {**SLOT, "kinds": ["Vaksine"]}}, "not-active", "/receiver"),
    ("book", {"receiver": "8820002", "representative": BY_PARENT}, "representation-not-possible", "/representative"),
])
def test_each_reason_has_its_place(name: str, changed: dict[str, Any], code: str, path: str) -> None:
    """What can be said of a command without asking the case."""
    assert no(read(name, **changed)) == (code, path)


def test_what_is_just_possible_is_sent() -> None:
    """Four weeks to the day, one day, a slot that has just opened and begins in a second."""
    for last in ("2026-07-06", "2026-06-08"):
        assert isinstance(read("find-free-slots", to_date=last), Commanded)
    opened = {**SLOT, "available_at": "2026-06-01T10:00:00+02:00", "starts_at": "2026-06-01T10:00:01+02:00"}
    assert isinstance(read("book", slot=opened), Commanded)


def test_nothing_can_be_sent_without_a_portals_party() -> None:
    """Nobody would be the sender."""
    offices = Register(party=tuple(party for party in REGISTER.party if party.vendor))
    assert no(read("book", counter=replace(COUNTER, register=offices))) == ("receiver-unknown", "/receiver")


def test_a_resource_calendar_is_booked_where_all_three_flags_are_set() -> None:
    """And a slot that is of no resource calendar, anywhere."""
    assert isinstance(read("book", receiver="8830002", slot={**SLOT, "kinds": ["Vaksine"]}), Commanded)
    assert isinstance(read("book", receiver="8840002", slot={**SLOT, "kinds": ["Video"]}), Commanded)


@pytest.mark.parametrize(("deadline", "waits_until"), [
    ("2026-06-01T10:00:04+02:00", START + timedelta(seconds=4)),
    ("2026-06-01T10:00:15+02:00", START + ANSWERED_WITHIN),
    ("2026-06-01T12:00:00+02:00", START + ANSWERED_WITHIN),
    ("2199-01-01T00:00:00Z", START + ANSWERED_WITHIN),
])
def test_a_question_waits_until_its_deadline_and_15_seconds_at_most(deadline: str, waits_until: datetime) -> None:
    """Counted from when the command stood on its topic."""
    assert commanded("find-free-slots", deadline=deadline).deadlines == (Deadline(What.ANSWER, waits_until),)


def test_a_request_waits_for_its_receipt_and_for_the_offices_word() -> None:
    """As long as the settings say; it has no deadline of its own."""
    counter = replace(COUNTER, patience=Patience(receipt=timedelta(hours=1), word=timedelta(days=2)))
    waits = (Deadline(What.RECEIPT, START + timedelta(hours=1)), Deadline(What.WORD, START + timedelta(days=2)))
    assert commanded("book", counter=counter).deadlines == waits
    assert commanded("cancel", counter=counter).deadlines == waits


def test_the_newest_version_that_both_sides_know_decides() -> None:
    """1.1 and 1.2 active: somebody may act for the patient. One that nobody here knows is passed over."""
    office = REGISTER.find("8820002")
    assert office is not None
    active = office.processes[0]
    for versions, is_sent in ((("1.1", "1.2"), True), (("1.2", "1.1"), True), (("1.1", "9.9"), False)):
        processes = tuple(active.model_copy(update={"version": version}) for version in versions)
        register = Register(party=(*REGISTER.party[:1], office.model_copy(update={"processes": processes})))
        entry = read("book", counter=replace(COUNTER, register=register), receiver="8820002", representative=BY_PARENT)
        assert isinstance(entry, Commanded) is is_sent


def test_a_process_that_is_active_for_another_part_is_not() -> None:
    """An office's part is Helsepersonell: as Innbygger it would ask, and not answer."""
    office = REGISTER.find("8820002")
    assert office is not None
    asks = office.processes[0].model_copy(update={"roles": ("Innbygger",)})
    register = Register(party=(*REGISTER.party[:1], office.model_copy(update={"processes": (asks,)})))
    assert no(read("book", counter=replace(COUNTER, register=register), receiver="8820002")) == ("not-active", "/receiver")


def test_a_cancellation_goes_by_the_process_that_is_active() -> None:
    """Timereservasjon where it is; where only Avtaleavbestilling is, by that."""
    assert (commanded("cancel").process, commanded("cancel", receiver="8810002").process) == ("Timereservasjon", "Avtaleavbestilling")


@pytest.mark.parametrize("name", ["book", "find-free-slots"])
def test_the_citizen_is_asked_for_only_once_that_is_switched_on(name: str) -> None:
    """By a pseudonym over all offices; about nobody, nobody is asked for."""
    asks = replace(COUNTER, asks_citizens=True)
    assert (commanded(name).person, commanded("test-connection", counter=asks).person) == (None, None)
    assert commanded(name, counter=asks).person == Pseudonyms(KEY).of_person(NationalId(mail.KAJA))


_BAD_VALUES: tuple[dict[str, Any], ...] = (
    {"receiver": WORDS}, {"patient": WORDS}, {"patient": {**KAJA, "national_id": WORDS}}, {"patient": {**KAJA, WORDS: WORDS}},
    {"patient": {**KAJA, "family_name": WORDS * 10}}, {"slot": WORDS}, {"slot": {**SLOT, "starts_at": WORDS}}, {"about": WORDS * 10},
    {"slot": {**SLOT, "must_call": WORDS}}, {"slot": {**SLOT, "kinds": WORDS}}, {"slot": {**SLOT, "uid": [WORDS]}}, {WORDS: WORDS},
    {"representative": {"person": {**KAJA, WORDS: 1}, "relation": WORDS}}, {"accepts_other_practitioner": WORDS},
    {"practitioner": {"hpr_number": WORDS, "family_name": WORDS, "given_name": WORDS}}, {"form_answers": [WORDS]},
)


@pytest.mark.parametrize("changed", _BAD_VALUES, ids=lambda changed: next(iter(changed)))
def test_no_value_of_a_command_is_repeated_in_what_is_told(changed: dict[str, Any]) -> None:
    """Neither reason nor path nor reply: names of the contract alone."""
    hub = Hub(DESK)
    body = json.dumps({**DATA["book"], **changed}).encode()
    told = hub.told_of(COMMANDS.name, body, headers={"ce_type": "portal.command.book.v1", "ce_id": ID})
    assert isinstance(told.entry, Declined)
    assert [out for out in told.outgoing if WORDS.encode() in (out.value or b"") + (out.key or b"")] == []
    assert WORDS not in repr(told.entry)


def test_a_refused_question_is_replied_to_and_told() -> None:
    """Two events: the story's only step, and the reply that somebody waits for. The receiver is repeated only where it is a HER-id."""
    for receiver, replied in (("8999999", "8999999"), (WORDS, "")):
        body = json.dumps({**DATA["find-free-slots"], "receiver": receiver}).encode()
        told = Hub().told_of(COMMANDS.name, body, headers={"ce_type": "portal.command.find-free-slots.v1", "ce_id": ID})
        assert told.whats == ["hub.delivery.not-sent.v1", "hub.reply.none.not-sent.v1"]
        assert (data_of(told.events[1])["command"], data_of(told.events[1])["receiver"]) == (ID, replied)


def test_a_fault_of_ours_is_no_silence() -> None:
    """Reading itself failed: what can be known of the command without reading it is told, and whoever waits is replied to."""
    given = (("ce_type", b"portal.command.find-free-slots.v1"), ("ce_id", ID.encode()))
    received = Received(Source(COMMANDS.name, 2, 5), PORTAL, START, json.dumps(QUESTION).encode(), None, given)
    key, declined = declined_for_a_fault(received, origin_of(received), fault="KeyError at hub.commanding:1")
    assert (key, declined.refusal, declined.receiver, declined.is_question) == (ID, Refusal.FAULT_OF_OURS.name, "8800002", True)
    assert declined.fault == "KeyError at hub.commanding:1"


def test_an_exception_in_reading_a_command_leads_to_its_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    """And to a letter with the bytes, for the operators; told under the command's own id."""
    def explode(*_given: object) -> None:
        raise KeyError(WORDS)

    monkeypatch.setattr("hub.commanding._chosen", explode)
    hub = Hub()
    body = json.dumps(DATA["find-free-slots"]).encode()
    told = hub.told_of(COMMANDS.name, body, headers={"ce_type": "portal.command.find-free-slots.v1", "ce_id": ID})
    assert told.whats == ["hub.delivery.not-sent.v1", "hub.reply.none.not-sent.v1", "hub.letter.written.v1"]
    assert data_of(told.events[0])["reason"]["code"] == "fault-of-ours"
    assert hub.ledger.letters[0].rule.startswith("KeyError at ")
    assert WORDS not in repr(told)


def test_the_document_is_dated_by_the_topic() -> None:
    """When the command stood on its topic, whoever reads it and however late."""
    assert commanded("book").message.msg_info.gen_date == START == datetime(2026, 6, 1, 8, tzinfo=UTC)

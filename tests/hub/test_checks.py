"""What a schema cannot say: each check on what it must let through and on what it must refuse."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.failures import Failure
from hub import checks
from hub.checks import Parts
from hub.processes import Need, Row, Timing, row_of
from schemas.documents import Hodemelding, Ident, Kode, MsgInfo, Organisation
from schemas.message import open_message
from schemas.national_id import NationalId
from tests import mail
from tests import messages as m
from tests.story import REGISTER

PUSH, ANSWER = row_of("Timereservasjon", "Foresporsel", "05"), row_of("Timereservasjon", "Notat", "05")
NOTHING = Parts(xcal=False, helsepersonell=False, pasientrelasjon=False, vedlegg=False)


def document(body: bytes) -> Hodemelding:
    """A message, read."""
    return open_message(body).hodemelding()


def missing(row: Row, message: Hodemelding) -> list[tuple[str, str | None]]:
    """What is required and not there: rule and what was expected."""
    return [(failure.rule, failure.expected) for failure in checks.required(row, message, register=REGISTER)]


def with_info(message: Hodemelding, **changes: object) -> Hodemelding:
    """The message with another envelope."""
    return replace(message, msg_info=replace(message.msg_info, **changes))  # type: ignore[arg-type]  # fields of MsgInfo


def organisation(her_id: str, *, level_1: str | None = None) -> Organisation:
    """A sender: a single level, or a level 2 below this organisation."""
    def ident(text: str) -> tuple[Ident, ...]:
        return (Ident(text, Kode("HER")),)

    if level_1 is None:
        return Organisation(ident=ident(her_id))
    return Organisation(ident=ident(level_1), organisation=Organisation(ident=ident(her_id)))


NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
GOOD = document(mail.push("05", number=1))


def test_a_whole_message_lacks_nothing() -> None:
    """Push and answer, as the table wants them."""
    assert missing(PUSH, GOOD) == []
    assert missing(ANSWER, document(mail.answer("05", mail.slot(), number=1, parent=2))) == []


@pytest.mark.parametrize(("changes", "rule"), [
    ({"msg_id": "4711"}, "MSG_ID_NOT_UUID"), ({"msg_id": m.msg_id(1) + " "}, "MSG_ID_NOT_UUID"), ({"patient": None}, "PATIENT_MISSING"),
])
def test_an_envelope_that_lacks_something_is_told(changes: dict[str, object], rule: str) -> None:
    """Each by its own rule."""
    assert [found for found, _ in missing(PUSH, with_info(GOOD, **changes))] == [rule]


@pytest.mark.parametrize(("number", "rule"), [
    (None, "PATIENT_ID_MISSING"), (NationalId(""), "PATIENT_ID_IMPOSSIBLE"), (NationalId("12838510069"), "PATIENT_ID_IMPOSSIBLE"),
])
def test_a_patients_number_must_be_there_and_possible(number: NationalId | None, rule: str) -> None:
    """E30 and E31."""
    assert GOOD.msg_info.patient is not None
    patient = replace(GOOD.msg_info.patient, national_id=number)
    assert [found for found, _ in missing(PUSH, with_info(GOOD, patient=patient))] == [rule]


@pytest.mark.parametrize("number", [m.national_id(added=added) for added in (0, 40, 65, 80)] + [m.national_id(day=52)])
def test_ordinary_d_and_synthetic_numbers_are_possible(number: str) -> None:
    """All series that the hub meets."""
    assert GOOD.msg_info.patient is not None
    patient = replace(GOOD.msg_info.patient, national_id=NationalId(number))
    assert missing(PUSH, with_info(GOOD, patient=patient)) == []


def test_an_answer_names_what_it_answers() -> None:
    """ConversationRef is required of a Notat."""
    assert missing(ANSWER, with_info(document(mail.answer("05", mail.slot(), number=1, parent=2)), conversation_ref=None)) == [
        ("MISSING", "ConversationRef"),
    ]


def test_an_appointment_has_a_calendar_with_a_start_and_a_name() -> None:
    """Without a start it cannot be shown, without a name it cannot be found again."""
    assert missing(PUSH, replace(GOOD, icalendar=None)) == [("MISSING", "icalendar/vcalendar/components/vevent")]
    assert GOOD.icalendar is not None
    event = GOOD.icalendar.vevent[0]
    for changed, expected in ((replace(event, dtstart=None), "dtstart"), (replace(event, uid=None), "uid")):
        assert missing(PUSH, replace(GOOD, icalendar=replace(GOOD.icalendar, vevent=(changed,)))) == [("MISSING", expected)]


def test_a_related_to_is_name_enough() -> None:
    """Either may be the appointment's (conflict C4)."""
    assert GOOD.icalendar is not None
    event = replace(GOOD.icalendar.vevent[0], uid=None, related_to=mail.uid(9))
    assert missing(PUSH, replace(GOOD, icalendar=replace(GOOD.icalendar, vevent=(event,)))) == []


def test_another_practitioners_answer_names_the_practitioner() -> None:
    """Required where the row says so."""
    row = replace(ANSWER, helsepersonell=Need.REQUIRED)
    assert missing(row, document(mail.answer("05", mail.slot(), number=1, parent=2))) == [("MISSING", "HelsepersonelListe")]


@pytest.mark.parametrize(("part", "name"), [
    ("xcal", "icalendar"), ("helsepersonell", "HelsepersonelListe"), ("pasientrelasjon", "Pasientrelasjon"), ("vedlegg", "Base64Container"),
])
def test_a_part_that_does_not_belong_is_named(part: str, name: str) -> None:
    """By the name of its root element."""
    row = replace(PUSH, xcal=Need.ABSENT)
    found = list(checks.combination(row, GOOD, replace(NOTHING, **{part: True})))
    assert [(failure.rule, failure.expected) for failure in found] == [("NOT_ALLOWED", name)]


@pytest.mark.parametrize("need", [Need.REQUIRED, Need.OPTIONAL])
def test_a_part_that_may_be_there_is_not_named(need: Need) -> None:
    """Optional or required, it belongs."""
    row = replace(PUSH, xcal=need, helsepersonell=need, pasientrelasjon=need, vedlegg=need)
    everything = Parts(xcal=True, helsepersonell=True, pasientrelasjon=True, vedlegg=True)
    assert list(checks.combination(row, GOOD, everything)) == []


def test_a_push_that_refers_to_a_message_is_named() -> None:
    """It starts nothing and answers nothing."""
    answer = document(mail.answer("05", mail.slot(), number=1, parent=2))
    found: list[Failure] = list(checks.combination(PUSH, answer, NOTHING))
    assert [failure.expected for failure in found] == ["ConversationRef"]


@pytest.mark.parametrize(("timing", "ack", "receipted"), [
    (Timing.ASYNC, "J", True), (Timing.ASYNC, None, True), (Timing.ASYNC, "N", False), (Timing.SYNC, "J", False), (Timing.SYNC, "N", False),
    (Timing.AS_REQUEST, "J", True), (Timing.AS_REQUEST, "N", False),
])
def test_a_receipt_is_owed_for_what_is_asynchronous_and_wants_one(timing: Timing, ack: str | None, receipted: bool) -> None:
    """`Ack` J, or none given; never for a synchronous message (architecture 3)."""
    info: MsgInfo = replace(GOOD.msg_info, ack=ack)
    assert checks.is_receipted(replace(PUSH, timing=timing), info) is receipted


@pytest.mark.parametrize(("sender", "vendor", "spoofs"), [
    ("8800002", "fjord", False), ("8800001", "fjord", False), ("8800002", "vidde", True), ("7700002", "fjord", True), ("", "fjord", True),
    ("1", "fjord", True),
])
def test_a_sender_is_one_of_the_vendors_own_parties(sender: str, vendor: str, spoofs: bool) -> None:
    """The topic says who the vendor is; the portal's own party sends from no vendor's topic."""
    assert checks.spoofs(organisation(sender), vendor, REGISTER) is spoofs


@pytest.mark.parametrize(("level_1", "spoofs"), [("8800001", False), ("8800002", False), ("7700001", True), ("8800001 ", True)])
def test_a_sender_says_whom_it_belongs_to_as_the_register_does(level_1: str, spoofs: bool) -> None:
    """What it says of its organisation is mirrored in receipts: it must be true."""
    assert checks.spoofs(organisation("8800002", level_1=level_1), "fjord", REGISTER) is spoofs


@pytest.mark.parametrize(("text", "is_one"), [("8800002", True), ("", False), (None, False), ("88 00", False), ("٣", False)])
def test_a_her_id_is_a_number(text: str | None, is_one: bool) -> None:
    """Anything else may be a person's name."""
    assert checks.is_her_id(text) is is_one


@pytest.mark.parametrize(("her_id", "vendor"), [("8800002", "fjord"), ("8950002", None), ("7700002", None), ("1", None)])
def test_a_receiver_has_the_outbox_of_its_vendor(her_id: str, vendor: str | None) -> None:
    """An office without a vendor, the portal and nobody have none."""
    assert checks.outbox_of(REGISTER.find(her_id)) == vendor


def test_what_was_forgiven_is_named() -> None:
    """A missing Ack, another code system, a code outside the standard's list."""
    message = with_info(GOOD, ack=None)
    assert list(checks.leniencies(PUSH, message, received_at=NOW)) == ["no-ack"]
    assert list(checks.leniencies(replace(PUSH, system="another"), GOOD, received_at=NOW)) == ["code-system"]
    assert list(checks.leniencies(replace(PUSH, listed=False), GOOD, received_at=NOW)) == ["code-outside-process"]
    assert list(checks.leniencies(replace(PUSH, timing=Timing.SYNC), GOOD, received_at=NOW)) == ["ack-on-synchronous"]
    assert list(checks.leniencies(PUSH, with_info(GOOD, ack="JA"), received_at=NOW)) == ["ack-unknown"]
    ahead = with_info(GOOD, gen_date=datetime(2036, 6, 1, tzinfo=UTC))
    assert list(checks.leniencies(PUSH, ahead, received_at=NOW)) == ["gen-date-ahead"]

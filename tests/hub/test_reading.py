"""Reading: the order of the checks, the kinds of no, and the name of the case. The golden folders show each in full."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.records import Received, Source
from hub.case.entries import Entry, Read, Receipt, Refused, Rejected
from hub.parties import Register
from hub.reading import Combination, Desk, read
from schemas.oslo_time import OSLO
from tests import mail
from tests import messages as m
from tests.story import DESK, REGISTER, START
from tests.test_golden import GOLDEN

SOURCE = Source("epj.fjord.inbox", 2, 17)
ON = START.astimezone(OSLO).date()
STRICT = replace(DESK, combination=Combination.STRICT)
PART_TOO_MUCH = mail.push("05", number=1).replace(b"</MsgHead>", m.vedlegg().encode() + b"</MsgHead>")


def entry_of(body: bytes | None, *, vendor: str = "fjord", desk: Desk = DESK) -> Entry:
    """What is read of it."""
    return read(Received(SOURCE, vendor, START, body), desk).entry


def key_of(body: bytes | None, *, vendor: str = "fjord", desk: Desk = DESK) -> str:
    """The key under which it stands in the log."""
    return read(Received(SOURCE, vendor, START, body), desk).key


def rule_of(body: bytes | None, *, vendor: str = "fjord", desk: Desk = DESK) -> str | None:
    """The rule by which it is rejected or refused."""
    entry = entry_of(body, vendor=vendor, desk=desk)
    return entry.failure.rule if isinstance(entry, Rejected | Refused) else None


@pytest.mark.parametrize("body", [None, b"", b" \n\t "])
def test_a_record_without_a_message_is_refused_as_empty(body: bytes | None) -> None:
    """A tombstone, nothing, and blanks."""
    assert rule_of(body) == "EMPTY"


def test_the_size_is_looked_at_before_anything_is_parsed() -> None:
    """One byte too many is too large, however broken it is."""
    body = mail.push("05", number=1)
    assert rule_of(body, desk=replace(DESK, max_bytes=len(body))) is None
    assert rule_of(body, desk=replace(DESK, max_bytes=len(body) - 1)) == "TOO_LARGE"
    assert rule_of(b"<" * 11, desk=replace(DESK, max_bytes=10)) == "TOO_LARGE"


def test_who_sends_is_looked_at_before_what_is_sent() -> None:
    """A spoofed sender learns nothing about processes, schemas or patients."""
    invalid = mail.push("05", number=1).replace(b"<Patient>", b"<Pasient>").replace(b"</Patient>", b"</Pasient>")
    assert rule_of(invalid, vendor="vidde") == "SPOOFING"
    assert rule_of(invalid) == "SCHEMA"


def test_the_process_is_looked_at_before_the_schema() -> None:
    """A process that is not carried is refused at the door, however its message looks."""
    invalid = mail.answer("12", number=1, parent=2, process="EKONSULTASJON").replace(b"<Patient>", b"<Pasient>")
    carried = invalid.replace(b"</Patient>", b"</Pasient>")
    assert rule_of(carried) == "NOT_CARRIED"


def test_the_schema_is_looked_at_before_the_patient() -> None:
    """An invalid message is told of its schema first."""
    body = mail.push("05", number=1).replace(mail.KAJA.encode(), b"12345678901")
    assert rule_of(body) == "PATIENT_ID_IMPOSSIBLE"
    assert rule_of(body.replace(b"dtstart>", b"dtstarts>")) == "SCHEMA"


@pytest.mark.parametrize(("combination", "kind", "leniencies", "notices"), [
    (Combination.WARN, Read, ("part-not-allowed",), 1), (Combination.TOLERANT, Read, ("part-not-allowed",), 0),
])
def test_a_part_too_much_is_forgiven_and_told_or_only_forgiven(
    combination: Combination, kind: type[Entry], leniencies: tuple[str, ...], notices: int,
) -> None:
    """By default the vendor is told; a tolerant desk only names the leniency."""
    entry = entry_of(PART_TOO_MUCH, desk=replace(DESK, combination=combination))
    assert isinstance(entry, Read)
    assert (entry.leniencies, len(entry.notices)) == (leniencies, notices)


def test_a_part_too_much_is_rejected_by_a_strict_desk() -> None:
    """X99 with the part's name, as our schemas spell it."""
    entry = entry_of(PART_TOO_MUCH, desk=STRICT)
    assert isinstance(entry, Rejected)
    assert (entry.failure.code, entry.failure.expected) == ("X99", "Base64Container")


def test_a_case_is_named_by_patient_and_office_alone() -> None:
    """Whatever is said, by whichever party of the office: the same case. Another patient or office: another."""
    single = m.message(
        dialog=m.foresporsel("05"), calendar=m.icalendar(), sender=m.organisation("Kontoret", m.ident(mail.OFFICE[0])),
        receiver=m.portal(mail.PORTAL), patient=mail.PATIENTS[0],
    )
    same = {key_of(mail.push("05", number=1)), key_of(mail.answer("30", number=2, parent=3, process="EKONTAKT")), key_of(single)}
    assert len(same) == 1
    assert key_of(mail.push("05", number=1, who=1)) not in same


def test_a_request_and_its_answer_are_of_the_same_case() -> None:
    """The office is the receiver of the one and the sender of the other."""
    assert key_of(mail.request("RT", number=900), vendor="vidde") == key_of(mail.answer("06", number=1, parent=900))


def test_what_has_no_case_stands_under_its_source_partition() -> None:
    """Ordered by where it came from; a person's number is never part of a key."""
    assert key_of(b"") == "epj.fjord.inbox/2"
    assert key_of(mail.push("05", number=1).replace(b"dtstart>", b"dtstarts>")) == "epj.fjord.inbox/2"


def test_a_receipt_is_ordered_by_the_message_it_answers() -> None:
    """It carries no patient."""
    body = (GOLDEN / "AppRec" / "1-accepted" / "in.xml").read_bytes()
    other = body.replace(m.msg_id(900).encode(), m.msg_id(901).encode())
    assert isinstance(entry_of(body), Receipt)
    assert key_of(body) == key_of(body.replace(b"OK", b"Ja")) != key_of(other)


def test_an_old_apprec_is_named_as_an_unsupported_version() -> None:
    """Not as a message without an envelope: the sender has another version, and is told which one is read."""
    body = (GOLDEN / "AppRec" / "1-accepted" / "in.xml").read_bytes().replace(b"apprec/2012-02-15", b"apprec/2004-11-21")
    assert rule_of(body) == "UNSUPPORTED_PART"


def test_a_process_is_active_when_the_office_has_it() -> None:
    """The register decides, on the office's side of the message."""
    other = mail.push("05", number=1, process="AVTALEUTSENDING").decode()
    for mine, theirs in zip(mail.OFFICE, mail.OTHER, strict=True):
        other = other.replace(mine, theirs)
    assert rule_of(mail.push("05", number=1, process="AVTALEUTSENDING")) is None
    assert rule_of(other.encode(), vendor="vidde") == "NOT_ACTIVE"


def test_a_receiver_that_nobody_knows_is_told_to_the_sender() -> None:
    """E10; without a register no receiver is looked for."""
    body = mail.push("05", number=1).replace(mail.PORTAL[0].encode(), b"7799998").replace(mail.PORTAL[1].encode(), b"7799999")
    assert rule_of(body) == "RECEIVER_UNKNOWN"
    assert rule_of(body, desk=Desk(DESK.pseudonyms)) is None


def test_a_message_is_handed_on_where_its_receiver_has_an_outbox() -> None:
    """Then its receiver answers it, and we do not."""
    handed = entry_of(mail.request("RT", number=900), vendor="vidde")
    alone = entry_of(mail.request("RT", number=900, to=mail.ALONE), vendor="vidde")
    assert isinstance(handed, Read)
    assert isinstance(alone, Read)
    assert (handed.hand_on_to, handed.receipted) == ("fjord", False)
    assert (alone.hand_on_to, alone.receipted) == (None, True)


def test_a_refusal_is_synchronous_when_its_request_was() -> None:
    """Its own Ack tells: N wants nothing, J is receipted."""
    wants = entry_of(mail.answer("30", number=1, parent=900, ack="J"))
    quick = entry_of(mail.answer("30", number=1, parent=900, ack="N"))
    assert isinstance(wants, Read)
    assert isinstance(quick, Read)
    assert (wants.receipted, quick.receipted) == (True, False)


def test_reading_the_same_record_twice_gives_the_same() -> None:
    """Reception may write a record again: nothing in it depends on when or where it is read."""
    received = Received(SOURCE, "fjord", START, mail.push("05", number=1))
    assert read(received, DESK) == read(received, DESK)


def test_a_register_knows_every_party_of_the_tests() -> None:
    """The parties that the messages of the tests name."""
    assert all(REGISTER.find(her_id) for pair in (mail.OFFICE, mail.PORTAL, mail.OTHER, mail.ALONE) for her_id in pair)


@pytest.mark.parametrize(("valid", "rule"), [
    ({}, None), ({"valid_from": ON, "valid_until": ON}, None),
    ({"valid_from": ON + timedelta(days=1)}, "NOT_ACTIVE"), ({"valid_until": ON - timedelta(days=1)}, "NOT_ACTIVE"),
])
def test_a_party_outside_its_days_has_no_process_active(valid: dict[str, date], rule: str | None) -> None:
    """The day is Norwegian, and the one on which the message arrived."""
    parties = tuple(party.model_copy(update=valid) if party.her_id == mail.OFFICE[1] else party for party in REGISTER.party)
    desk = replace(DESK, register=Register(party=parties))
    assert rule_of(mail.push("05", number=1), desk=desk) == rule

"""Receipts: mirrored addresses, valid by the published schema and ours, and read back as they were written."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from contracts.failures import Failure, Rule
from schemas import wire
from schemas.documents import AppRec, HealthcareProfessional, Hodemelding, Ident, Kode, MsgInfo, Organisation
from schemas.parsing import parse
from schemas.reading.document import document
from schemas.validation import violation
from schemas.writing.apprec import error_for, mirrored, receipt_for, write_apprec
from tests import messages

AT = datetime(2026, 1, 15, 8, 0, 5, 250_000, tzinfo=UTC)
RECEIPT_ID = messages.msg_id(99)
REJECTED = (error_for(Failure.of(Rule.SCHEMA, "/MsgHead/MsgInfo/Ack", 9, expected="one of J, N")),)


def received(**blocks: str) -> MsgInfo:
    """The envelope of a message."""
    found = document(parse(messages.message(**blocks)))
    assert isinstance(found, Hodemelding)
    return found.msg_info


def receipt(errors: tuple[Kode, ...] = ()) -> AppRec:
    """The receipt of an ordinary message."""
    return receipt_for(received(), receipt_id=RECEIPT_ID, at=AT, errors=errors)


def test_a_positive_receipt_says_what_was_received() -> None:
    """Status 1, no Error, and the original's type, time as written and id."""
    found = receipt()
    assert (found.status, found.error) == (Kode("1", dn="OK"), ())
    original = found.original_msg_id
    assert (original.msg_type.v, original.issue_date_text, original.id) == (
        "DIALOG_INNBYGGER_TIMERESERVASJON", messages.GEN_DATE, messages.MSG_ID,
    )


def test_addresses_are_mirrored_with_every_id() -> None:
    """The receiver answers the sender: two levels, ENH and HER kept in order, a practitioner's name in one string."""
    found = receipt()
    assert (found.sender.her_id_level_1, found.sender.her_id) == messages.PORTAL_HER_IDS
    assert found.receiver == Organisation(
        "Fjellheimen legesenter",
        (Ident("999888777", Kode("ENH", dn="ENH")), Ident("800001", Kode("HER", dn="HER"))),
        None,
        HealthcareProfessional(family_name="Oda Ryggen", ident=(Ident("800002", Kode("HER", dn="HER")),)),
    )


def test_a_negative_receipt_says_why_and_where() -> None:
    """Status 2 and the 8221 code with its official text; place and hint in both languages in OT."""
    found = receipt(REJECTED)
    (error,) = found.error
    assert found.status == Kode("2", dn="Avvist")
    assert (error.v, error.s, error.dn) == ("T02", "2.16.578.1.12.4.1.1.8221", "XML validerer ikke")
    assert error.ot is not None
    assert error.ot.startswith("/MsgHead/MsgInfo/Ack (9): XML-dokumentet følger ikke skjemaet. Forventet: en av J, N. / The XML")


@pytest.mark.parametrize("rule", [rule for rule in Rule if ":" not in rule.code])
def test_every_rejection_has_its_official_text(rule: Rule) -> None:
    """No rule answers with a code that 8221 does not know."""
    error = error_for(Failure.of(rule))
    assert (error.v, bool(error.dn), bool(error.ot)) == (rule.code, True, True)


def test_a_transport_error_is_no_apprec() -> None:
    """Its condition is no code of 8221."""
    with pytest.raises(ValueError, match="transport"):
        error_for(Failure.of(Rule.NO_ENVELOPE))


@pytest.mark.parametrize("errors", [(), REJECTED, REJECTED * 3])
def test_a_receipt_is_valid_by_our_schema_and_the_published_one(errors: tuple[Kode, ...], published: etree.XMLSchema) -> None:
    """Both say yes, and the reader reads back what was written."""
    written = write_apprec(receipt(errors))
    root = parse(written)
    assert written.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert violation(root) is None
    assert published.validate(root)
    assert document(root) == receipt(errors)


def test_what_one_message_says_in_three_levels_a_receipt_says_in_two() -> None:
    """A practitioner below the nested organisation becomes the HCPerson of the institution."""
    person = HealthcareProfessional("Ryggen", None, "Oda", (Ident("3", Kode("HER")),))
    party = Organisation("En", (Ident("1", Kode("HER")),), Organisation("To", (Ident("2", Kode("HER")),), None, person))
    found = mirrored(party)
    assert found.organisation == Organisation("To", (Ident("2", Kode("HER")),))
    assert found.healthcare_professional == HealthcareProfessional("Oda Ryggen", ident=person.ident)


def test_a_receiver_that_was_never_read_gives_a_valid_receipt_all_the_same(published: etree.XMLSchema) -> None:
    """A message broken inside its envelope: the receipt's sender is empty, and the receipt is valid."""
    info = received(receiver="<Organisation/>")
    root = parse(write_apprec(receipt_for(info, receipt_id=RECEIPT_ID, at=AT, errors=REJECTED)))
    assert published.validate(root)
    assert violation(root) is None


def test_a_character_that_xml_cannot_hold_is_replaced() -> None:
    """It cannot come from XML; from anywhere else it must not break the receipt."""
    written = write_apprec(receipt((Kode("X99", None, None, "a\x00b\ud800c\ufffe"),)))
    found = document(parse(written))
    assert found.error[0].ot == "a\ufffdb\ufffdc\ufffd"  # type: ignore[union-attr]


_CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
_TEXTS = st.one_of(st.text(_CHARACTERS, max_size=30), st.text("&<>\"'\r\n\t]]>æøå–𝄞", max_size=12))
_WORDS = _TEXTS.map(str.strip).filter(bool)
_CODES = st.builds(Kode, _WORDS, dn=st.none() | _TEXTS)
_IDENTS = st.lists(st.builds(Ident, _WORDS, _CODES), max_size=3).map(tuple)
_PERSONS = st.builds(HealthcareProfessional, family_name=st.none() | _WORDS, ident=_IDENTS)
_DEPARTMENTS = st.builds(Organisation, st.none() | _WORDS, _IDENTS)
_PARTIES = st.builds(Organisation, st.none() | _WORDS, _IDENTS, st.none() | _DEPARTMENTS, st.none() | _PERSONS)
_ERRORS = st.builds(Kode, _WORDS, st.just("2.16.578.1.12.4.1.1.8221"), st.none() | _TEXTS, st.none() | _TEXTS)


@given(_PARTIES, _PARTIES, st.lists(_ERRORS, max_size=2).map(tuple))
def test_any_names_and_ids_are_written_and_read_back_the_same(
    sender: Organisation, receiver: Organisation, errors: tuple[Kode, ...]
) -> None:
    """Markup characters, quotes, line ends and every script survive; the document is the same after the log too."""
    ordinary = receipt(errors)
    written = AppRec(AT, RECEIPT_ID, sender, receiver, ordinary.status, errors, ordinary.original_msg_id)
    root = parse(write_apprec(written))
    assert violation(root) is None
    assert document(root) == written
    assert wire.decoder(AppRec).decode(wire.encode(written)) == written

"""Messages: valid by the published schemas and ours, and read back as they were written."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree

from contracts.failures import Fault
from schemas import wire
from schemas.documents import (
    Dialogmelding,
    Foresporsel,
    HealthcareProfessional,
    Hodemelding,
    Icalendar,
    Ident,
    Kode,
    MsgInfo,
    Notat,
    Organisation,
    Pasientrelasjon,
    Patient,
    Person,
    Vedlegg,
    Vevent,
)
from schemas.kodeverk.foresporsel_7601 import OID as OID_7601
from schemas.kodeverk.foresporsel_7601 import Foresporsel7601
from schemas.kodeverk.person_id_8116 import OID as OID_8116
from schemas.message import open_message
from schemas.national_id import NationalId
from schemas.oslo_time import NotATime
from schemas.parsing import parse
from schemas.validation import violation
from schemas.writing.hodemelding import write_hodemelding
from tests import messages
from tests.schemas.generated import HODEMELDINGER

CET = timezone(timedelta(hours=1))
ODD = "a\x00b\ud800c\ufffe"
CANARY = "Kanarifugl-91827"


def read(body: bytes) -> Hodemelding:
    """The document of a valid message."""
    return open_message(body).hodemelding()


def booking(**fields: object) -> Hodemelding:
    """A request for an appointment, from the portal to a practitioner."""
    her, hpr = Kode("HER", OID_8116, "HER-id"), Kode("HPR", OID_8116, "HPR-nummer")
    practitioner = HealthcareProfessional("Ryggen", None, "Oda", (Ident("800002", her), Ident("555444", hpr)))
    asked = Foresporsel(Kode("RT", OID_7601, Foresporsel7601.RT.tekst), sporsmal="Vondt i kneet")
    whole = Hodemelding(
        msg_info=MsgInfo(
            type=Kode("DIALOG_INNBYGGER_TIMERESERVASJON", dn="-"), gen_date=datetime(2026, 1, 15, 8, tzinfo=CET), gen_date_text="",
            msg_id=messages.MSG_ID, ack="J", conversation_ref=None, sender=Organisation("Portalen", (Ident("700002", her),)),
            receiver=Organisation("Fjellheimen", (Ident("800001", her),), None, practitioner),
            patient=Patient("Myrstad", None, "Kaja", NationalId(messages.national_id()), "+47 99887766"),
        ),
        dialogmelding=Dialogmelding(foresporsel=(asked,)),
    )
    return replace(whole, **fields)  # type: ignore[arg-type]


def with_event(**fields: object) -> Hodemelding:
    """The same with one appointment."""
    event = Vevent(datetime(2026, 3, 12, 9, 15, tzinfo=CET), None, messages.APPOINTMENT_ID, "800002")
    return booking(icalendar=Icalendar((replace(event, **fields),)))  # type: ignore[arg-type]


def dated(message: Hodemelding) -> Hodemelding:
    """The same with its time as text, which the reader always has."""
    text = message.msg_info.gen_date_text or message.msg_info.gen_date.isoformat()
    return replace(message, msg_info=replace(message.msg_info, gen_date_text=text))


@settings(deadline=None)
@given(HODEMELDINGER)
def test_any_message_is_written_valid_and_read_back_the_same(message: Hodemelding) -> None:
    """Every part and every field, also after the log: what is written holds what the document holds, and nothing is forgiven."""
    body = write_hodemelding(message)
    assert violation(parse(body)) is None
    assert read(body) == dated(message)
    from_the_log = wire.decoder(Hodemelding).decode(wire.encode(message))
    assert read(write_hodemelding(from_the_log)) == dated(message)


@settings(max_examples=50, deadline=None)
@given(message=HODEMELDINGER)
def test_any_message_is_valid_by_the_published_schemas(published: etree.XMLSchema, message: Hodemelding) -> None:
    """They have the last word on order, names and namespaces."""
    published.assertValid(etree.fromstring(write_hodemelding(message)))


def _golden() -> Iterator[tuple[str, Hodemelding]]:
    for file in sorted((Path(__file__).parents[1] / "golden").rglob("in*.xml")):
        try:
            found = read(file.read_bytes())
        except Fault:  # a golden message may be one that is refused
            continue
        if not (found.leniencies or found.vedlegg):
            yield f"{file.parent.name}/{file.name}", found


def test_every_golden_message_is_written_and_read_back_the_same(published: etree.XMLSchema) -> None:
    """What real senders say in so many shapes, said in one."""
    found = dict(_golden())
    written = {name: write_hodemelding(message) for name, message in found.items()}
    assert len(found) > 100
    assert [name for name, message in found.items() if read(written[name]) != message] == []
    assert [name for name, body in written.items() if not published.validate(etree.fromstring(body))] == []


def test_a_message_says_what_encoding_it_has_and_begins_with_its_dialogue_message() -> None:
    """Each part has a Document of its own, and every one says that it is XML."""
    body = write_hodemelding(booking(icalendar=Icalendar(()), helsepersonel_liste=(), pasientrelasjon=Pasientrelasjon()))
    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    root = etree.fromstring(body)
    contents = [etree.QName(content[0]).localname for content in root.iterfind("{*}Document/{*}RefDoc/{*}Content")]
    assert contents == ["Dialogmelding", "icalendar", "HelsepersonelListe", "Pasientrelasjon"]
    assert {(kind.get("V"), kind.get("DN")) for kind in root.iterfind("{*}Document/{*}RefDoc/{*}MsgType")} == {("XML", "XML-instans")}


def test_the_time_is_written_as_the_document_has_it() -> None:
    """Its text where there is one: a receipt mirrors it."""
    message = booking()
    assert read(write_hodemelding(message)).msg_info.gen_date_text == "2026-01-15T08:00:00+01:00"
    as_sent = replace(message, msg_info=replace(message.msg_info, gen_date_text="2026-01-15T07:00:00.00Z"))
    assert read(write_hodemelding(as_sent)).msg_info.gen_date_text == "2026-01-15T07:00:00.00Z"


@pytest.mark.parametrize(("ack", "text"), [("J", "Ja"), ("N", "Nei"), ("F", "Kun ved feil"), ("X", None)])
def test_ack_has_its_official_text(ack: str, text: str | None) -> None:
    """A value that the list does not know has none."""
    written = etree.fromstring(write_hodemelding(replace(booking(), msg_info=replace(booking().msg_info, ack=ack))))
    found = written.find("{*}MsgInfo/{*}Ack")
    assert found is not None
    assert (found.get("V"), found.get("DN")) == (ack, text)


@pytest.mark.parametrize(("day", "added", "kind"), [(12, 80, "FNR"), (52, 80, "DNR"), (52, 40, "DNR")])
def test_a_number_is_written_as_the_kind_it_is(day: int, added: int, kind: str) -> None:
    """A synthetic D-number too."""
    number = NationalId(messages.national_id(day, added=added))
    relation = Pasientrelasjon((Person("Myrstad", None, "Tor", number),))
    written = etree.fromstring(write_hodemelding(booking(pasientrelasjon=relation)))
    found = written.find("{*}Document/{*}RefDoc/{*}Content/{*}Pasientrelasjon/{*}Person/{*}Ident/{*}TypeId")
    assert found is not None
    assert (found.get("V"), found.get("S")) == (kind, OID_8116)


def test_an_appointment_is_written_in_local_time() -> None:
    """As every example of the profile has it, whatever zone the document was made in."""
    body = write_hodemelding(with_event(dtstart=datetime(2026, 7, 12, 7, 15, tzinfo=UTC)))
    assert b"<dtstart><date-time>2026-07-12T09:15:00</date-time></dtstart>" in body


def test_the_second_of_autumns_two_equal_hours_is_written_in_utc() -> None:
    """Local time would be read as the first: an hour too early."""
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    body = write_hodemelding(with_event(dtstart=first, dtend=second))
    assert b"<dtstart><date-time>2026-10-25T02:30:00</date-time></dtstart>" in body
    assert b"<dtend><date-time>2026-10-25T01:30:00Z</date-time></dtend>" in body
    assert read(body) == dated(with_event(dtstart=first, dtend=second))


def test_a_duration_that_no_visit_has_is_refused() -> None:
    """Nobody could read it back."""
    with pytest.raises(NotATime):
        write_hodemelding(with_event(x_expected_duration=timedelta(minutes=-30)))


def test_what_looks_like_markup_stays_text() -> None:
    """In an element and in an attribute."""
    said = '</Notat><Notat a="1">&amp;'
    notat = Notat(Kode("05", dn=said), tekst_notat_innhold=said)
    found = read(write_hodemelding(booking(dialogmelding=Dialogmelding(notat=(notat,))))).dialogmelding
    assert found == Dialogmelding(notat=(notat,))


def test_a_character_that_xml_cannot_hold_is_replaced() -> None:
    """Wherever it stands, the message is whole."""
    notat = Notat(Kode("05", dn=ODD), tema=ODD, tekst_notat_innhold=ODD)
    message = replace(with_event(summary=ODD, attendee=(ODD,), url=ODD), dialogmelding=Dialogmelding(notat=(notat,)))
    written = etree.fromstring(write_hodemelding(message))
    said = [*written.itertext(), *(value for element in written.iter() for value in element.attrib.values())]
    assert said.count("a\ufffdb\ufffdc\ufffd") == 6
    assert violation(written) is None


def test_organisations_as_deep_as_the_parser_allows_are_written() -> None:
    """What can be read can be written."""
    sender = ""
    for _ in range(248):
        sender = messages.organisation(idents=messages.ident("800001"), inside=sender)
    found = read(messages.message(sender=sender))
    assert read(write_hodemelding(found)) == found


def test_a_message_with_attachments_is_refused() -> None:
    """Their bytes are not in the document: a message without them would be another."""
    with pytest.raises(ValueError, match="attachment") as fault:
        write_hodemelding(booking(vedlegg=(Vedlegg("image/png", CANARY),)))
    assert CANARY not in str(fault.value)


def test_a_message_to_be_written_prints_nothing_a_person_wrote_or_is_known_by() -> None:
    """Names, telephones, texts and the way into a video call."""
    number = messages.national_id()
    person = (CANARY, CANARY, CANARY, NationalId(number), CANARY)
    message = replace(
        with_event(url=CANARY, summary=CANARY, description=CANARY, location=CANARY, attendee=(CANARY,), organizer=CANARY),
        pasientrelasjon=Pasientrelasjon((Person(*person),)), msg_info=replace(booking().msg_info, patient=Patient(*person)),
    )
    assert CANARY not in repr(message)
    assert number not in repr(message)

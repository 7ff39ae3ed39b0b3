"""Trees to documents: every field, every leniency, and every no that the XSD does not say."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from contracts.failures import Failure, Fault, Rule
from schemas import wire
from schemas.documents import (
    AppRec,
    ConversationRef,
    HealthcareProfessional,
    Helsepersonell,
    Hodemelding,
    Ident,
    Kode,
    Pasientrelasjon,
    Patient,
    Person,
    Recur,
    Vedlegg,
    Vevent,
)
from schemas.leniencies import Leniency
from schemas.national_id import NationalId
from schemas.parsing import envelope_of_broken, parse
from schemas.reading.document import document
from schemas.reading.envelope import msg_info
from schemas.recognition import recognise, unsupported
from schemas.uuids import is_uuid
from schemas.validation import violation
from schemas.writing.apprec import receipt_for, write_apprec
from tests import messages
from tests.messages import prop, vevent
from tests.spec import spec_dir

CEST, CET = timezone(timedelta(hours=2)), timezone(timedelta(hours=1))
CANARY = "Kanarifugl-91827"


def read(**blocks: object) -> Hodemelding:
    """The document of a message of these blocks, valid by the XSD, and the same after our own log."""
    root = parse(messages.message(**blocks))  # type: ignore[arg-type]
    assert violation(root) is None
    found = document(root)
    assert isinstance(found, Hodemelding)
    assert wire.decoder(Hodemelding).decode(wire.encode(found)) == found
    return found


def failure_of(**blocks: object) -> Failure:
    """The failure in which reading a message ends that the XSD lets through."""
    with pytest.raises(Fault) as fault:
        read(**blocks)
    assert fault.value.__cause__ is None
    return fault.value.failure


def only_vevent(*properties: str, **fields: str) -> tuple[Vevent, tuple[str, ...]]:
    """The one vevent of a message, and what was forgiven."""
    found = read(calendar=messages.icalendar(vevent(more="".join(properties), **fields)))
    assert found.icalendar is not None
    return found.icalendar.vevent[0], found.leniencies


def test_the_envelope_is_read_whole() -> None:
    """Type, times, ids, Ack, reference, both parties with every ident, and the patient."""
    info = read(conversation=messages.conversation(messages.REQUEST_ID, messages.msg_id(7))).msg_info
    assert (info.type.v, info.msg_id, info.ack) == ("DIALOG_INNBYGGER_TIMERESERVASJON", messages.MSG_ID, "J")
    assert (info.gen_date, info.gen_date_text) == (datetime(2026, 1, 15, 7, tzinfo=UTC), messages.GEN_DATE)
    assert info.conversation_ref == ConversationRef(messages.REQUEST_ID, messages.msg_id(7))
    assert [ident.id for ident in info.sender.ident] == ["999888777", messages.OFFICE_HER_IDS[0]]
    assert (info.sender.her_id_level_1, info.sender.her_id) == messages.OFFICE_HER_IDS
    assert (info.receiver.her_id_level_1, info.receiver.her_id) == messages.PORTAL_HER_IDS
    assert info.patient == Patient("Myrstad", None, "Kaja", NationalId(messages.national_id()))


def test_a_single_level_carries_the_partys_own_her_id() -> None:
    """The third address shape: the push of an office."""
    sender = messages.organisation(idents=messages.ident("999888777", "ENH") + messages.ident("800009"))
    assert read(sender=sender).msg_info.sender.her_id == "800009"


def test_an_empty_organisation_does_not_hide_the_practitioner() -> None:
    """A real sender's slip: `<Organisation/>` beside the practitioner who carries the HER-id."""
    inside = "<Organisation/>" + messages.practitioner("800002")
    party = read(sender=messages.organisation(idents=messages.ident("800001"), inside=inside)).msg_info.sender
    assert (party.organisation, party.her_id) == (None, "800002")


def test_organisations_nested_as_deep_as_the_parser_allows_are_read() -> None:
    """The parser's limit on depth keeps the reader, the wire and the receipt within the interpreter's."""
    sender = ""
    for _ in range(248):
        sender = messages.organisation(idents=messages.ident("800001"), inside=sender)
    found = read(sender=sender).msg_info
    answer = receipt_for(found, receipt_id=messages.msg_id(1), at=found.gen_date)
    assert document(parse(write_apprec(answer))) == answer


@pytest.mark.parametrize("kind", ["FNR", "DNR"])
def test_the_patients_number_is_found_among_other_ids(kind: str) -> None:
    """Only FNR and DNR are national ids; a DUF number in front is passed over."""
    other = messages.ident("123456789012", "DUF", messages.PERSON_IDS)
    patient = messages.patient(kind=kind).replace("<Ident>", other + "<Ident>", 1)
    found = read(patient=patient).msg_info.patient
    assert found is not None
    assert found.national_id == NationalId(messages.national_id())


@pytest.mark.parametrize("patient", ["", "<Patient/>", messages.patient(kind="DUF")])
def test_a_patient_without_a_national_id_is_read_as_such(patient: str) -> None:
    """It is the caller who says whether one is needed."""
    found = read(patient=patient).msg_info.patient
    assert (found is None) == (patient == "")
    assert found is None or found.national_id is None


@pytest.mark.parametrize(
    ("addresses", "telephone"),
    [
        (("tel:+47 99887766",), "+47 99887766"),
        (("mailto:kaja@example.org", " TEL:99887766 ", "tel:11223344"), "99887766"),
        (("mailto:kaja@example.org",), None),
        (("tel:",), None),
        ((), None),
    ],
)
def test_the_patients_first_telephone_is_read(addresses: tuple[str, ...], telephone: str | None) -> None:
    """An address of another kind is passed over; a scheme is the same in capitals."""
    telecom = "".join(f'<TeleCom><TypeTelecom V="MC" DN="-"/><TeleAddress V="{address}"/></TeleCom>' for address in addresses)
    found = read(patient=messages.patient(more=telecom)).msg_info.patient
    assert found == Patient("Myrstad", None, "Kaja", NationalId(messages.national_id()), telephone)


def test_a_gen_date_without_zone_is_oslo_and_told() -> None:
    """The text stays as written: it is mirrored in the receipt."""
    found = read(gen_date="2026-07-15T08:00:00.1234567")
    assert found.msg_info.gen_date == datetime(2026, 7, 15, 6, 0, 0, 123456, tzinfo=UTC)
    assert found.msg_info.gen_date_text == "2026-07-15T08:00:00.1234567"
    assert found.leniencies == ("gen-date-without-zone",)


def test_an_answer_is_read_with_who_answered() -> None:
    """TemaKodet, Tema, the text and the roles; a DN is kept and never matched on."""
    found = read(dialog=messages.notat("05", text="  Velkommen  ", tema="Time", inside=messages.roller_relatert_notat())).dialogmelding
    (notat,) = found.notat
    assert (notat.tema_kodet, notat.tema, notat.tekst_notat_innhold) == (Kode("05", messages.CODES["7602"], "-"), "Time", "Velkommen")
    (role,) = notat.roller_relatert_notat
    assert role.role_to_patient is not None
    assert role.role_to_patient.v == "16"
    hpr = Ident("555444", Kode("HPR", messages.PERSON_IDS, "HPR-nummer"))
    assert role.healthcare_professional == HealthcareProfessional("Ryggen", None, "Oda", (hpr,))


def test_a_request_is_read_whole() -> None:
    """Every field of Foresporsel that the hub knows."""
    inside = (
        "<EmneSporsmal>Emne</EmneSporsmal><Sporsmal>Vondt i kneet</Sporsmal><FraDato>2026-03-01</FraDato><TilDato>2026-03-28Z</TilDato>"
        f"{messages.kode('KodetOpplysning', '1', '2.16.578.1.12.4.1.1.1101')}{messages.roller_relatert_notat()}"
    )
    (asked,) = read(dialog=messages.foresporsel("RT", system="7601", inside=inside)).dialogmelding.foresporsel
    assert (asked.type_foresp.v, asked.emne_sporsmal, asked.sporsmal) == ("RT", "Emne", "Vondt i kneet")
    assert (asked.fra_dato, asked.til_dato) == (date(2026, 3, 1), date(2026, 3, 28))
    assert asked.kodet_opplysning is not None
    assert asked.kodet_opplysning.v == "1"
    assert len(asked.roller_relatert_notat) == 1


def test_sakstype_is_read() -> None:
    """The sender's own id of the contact."""
    dialog = messages.notat().replace("<Notat>", "<Sakstype> 12 </Sakstype><Notat>")
    assert read(dialog=dialog).dialogmelding.sakstype == "12"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ('<div xmlns="http://www.w3.org/1999/xhtml">Hei<br/>på   <b>deg</b>\n   igjen</div>', "Hei\npå deg igjen"),
        ('<div xmlns="http://www.w3.org/1999/xhtml"><p>En</p><p>To</p></div>', "En\n\nTo"),
        ('<div xmlns="http://www.w3.org/1999/xhtml"><ul><li>En</li><li>To</li></ul><script>alert(1)</script>!</div>', "En\n\nTo\n!"),
        ("a &lt;b&gt;<![CDATA[ & c]]>", "a <b> & c"),
        ("To\nlinjer", "To\nlinjer"),
        ("   ", None),
    ],
)
def test_formatted_text_becomes_plain_text(written: str, read_as: str | None) -> None:
    """XHTML is flattened to its text, with breaks where blocks are; plain text keeps its own."""
    (notat,) = read(dialog=messages.notat(text=written)).dialogmelding.notat
    assert notat.tekst_notat_innhold == read_as


def test_an_appointment_is_read_whole() -> None:
    """Every property of the profile, with aware times."""
    person = "<parameters><cn><text>{}</text></cn></parameters><cal-address>mailto:x@example.org</cal-address>"
    found, leniencies = only_vevent(
        prop("related-to", "r-1", "uri"), "<categories><text>Video</text><text> TjenesteId:12 </text></categories>",
        prop("summary", "Kontroll"), prop("description", "Ta med briller"), prop("location", "Storgata 1"), prop("status", "TENTATIVE"),
        f"<attendee>{person.format('Are')}</attendee><attendee>{person.format('Liv')}</attendee>",
        f"<organizer>{person.format('Kommunen')}</organizer>", prop("exdate", "2026-03-19T09:15:00", "date-time"),
        "<rrule><recur><freq>WEEKLY</freq><count>4</count><interval>1</interval><byday>MO</byday></recur></rrule>",
        prop("x-expected-duration", "PT30M", "duration"), prop("x-available-at", "2026-03-12T08:00:00Z", "date-time"),
        prop("x-cancellation-reason", "Avlyst av tjeneste"), prop("url", " https://video.example.org/rom/12 ", "uri"),
    )
    assert found == Vevent(
        dtstart=datetime(2026, 3, 12, 9, 15, tzinfo=CET), dtend=datetime(2026, 3, 12, 9, 30, tzinfo=CET), uid=messages.APPOINTMENT_ID,
        contact="800002", related_to="r-1", categories=("Video", "TjenesteId:12"), summary="Kontroll", description="Ta med briller",
        location="Storgata 1", status="TENTATIVE", attendee=("Are", "Liv"), organizer="Kommunen",
        rrule=Recur("WEEKLY", 4, "1", ("MO",)), exdate=(datetime(2026, 3, 19, 9, 15, tzinfo=CET),),
        x_expected_duration=timedelta(minutes=30), x_available_at=datetime(2026, 3, 12, 8, tzinfo=UTC),
        x_cancellation_reason="Avlyst av tjeneste", url="https://video.example.org/rom/12",
    )
    assert leniencies == ()


def test_several_appointments_keep_their_order() -> None:
    """Free slots come many in one calendar."""
    calendar = messages.icalendar(*(vevent(uid=str(number)) for number in range(5)))
    found = read(calendar=calendar).icalendar
    assert found is not None
    assert [event.uid for event in found.vevent] == ["0", "1", "2", "3", "4"]


def test_the_missing_hour_moves_forward_and_is_told() -> None:
    """02:30 in the night when summer time begins is 03:30."""
    found, leniencies = only_vevent(dtstart="2026-03-29T02:30:00", dtend="2026-03-29T03:45:00")
    assert (found.dtstart, leniencies) == (datetime(2026, 3, 29, 3, 30, tzinfo=CEST), ("missing-hour",))


def test_an_end_before_its_start_is_dropped_and_told() -> None:
    """An end in another year, as several published examples have it."""
    found, leniencies = only_vevent(dtend="2021-03-12T09:30:00")
    assert (found.dtend, leniencies) == (None, ("end-before-start",))


def test_a_duration_without_t_is_minutes_and_told() -> None:
    """P30M, as the guide itself writes it."""
    found, leniencies = only_vevent(prop("x-expected-duration", "P30M", "duration"))
    assert (found.x_expected_duration, leniencies) == (timedelta(minutes=30), ("duration-without-t",))


def test_a_contact_with_blanks_is_trimmed_and_told() -> None:
    """A trailing blank occurs in published examples."""
    found, leniencies = only_vevent(contact="800002 ")
    assert (found.contact, leniencies) == ("800002", ("contact-with-blank",))


@pytest.mark.parametrize(
    ("more", "name", "expected"),
    [
        (prop("x-expected-duration", "P1Y", "duration"), "x-expected-duration/duration", "a duration such as PT30M"),
        (prop("related-to", "r" * 201, "uri"), "related-to/uri", "at most 200 characters"),
        (prop("x-available-at", "0001-01-01T00:00:00", "date-time"), "x-available-at/date-time", "a time of the years 1900 to 2200"),
    ],
)
def test_a_value_that_cannot_be_held_is_named_by_its_place(more: str, name: str, expected: str) -> None:
    """T02 with path and expectation; never the value."""
    failure = failure_of(calendar=messages.icalendar(vevent(more=more)))
    path = f"/MsgHead/Document[2]/RefDoc/Content/icalendar/vcalendar/components/vevent/properties/{name}"
    assert (failure.code, failure.path) == ("T02", path)
    assert failure.expected is not None
    assert failure.expected.startswith(expected)


@pytest.mark.parametrize("blocks", [{"msg_id": "x" * 201}, {"conversation": messages.conversation("x" * 201)}])
def test_an_id_longer_than_an_id_can_be_is_refused(blocks: dict[str, str]) -> None:
    """It would become a claim, a key and a header."""
    failure = failure_of(**blocks)
    assert (failure.code, failure.expected) == ("T02", "at most 200 characters")


def test_an_empty_msg_id_is_missing() -> None:
    """The XSD lets an empty string through."""
    assert failure_of(msg_id=" ") == Failure.of(Rule.MISSING, "/MsgHead/MsgInfo/MsgId", 3, expected="MsgId")


@pytest.mark.parametrize("gen_date", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "12026-01-15T08:00:00Z"])
def test_a_gen_date_that_cannot_be_held_is_refused(gen_date: str) -> None:
    """The year 1 of a program that had no date, the year 9999 of one that had no end."""
    assert failure_of(gen_date=gen_date).path == "/MsgHead/MsgInfo/GenDate"


def test_an_attachment_is_known_by_size_and_sum() -> None:
    """Two of the same name are two; the bytes are not kept; a description may be missing."""
    found = read(documents=[messages.vedlegg("aGVp"), messages.vedlegg(" aGV\npaGVp "), messages.vedlegg("", description=None)]).vedlegg
    sums = [sha256(content).hexdigest() for content in (b"hei", b"heihei", b"")]
    assert found == (
        Vedlegg("image/png", "Bilde", 3, sums[0]), Vedlegg("image/png", "Bilde", 6, sums[1]), Vedlegg("image/png", None, 0, sums[2]),
    )


@pytest.mark.parametrize("text", ["!!!not base64!!!", "aGVp=", "aGV", "aGVp=aGVp"])
def test_garbage_that_the_xsd_lets_through_is_bad_base64(text: str) -> None:
    """libxml2 does not look into Base64; we do, and name the place."""
    body = messages.message(documents=[messages.vedlegg(), messages.vedlegg(text)])
    with pytest.raises(Fault) as fault:
        document(parse(body))
    failure = fault.value.failure
    assert (failure.rule, failure.path) == ("BAD_BASE64", "/MsgHead/Document[3]/RefDoc/Content/Base64Container")


@pytest.mark.parametrize("mime_type", ["image/jpg", "", "application/x-anything"])
def test_any_kind_of_attachment_is_read(mime_type: str) -> None:
    """`image/jpg` is what real senders write; which kinds are allowed is not decided here."""
    (found,) = read(documents=[messages.vedlegg(mime_type=mime_type)]).vedlegg
    assert found.mime_type == (mime_type or None)


def test_other_practitioners_are_read() -> None:
    """HelsepersonelListe with its remark."""
    found = read(documents=[messages.document(messages.helsepersonel_liste())]).helsepersonel_liste
    hpr = Ident("555445", Kode("HPR", messages.PERSON_IDS, "HPR-nummer"))
    person = HealthcareProfessional("Vikstad", None, "Are", (hpr,), Kode("LE", None, "Lege"))
    assert found == (Helsepersonell((person,), "Vikar i mars"),)


def test_somebody_who_acts_for_the_patient_is_read() -> None:
    """Names, number and telephone of the person, and the right; the patient stays in the envelope."""
    telecom = '<fk1:TeleCom><fk1:TeleAddress V="tel:99887766"/></fk1:TeleCom>'
    found = read(documents=[messages.document(messages.pasientrelasjon(more=telecom))])
    person = Person("Myrstad", None, "Tor", NationalId(messages.national_id(1, 5, 60)), "99887766")
    assert found.pasientrelasjon == Pasientrelasjon((person,), Kode("FO", messages.CODES["7611"], "Foreldreansvar"))
    assert found.msg_info.patient == Patient("Myrstad", None, "Kaja", NationalId(messages.national_id()))


def test_a_person_of_two_national_ids_is_not_guessed_between() -> None:
    """As of the patient: which person it is would depend on the order."""
    second = f'<fk1:Ident><fk1:Id>41018512345</fk1:Id><fk1:TypeId V="DNR" S="{messages.PERSON_IDS}"/></fk1:Ident>'
    failure = failure_of(documents=[messages.document(messages.pasientrelasjon(more=second))])
    path = "/MsgHead/Document[2]/RefDoc/Content/Pasientrelasjon/Person/Ident[2]"
    assert (failure.rule, failure.path) == (Rule.TOO_MANY.name, path)


def test_two_relations_to_the_patient_are_not_guessed_between() -> None:
    """Each may name another who acts."""
    failure = failure_of(documents=[messages.document(messages.pasientrelasjon())] * 2)
    assert (failure.rule, failure.path) == (Rule.TOO_MANY.name, "/MsgHead/Document[3]/RefDoc/Content/Pasientrelasjon")
    assert failure.expected == "Pasientrelasjon"


def test_two_dialogue_messages_in_one_are_not_guessed_between() -> None:
    """Delivering one of them would lose the other."""
    failure = failure_of(documents=[messages.document(messages.notat())])
    assert (failure.rule, failure.path) == (Rule.TOO_MANY.name, "/MsgHead/Document[2]/RefDoc/Content/Dialogmelding")
    assert failure.line == messages.message().count(b"\n", 0, messages.message().rindex(b"</Document>")) + 1
    assert failure.expected == "Dialogmelding"


@pytest.mark.parametrize("name", ["dtstart", "uid", "summary"])
def test_a_property_said_twice_is_not_guessed_between(name: str) -> None:
    """xCal's schema allows any property any number of times: which time or which id is meant would be a guess."""
    kind = "date-time" if name == "dtstart" else "text"
    written = prop(name, "2031-03-12T09:15:00" if name == "dtstart" else "x", kind)
    failure = failure_of(calendar=messages.icalendar(vevent(more=written + (written if name == "summary" else ""))))
    assert (failure.rule, failure.expected) == (Rule.TOO_MANY.name, name)
    assert str(failure.path).endswith(f"/vevent/properties/{name}[2]")
    assert failure.line


def test_what_the_profile_lets_repeat_may_repeat() -> None:
    """Categories, attendees and exceptions come many."""
    again = "<categories><text>Video</text></categories>" + prop("exdate", "2026-03-19T09:15:00", "date-time")
    assert only_vevent(again, again)[0].categories == ("Video", "Video")


def test_two_national_ids_are_not_guessed_between() -> None:
    """A national id and a D-number: two persons' access would depend on the order."""
    patient = messages.patient()
    second = messages.ident("", "DNR", messages.PERSON_IDS) + messages.ident("41018512345", "DNR", messages.PERSON_IDS)
    failure = failure_of(patient=patient.replace("</Patient>", second + "</Patient>"))
    assert (failure.rule, failure.path, failure.expected) == (Rule.TOO_MANY.name, "/MsgHead/MsgInfo/Patient/Ident[3]", "Ident")


def test_a_message_without_a_dialogue_message_is_told_so() -> None:
    """The XSD lets it through."""
    failure = failure_of(dialog=messages.icalendar())
    assert (failure.rule, failure.path) == ("MISSING", "/MsgHead/Document/RefDoc/Content/Dialogmelding")


REAL_FAULTS = {
    "RefToConversation before RefToParent": (
        messages.conversation("a", "b"),
        "<ConversationRef><RefToConversation>b</RefToConversation><RefToParent>a</RefToParent></ConversationRef>",
    ),
    "TypeTelecom out of place": ("</Patient>", '<TeleCom><TeleAddress V="1"/><TypeTelecom DN="-"/></TeleCom></Patient>'),
    "TypeTelecom twice": ("</Patient>", '<TeleCom><TypeTelecom/><TypeTelecom/><TeleAddress V="1"/></TeleCom></Patient>'),
    "DateOfBirth without zeros": ("<GivenName>Kaja</GivenName>", "<GivenName>Kaja</GivenName><DateOfBirth>1991-12-4</DateOfBirth>"),
    "OrganisationName missing in Receiver": ("<OrganisationName>Portaleieren</OrganisationName>", ""),
    "a blank inside an OID": (messages.CODES["7602"], "2.16.578.1.12.4.1.1. 7602"),
}


@pytest.mark.parametrize("name", REAL_FAULTS)
def test_a_known_fault_of_real_senders_leaves_the_envelope_readable(name: str) -> None:
    """Each breaks the schema, and each can still be answered by an AppRec."""
    right, wrong = REAL_FAULTS[name]
    whole = messages.message(conversation=messages.conversation("a", "b")).decode()
    assert right in whole
    root = parse(whole.replace(right, wrong).encode())
    assert violation(root) is not None
    envelope = msg_info(root)
    assert envelope is not None
    assert (envelope.msg_id, envelope.sender.her_id) == (messages.MSG_ID, "800002")


@pytest.mark.parametrize(
    "without", ["<MsgId>.*</MsgId>", "<Type [^>]*/>(?=\n<MIG)", "<GenDate>.*</GenDate>", "<Sender>.*</Sender>", "(?s)<MsgInfo>.*</MsgInfo>"]
)
def test_an_envelope_without_what_a_receipt_needs_is_none(without: str) -> None:
    """MsgId, Type, GenDate and a Sender with a HER-id: nobody is answered by guessing."""
    root = parse(re.sub(without, "", messages.message().decode()).encode())
    assert msg_info(root) is None


@pytest.mark.parametrize("gen_date", ["15.01.2026 08:00", "2026-01-15", "0001-01-01T00:00:00Z"])
def test_an_envelope_whose_time_no_receipt_could_mirror_is_none(gen_date: str) -> None:
    """IssueDate must be an xs:dateTime."""
    assert msg_info(parse(messages.message(gen_date=gen_date))) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (messages.MSG_ID, True), (messages.MSG_ID.upper(), True), (messages.MSG_ID[:-1], False), (messages.MSG_ID.replace("-", ""), False),
        (f"{{{messages.MSG_ID}}}", False), (messages.MSG_ID + "\n", False), ("", False),
    ],
)
def test_a_uuid_is_known_by_its_shape(text: str, expected: bool) -> None:
    """8-4-4-4-12 hexadecimal digits and nothing around them."""
    assert is_uuid(text) is expected


def test_a_document_prints_nothing_a_person_wrote_or_is_known_by() -> None:
    """Names, numbers and texts are absent from the repr of the whole document."""
    canary = CANARY
    found = read(
        dialog=messages.notat(text=canary, tema=canary, inside=messages.roller_relatert_notat(family=canary, given=canary)),
        patient=messages.patient(family=canary, given=canary, more=f'<TeleCom><TeleAddress V="tel:{canary}"/></TeleCom>'),
        calendar=messages.icalendar(vevent(more="".join((
            prop("summary", canary), prop("description", canary), prop("location", canary), prop("url", canary, "uri"),
        )))),
        documents=[
            messages.document(messages.helsepersonel_liste(canary, canary, canary)), messages.vedlegg(description=canary),
            messages.document(messages.pasientrelasjon(
                canary, canary, more=f'<fk1:TeleCom><fk1:TeleAddress V="tel:{canary}"/></fk1:TeleCom>'
            )),
        ],
    )
    assert canary not in repr(found)
    assert messages.national_id() not in repr(found)
    assert messages.national_id(1, 5, 60) not in repr(found)


@pytest.mark.parametrize(
    "blocks",
    [
        {"msg_id": CANARY * 20},
        {"gen_date": "0001-01-01T00:00:00Z", "patient": messages.patient(family=CANARY)},
        {"documents": [messages.vedlegg(CANARY + "!")]},
        {"calendar": messages.icalendar(vevent(uid=CANARY * 20))},
    ],
)
def test_no_fault_of_reading_repeats_a_value(blocks: dict[str, object]) -> None:
    """Text, repr, failure, hint and chain of every fault are free of the message."""
    with pytest.raises(Fault) as fault:
        document(parse(messages.message(**blocks)))  # type: ignore[arg-type]
    chain: Iterator[object] = iter((fault.value, fault.value.failure, fault.value.failure.hint, fault.value.__context__))
    assert CANARY not in " ".join(f"{link!r} {link}" for link in chain)


def test_a_document_survives_the_log_and_nothing_else_is_taken_for_one() -> None:
    """msgpack and back is the same document; a national id is the only type of ours that is not a dataclass."""
    found = read(calendar=messages.icalendar(), documents=[messages.vedlegg()])
    assert wire.decoder(Hodemelding).decode(wire.encode(found)) == found
    with pytest.raises(NotImplementedError):
        wire.encode(object())


def test_a_record_of_an_older_hub_is_still_decoded() -> None:
    """The log outlives the code: what a document has gained since is absent there, and gets its default."""
    found = read(calendar=messages.icalendar())
    older = msgspec.msgpack.decode(wire.encode(found))
    del older["pasientrelasjon"], older["msg_info"]["patient"]["telephone"], older["icalendar"]["vevent"][0]["url"]
    assert wire.decoder(Hodemelding).decode(msgspec.msgpack.encode(older)) == found


def test_every_leniency_has_an_id_of_its_own_and_words_in_both_languages() -> None:
    """The ids are what outcomes and consoles show; they are stable and kebab-case."""
    ids = [leniency.id for leniency in Leniency]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", leniency_id) for leniency_id in ids)
    assert all(leniency.nb.endswith(".") and leniency.en.endswith(".") for leniency in Leniency)


def published() -> list[Path]:
    """Every published example."""
    return sorted((spec_dir() / "examples").glob("*/*.xml"))


def test_every_published_example_is_read_or_refused_as_expected() -> None:
    """Parsed, recognised, validated and read without surprise; T10 and wrapping where, and only where, they must be."""
    outcomes = {path.name: _outcome(path.read_bytes()) for path in published()}
    assert len(outcomes) == len(json.loads((spec_dir() / "examples" / "expected.json").read_text()))
    unsupported_ones = {name for name, outcome in outcomes.items() if outcome == "UNSUPPORTED_PART"}
    assert {name.partition("-")[0] for name in unsupported_ones} == {"acceptance", "dialogmelding", "reseptfornyelse", "timeonske", "timer"}
    assert [name for name, outcome in outcomes.items() if outcome == "WRAPPED"] == ["wrapped-refs-out-of-order.xml"]
    assert outcomes["timereservasjon-1.2-03-free-slots.xml"] == "contact-with-blank, end-before-start"


def _outcome(body: bytes) -> str:
    root = parse(body)
    try:
        if failure := unsupported(recognise(root)):
            return failure.rule
    except Fault as fault:
        return fault.failure.rule
    assert violation(root) is None
    found = document(root)
    if isinstance(found, AppRec):
        assert wire.decoder(AppRec).decode(wire.encode(found)) == found
        return found.status.v or ""
    assert wire.decoder(Hodemelding).decode(wire.encode(found)) == found
    assert msg_info(root) == envelope_of_broken(body) == found.msg_info
    return ", ".join(found.leniencies)

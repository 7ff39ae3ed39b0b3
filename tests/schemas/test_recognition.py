"""What a message says it is, before anything is checked."""

import pytest
from lxml import etree

from contracts.failures import Failure, Fault, Rule
from schemas.documents import Kode
from schemas.formats import FORMATS, MSGHEAD, SUPPORTED_PARTS, SUPPORTED_ROOTS
from schemas.parsing import parse
from schemas.recognition import Kind, Recognised, recognise, unsupported
from tests import messages


def recognised(body: bytes) -> Recognised:
    """What this body is recognised as."""
    return recognise(parse(body))


def failure_of(body: bytes) -> Failure:
    """The failure that recognising this body ends in."""
    with pytest.raises(Fault) as fault:
        recognised(body)
    return fault.value.failure


def namespace_of(name: str, version: str) -> str:
    """The namespace of a row of the table of formats."""
    return next(row.namespace for row in FORMATS if (row.name, row.version) == (name, version))


def test_an_answer_is_recognised_by_process_element_and_code() -> None:
    """Type is trimmed; the code is that of the first Notat; the parts stand in document order."""
    body = messages.message(type_v=" DIALOG_X ", dialog=messages.notat("05"), calendar=messages.icalendar(), documents=[messages.vedlegg()])
    seen = recognised(body)
    assert (seen.kind, seen.type_v, seen.element) == (Kind.MSG_HEAD, "DIALOG_X", "Notat")
    assert seen.code == Kode("05", messages.CODES["7602"], "-")
    assert [part and part.name for part in seen.parts] == ["Dialogmelding", "xCal", "Base64Container"]
    assert unsupported(seen) is None


def test_a_push_is_a_foresporsel_with_a_code_of_the_answers() -> None:
    """The same code in another element is another message."""
    seen = recognised(messages.message(dialog=messages.foresporsel("07")))
    assert (seen.element, seen.code and seen.code.v) == ("Foresporsel", "07")


def test_a_receipt_is_recognised_by_its_root() -> None:
    """An AppRec has no process and no parts."""
    namespace = namespace_of("AppRec", "1.1")
    assert recognised(f'<AppRec xmlns="{namespace}"/>'.encode()) == Recognised(Kind.APP_REC)


def test_an_invalid_message_is_recognised_all_the_same() -> None:
    """Recognition forgives what validation will not: no code, no Type, foreign elements."""
    body = f'<MsgHead xmlns="{MSGHEAD}"><MsgInfo><Odd/></MsgInfo><Document/><Odd/></MsgHead>'.encode()
    assert recognised(body) == Recognised(Kind.MSG_HEAD)


def test_a_wrapped_message_is_named_as_wrapped() -> None:
    """A foreign root with a MsgHead inside is told from a foreign root without."""
    inner = messages.message().partition(b"\n")[2]
    assert failure_of(b"<Envelope>\n<Body>" + inner + b"</Body></Envelope>") == Failure.of(Rule.WRAPPED, "/*", 2)


def test_a_foreign_root_is_not_a_message() -> None:
    """Its name is not told: it is the sender's word."""
    assert failure_of(b"<Kanarifugl/>") == Failure.of(Rule.NOT_A_MESSAGE, "/*", 1)


@pytest.mark.parametrize(("name", "namespace"), [("AppRec", namespace_of("AppRec", "1.0")), ("MsgHead", "urn:x"), ("MsgHead", "")])
def test_a_known_root_in_another_version_is_unsupported(name: str, namespace: str) -> None:
    """T10 with the roots that are supported."""
    failure = failure_of(f'<{name} xmlns="{namespace}"/>'.encode())
    assert failure == Failure.of(Rule.UNSUPPORTED_PART, f"/{name}", 1, expected=SUPPORTED_ROOTS)


def test_a_message_without_an_envelope_is_unreadable() -> None:
    """No MsgInfo: nobody can be answered."""
    assert failure_of(f'<MsgHead xmlns="{MSGHEAD}"><Document/></MsgHead>'.encode()).rule == Rule.NO_ENVELOPE.name


@pytest.mark.parametrize(
    "part",
    [
        f'<Dialogmelding xmlns="{namespace_of("Dialogmelding", "1.0")}"/>',
        f'<Helsepersonell xmlns="{namespace_of("Helsepersonell", "2014-03-28")}"/>',
        f'<Resept xmlns="{namespace_of("M1 resept", "2013-10-08")}"/>',
        '<Kanarifugl xmlns="urn:nobody"/>',
        messages.message().decode().partition("\n")[2],
    ],
)
def test_a_part_we_do_not_know_is_unsupported_with_its_place(part: str) -> None:
    """T10 names the Content and what is supported: an older version, a part nobody knows, a message inside the message."""
    seen = recognised(messages.message(documents=[messages.document(part)]))
    assert seen.parts[1] is None
    failure = unsupported(seen)
    assert failure is not None
    assert failure == Failure.of(Rule.UNSUPPORTED_PART, "/MsgHead/Document[2]/RefDoc/Content", failure.line, expected=SUPPORTED_PARTS)
    assert failure.line
    assert failure.code == "T10"


def test_a_reference_to_a_file_elsewhere_is_unsupported() -> None:
    """We never follow it, so we do not pretend that it came."""
    document = '<Document><RefDoc><MsgType V="REF"/><FileReference>file:///x</FileReference></RefDoc></Document>'
    failure = unsupported(recognised(messages.message(documents=[document])))
    assert failure is not None
    assert failure.path == "/MsgHead/Document[2]/RefDoc/FileReference"


def test_the_code_of_an_older_dialogue_message_is_read() -> None:
    """So that the process can be told apart before the version is refused."""
    older = messages.notat("19").replace(namespace_of("Dialogmelding", "1.1"), namespace_of("Dialogmelding", "1.0"))
    seen = recognised(messages.message(dialog=older))
    assert (seen.element, seen.code and seen.code.v, seen.parts) == ("Notat", "19", (None,))


def test_what_was_recognised_prints_nothing_a_sender_wrote() -> None:
    """Type and code are the sender's words until they are checked."""
    seen = recognised(messages.message(type_v="KANARI", dialog=messages.notat("KANARI")))
    assert "KANARI" not in repr(seen)


def test_recognition_reads_a_tree_and_leaves_it_as_it_was() -> None:
    """The tree goes on to validation unchanged."""
    root = parse(messages.message(calendar=messages.icalendar()))
    before = etree.tostring(root)
    recognise(root)
    assert etree.tostring(root) == before

"""Bytes to tree: what is refused, how it is named, and that nothing of the message leaks while it is."""

import os
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from contracts.failures import Failure, Fault, Rule
from schemas.parsing import ENCODINGS, MAX_ATTRIBUTES, MAX_TAGS, NOTHING_BEFORE, TOO_MUCH_MARKUP, envelope_of_broken, parse
from schemas.reading.document import document
from tests import messages

CANARY = "Kanarifugl-91827"
BOMB = b"<!DOCTYPE a [<!ENTITY a0 'lol'>" + b"".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>".encode() for n in range(1, 12)
) + b"]>"


def failure_of(body: bytes) -> Failure:
    """The failure that parsing this body ends in."""
    with pytest.raises(Fault) as fault:
        parse(body)
    assert fault.value.__context__ is None
    return fault.value.failure


@pytest.mark.parametrize("body", [b"", b"  \n\t "])
def test_an_empty_record_is_named_as_empty(body: bytes) -> None:
    """Nothing, or blanks only, is EMPTY and not a syntax error."""
    assert failure_of(body) == Failure.of(Rule.EMPTY)


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE a><a/>",
        b"<!DOCTYPE a SYSTEM 'file:///etc/hostname'><a/>",
        b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>",
        b"<!DOCTYPE a [<!ENTITY % x SYSTEM 'file:///etc/hostname'> %x;]><a/>",
        b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;",
        b"<!-- first --><!DOCTYPE a><a/>",
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
        "<!DOCTYPE a><a/>".encode("utf-16"),
        "<!DOCTYPE a><a/>".encode("utf-32"),
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4APA-a/+AD4-',
    ],
)
def test_a_doctype_is_refused_in_any_encoding_and_shape(body: bytes) -> None:
    """A DOCTYPE is named as such, also hidden in another encoding or in a document that is broken besides."""
    assert failure_of(body).rule == Rule.DOCTYPE.name


@pytest.mark.parametrize(("before", "line"), [
    ("", 1), ("\n\n", 3), ("<!--\n <!DOCTYPE b>\n-->\n", 4), ("<?a <!DOCTYPE b>?>\n", 2), ("<!-- -->\n" * 1000, 1001),
])
@pytest.mark.parametrize("rest", ["<a/>", "<a>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_doctype_is_told_with_its_line(before: str, line: int, rest: str, encoding: str) -> None:
    """Not one that a comment only speaks of; the parser itself does not say where it was."""
    assert failure_of(f"{before}<!DOCTYPE a>{rest}".encode(encoding)) == Failure.of(Rule.DOCTYPE, line=line)


@pytest.mark.parametrize("use", [b"<a>&a11;</a>", b'<a b="&a11;"/>'])
def test_an_entity_bomb_is_cheap_and_refused(use: bytes) -> None:
    """A bomb of 10^11 expansions costs milliseconds and next to no memory."""
    tracemalloc.start()
    started = time.perf_counter()
    assert failure_of(BOMB + use).rule == Rule.DOCTYPE.name
    assert time.perf_counter() - started < 1
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("body", [b"<a>" * 300 + b"</a>" * 300, b"<a>" + b"x" * 10_000_100 + b"</a>", b"<" + b"x" * 60_000 + b"/>"])
def test_what_only_a_huge_tree_could_hold_is_too_deep(body: bytes) -> None:
    """Nesting, texts and names beyond libxml2's limits are refused: huge_tree stays off."""
    assert failure_of(body).rule == Rule.TOO_DEEP.name


@pytest.mark.parametrize("body", [b"<a>" + b"<a/>" * MAX_TAGS + b"</a>", b"<a " + b"a='' " * (MAX_ATTRIBUTES + 1) + b"/>"])
def test_too_many_tags_or_attributes_are_told_by_their_limit_before_anything_is_parsed(body: bytes) -> None:
    """A tree costs thirty times such a document; the answer names the limit, not the second attribute of one name."""
    assert failure_of(body) == Failure.of(Rule.TOO_DEEP, expected=TOO_MUCH_MARKUP)


@pytest.mark.parametrize("body", [
    b"<?xml version='1.0' encoding='UTF-7'?><a/>", b"<?xml version='1.0'\n  encoding = 'ISO-2022-JP'?><a/>",
    "<?xml version='1.0' encoding='IBM037'?><a/>".encode("cp037"),
])
def test_an_encoding_in_which_tags_cannot_be_counted_is_not_read(body: bytes) -> None:
    """Where a less-than may be other bytes, nobody can say beforehand what the document costs."""
    assert failure_of(body) == Failure.of(Rule.WRONG_ENCODING, line=1, expected=ENCODINGS)


@pytest.mark.parametrize("doctype", ["<!DOCTYPE a SYSTEM '{}'>", "<!DOCTYPE a [<!ENTITY % x SYSTEM 'file://{}'> %x;]>"])
def test_no_file_that_a_doctype_names_is_opened(tmp_path: Path, doctype: str) -> None:
    """lxml's `collect_ids=False` did: a pipe that nobody writes to would have stopped the inbox for ever."""
    os.mkfifo(tmp_path / "pipe")
    assert failure_of(f"{doctype.format(tmp_path / 'pipe')}<a/>".encode()).rule == Rule.DOCTYPE.name


@pytest.mark.parametrize(
    "body",
    [
        "<a>\nblåbær</a>".encode("latin-1"),
        '<?xml version="1.0" encoding="US-ASCII"?><a>å</a>'.encode(),
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b"<?xml version='1.0' encoding='UTF-16'?><a/>",
    ],
)
def test_bytes_that_do_not_fit_their_encoding_are_named_so(body: bytes) -> None:
    """Latin-1 sent as UTF-8, and UTF-8 that calls itself UTF-16, are encoding faults and not syntax errors."""
    assert failure_of(body).rule == Rule.WRONG_ENCODING.name


@pytest.mark.parametrize("body", [b"<a>\n<b></c></a>", b"hello", b"\x00\x01", b"<a>\n\x00</a>", b"<a/><b/>", b"<a>\n<z:b/></a>"])
def test_broken_xml_is_named_with_its_line_alone(body: bytes) -> None:
    """NOT_WELL_FORMED carries the line, no path and no expectation."""
    failure = failure_of(body)
    assert failure == Failure.of(Rule.NOT_WELL_FORMED, line=failure.line)
    assert failure.line in (1, 2)


@pytest.mark.parametrize("before", [b"\n", b"  ", b"\xef\xbb\xbf\r\n"])
def test_a_blank_before_the_declaration_is_told_as_such(before: bytes) -> None:
    """The everyday fault of whoever builds XML as text, and hard to see."""
    failure = failure_of(before + b"<?xml version='1.0'?><a/>")
    assert (failure.rule, failure.expected) == (Rule.NOT_WELL_FORMED.name, NOTHING_BEFORE)


def test_nothing_of_a_broken_message_reaches_the_words_of_its_fault() -> None:
    """The parser quotes names and values; the fault, its text and its failure do not."""
    body = messages.message(patient=messages.patient(family=CANARY)).replace(b"</FamilyName>", b"</" + CANARY.encode() + b">")
    with pytest.raises(Fault) as fault:
        parse(body)
    said = f"{fault.value!r} {fault.value} {fault.value.failure} {fault.value.failure.hint} {fault.value.__context__}"
    assert CANARY not in said


def test_comments_and_processing_instructions_are_dropped() -> None:
    """What is not content never reaches a reader, and does not cut a text in two."""
    root = parse(b"<?a b?><r>one<!-- two --> three<?c d?></r>")
    assert (root.text, len(root)) == ("one three", 0)


@pytest.mark.parametrize("encoding", ["UTF-16", "ISO-8859-1", "windows-1252"])
def test_other_encodings_than_utf_8_are_read(encoding: str) -> None:
    """A declared encoding is honoured."""
    body = messages.message(patient=messages.patient(family="Blåbær"), encoding=encoding)
    read = document(parse(body))
    assert read == document(parse(messages.message(patient=messages.patient(family="Blåbær"))))


def test_threads_parse_side_by_side() -> None:
    """Good and broken bodies at once: each thread gets its own answer."""
    bodies = [b"<a/>", b"<a>\n\n<b></a>"] * 50

    def outcome(body: bytes) -> int | None:
        try:
            return 0 if parse(body).tag == "a" else None
        except Fault as fault:
            return fault.failure.line

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(outcome, bodies)) == [0, 3] * 50


@pytest.mark.parametrize("broken_by", [b"", b"<Document>", b"\xff\xfe", b"</Nothing>", b"&entity;"])
def test_a_message_that_breaks_after_its_envelope_can_still_be_answered(broken_by: bytes) -> None:
    """Up to the end of MsgInfo everything is read as it would have been in a whole message."""
    body = messages.message(conversation=messages.conversation())
    cut = body[: body.index(b"<Document>")] + broken_by
    assert envelope_of_broken(cut) == document(parse(body)).msg_info  # type: ignore[union-attr]


def test_a_message_that_breaks_inside_its_envelope_is_answered_when_enough_was_read() -> None:
    """MsgId, Type, GenDate and Sender are enough; a receiver that was not reached is empty."""
    body = messages.message()
    envelope = envelope_of_broken(body[: body.index(b"<Receiver>") + 20])
    assert envelope is not None
    assert (envelope.msg_id, envelope.sender.her_id, envelope.receiver.her_id) == (messages.MSG_ID, messages.OFFICE_HER_IDS[1], None)


@pytest.mark.parametrize("before", [b"<GenDate>", b"</MsgId>", b"<Sender>", b"</Sender>"])
def test_half_an_envelope_addresses_nobody(before: bytes) -> None:
    """What was cut in the middle is not trusted: half a MsgId is no MsgId."""
    body = messages.message()
    assert envelope_of_broken(body[: body.index(before)]) is None


def test_a_doctype_in_front_does_not_hide_the_envelope() -> None:
    """A message refused for its DOCTYPE is still told so by an AppRec; an entity in it stands for nothing."""
    body = messages.message().replace(b"<MsgHead", b"<!DOCTYPE MsgHead [<!ENTITY x 'y'>]>\n<MsgHead", 1)
    envelope = envelope_of_broken(body)
    assert envelope is not None
    assert envelope.msg_id == messages.MSG_ID


@pytest.mark.parametrize("wrapper", [b"<Foreign>%s</Foreign>", b"%s"])
def test_only_the_envelope_of_the_message_itself_is_read(wrapper: bytes) -> None:
    """A MsgInfo deeper down belongs to somebody else."""
    inner = messages.message().partition(b"\n")[2]
    body = wrapper % inner
    assert (envelope_of_broken(body) is None) == body.startswith(b"<Foreign>")


@pytest.mark.parametrize("body", [b"", b"\x00", b"<a", "ø".encode("latin-1"), BOMB + b"<a>&a11;</a>"])
def test_saving_an_envelope_never_raises(body: bytes) -> None:
    """Whatever the bytes, the answer is an envelope or None."""
    assert envelope_of_broken(body) is None

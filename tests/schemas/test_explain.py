"""The explainer tells a sender where and what, and never a word of the message."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from contracts.failures import Failure, Rule
from schemas import expectations, explain, formats, places, validation
from tests.schemas.breaking import FIXTURES, XSI_TYPE, breaks, parsed

CANARY = "Kanarifugl11847010187"
PUSH = next(file for file in FIXTURES if file.stem == "push-07")
XCAL_VALUES = next(file for file in FIXTURES if file.stem == "everything-xcal")


def _first(root: etree._Element, name: str) -> etree._Element:
    return next(root.iter(f"{{*}}{name}"))


def _broken(name: str, *, text: str | None = None, attribute: tuple[str, str] | None = None, file: Path = PUSH) -> Failure | None:
    root = parsed(file)
    element = _first(root, name)
    if attribute:
        element.set(*attribute)
    else:
        element.text = text
    return validation.violation(root)


def _without(name: str) -> Failure | None:
    root = parsed(PUSH)
    etree.strip_elements(root, f"{{*}}{name}")
    return validation.violation(root)


@pytest.mark.parametrize(("name", "text", "path", "expected"), [
    ("GenDate", "i går", "/MsgHead/MsgInfo/GenDate", "date and time"),
    ("MIGversion", "v1.1", "/MsgHead/MsgInfo/MIGversion", "the fixed value v1.2 2006-05-24"),
    ("MsgInfo", "ord", "/MsgHead/MsgInfo", "elements without text between them"),
    ("date-time", "2031-03-12T09:15:00+01:00",
     "/MsgHead/Document[2]/RefDoc/Content/icalendar/vcalendar/components/vevent/properties/dtstart/date-time",
     "date and time, local or ending in Z"),
])
def test_a_wrong_text_is_told_by_place_and_kind(name: str, text: str, path: str, expected: str) -> None:
    """The path is made of names and numbers where a name repeats; the kind is the schema's."""
    failure = _broken(name, text=text)
    assert failure
    assert (failure.code, failure.path, failure.expected) == ("T02", path, expected)


@pytest.mark.parametrize(("value", "attribute", "path", "expected"), [
    ("1..2", "S", "/MsgHead/MsgInfo/Sender/Organisation/Ident[1]/TypeId/@S", expectations.KINDS["oid"]),
    ("x", "Ukjent", "/MsgHead/MsgInfo/Sender/Organisation/Ident[1]/TypeId", "no attributes but V, S, DN, OT"),
])
def test_a_wrong_attribute_is_named_only_if_the_schema_knows_it(value: str, attribute: str, path: str, expected: str) -> None:
    """A known attribute is part of the path; an unknown one is told by those that are allowed."""
    failure = _broken("TypeId", attribute=(attribute, value))
    assert failure
    assert (failure.path, failure.expected) == (path, expected)


def test_a_missing_element_is_told_where_it_was_missed() -> None:
    """In the middle the place is the element that came instead; at the end it is the parent."""
    middle, end = _without("MsgId"), _without("Document")
    assert middle
    assert end
    assert (middle.path, middle.expected) == ("/MsgHead/MsgInfo/Ack", "MsgId")
    assert (end.path, end.expected) == ("/MsgHead", "one of Document, PatientReport")


def test_an_element_of_an_unknown_name_is_a_star() -> None:
    """A name that none of our schemas has could be anything, even a person's."""
    root = parsed(PUSH)
    _first(root, "summary").tag = CANARY
    failure = validation.violation(root)
    assert failure
    assert str(failure.path).endswith("/vevent/properties/*")
    assert str(failure.expected).startswith("one of method, prodid")


@pytest.mark.parametrize(("name", "before", "expected"), [
    ("Ukjent", "GivenName", "one of MiddleName, GivenName, DateOfBirth, Sex, Nationality, Ident, Address, TeleCom"),
    ("FamilyName", "Ident", "one of DateOfBirth, Sex, Nationality, Ident, Address, TeleCom"),
])
def test_where_all_that_may_follow_is_optional_it_is_told(name: str, before: str, expected: str) -> None:
    """An element that is unknown, or came too late: the schema requires nothing there, and allows much."""
    root = parsed(PUSH)
    patient = _first(root, "Patient")
    _first(patient, before).addprevious(etree.Element(f"{{{formats.MSGHEAD}}}{name}"))
    failure = validation.violation(root)
    assert failure
    assert failure.expected == expected


def test_no_more_elements_is_said_where_there_can_be_no_more() -> None:
    """Behind the last thing that a block can hold, and only there."""
    root = parsed(PUSH)
    etree.SubElement(_first(_first(root, "Patient"), "Ident"), f"{{{formats.MSGHEAD}}}TypeId", V="FNR", DN="-")
    failure = validation.violation(root)
    assert failure
    assert (str(failure.path).rpartition("/")[2], failure.expected) == ("TypeId[2]", expectations.NO_MORE)


@pytest.mark.parametrize(("name", "expected"), [("GenDate", "date and time"), ("MsgId", None)])
def test_what_only_lxml_refuses_is_told_by_the_kind_of_the_place(name: str, expected: str | None) -> None:
    """Blanks around a time: xmlschema lets them pass, and the schema still says that it is a time."""
    element = _first(parsed(PUSH), name)
    element.text = f" {element.text} "
    failure = validation.violation(element.getroottree().getroot())
    assert (failure and failure.expected) == expected


def test_a_closed_list_is_told() -> None:
    """The values of a list are the schema's own, so they may be shown."""
    root = parsed(XCAL_VALUES)
    _first(_first(root, "x-cancellation-reason"), "text").text = " Avlyst av tjeneste"
    failure = validation.violation(root)
    assert failure
    assert str(failure.expected).startswith("one of Avlyst av tjeneste, Avlyst - ikke hjemme")


def test_the_line_is_the_message_s_own() -> None:
    """The line is where the element stands in what was sent."""
    text = PUSH.read_text(encoding="utf-8")
    number = next(n for n, line in enumerate(text.splitlines(), start=1) if "<GenDate>" in line)
    root = etree.fromstring(re.sub(r"<GenDate>[^<]*", "<GenDate>x", text).encode())
    failure = validation.violation(root)
    assert failure
    assert failure.line == number


def test_an_unknown_root_or_part_is_t10_and_names_what_is_supported() -> None:
    """What the strict wildcard refuses is a format we do not know."""
    root, part = parsed(PUSH), parsed(PUSH)
    root.tag = "{urn:ukjent}Konvolutt"
    _first(part, "Dialogmelding").tag = "{urn:ukjent}Dialog"
    assert validation.violation(root) == Failure.of(Rule.UNSUPPORTED_PART, "/*", 2, expected=formats.SUPPORTED_ROOTS)
    failure = validation.violation(part)
    assert failure
    assert (failure.code, failure.expected) == ("T10", formats.SUPPORTED_PARTS)


@pytest.mark.parametrize("year", ["99999999999-01-01T00:00:00", "20310-01-01T00:00:00"])
def test_a_year_out_of_range_elsewhere_does_not_stop_the_explanation(year: str) -> None:
    """The explainer overflows on such a year, which lxml allows; the verdict and the place of the real fault stand."""
    root = parsed(PUSH)
    _first(root, "GenDate").text = year
    assert validation.violation(root) is None
    _first(root, "date-time").text = CANARY
    failure = validation.violation(root)
    assert failure
    assert (failure.code, str(failure.path).rpartition("/")[2]) == ("T02", "date-time")
    _tells_nothing(failure)


@pytest.mark.parametrize("name", ["ukjent", "xs:ukjent", "", CANARY, f"p:{CANARY}"])
def test_an_unknown_xsi_type_is_refused_and_not_quoted(name: str) -> None:
    """The explainer raises on a type it cannot find, naming it; what comes out is lxml's verdict in our words."""
    failure = _broken("Ack", attribute=(XSI_TYPE, name))
    assert failure
    assert (failure.code, failure.path) == ("T02", "/MsgHead/MsgInfo/Ack")
    _tells_nothing(failure)


def _tells_nothing(failure: Failure | None) -> None:
    assert failure is None or CANARY not in f"{failure!r} {failure.hint!r}"


def _with_canary(root: etree._Element, place: int) -> Iterator[etree._Element]:
    element = list(root.iter())[place]
    element.text = CANARY
    yield root
    for name in list(element.attrib):
        element.set(name, f"{CANARY} ")
    element.set(CANARY, CANARY)
    yield root
    element.set(XSI_TYPE, CANARY)
    yield root
    element.tag = CANARY
    yield root
    element.tag = f"{{urn:{CANARY}}}{CANARY}"
    yield root


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda file: file.stem)
def test_a_canary_at_any_place_is_never_told(fixture: Path) -> None:
    """Text, attribute value, attribute name, type name, element name, namespace: one at a time, at every place of every fixture."""
    for place in range(sum(1 for _ in parsed(fixture).iter())):
        for root in _with_canary(parsed(fixture), place):
            _tells_nothing(validation.violation(root))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_message_full_of_canaries_broken_in_many_ways_tells_none(data: st.DataObject) -> None:
    """Every text and attribute is a canary, and the structure is broken too: nothing of it is told, and nothing is raised."""
    root = parsed(data.draw(st.sampled_from(FIXTURES)))
    for _ in range(data.draw(st.integers(0, 3))):
        element = data.draw(st.sampled_from([e for e in root.iter() if e is not root] or [parsed(FIXTURES[0])[0]]))
        data.draw(st.sampled_from([break_ for _, break_ in breaks(element)]))(element)
    kept = data.draw(st.sets(st.integers(0, 400)))
    for number, element in enumerate(e for e in root.iter() if not len(e)):
        element.text = element.text if number in kept else CANARY
        for name in element.attrib:
            element.set(name, element.get(name, "") if number in kept else CANARY)
    _tells_nothing(validation.violation(root))


@pytest.mark.parametrize(("attachment", "copies", "expected"), [("QUJD" * 2_000_000, 0, "date and time"), ("", 10_000, "")])
def test_a_huge_message_is_explained_at_once(attachment: str, copies: int, expected: str) -> None:
    """Attachments are not read again to explain another fault; what has very many elements gets its place and the kind of fault only."""
    root = parsed(next(file for file in FIXTURES if file.stem == "request-RT-on-behalf"))
    _first(root, "Base64Container").text = attachment
    components, vevent = _first(root, "components"), etree.tostring(_first(root, "vevent"))
    components.extend(etree.fromstring(vevent) for _ in range(copies))
    _first(root, "GenDate").text = "x"
    began = time.thread_time()
    failure = validation.violation(root)
    assert failure
    assert time.thread_time() - began < 1
    assert failure.path == "/MsgHead/MsgInfo/GenDate"
    assert str(failure.expected).startswith(expected)


@pytest.mark.parametrize("name", ["", "xmlns:"])
def test_an_element_with_thousands_of_names_is_explained_at_once(name: str) -> None:
    """Over five thousand attributes the explainer would think for minutes: the kind of fault must do."""
    names = " ".join(f'{name}a{number}="x"' for number in range(5_000))
    root = etree.fromstring(f'<MsgHead xmlns="{formats.MSGHEAD}" {names}><MsgInfo a="x"/></MsgHead>')
    failure = validation.violation(root)
    assert failure
    assert failure.expected in {words for _, words in explain.FAULTS}


def test_the_words_that_leave_are_the_schema_s_or_the_table_s() -> None:
    """No path has anything but known names, numbers and stars; no name outside our schemas is known."""
    assert places.known_name(f"{{urn:x}}{CANARY}") == "*"
    assert places.known_name("{urn:x}Patient") == "Patient"
    assert places.known_name(etree.Comment) == "*"
    assert places.known_name("MsgInfo") == "MsgInfo"


def test_a_path_has_a_number_only_where_a_name_repeats() -> None:
    """The number counts from one among brothers of the same name."""
    root = parsed(PUSH)
    second = list(root.iter("{*}RefDoc"))[1]
    assert places.path_of(second) == "/MsgHead/Document[2]/RefDoc"
    assert places.path_of(root) == "/MsgHead"


def test_every_place_lxml_names_is_found() -> None:
    """libxml2's own paths lead back to the element, with and without prefixes, among other siblings and comments."""
    root = etree.fromstring(b"<a xmlns='u'><!-- c --><b/><p:b xmlns:p='v'/><p:b xmlns:p='v'/><b xmlns=''/><b xmlns=''/><b/></a>")
    for element in root.iter(tag=etree.Element):
        assert places.located(root, _libxml2_path(element)) is element
    assert places.located(root, "/*/*[9]") is None
    assert places.located(root, None) is None


def _libxml2_path(element: etree._Element) -> str:
    return str(element.getroottree().getpath(element))

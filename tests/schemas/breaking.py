"""Ways to break a message, one fault at a time, at every place: what the tests of validation and explanation share."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from lxml import etree

from schemas import formats

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures" / "schemas").glob("*.xml"))
XSI_TYPE = f"{{{formats.XSI}}}type"
XSI_NIL = f"{{{formats.XSI}}}nil"
ODD_VALUES = (
    "", " ", "x", "0", "-1", "13", "1.5", "1..2", "1.2.", "true", "GREGORIAN", "P", "PT1H30M", "5W", "P5W", "+1:00", "2031", "2031-13",
    "2031-02-29", "24:00:00", "2031-03-04T08:15:30", "2031-03-04T08:15:30+01:00", "2031-03-04T08:15:30.5Z", " 2031-03-04T08:15:30Z ",
    "0000-01-01T00:00:00", "99999-01-01T00:00:00", "http://[", "a b", "æ", "v1.2 2006-05-24",
)
"""Each breaks some simple type, and each is allowed by some other."""

Break = Callable[[etree._Element], None]


def parsed(fixture: Path) -> etree._Element:
    """The root of a fixture."""
    return etree.parse(fixture, etree.XMLParser(remove_blank_text=True)).getroot()


def broken(fixture: Path) -> Iterator[tuple[str, etree._Element]]:
    """The message broken once in every way at every place, with what was done."""
    size = sum(1 for _ in parsed(fixture).iter())
    for place in range(size):
        for name, break_ in breaks(list(parsed(fixture).iter())[place]):
            root = parsed(fixture)
            break_(list(root.iter())[place])
            yield f"{name} at element {place} of {fixture.name}", root


def breaks(element: etree._Element) -> Iterator[tuple[str, Break]]:
    """What can be done to this element."""
    if element.getparent() is not None:
        yield from STRUCTURAL
    yield from TYPED
    if not len(element):
        yield from ((f"text {value!r}", _text(value)) for value in ODD_VALUES)
    for name in element.attrib:
        yield f"no {name!r}", _no_attribute(str(name))
        yield from ((f"{name!r} {value!r}", _attribute(str(name), value)) for value in ODD_VALUES)


def _drop(element: etree._Element) -> None:
    parent_of(element).remove(element)


def _twice(element: etree._Element) -> None:
    element.addnext(deepcopy(element))


def _swap(element: etree._Element) -> None:
    following = element.getnext()
    if following is not None:
        following.addnext(element)


def _rename(element: etree._Element) -> None:
    element.tag = f"{{{etree.QName(element).namespace}}}Ukjent"


def _no_namespace(element: etree._Element) -> None:
    element.tag = etree.QName(element).localname


def _child(element: etree._Element) -> None:
    etree.SubElement(element, f"{{{etree.QName(element).namespace}}}Ukjent")


def _text(value: str) -> Break:
    def set_text(element: etree._Element) -> None:
        element.text = value

    return set_text


def _attribute(name: str, value: Any) -> Break:
    def set_attribute(element: etree._Element) -> None:
        element.set(name, value)

    return set_attribute


def _no_attribute(name: str) -> Break:
    def remove(element: etree._Element) -> None:
        del element.attrib[name]

    return remove


def parent_of(element: etree._Element) -> etree._Element:
    """The parent, which is there."""
    parent = element.getparent()
    assert parent is not None
    return parent


STRUCTURAL: tuple[tuple[str, Break], ...] = (
    ("drop", _drop), ("twice", _twice), ("swap", _swap), ("rename", _rename), ("no namespace", _no_namespace),
)
TYPED: tuple[tuple[str, Break], ...] = (
    ("child", _child), ("text", _text("x")), ("attribute", _attribute("Ukjent", "x")), ("nil", _attribute(XSI_NIL, "true")),
    ("xsi:type unknown", _attribute(XSI_TYPE, "ukjent")), ("xsi:type unbound", _attribute(XSI_TYPE, "u:ukjent")),
    ("xsi:type date", _attribute(XSI_TYPE, etree.QName(formats.XS, "date"))),
    ("xsi:type anyType", _attribute(XSI_TYPE, etree.QName(formats.XS, "anyType"))),
)

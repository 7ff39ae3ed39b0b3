"""What our schemas expected at a place where lxml said no: xmlschema's opinion, in our words.

xmlschema raises on odd values (a year out of range, an unknown xsi:type) and sees some faults elsewhere than lxml: then it has no opinion.
Its own words quote the message and never leave; what leaves is a name or value of our schemas, or stands in `KINDS`.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any

import xmlschema
from lxml import etree
from xmlschema.validators import (
    ModelVisitor,
    XMLSchemaChildrenValidationError,
    XMLSchemaValidationError,
    XsdAttributeGroup,
    XsdEnumerationFacets,
    XsdGroup,
    XsdSimpleType,
)

from schemas import formats

KINDS: dict[str, str] = {
    "ID": "a name that no other element of the document has",
    "anyURI": "an address (URI)",
    "base64Binary": "Base64",
    "boolean": "true or false",
    "calendarTime": "date and time, local or ending in Z",
    "date": "date",
    "dateTime": "date and time",
    "dayOfMonth": "a whole number from -31 to 31",
    "duration": "a duration such as PT30M",
    "float": "a number",
    "integer": "a whole number",
    "moment": "date and time, date, year, year and month, or time",
    "month": "a whole number from 1 to 12",
    "oid": "a code system: groups of digits parted by single full stops",
    "utcDateTime": "date and time with a fraction of a second, ending in Z",
    "utcOffset": "an offset from UTC such as +01:00",
}
"""What a value of each simple type is, by the type's name in our schemas."""

NO_MORE = "no more elements here"
ELEMENTS_SHOWN = 12
ERRORS_LOOKED_AT = 100
_ATTRIBUTE = re.compile(r"attribute (\w+)=")
_one_at_a_time = threading.Lock()


def at(place: etree._Element | None, *, root: etree._Element) -> tuple[str | None, str | None]:
    """The attribute at fault, as the message names it, and what was expected of it or of the element; None for what is not known."""
    try:
        with _one_at_a_time:
            error = next((e for e in islice(_errors(root), ERRORS_LOOKED_AT) if _place_of(e) is place), None)
        return (_attribute(error), _expectation(error)) if error else (None, _declared(place))
    except Exception:  # noqa: BLE001  # whatever it stumbles on, lxml's verdict stands without it; its words quote the message
        return None, None


def prepare() -> None:
    """Build the explainer now: it takes half a second, which a running worker should not spend on its first no."""
    _explainer()


@cache
def _explainer() -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(formats.DRIVER_XSD.as_uri(), allow="local")


def _errors(root: etree._Element) -> Iterator[XMLSchemaValidationError]:
    return _explainer().iter_errors(root, use_location_hints=False)


def _place_of(error: XMLSchemaValidationError) -> object:
    child = error.invalid_child
    return error.elem if child is None else child


def _attribute(error: XMLSchemaValidationError) -> str | None:
    match = _ATTRIBUTE.match(error.reason or "")
    return match[1] if match else None


def _expectation(error: XMLSchemaValidationError) -> str | None:
    part: Any = error.validator
    if isinstance(error, XMLSchemaChildrenValidationError):
        return _elements(error)
    if isinstance(part, XsdEnumerationFacets):
        return _one_of([str(value) for value in part.enumeration])
    if isinstance(part, XsdAttributeGroup):
        return "no attributes but " + ", ".join(str(name) for name in part) if part else "no attributes"
    if getattr(part, "fixed", None):
        return f"the fixed value {part.fixed}"
    return _value_of(part)


def _elements(error: XMLSchemaChildrenValidationError) -> str | None:
    required = _names(error.expected or ())
    if required or not isinstance(error.validator, XsdGroup):
        return _one_of(required) if required else None
    possible = list(_possible(error.validator, _before(error)))
    names = _names(possible)
    if names:
        return _one_of(names)
    return None if possible else NO_MORE


def _before(error: XMLSchemaChildrenValidationError) -> Iterable[Any]:
    return () if error.elem is None else error.elem[: error.index]


def _names(particles: Iterable[Any]) -> list[str]:
    found = (getattr(particle, "local_name", None) for particle in particles)
    return list(dict.fromkeys(name for name in found if name))


def _possible(group: XsdGroup, before: Iterable[Any]) -> Iterator[Any]:
    # xmlschema names what must come, and not what may: its own visitor is led over the children once more, and asked on from there.
    model = group.get_model_visitor()
    for child in before:
        _pass_over(model, str(child.tag))
    while model.element is not None:
        yield model.element
        if any(model.advance()):
            return


def _pass_over(model: ModelVisitor, tag: str) -> None:
    while model.element is not None and model.match_element(tag) is None:
        if any(model.advance()):
            return
    if model.element is not None:
        any(model.advance(match=True))


def _one_of(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    more = len(names) - ELEMENTS_SHOWN
    return "one of " + ", ".join(names[:ELEMENTS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _declared(place: etree._Element | None) -> str | None:
    # libxml2 is stricter than xmlschema on blanks around a value: what the schema declares at the place is told all the same.
    if place is None:
        return None
    part: Any = None
    for tag in reversed([place.tag, *(ancestor.tag for ancestor in place.iterancestors())]):
        part = _child(part, tag)
    return _value_of(part.type) if part.type.is_simple() else None


def _child(part: Any, tag: object) -> Any:
    # `is None`: a declaration without children is false.
    named = (each for each in part.type.content.iter_elements() if each.name == tag) if part is not None else iter(())
    found = next(named, None)
    return _explainer().maps.elements[str(tag)] if found is None else found


def _value_of(part: Any) -> str | None:
    simple = part if isinstance(part, XsdSimpleType) else getattr(part, "parent", None)
    return KINDS.get(simple.local_name or "") if isinstance(simple, XsdSimpleType) else None

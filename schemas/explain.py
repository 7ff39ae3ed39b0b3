"""A validator's no in words a sender can act on: place, line, and what the schema expected there (`expectations`).

The place is lxml's, the expectation xmlschema's, where the two agree on the place; otherwise only the kind of fault is told.
Never quotes the message: every word that leaves is a name or value of our schemas, or stands in a table below.
"""

from copy import deepcopy
from itertools import islice
from typing import Any

from lxml import etree

from contracts.failures import Failure, Rule
from schemas import formats
from schemas.places import line_of, located, names, path_of

FAULTS: tuple[tuple[str, str], ...] = (
    ("SCHEMAV_CVC_ELT_3", "an element that is not nil"),
    ("SCHEMAV_CVC_ELT_4", "a type that the schema allows here"),
    ("SCHEMAV_CVC_TYPE_2", "a type that the schema allows here"),
    ("SCHEMAV_CVC_ELT_5", "the fixed value of the schema"),
    ("SCHEMAV_CVC_TYPE_3_1_1", "no attributes"),
    ("SCHEMAV_CVC_TYPE_3_1_2", "text without elements"),
    ("SCHEMAV_CVC_COMPLEX_TYPE_2_1", "nothing inside"),
    ("SCHEMAV_CVC_COMPLEX_TYPE_2_2", "text without elements"),
    ("SCHEMAV_CVC_COMPLEX_TYPE_2_3", "elements without text between them"),
    ("SCHEMAV_CVC_COMPLEX_TYPE_3", "only the attributes of the schema"),
    ("SCHEMAV_CVC_COMPLEX_TYPE_4", "a required attribute"),
    ("SCHEMAV_CVC_ENUMERATION", "one of the listed values"),
    ("SCHEMAV_ELEMENT_CONTENT", "the elements of the schema, in its order"),
)
"""The kind of fault by lxml's code, longest telling prefix; for when nothing closer is known."""

ANY_FAULT = "what the schema allows here"
ELEMENTS_LOOKED_AT = 5_000
"""A document may be huge and broken in thousands of places: beyond these the kind of fault must do, or one no takes seconds."""
NAMES_LOOKED_AT = 32
"""And attributes, or namespaces in scope, of one element: ours have ten; over five thousand the explainer thinks for minutes."""


def failure(root: etree._Element, log: Any) -> Failure:
    """The first entry of lxml's error log as a failure: T10 for a format nobody knows here, T02 for the rest."""
    entry = next(iter(log), None)
    place = located(root, entry.path) if entry else root
    if place is None or entry is None:
        return Failure.of(Rule.SCHEMA, None, entry.line if entry else None, expected=_kind(entry.type_name) if entry else ANY_FAULT)
    if entry.type_name == "SCHEMAV_CVC_ELT_1":
        supported = formats.SUPPORTED_ROOTS if place is root else formats.SUPPORTED_PARTS
        return Failure.of(Rule.UNSUPPORTED_PART, path_of(place), line_of(place), expected=supported)
    attribute, expected = _closer(root, entry.path)
    path = path_of(place) + (f"/@{attribute}" if attribute else "")
    return Failure.of(Rule.SCHEMA, path, line_of(place), expected=expected or _kind(entry.type_name))


def _closer(root: etree._Element, path: str) -> tuple[str | None, str | None]:
    if not _is_ordinary(root):
        return None, None
    # Only here: xmlschema takes a third of a second to import, and most processes never have to explain.
    from schemas import expectations

    light = _without_attachments(root)
    attribute, expected = expectations.at(located(light, path), root=light)
    return (attribute if attribute in names("attribute") else None), expected


def _is_ordinary(root: etree._Element) -> bool:
    elements = list(islice(root.iter(), ELEMENTS_LOOKED_AT + 1))
    return len(elements) <= ELEMENTS_LOOKED_AT and not any(
        len(element.attrib) > NAMES_LOOKED_AT or len(element.nsmap) > NAMES_LOOKED_AT for element in elements
    )


def _without_attachments(root: etree._Element) -> etree._Element:
    # lxml never says no to their content, and the explainer would take seconds to read what may be megabytes.
    light = deepcopy(root)
    for container in light.iter(f"{{{formats.BASE64CONTAINER}}}Base64Container"):
        container.text = None
    return light


def _kind(type_name: str) -> str:
    if type_name.startswith("SCHEMAV_CVC_DATATYPE") or type_name.endswith("_VALID"):
        return "a value of the type that the schema gives"
    return next((words for prefix, words in FAULTS if type_name.startswith(prefix)), ANY_FAULT)

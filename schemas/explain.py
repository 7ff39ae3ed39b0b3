"""A validator's no in words a sender can act on: place, line, and what the schema expected there (`expectations`).

The place is lxml's, the expectation xmlschema's, where the two agree on the place; otherwise only the kind of fault is told.
Never quotes the message: every word that leaves is a name or value of our schemas, or stands in a table below.
`*` stands for a name that we do not know.
"""

import re
from copy import deepcopy
from functools import cache
from itertools import islice
from typing import Any

from lxml import etree

from contracts.failures import Failure, Rule
from schemas import formats

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
_STEP = re.compile(r"([^/\[\]]+)(?:\[(\d+)\])?")


def failure(root: etree._Element, log: Any) -> Failure:
    """The first entry of lxml's error log as a failure: T10 for a format nobody knows here, T02 for the rest."""
    entry = next(iter(log), None)
    place = located(root, entry.path) if entry else root
    if place is None or entry is None:
        return Failure.of(Rule.SCHEMA, None, entry.line if entry else None, expected=_kind(entry.type_name) if entry else ANY_FAULT)
    if entry.type_name == "SCHEMAV_CVC_ELT_1":
        supported = formats.SUPPORTED_ROOTS if place is root else formats.SUPPORTED_PARTS
        return Failure.of(Rule.UNSUPPORTED_PART, path_of(place), _line(place), expected=supported)
    attribute, expected = _closer(root, entry.path)
    path = path_of(place) + (f"/@{attribute}" if attribute else "")
    return Failure.of(Rule.SCHEMA, path, _line(place), expected=expected or _kind(entry.type_name))


def _line(element: etree._Element) -> int | None:
    line: Any = element.sourceline
    return int(line) if line else None


def path_of(element: etree._Element) -> str:
    """The way to an element in names of our schemas, 1-based index only where its name repeats among its siblings; `*` for other names."""
    steps = [_step(element), *(_step(ancestor) for ancestor in element.iterancestors())]
    return "/" + "/".join(reversed(steps))


def _step(element: etree._Element) -> str:
    parent = element.getparent()
    twins = [element] if parent is None else [e for e in parent if e.tag == element.tag]
    name = known_name(element.tag)
    return name if len(twins) == 1 else f"{name}[{twins.index(element) + 1}]"


def known_name(tag: object) -> str:
    """The local name of an lxml tag if our schemas have an element of that name, `*` otherwise."""
    local = tag.rpartition("}")[2] if isinstance(tag, str) else "*"
    return local if local in _names("element") else "*"


@cache
def _names(kind: str) -> frozenset[str]:
    files = sorted(formats.XSD_DIR.glob("*.xsd"))
    found = (e.get("name") for file in files for e in etree.parse(file).iter(f"{{{formats.XS}}}{kind}"))
    return frozenset(name for name in found if name)


def located(root: etree._Element, path: str | None) -> etree._Element | None:
    """The element that libxml2's own path leads to; None where it leads nowhere. Prefixes in it are the message's, so it is never shown."""
    steps = _STEP.findall(path or "")
    element: etree._Element | None = root if steps else None
    for name, index in steps[1:]:
        element = _child(element, name, int(index or 1)) if element is not None else None
    return element


def _child(parent: etree._Element, name: str, index: int) -> etree._Element | None:
    children = (child for child in parent if isinstance(child.tag, str) and name in ("*", _prefixed(child)))
    return next(islice(children, index - 1, None), None)


def _prefixed(element: etree._Element) -> str:
    # Without a prefix libxml2 writes a name only where there is no namespace either; the tag is then that name.
    return f"{element.prefix}:{etree.QName(element).localname}" if element.prefix else str(element.tag)


def _closer(root: etree._Element, path: str) -> tuple[str | None, str | None]:
    if next(islice(root.iter(), ELEMENTS_LOOKED_AT, None), None) is not None:
        return None, None
    # Only here: xmlschema takes a third of a second to import, and most processes never have to explain.
    from schemas import expectations

    light = _without_attachments(root)
    attribute, expected = expectations.at(located(light, path), root=light)
    return (attribute if attribute in _names("attribute") else None), expected


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

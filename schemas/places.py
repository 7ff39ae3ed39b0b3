"""Where in a document something stands, in names of our schemas: the path and line that a failure carries.

A name that we do not know becomes `*`, because a sender may have written anything there. Never quotes a text or a value.
"""

import re
from functools import cache
from itertools import islice
from typing import cast

from lxml import etree

from schemas import formats

Place = tuple[str, int | None]
"""Path and line."""

_STEP = re.compile(r"([^/\[\]]+)(?:\[(\d+)\])?")
_PARTS = frozenset(row.root for row in formats.PARTS)


def path_of(element: etree._Element) -> str:
    """The way to an element, with a 1-based index only where its name repeats among its siblings."""
    steps = [_step(element), *(_step(ancestor) for ancestor in element.iterancestors())]
    return "/" + "/".join(reversed(steps))


def line_of(element: etree._Element) -> int | None:
    """The line an element begins on, counted from 1; None where the parser did not count it."""
    return cast("int | None", element.sourceline)


def place_of(element: etree._Element) -> Place:
    """Path and line of an element."""
    return path_of(element), line_of(element)


def place_by_names(root: etree._Element, *steps: str) -> Place:
    """Where local names of ours lead from the root: path and line of what is there.

    The root's own name in front may be left out. The first child of each name, or the n-th of a step like `vevent[2]`;
    a part's name leads to the first such part of any Document. What is missing: its parent's path with its name behind, its parent's line.
    """
    steps = steps[steps[:1] == (local_name(str(root.tag)),) :]
    if not _PARTS.intersection(steps[:1]):
        return _walked(root, steps)
    part = next(root.iterfind(f"{{*}}Document/{{*}}RefDoc/{{*}}Content/{{*}}{steps[0]}"), None)
    if part is None:
        return f"{path_of(root)}/Document/RefDoc/Content/{steps[0]}", line_of(root)
    return _walked(part, steps[1:])


def known_name(tag: object) -> str:
    """The local name of an lxml tag if our schemas have an element of that name, `*` otherwise."""
    local = local_name(tag) if isinstance(tag, str) else "*"
    return local if local in names("element") else "*"


def local_name(tag: str) -> str:
    """The name of an lxml tag without its namespace; as it was written, so never to be told."""
    return tag.rpartition("}")[2]


@cache
def names(kind: str) -> frozenset[str]:
    """Every name that our schemas give an `element` or an `attribute`."""
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


def _walked(element: etree._Element, steps: tuple[str, ...]) -> Place:
    for step in steps:
        found = _nth(element, step)
        if found is None:
            return f"{path_of(element)}/{step}", line_of(element)
        element = found
    return place_of(element)


def _nth(parent: etree._Element, step: str) -> etree._Element | None:
    match = _STEP.fullmatch(step)
    children = (child for child in parent if match and local_name(str(child.tag)) == match[1])
    return next(islice(children, max(int(match[2] or 1) - 1, 0) if match else 0, None), None)


def _step(element: etree._Element) -> str:
    parent = element.getparent()
    twins = [element] if parent is None else [e for e in parent if e.tag == element.tag]
    name = known_name(element.tag)
    return name if len(twins) == 1 else f"{name}[{twins.index(element) + 1}]"


def _child(parent: etree._Element, name: str, index: int) -> etree._Element | None:
    children = (child for child in parent if isinstance(child.tag, str) and name in ("*", _prefixed(child)))
    return next(islice(children, index - 1, None), None)


def _prefixed(element: etree._Element) -> str:
    # Without a prefix libxml2 writes a name only where there is no namespace either; the tag is then that name.
    return f"{element.prefix}:{etree.QName(element).localname}" if element.prefix else str(element.tag)

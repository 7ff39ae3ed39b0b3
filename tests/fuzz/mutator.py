"""How an input is changed: as XML where it is XML, so that it comes past the parser and the schema; as bytes now and then.

Every change is drawn from the seed that libFuzzer gives, and from nothing else.
"""

import random
import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Final

from lxml import etree

from hub.processes import ROWS

GOLDEN: Final = Path(__file__).resolve().parent.parent / "golden"
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True)
_ENCODINGS: Final = ("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-7", "cp037")
_VALUES: Final = (
    "", " ", "0", "-1", "9" * 30, "9" * 300, "true", "NaN", "2026-02-30T25:61:61", "2026-06-12", "0001-01-01T00:00:00",
    "9999-12-31T23:59:60", "2026-03-29T02:30:00", "2026-10-25T02:30:00", "2026-06-12T09:15:00+14:00", "PT0S", "-P9999999Y", "\u202e",
    "FNR", "DNR", "HER", "ENH", "J", "N", "F", "X", "12345678901", "00000000-0000-0000-0000-000000000000", "tel:90001961", "%%%", "aGVp",
)
_MARKUP: Final = (
    b"<!-- -->", b"<?a b?>", b"<![CDATA[<a>]]>", b"&lt;", b"&#0;", b"&#xD800;", b"&e;", b"<!DOCTYPE a [<!ENTITY e 'x'>]>", b"\0", b"\xff",
    b"\xc3", b"]]>", b"<a>", b"</a>", b"<a xmlns=''/>", b"xml:lang='x'",
)
Change = Callable[[etree._Element, random.Random], None]


@cache
def seeds() -> tuple[bytes, ...]:
    """What comes in in the golden cases."""
    return tuple(path.read_bytes() for path in sorted(GOLDEN.glob("*/*/in*")) if path.suffix in (".xml", ".json"))


@cache
def _donors() -> tuple[etree._Element, ...]:
    trees = [tree for body in seeds() if (tree := _tree(body)) is not None]
    return tuple(element for tree in trees for element in tree.iter(etree.Element))


@cache
def _codes() -> tuple[str, ...]:
    return tuple(sorted({str(row.code.value) for row in ROWS}))


def mutated(body: bytes, max_size: int, seed: int) -> bytes:
    """The input, changed one to four times; at most so long."""
    draw = random.Random(seed)
    for _ in range(draw.choice((1, 1, 2, 4))):
        body = draw.choice(_CHANGES)(body, draw)
    return body[:max_size]


def crossed(one: bytes, other: bytes, max_size: int, seed: int) -> bytes:
    """The one, with an element of the other in it."""
    draw, into, donor = random.Random(seed), _tree(one), _tree(other)
    if into is None or donor is None:
        return (one[: draw.randrange(len(one) + 1)] + other[draw.randrange(len(other) + 1):])[:max_size]
    draw.choice(_elements(into)).append(deepcopy(draw.choice(_elements(donor))))
    return _written(into)[:max_size]


def _tree(body: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(body, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _written(tree: etree._Element) -> bytes:
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")


def _elements(tree: etree._Element) -> Sequence[etree._Element]:
    return list(tree.iter(etree.Element))


def _in_tree(body: bytes, draw: random.Random) -> bytes:
    tree = _tree(body)
    if tree is None:
        return _bytes(body, draw)
    try:
        draw.choice(_TREE)(tree, draw)
    except ValueError:  # what XML cannot hold
        return body
    return _written(tree)


def _duplicate(tree: etree._Element, draw: random.Random) -> None:
    element = draw.choice(_elements(tree))
    if element.getparent() is not None:
        for _ in range(draw.choice((1, 1, 2, 40))):
            element.addnext(deepcopy(element))


def _delete(tree: etree._Element, draw: random.Random) -> None:
    element = draw.choice(_elements(tree))
    if (parent := element.getparent()) is not None:
        parent.remove(element)


def _donate(tree: etree._Element, draw: random.Random) -> None:
    place, donor = draw.choice(_elements(tree)), draw.choice(_donors())
    place.insert(draw.randrange(len(place) + 1), deepcopy(donor))


def _replace(tree: etree._Element, draw: random.Random) -> None:
    element = draw.choice(_elements(tree))
    same = [donor for donor in _donors() if donor.tag == element.tag]
    if same and (parent := element.getparent()) is not None:
        parent.replace(element, deepcopy(draw.choice(same)))


def _swap(tree: etree._Element, draw: random.Random) -> None:
    parent = draw.choice(_elements(tree))
    children = list(parent)
    draw.shuffle(children)
    parent[:] = children


def _rename(tree: etree._Element, draw: random.Random) -> None:
    draw.choice(_elements(tree)).tag = draw.choice(_donors()).tag


def _text(tree: etree._Element, draw: random.Random) -> None:
    leaves = [element for element in _elements(tree) if not len(element)]
    draw.choice(leaves or [tree]).text = _value(draw)


def _attribute(tree: etree._Element, draw: random.Random) -> None:
    holders = [element for element in _elements(tree) if element.attrib]
    if holders:
        element = draw.choice(holders)
        element.set(draw.choice(list(element.attrib)), draw.choice(_codes()) if draw.random() < 0.5 else _value(draw))


def _bare(tree: etree._Element, draw: random.Random) -> None:
    element = draw.choice(_elements(tree))
    for name in list(element.attrib):
        del element.attrib[name]


def _value(draw: random.Random) -> str:
    donor = draw.choice(_donors())
    held = [str(donor.text or ""), *map(str, donor.attrib.values())]
    return draw.choice((draw.choice(_VALUES), held[0], held[-1], "x" * draw.choice((1, 200, 201, 5_000))))


def _markup(body: bytes, draw: random.Random) -> bytes:
    borders = [match.start() for match in re.finditer(rb"[<>]", body)] or [0]
    at = draw.choice(borders) + draw.choice((0, 1))
    return body[:at] + draw.choice(_MARKUP) + body[at:]


def _recoded(body: bytes, draw: random.Random) -> bytes:
    encoding = draw.choice(_ENCODINGS)
    text = body.decode("utf-8", "replace")
    if draw.random() < 0.5:
        text = re.sub(r'encoding="[^"]*"', f'encoding="{encoding}"', text, count=1)
    return text.encode(encoding, "replace")


def _wrapped(body: bytes, draw: random.Random) -> bytes:
    bare = body.partition(b"?>")[2] or body
    return draw.choice((b"<a>" + bare + b"</a>", body + bare, bare, b"\n" + body, body[: draw.randrange(len(body) + 1)]))


def _bytes(body: bytes, draw: random.Random) -> bytes:
    changed = bytearray(body)
    for _ in range(draw.choice((1, 1, 3, 10))):
        at = draw.randrange(len(changed) + 1)
        changed[at : at + draw.choice((0, 1, 1, 8))] = draw.choice((b"", bytes([draw.randrange(256)]), changed[at : at + 20] * 2))
    return bytes(changed)


_TREE: Final[tuple[Change, ...]] = (
    _duplicate, _delete, _donate, _replace, _replace, _swap, _rename, _text, _text, _attribute, _attribute, _bare,
)
_CHANGES: Final = (_in_tree,) * 8 + (_markup, _bytes, _recoded, _wrapped)

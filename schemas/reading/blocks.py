"""What the readers are made of: a table says which child fills which field, and one loop reads a block by its table.

A new field is a new row. Never looks for a child, never raises but `Fault`; a child that no row names is passed over.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from lxml import etree

from contracts.failures import Failure, Fault, Rule
from schemas.documents import Kode
from schemas.leniencies import Leniency
from schemas.places import known_name, line_of, path_of, place_of

MAX_ID_LENGTH: Final = 200
"""The longest id we carry: it becomes a claim, a key of the register and a header."""

Notes = set[Leniency]
"""What was forgiven on the way."""


class Row(NamedTuple):
    """One child of a block: the field it fills, how it is read, and whether it repeats. A reader that returns None fills nothing."""

    field: str
    read: Callable[[etree._Element, Notes], Any]
    many: bool = False


Table = Mapping[str, Row]


def read_fields(node: etree._Element, table: Table, notes: Notes) -> dict[str, Any]:
    """The fields of a block, by the table. Repeating ones are tuples, in document order.

    Raises `Fault` TOO_MANY for what says a second time what can be meant once: nobody could tell which is meant.
    """
    found: dict[str, Any] = {}
    repeated: dict[str, list[Any]] = {}
    row_of = table.get
    # A slice is a list: walking it costs a quarter less than lxml's own iterator.
    for child in node[:]:  # type: ignore[index]  # the stub forgets slices
        row = row_of(child.tag)
        if row is None:
            continue
        field, read, many = row
        value = read(child, notes)
        if value is not None and many:
            repeated.setdefault(field, []).append(value)
        elif value is not None:
            if field in found:
                raise too_many(child)
            found[field] = value
    for field in repeated:
        found[field] = tuple(repeated[field])
    return found


def tables(namespace: str, rows: Mapping[str, Row]) -> Table:
    """A table keyed by full tag, for children in this namespace."""
    return {f"{{{namespace}}}{name}": row for name, row in rows.items()}


def read_text(node: etree._Element, _notes: Notes) -> str | None:
    """The text, trimmed; None when there is none."""
    text = node.text
    return text.strip() or None if text else None


def read_id(node: etree._Element, notes: Notes) -> str | None:
    """An id, trimmed. Raises `Fault` SCHEMA for one that is longer than an id can be."""
    text = read_text(node, notes)
    if text and len(text) > MAX_ID_LENGTH:
        raise unexpected(node, f"at most {MAX_ID_LENGTH} characters")
    return text


def read_kode(node: etree._Element, _notes: Notes) -> Kode:
    """CS or CV. `V` and `S` are xs:token: blanks around mean nothing."""
    get = node.get
    v, s, dn, ot = get("V"), get("S"), get("DN"), get("OT")
    return _coded(v, s, dn) if ot is None else Kode(_token(v), _token(s), dn, ot)


def read_v(node: etree._Element, _notes: Notes) -> str | None:
    """The `V` of a coded value alone."""
    return _token(node.get("V"))


def unexpected(node: etree._Element, expected: str) -> Fault:
    """The fault SCHEMA at this place."""
    return Fault(Failure.of(Rule.SCHEMA, *place_of(node), expected=expected))


def missing(node: etree._Element, name: str) -> Fault:
    """The fault MISSING for a child of this place."""
    return Fault(Failure.of(Rule.MISSING, f"{path_of(node)}/{name}", line_of(node), expected=name))


def too_many(node: etree._Element) -> Fault:
    """The fault TOO_MANY for an element of which there may be one."""
    return Fault(Failure.of(Rule.TOO_MANY, *place_of(node), expected=known_name(node.tag)))


@lru_cache(maxsize=1024)
def _coded(v: str | None, s: str | None, dn: str | None) -> Kode:
    # The same few codes stand in every message: to look one up is a fifth of the work of building it.
    return Kode(_token(v), _token(s), dn)


def _token(value: str | None) -> str | None:
    return value.strip() or None if value else None

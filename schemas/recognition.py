"""What kind of message this is, before anything is validated: tolerant, cheap, a handful of elements. Never decides whether it is carried.

Three kinds of no: not mine (`NOT_A_MESSAGE`, `WRAPPED`), mine in a version we do not know (`UNSUPPORTED_PART`), unreadable (`NO_ENVELOPE`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from lxml import etree

from contracts.failures import Failure, Fault, Rule
from schemas.documents import Kode
from schemas.formats import APPREC, MSGHEAD, PARTS, SUPPORTED_PARTS, SUPPORTED_ROOTS, Format
from schemas.places import line_of, local_name, place_of
from schemas.reading.blocks import read_kode, read_v


class Kind(StrEnum):
    """The two roots we read."""

    MSG_HEAD = "MsgHead"
    APP_REC = "AppRec"


Coded = Literal["Foresporsel", "Notat"]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a message says it is. Nothing of it is checked yet."""

    kind: Kind
    type_v: str | None = field(default=None, repr=False)
    """`MsgInfo/Type`, trimmed: the process. None for an AppRec."""
    element: Coded | None = None
    """Which element carries the code: the same code means two things (appointments.md, surprise 2)."""
    code: Kode | None = field(default=None, repr=False)
    """The first `TypeForesp` or `TemaKodet`."""
    parts: tuple[Format | None, ...] = ()
    """The format of every part, in document order; None for one that is not supported."""
    unsupported_at: str | None = None
    """Path of the first Content (or FileReference) that holds something not supported."""
    unsupported_line: int | None = None
    """And its line."""


_ROOTS: Final = {f"{{{MSGHEAD}}}MsgHead": Kind.MSG_HEAD, f"{{{APPREC}}}AppRec": Kind.APP_REC}
_MSG_INFO, _TYPE, _DOCUMENT, _REF_DOC, _CONTENT, _FILE_REFERENCE = (
    f"{{{MSGHEAD}}}{name}" for name in ("MsgInfo", "Type", "Document", "RefDoc", "Content", "FileReference")
)
_PARTS: Final = {part.tag: part for part in PARTS}
_CODED: Final[dict[str, Coded]] = {"Foresporsel": "Foresporsel", "Notat": "Notat"}
_CODES: Final = frozenset({"TypeForesp", "TemaKodet"})


def recognise(root: etree._Element) -> Recognised:
    """What the message says it is. Raises `Fault`: WRAPPED, NOT_A_MESSAGE, UNSUPPORTED_PART (a root's version), NO_ENVELOPE."""
    kind = _ROOTS.get(root.tag)
    if kind is None:
        raise Fault(_not_ours(root))
    return Recognised(kind) if kind is Kind.APP_REC else _msg_head(root)


def unsupported(recognised: Recognised) -> Failure | None:
    """T10 for a part, or a version of one, that we do not know; with the place and what is supported."""
    if recognised.unsupported_at is None:
        return None
    return Failure.of(Rule.UNSUPPORTED_PART, recognised.unsupported_at, recognised.unsupported_line, expected=SUPPORTED_PARTS)


def _not_ours(root: etree._Element) -> Failure:
    name = etree.QName(root).localname
    if name in set(Kind):
        return Failure.of(Rule.UNSUPPORTED_PART, f"/{name}", line_of(root), expected=SUPPORTED_ROOTS)
    inner = next(root.iter("{*}MsgHead", "{*}AppRec"), None)
    if inner is not None:
        return Failure.of(Rule.WRAPPED, "/*", line_of(inner))
    return Failure.of(Rule.NOT_A_MESSAGE, "/*", line_of(root))


def _msg_head(root: etree._Element) -> Recognised:
    msg_info = next((child for child in root if child.tag == _MSG_INFO), None)
    if msg_info is None:
        raise Fault(Failure.of(Rule.NO_ENVELOPE, "/MsgHead", line_of(root)))
    found = [(holder, part) for holder in _holders(root) for part in _parts_of(holder)]
    formats = tuple(_PARTS.get(part.tag) for _, part in found)
    element, code = next((coded for _, part in found if (coded := _coded(part))), (None, None))
    at, line = place_of(found[formats.index(None)][0]) if None in formats else (None, None)
    return Recognised(Kind.MSG_HEAD, _type_v(msg_info), element, code, formats, at, line)


def _type_v(msg_info: etree._Element) -> str | None:
    return next((read_v(child, set()) for child in msg_info if child.tag == _TYPE), None)


def _holders(root: etree._Element) -> Iterator[etree._Element]:
    # Slices, as in reading.blocks: lists of children, walked a quarter faster.
    for document in root[:]:  # type: ignore[index]  # the stub forgets slices
        if document.tag == _DOCUMENT:
            yield from (holder for ref_doc in document[:] if ref_doc.tag == _REF_DOC for holder in ref_doc[:])  # type: ignore[index]  # the same


def _parts_of(holder: etree._Element) -> Iterator[etree._Element]:
    # A FileReference points outside the message, where we do not go: it is a part that we do not support.
    if holder.tag == _FILE_REFERENCE:
        yield holder
    elif holder.tag == _CONTENT:
        yield from holder


def _coded(part: etree._Element) -> tuple[Coded, Kode] | None:
    if not str(part.tag).endswith("}Dialogmelding"):
        return None
    for child in part:
        if element := _CODED.get(local_name(str(child.tag))):
            return element, next((read_kode(code, set()) for code in child if local_name(str(code.tag)) in _CODES), Kode(None))
    return None

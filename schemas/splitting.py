"""Where one message of a file ends and the next begins. A record of Kafka holds one message; a file may hold several, one after the other.

Never reads a message, never decides about one, and never mends one: a file that is no row of documents is one piece, as it is.
Theory of operation: expat stops at what follows the end of a root element, and says where. Whether a piece is a message, lxml decides.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, NoReturn
from xml.parsers import expat

from lxml import etree

from schemas.parsing import parse

_JUNK: Final = expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]
_DECLARATION: Final = b"<?xml"
_MESSAGES: Final = etree.XPath(
    "//*[local-name() = 'MsgHead' or local-name() = 'AppRec'][not(ancestor::*[local-name() = 'MsgHead' or local-name() = 'AppRec'])]",
    smart_strings=False,
)


class Piece(NamedTuple):
    """One document of a file."""

    body: bytes
    lines_before: int
    """Lines of the file in front of it."""

    def __repr__(self) -> str:
        return f"Piece(lines_before={self.lines_before})"


def messages_in(file: bytes) -> Iterator[Piece]:
    """The documents of a file, in order, together all of its bytes; an empty file is one empty piece."""
    start, lines = 0, 0
    while True:
        end = _end(file, start)
        body = file[start:end]
        yield Piece(body, lines)
        if end == len(file):
            return
        start, lines = end, lines + body.count(b"\n")


def lines_of_wrapped(body: bytes) -> tuple[int, ...]:
    """Where messages begin inside a foreign envelope. Raises `Fault` for what is no well-formed XML."""
    found: Any = _MESSAGES(parse(body))
    return tuple(element.sourceline for element in found)


class _Doctype(Exception):
    """There is a DOCTYPE: no entity of it is to be looked at."""


def _end(file: bytes, start: int) -> int:
    """Where the document that begins at `start` ends. A broken one ends where the next XML declaration stands."""
    stopped = _stopped(memoryview(file)[start:])
    if stopped is None:
        return len(file)
    code, at = stopped[0], start + stopped[1]
    if code == _JUNK:
        return at if file[at : at + 1] == b"<" else len(file)
    if b"<" not in file[start:at]:
        return len(file)
    following = file.find(_DECLARATION, at)
    return following if following > start else len(file)


def _stopped(rest: memoryview) -> tuple[int, int] | None:
    """Why and where expat stopped; None: at the end."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(rest, True)
    except expat.ExpatError as error:
        return error.code, parser.ErrorByteIndex
    except (_Doctype, LookupError, ValueError):  # an encoding that Python does not know, or that is not of single bytes
        return 0, max(0, parser.CurrentByteIndex)
    return None


def _refuse_doctype(*_: object) -> NoReturn:
    raise _Doctype

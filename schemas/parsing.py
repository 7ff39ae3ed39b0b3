"""Bytes to tree, safely: no DOCTYPE, no entities, no network, no huge or crowded trees; comments and processing instructions dropped.

Whatever is wrong becomes a `Fault` with a rule and a line. Never does I/O, never validates, never lets the parser's own words out:
they quote the message. Theory of operation: the happy path parses once and asks the tree whether it had a DOCTYPE; only a document
that failed is looked at a second time, in a stream, to name what is wrong with it and to save its envelope. A tree costs a hundred
bytes and more for each tag and attribute, so they are counted in the bytes before there is one; that needs an encoding in which `<` is `<`.
"""

import re
import threading
from collections.abc import Iterator
from typing import Any, Final, cast

from lxml import etree

from contracts.failures import Failure, Fault, Rule
from schemas.documents import MsgInfo
from schemas.formats import MSGHEAD
from schemas.reading.envelope import MSG_HEAD, MSG_INFO, msg_info_of

_OPTIONS: Final[dict[str, Any]] = {
    "resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False,
    "remove_comments": True, "remove_pis": True,
}
"""Never `collect_ids=False`: it would save nothing here, and makes libxml2 open the file that a DOCTYPE names (lxml 6.1)."""
MAX_TAGS: Final = 40_000
"""Of one document, start and end counted: a calendar of a thousand appointments has fewer. More are TOO_DEEP."""
MAX_ATTRIBUTES: Final = 20_000
"""Of one document. More are TOO_DEEP: each may cost a line in the validator's log."""
ENVELOPE_WITHIN: Final = 262_144
"""Bytes of a broken document in which its envelope is looked for."""
TOO_MUCH_MARKUP: Final = f"at most {MAX_TAGS} tags and {MAX_ATTRIBUTES} attributes"
ENCODINGS: Final = "UTF-8, UTF-16, UTF-32, ASCII, ISO-8859 or Windows-125x"
_COUNTABLE: Final = re.compile(
    rb"(utf-?(8|16|32)|ucs-?[24]|iso-10646-ucs-[24])([bl]e)?|(us-)?ascii|iso[-_]?8859-\d+|latin-?\d|(windows-|cp)125\d", re.IGNORECASE,
)
_DECLARED: Final = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml\s[^?>]*?encoding\s*=\s*["']([^"'?>]*)""")
_EBCDIC: Final = "<?xm".encode("cp037")
"""By which the parser knows it, whatever it declares."""
_CHUNK: Final = 16_384
_PARSERS: Final = threading.local()
"""An lxml parser is not to be shared between threads: its error log would mix."""

_ENCODING_ERRORS: Final = {
    etree.ErrorTypes.ERR_INVALID_ENCODING, etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING, etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
}
_SIZE_ERRORS: Final = {etree.ErrorTypes.ERR_NAME_TOO_LONG, 114}  # 114: libxml2's XML_ERR_RESOURCE_LIMIT, unnamed in older lxml
_UNSEEN: Final = b"\0\xef\xbb\xbf\xfe\xff"
"""What stands between the letters of wide encodings, and byte order marks."""
_BEFORE_DOCTYPE: Final = re.compile(rb"(?>\s+|<\?.*?\?>|<!--.*?-->)*+(?=<!DOCTYPE)", re.DOTALL)
NOTHING_BEFORE: Final = "nothing before the XML declaration"
_LATE_DECLARATION: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s+<\?xml\s")
_SAYS_UTF_16: Final = re.compile(rb"""<\?xml[^>]{1,80}encoding\s*=\s*["']utf-?16""", re.IGNORECASE)


def parse(body: bytes) -> etree._Element:
    """The root of a well-formed document without DOCTYPE. Raises `Fault`: EMPTY, NOT_WELL_FORMED, DOCTYPE, TOO_DEEP, WRONG_ENCODING.

    A single text longer than 10,000,000 characters is TOO_DEEP: libxml2's limit, which only a huge tree would lift. So is a document of
    more than `MAX_TAGS` tags or `MAX_ATTRIBUTES` attributes.
    """
    if not body or body.isspace():
        raise Fault(Failure.of(Rule.EMPTY))
    root = _unfit(body) or _tree_or_failure(body)
    # Raised outside the except block: a Fault must not carry the parser's exception as its context.
    if isinstance(root, Failure):
        raise Fault(root)
    if root.getroottree().docinfo.internalDTD is not None:
        raise Fault(Failure.of(Rule.DOCTYPE, line=_doctype_line(body)))
    return root


def envelope_of_broken(body: bytes) -> MsgInfo | None:
    """What could be read of MsgInfo before the document broke, enough to address an AppRec; None if it is not enough.

    Reads no further than the end of MsgInfo, nor than `ENVELOPE_WITHIN`. A receiver that was not reached is an empty Organisation.
    """
    parser = etree.XMLPullParser(events=("end",), tag=f"{{{MSGHEAD}}}*", **_OPTIONS)
    read = {}
    for element in _elements(parser, body[:ENVELOPE_WITHIN]):
        if element.tag == MSG_INFO:
            break
        if _is_in_msg_info(element):
            read[element.tag] = element
    return msg_info_of(read.values())


def _parser() -> etree.XMLParser:
    parser: etree.XMLParser | None = getattr(_PARSERS, "parser", None)
    if parser is None:
        parser = _PARSERS.parser = etree.XMLParser(**_OPTIONS)
    return parser


def _unfit(body: bytes) -> Failure | None:
    """What is not given to the parser as a whole: it would cost too much, or nobody could say beforehand what it costs."""
    declared = _DECLARED.match(body)
    if body.startswith(_EBCDIC) or (declared and not _COUNTABLE.fullmatch(declared[1].strip())):
        doctype = Failure.of(Rule.DOCTYPE, line=1) if _has_doctype(body) else None
        return doctype or Failure.of(Rule.WRONG_ENCODING, line=1, expected=ENCODINGS)
    if body.count(b"<") > MAX_TAGS or body.count(b"=") > MAX_ATTRIBUTES:
        return Failure.of(Rule.TOO_DEEP, expected=TOO_MUCH_MARKUP)
    return None


def _tree_or_failure(body: bytes) -> etree._Element | Failure:
    try:
        return etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as error:
        return _named(body, cast("Any", error).code, error.lineno)


def _named(body: bytes, code: int, line: int | None) -> Failure:
    if _has_doctype(body):
        return Failure.of(Rule.DOCTYPE, line=_doctype_line(body))
    if code in _ENCODING_ERRORS or _only_says_utf_16(body):
        return Failure.of(Rule.WRONG_ENCODING, line=line)
    if code in _SIZE_ERRORS:
        return Failure.of(Rule.TOO_DEEP, line=line)
    return Failure.of(Rule.NOT_WELL_FORMED, line=line, expected=NOTHING_BEFORE if _LATE_DECLARATION.match(body) else None)


def _doctype_line(body: bytes) -> int:
    # The parser does not tell it; in an encoding that is not like ASCII it is not found, and it is near the top.
    before = _BEFORE_DOCTYPE.match(body.translate(None, _UNSEEN))
    return before[0].count(b"\n") + 1 if before else 1


def _only_says_utf_16(body: bytes) -> bool:
    # A known slip of .NET senders: the declaration of a string in memory, written as UTF-8.
    return b"\0" not in body[:4] and _SAYS_UTF_16.match(body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()) is not None


class _Prolog:
    """A parser target that knows only whether a DOCTYPE came before the root, in whatever encoding."""

    def __init__(self) -> None:
        self.doctype_seen = self.root_seen = False

    def doctype(self, _name: str, _public_id: str | None, _system_url: str | None) -> None:
        self.doctype_seen = True

    def start(self, _tag: str, _attributes: object) -> None:
        self.root_seen = True

    def close(self) -> None:
        """Required of a target."""


def _has_doctype(body: bytes) -> bool:
    prolog = _Prolog()
    parser = etree.XMLParser(target=cast("Any", prolog), **_OPTIONS)
    try:
        for chunk in _chunks(body):
            parser.feed(chunk)
            if prolog.doctype_seen or prolog.root_seen:
                break
    except etree.XMLSyntaxError:
        return prolog.doctype_seen
    return prolog.doctype_seen


def _elements(parser: etree.XMLPullParser, body: bytes) -> Iterator[etree._Element]:
    for chunk in _chunks(body):
        broken = not _fed(parser, chunk)
        yield from (cast("Any", element) for _, element in parser.read_events())
        if broken:
            return


def _fed(parser: etree.XMLPullParser, chunk: bytes) -> bool:
    try:
        parser.feed(chunk)
    except etree.XMLSyntaxError:
        return False
    return True


def _chunks(body: bytes) -> Iterator[bytes]:
    return (body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK))


def _is_in_msg_info(element: etree._Element) -> bool:
    parent = element.getparent()
    if parent is None or parent.tag != MSG_INFO:
        return False
    root = parent.getparent()
    return root is not None and root.tag == MSG_HEAD and root.getparent() is None

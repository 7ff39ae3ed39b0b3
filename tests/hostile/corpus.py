"""The hostile inputs: each a name, what makes its bytes, and the outcome and rule that are designed for it.

Made when asked for: some have megabytes. All are about the canary person (`tests.canaries`). `{trap}` in an address is a file that is
watched, `{port}` a port that is listened on (`tests.hostile.trying`): whoever follows one is seen.
"""

import base64
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import cramjam

from contracts.failures import Outcome, Rule
from schemas.formats import DIALOGMELDING, MSGHEAD, XSI
from tests import mail
from tests import messages as m
from tests.canaries import NAME, NUMBER, WORDS, sung

MILLION: Final = 1_000_000
LIMIT: Final = 16_000_000
"""Bytes that an inbox takes."""
DELIVERED: Final = Outcome.DELIVERED.value


class Case(NamedTuple):
    """One hostile input."""

    make: Callable[[], bytes]
    designed: str
    """`outcome`, or `outcome RULE`."""


def rejected(rule: Rule) -> str:
    """Its sender is told by an AppRec."""
    return f"{Outcome.REJECTED} {rule.name}"


def refused(rule: Rule) -> str:
    """Its vendor is told on the errors topic."""
    return f"{Outcome.REFUSED} {rule.name}"


PUSH: Final = sung(mail.push("05", number=1))
ANSWER: Final = sung(mail.answer("06", mail.slot(), number=1, parent=900, text=WORDS))
_DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
BARE: Final = PUSH.removeprefix(_DECLARATION)
"""The message without its XML declaration."""


def with_doctype(subset: str, *, of: bytes = PUSH) -> bytes:
    """The message behind a DOCTYPE."""
    return of.replace(b"<MsgHead", f"<!DOCTYPE MsgHead {subset}>\n<MsgHead".encode(), 1)


def in_first(name: str, more: bytes, *, of: bytes = PUSH) -> bytes:
    """More inside the first element of this name, before what it holds."""
    return of.replace(f"<{name}>".encode(), f"<{name}>".encode() + more, 1)


def in_name(more: bytes, *, of: bytes = PUSH) -> bytes:
    """More in front of the patient's family name."""
    return of.replace(NAME.encode(), more + NAME.encode(), 1)


def before_national_id(more: bytes) -> bytes:
    """More in front of the patient's number."""
    at = f"<Ident><Id>{NUMBER}".encode()
    return PUSH.replace(at, more + at, 1)


def at_end(more: bytes, *, of: bytes = PUSH) -> bytes:
    """More before the end of the root."""
    return of.replace(b"</MsgHead>", more + b"</MsgHead>")


def as_part(content: bytes) -> bytes:
    """The message with one part more."""
    return at_end(m.document(content.decode()).encode())


def on_root(attributes: bytes) -> bytes:
    """The message with more on its root."""
    return PUSH.replace(b"<MsgHead ", b"<MsgHead " + attributes + b" ", 1)


def recoded(encoding: str, *, declared: str | None = None, doctype: bool = False, mark: bytes = b"") -> bytes:
    """The message in another encoding, that it declares (None: that it does not)."""
    text = (f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else "") + BARE.decode()
    if doctype:
        text = text.replace("<MsgHead", f"<!DOCTYPE MsgHead [<!ENTITY e '{NAME}'>]>\n<MsgHead", 1)
    return mark + text.encode(encoding)


def _bomb(depth: int, width: int) -> str:
    entities = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * width}'>" for n in range(1, depth))
    return f"[<!ENTITY a0 '{NAME}'>{entities}]"


def _in_utf_7(text: str) -> bytes:
    """With every sign hidden: Python's own leaves < and = as they are."""
    hidden = base64.b64encode(text.encode("utf-16-be")).rstrip(b"=")
    return b'<?xml version="1.0" encoding="UTF-7"?>+' + hidden + b"-"


def _polyglot() -> bytes:
    """One file that is a PDF, a web page and a ZIP."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("run.js", "alert(1)" * 1000)
    return b"%PDF-1.7\n<html><script>alert(1)</script></html>\n" + held.getvalue()


def _attached(content: bytes, *, mime_type: str = "application/pdf") -> bytes:
    return at_end(m.vedlegg(base64.b64encode(content).decode(), mime_type=mime_type).encode(), of=ANSWER)


def _nested(levels: int, *, closed: bool = True) -> bytes:
    return b"<a>" * levels + (b"</a>" * levels if closed else b"")


def _joined(parts: Iterable[str]) -> bytes:
    return " ".join(parts).encode()


_SIGNED: Final = (
    '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="urn:c"/>'
    '<SignatureMethod Algorithm="urn:s"/><Reference URI="#other"><DigestMethod Algorithm="urn:d"/><DigestValue>AAAA</DigestValue>'
    "</Reference></SignedInfo><SignatureValue>AAAA</SignatureValue>{key}<Object Id='other'>{other}</Object></Signature>"
)
_OTHER: Final = BARE.replace(m.msg_id(1).encode(), m.msg_id(2).encode())
"""A second message, for wrapping."""
_XI: Final = "http://www.w3.org/2001/XInclude"
_INCLUDE: Final = f'<i:include xmlns:i="{_XI}" href="file://{{trap}}"/>'.encode()
_XSL: Final = "http://www.w3.org/1999/XSL/Transform"



def _sheet(inside: str) -> bytes:
    return f'<x:stylesheet xmlns:x="{_XSL}" version="1.0">{inside}</x:stylesheet>'.encode()


def _signed(other: bytes, *, key: str = "") -> bytes:
    return _SIGNED.format(key=key, other=other.decode()).encode()


ENTITIES: Final[dict[str, Case]] = {
    "billion laughs in a text": Case(
        lambda: in_name(b"&a9;", of=with_doctype(_bomb(10, 10))), rejected(Rule.DOCTYPE)),
    "billion laughs in an attribute": Case(
        lambda: with_doctype(_bomb(10, 10)).replace(b'V="05"', b'V="&a9;"'), rejected(Rule.DOCTYPE)),
    "billion laughs in the envelope": Case(
        lambda: with_doctype(_bomb(10, 10)).replace(m.msg_id(1).encode(), b"&a9;"), refused(Rule.DOCTYPE)),
    "billion laughs in the type of the message": Case(
        lambda: with_doctype(_bomb(10, 10)).replace(b'V="DIALOG_INNBYGGER_TIMERESERVASJON"', b'V="&a9;"'), refused(Rule.DOCTYPE)),
    "a bomb of one long entity, used often": Case(
        lambda: in_name(b"&a;" * 50_000, of=with_doctype(f"[<!ENTITY a '{'x' * 100_000}'>]")), rejected(Rule.DOCTYPE)),
    "a bomb in an attribute's default": Case(
        lambda: with_doctype(f"{_bomb(10, 10)[:-1]}<!ATTLIST MsgHead b CDATA '&a9;'>]"), rejected(Rule.DOCTYPE)),
    "entities that hold each other": Case(
        lambda: in_name(b"&a;", of=with_doctype("[<!ENTITY a '&b;'><!ENTITY b '&a;'>]")), rejected(Rule.DOCTYPE)),
    "a parameter bomb": Case(
        lambda: with_doctype("[<!ENTITY % a '" + "x" * 50_000 + "'>" + "".join(
            f"<!ENTITY % b{n} '%a;%a;%a;'>" for n in range(1000)) + "%b9;]"), refused(Rule.DOCTYPE)),
    "a hundred thousand entities": Case(
        lambda: with_doctype("[" + "".join(f"<!ENTITY a{n} ''>" for n in range(100_000)) + "]"), refused(Rule.TOO_DEEP)),
    "an external entity in a file": Case(
        lambda: in_name(b"&e;", of=with_doctype("[<!ENTITY e SYSTEM 'file://{trap}'>]")), rejected(Rule.DOCTYPE)),
    "an external entity by a plain path": Case(
        lambda: in_name(b"&e;", of=with_doctype("[<!ENTITY e SYSTEM '{trap}'>]")), rejected(Rule.DOCTYPE)),
    "an external entity over http": Case(
        lambda: in_name(b"&e;", of=with_doctype("[<!ENTITY e SYSTEM 'http://127.0.0.1:{port}/'>]")), rejected(Rule.DOCTYPE)),
    "an external entity over ftp": Case(
        lambda: in_name(b"&e;", of=with_doctype("[<!ENTITY e SYSTEM 'ftp://127.0.0.1:{port}/'>]")), rejected(Rule.DOCTYPE)),
    "a public external entity": Case(
        lambda: in_name(b"&e;", of=with_doctype("[<!ENTITY e PUBLIC 'x' 'file://{trap}'>]")), rejected(Rule.DOCTYPE)),
    "an unparsed entity": Case(
        lambda: with_doctype("[<!NOTATION n SYSTEM '{trap}'><!ENTITY e SYSTEM 'file://{trap}' NDATA n>]"), rejected(Rule.DOCTYPE)),
    "a parameter entity in a file": Case(
        lambda: with_doctype("[<!ENTITY % e SYSTEM 'file://{trap}'>%e;]"), rejected(Rule.DOCTYPE)),
    "a parameter entity over http": Case(
        lambda: with_doctype("[<!ENTITY % e SYSTEM 'http://127.0.0.1:{port}/'>%e;]"), rejected(Rule.DOCTYPE)),
    "an external DTD in a file": Case(lambda: with_doctype("SYSTEM 'file://{trap}'"), rejected(Rule.DOCTYPE)),
    "an external DTD over http": Case(lambda: with_doctype("PUBLIC '-//X//Y' 'http://127.0.0.1:{port}/x.dtd'"), rejected(Rule.DOCTYPE)),
    "a DOCTYPE and nothing else": Case(lambda: with_doctype(""), rejected(Rule.DOCTYPE)),
    "a DOCTYPE that never ends": Case(lambda: b"<!DOCTYPE a [" + b"<!ENTITY b 'c'>" * 1000, refused(Rule.DOCTYPE)),
    "a DOCTYPE in the middle": Case(
        lambda: at_end(b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file://{trap}'>]>"), rejected(Rule.NOT_WELL_FORMED)),
    "a DOCTYPE in a comment": Case(lambda: at_end(b"<!-- <!DOCTYPE a> -->"), DELIVERED),
    "an entity nobody declares": Case(lambda: in_name(b"&e;"), rejected(Rule.NOT_WELL_FORMED)),
}

_WIDE: Final = (
    ("UTF-8", "utf-8", "UTF-8", b""), ("UTF-8 with a mark", "utf-8", "UTF-8", b"\xef\xbb\xbf"),
    ("UTF-16 LE with a mark", "utf-16-le", "UTF-16", b"\xff\xfe"), ("UTF-16 BE with a mark", "utf-16-be", "UTF-16", b"\xfe\xff"),
    ("UTF-16 LE without a mark", "utf-16-le", "UTF-16", b""), ("UTF-16 BE without a mark", "utf-16-be", "UTF-16", b""),
    ("UTF-16 LE that says it is UTF-7", "utf-16-le", "UTF-7", b"\xff\xfe"),
    ("UTF-16 LE that says nothing", "utf-16-le", None, b"\xff\xfe"),
    ("UTF-32 LE with a mark", "utf-32-le", "UTF-32", b"\xff\xfe\0\0"), ("UTF-32 BE with a mark", "utf-32-be", "UTF-32", b"\0\0\xfe\xff"),
    ("UTF-32 LE without a mark", "utf-32-le", "UTF-32", b""), ("UTF-32 BE without a mark", "utf-32-be", "UTF-32", b""),
    ("Latin-1", "latin-1", "ISO-8859-1", b""), ("Windows-1252", "cp1252", "windows-1252", b""), ("ASCII", "ascii", "US-ASCII", b""),
)
_NARROW: Final = (
    ("EBCDIC 037", "cp037", "IBM037"), ("EBCDIC 500", "cp500", "IBM500"), ("EBCDIC 1140", "cp1140", "IBM1140"),
    ("EBCDIC that says it is UTF-8", "cp037", "UTF-8"),
    ("UTF-7", "utf-7", "UTF-7"), ("ISO-2022-JP", "iso2022_jp", "ISO-2022-JP"), ("HZ", "hz", "HZ-GB-2312"),
    ("Shift-JIS", "shift_jis", "Shift_JIS"), ("GB18030", "gb18030", "GB18030"),
)
_DOCTYPE_SEEN: Final = frozenset({"UTF-7", "ISO-2022-JP", "HZ", "Shift-JIS", "GB18030"})
"""Encodings that are not read, in which the parser still sees that there is a DOCTYPE."""


def _of_encodings() -> dict[str, Case]:
    made: dict[str, Case] = {}
    for name, encoding, declared, mark in _WIDE:
        made[name] = Case(lambda e=encoding, d=declared, k=mark: recoded(e, declared=d, mark=k), DELIVERED)  # type: ignore[misc]  # mypy knows no type of a default
        no = refused if name.startswith("UTF-32") and mark else rejected  # a stream of it is not read
        made[f"DOCTYPE in {name}"] = Case(
            lambda e=encoding, d=declared, k=mark: recoded(e, declared=d, mark=k, doctype=True), no(Rule.DOCTYPE))  # type: ignore[misc]  # as above
    for name, encoding, declared in _NARROW:
        no = refused if name.startswith("EBCDIC") else rejected  # nobody reads its envelope either
        made[name] = Case(lambda e=encoding, d=declared: recoded(e, declared=d), no(Rule.WRONG_ENCODING))  # type: ignore[misc]  # as above
        made[f"DOCTYPE in {name}"] = Case(
            lambda e=encoding, d=declared: recoded(e, declared=d, doctype=True),  # type: ignore[misc]  # as above
            no(Rule.DOCTYPE if name in _DOCTYPE_SEEN else Rule.WRONG_ENCODING))
    return made


ENCODINGS: Final[dict[str, Case]] = _of_encodings() | {
    "UTF-7 with every sign hidden": Case(lambda: _in_utf_7(BARE.decode()), rejected(Rule.WRONG_ENCODING)),
    "a DOCTYPE in UTF-7 with every sign hidden": Case(
        lambda: _in_utf_7(with_doctype("[<!ENTITY e SYSTEM 'file://{trap}'>]", of=BARE).decode()), rejected(Rule.DOCTYPE)),
    "a million elements in UTF-7": Case(
        lambda: _in_utf_7("<a>" + "<a/>" * MILLION + "</a>"), refused(Rule.WRONG_ENCODING)),
    "a million elements in EBCDIC": Case(
        lambda: ('<?xml version="1.0" encoding="IBM037"?><a>' + "<a/>" * MILLION + "</a>").encode("cp037"), refused(Rule.WRONG_ENCODING)),
    "a million elements in UTF-16": Case(lambda: ("<a>" + "<a/>" * MILLION + "</a>").encode("utf-16"), refused(Rule.TOO_DEEP)),
    "UTF-8 that says it is UTF-16": Case(lambda: recoded("utf-8", declared="UTF-16"), refused(Rule.WRONG_ENCODING)),
    "an encoding nobody knows": Case(lambda: recoded("utf-8", declared="klingon"), refused(Rule.WRONG_ENCODING)),
    "an encoding with a very long name": Case(lambda: recoded("utf-8", declared="x" * MILLION), refused(Rule.WRONG_ENCODING)),
    "a declaration with blanks before its encoding": Case(
        lambda: b'<?xml version="1.0"' + b" " * MILLION + b'encoding="UTF-7"?>' + BARE, refused(Rule.WRONG_ENCODING)),
    "Latin-1 that says it is UTF-8": Case(
        lambda: PUSH.replace(NAME.encode(), NAME.encode() + b"\xe5"), rejected(Rule.WRONG_ENCODING)),
    "two marks": Case(lambda: b"\xef\xbb\xbf\xef\xbb\xbf" + PUSH, refused(Rule.NOT_WELL_FORMED)),
    "the mark of UTF-16 before UTF-8": Case(lambda: b"\xff\xfe" + PUSH, refused(Rule.NOT_WELL_FORMED)),
    "an overlong slash": Case(lambda: in_name(b"\xc0\xaf"), rejected(Rule.WRONG_ENCODING)),
    "an overlong less-than": Case(lambda: in_name(b"\xc0\xbcscript\xc0\xbe"), rejected(Rule.WRONG_ENCODING)),
    "an overlong null": Case(lambda: in_name(b"\xc0\x80"), rejected(Rule.WRONG_ENCODING)),
    "a surrogate in UTF-8": Case(lambda: in_name(b"\xed\xa0\x80"), rejected(Rule.WRONG_ENCODING)),
    "a surrogate by number": Case(lambda: in_name(b"&#xD800;"), rejected(Rule.NOT_WELL_FORMED)),
    "half a pair in UTF-16": Case(
        lambda: b"\xff\xfe" + BARE.decode().encode("utf-16-le").replace(
            NAME.encode("utf-16-le"), b"\x00\xd8" + NAME.encode("utf-16-le")), refused(Rule.WRONG_ENCODING)),
    "beyond Unicode": Case(lambda: in_name(b"\xf4\x90\x80\x80"), rejected(Rule.WRONG_ENCODING)),
    "beyond Unicode by number": Case(lambda: in_name(b"&#x110000;"), rejected(Rule.NOT_WELL_FORMED)),
    "a cut sign at the end": Case(lambda: PUSH.rstrip() + b"\xc3", rejected(Rule.NOT_WELL_FORMED)),
}

CHARACTERS: Final[dict[str, Case]] = {
    "a null byte": Case(lambda: in_name(b"\0"), rejected(Rule.NOT_WELL_FORMED)),
    "a null byte in front": Case(lambda: b"\0" + PUSH, refused(Rule.NOT_WELL_FORMED)),
    "a null byte behind": Case(lambda: PUSH + b"\0", rejected(Rule.NOT_WELL_FORMED)),
    "a null by number": Case(lambda: in_name(b"&#0;"), rejected(Rule.NOT_WELL_FORMED)),
    "nothing but null bytes": Case(lambda: b"\0" * MILLION, refused(Rule.NOT_WELL_FORMED)),
    "nothing but blanks": Case(lambda: b" \n" * 8 * MILLION, refused(Rule.EMPTY)),
    "a control character": Case(lambda: in_name(b"\x07"), rejected(Rule.NOT_WELL_FORMED)),
    "a control character by number": Case(lambda: in_name(b"&#7;"), rejected(Rule.NOT_WELL_FORMED)),
    "a bell in XML 1.1": Case(
        lambda: in_name(b"&#7;").replace(b'version="1.0"', b'version="1.1"'), rejected(Rule.NOT_WELL_FORMED)),
    "a non-character": Case(lambda: in_name(b"\xef\xbf\xbf"), rejected(Rule.NOT_WELL_FORMED)),
    "words written from right to left": Case(lambda: in_name("\u202eanna\u2066".encode()), DELIVERED),
    "a name of combining marks": Case(lambda: in_name(b"e" + "\u0301".encode() * 100_000), DELIVERED),
    "a MsgId with a line break": Case(
        lambda: PUSH.replace(m.msg_id(1).encode(), m.msg_id(1).encode() + b"&#10;x"), rejected(Rule.MSG_ID_NOT_UUID)),
    "a MsgId with control characters": Case(
        lambda: PUSH.replace(m.msg_id(1).encode(), m.msg_id(1).encode() + "\u0085\u2028\u200b".encode()), rejected(Rule.MSG_ID_NOT_UUID)),
    "a MsgId of wide digits": Case(
        lambda: PUSH.replace(m.msg_id(1).encode(), m.msg_id(1).replace("0", "\uff10").encode()), rejected(Rule.MSG_ID_NOT_UUID)),
    "a MsgId of a million signs": Case(
        lambda: PUSH.replace(m.msg_id(1).encode(), b"1" * MILLION), refused(Rule.SCHEMA)),
    "a HER-id of other digits": Case(
        lambda: PUSH.replace(mail.OFFICE[1].encode(), "\u0661\u0662".encode()), refused(Rule.NO_ENVELOPE)),
    "an appointment's id with control characters": Case(
        lambda: PUSH.replace(mail.uid(1).encode(), "\u0085\u202e&#13;&#10;ce_id: x".encode()), DELIVERED),
    "an appointment's id of a million signs": Case(
        lambda: PUSH.replace(mail.uid(1).encode(), b"1" * MILLION), rejected(Rule.SCHEMA)),
    "a reference of a million signs": Case(
        lambda: ANSWER.replace(m.msg_id(900).encode(), b"1" * MILLION), rejected(Rule.SCHEMA)),
    "a national id of a million digits": Case(lambda: PUSH.replace(NUMBER.encode(), b"1" * MILLION), rejected(Rule.SCHEMA)),
    "a year of a million digits": Case(
        lambda: PUSH.replace(b"2026-06-12T09:15:00", b"9" * MILLION + b"-06-12T09:15:00"), rejected(Rule.SCHEMA)),
    "a time with a million digits of a second": Case(
        lambda: PUSH.replace(b"2026-06-12T09:15:00", b"2026-06-12T09:15:00." + b"0" * MILLION), DELIVERED),
}

SHAPES: Final[dict[str, Case]] = {
    "100,000 levels": Case(lambda: _nested(100_000), refused(Rule.TOO_DEEP)),
    "100,000 levels that are never closed": Case(lambda: _nested(100_000, closed=False), refused(Rule.TOO_DEEP)),
    "20,000 levels": Case(lambda: _nested(20_000), refused(Rule.TOO_DEEP)),
    "20,000 levels in the envelope": Case(lambda: in_first("Patient", _nested(20_000)), rejected(Rule.TOO_DEEP)),
    "20,000 levels in a part": Case(lambda: as_part(_nested(20_000)), rejected(Rule.TOO_DEEP)),
    "240 levels in a part": Case(lambda: as_part(_nested(240)), rejected(Rule.UNSUPPORTED_PART)),
    "240 levels in the envelope": Case(lambda: in_first("Patient", _nested(240)), rejected(Rule.SCHEMA)),
    "1,000,000 attributes": Case(
        lambda: b"<a " + _joined(f'a{n}=""' for n in range(MILLION)) + b"/>", refused(Rule.TOO_DEEP)),
    "1,000,000 attributes on the root": Case(
        lambda: on_root(_joined(f'a{n}=""' for n in range(MILLION))), refused(Rule.TOO_DEEP)),
    "1,000,000 attributes behind the envelope": Case(
        lambda: PUSH.replace(b"<Document>", b"<Document " + _joined(f'a{n}=""' for n in range(MILLION)) + b">", 1),
        rejected(Rule.TOO_DEEP)),
    "19,000 attributes": Case(lambda: on_root(_joined(f'a{n}=""' for n in range(19_000))), rejected(Rule.SCHEMA)),
    "one attribute 19,000 times": Case(lambda: on_root(b'a="" ' * 19_000), refused(Rule.NOT_WELL_FORMED)),
    "19,000 attributes that might meet in a table of hashes": Case(
        lambda: on_root(_joined(f'{n:016b}=""'.replace("0", "Aa").replace("1", "BB") for n in range(19_000))), rejected(Rule.SCHEMA)),
    "3,900,000 elements": Case(lambda: b"<a>" + b"<a/>" * 3_900_000 + b"</a>", refused(Rule.TOO_DEEP)),
    "35,000 elements in a part": Case(lambda: as_part(b"<a>" + b"<a/>" * 35_000 + b"</a>"), rejected(Rule.UNSUPPORTED_PART)),
    "35,000 elements with text in a part": Case(
        lambda: as_part(b"<a>" + b"<a/> " * 35_000 + b"</a>"), rejected(Rule.UNSUPPORTED_PART)),
    "35,000 elements in the patient": Case(lambda: in_first("Patient", b"<a/>" * 35_000), rejected(Rule.SCHEMA)),
    "4,000 idents of the patient": Case(lambda: before_national_id(m.ident("1").encode() * 4_000), DELIVERED),
    "35,000 parts": Case(lambda: at_end(m.document("<a/>" * 35_000).encode()), rejected(Rule.UNSUPPORTED_PART)),
    "6,000 attachments": Case(lambda: at_end(m.vedlegg().encode() * 6_000, of=ANSWER), rejected(Rule.TOO_DEEP)),
    "3,000 attachments": Case(lambda: at_end(m.vedlegg().encode() * 3_000, of=ANSWER), DELIVERED),
    "3,000 broken attachments": Case(lambda: at_end(m.vedlegg("%").encode() * 3_000, of=ANSWER), rejected(Rule.BAD_BASE64)),
    "1,400 appointments": Case(lambda: sung(mail.push("05", *map(mail.slot, range(1, 1_401)), number=1)), DELIVERED),
    "1,400 free slots": Case(
        lambda: sung(mail.answer("03", *map(mail.slot, range(1, 1_401)), number=1, parent=900, ack="N")), DELIVERED),
    "one appointment 1,400 times": Case(lambda: sung(mail.push("05", *([mail.slot(1)] * 1_400), number=1)), DELIVERED),
    "10,000 appointments": Case(lambda: sung(mail.push("05", *map(mail.slot, range(1, 10_001)), number=1)), rejected(Rule.TOO_DEEP)),
    "a text of 15,000,000 signs": Case(lambda: in_name(b"x" * 15 * MILLION), rejected(Rule.TOO_DEEP)),
    "a text of 9,900,000 signs": Case(lambda: in_name(b"x" * 9_900_000), DELIVERED),
    "a text of 9,900,000 blanks": Case(lambda: in_name(b" " * 9_900_000), DELIVERED),
    "2,000,000 references to a sign": Case(lambda: in_name(b"&#65;" * 2 * MILLION), DELIVERED),
    "3,000,000 line ends of Windows": Case(lambda: in_name(b"x\r\n" * 3 * MILLION), DELIVERED),
    "an attribute of 15,000,000 signs": Case(lambda: on_root(b'a="' + b"x" * 15 * MILLION + b'"'), refused(Rule.TOO_DEEP)),
    "an attribute of 9,900,000 signs": Case(lambda: on_root(b'a="' + b"x" * 9_900_000 + b'"'), rejected(Rule.SCHEMA)),
    "a display name of 9,900,000 signs": Case(
        lambda: PUSH.replace(b'DN="-"', b'DN="' + b"x" * 9_900_000 + b'"', 1), DELIVERED),
    "a code of 9,000,000 signs": Case(lambda: PUSH.replace(b'V="05"', b'V="' + b"0" * 9 * MILLION + b'"'), rejected(Rule.UNKNOWN_CODE)),
    "a name of 9,000,000 signs": Case(lambda: at_end(b"<" + b"x" * 9 * MILLION + b"/>"), rejected(Rule.TOO_DEEP)),
    "a name of 49,000 signs": Case(lambda: at_end(b"<" + b"x" * 49_000 + b"/>"), rejected(Rule.SCHEMA)),
    "a name that never ends": Case(lambda: b"<" + b"x" * 15 * MILLION, refused(Rule.TOO_DEEP)),
    "a tag that never ends": Case(lambda: b"<a b='" + b"x" * 15 * MILLION, refused(Rule.TOO_DEEP)),
    "fifteen million less-thans": Case(lambda: b"<" * 15 * MILLION, refused(Rule.TOO_DEEP)),
    "fifteen million ampersands": Case(lambda: b"<a>" + b"&" * 15 * MILLION, refused(Rule.NOT_WELL_FORMED)),
    "fifteen million brackets": Case(lambda: b"<a><![CDATA[" + b"]" * 15 * MILLION, refused(Rule.NOT_WELL_FORMED)),
    "fifteen million hyphens in a comment": Case(lambda: b"<a><!--" + b"- " * 7 * MILLION, refused(Rule.NOT_WELL_FORMED)),
    "one byte too many": Case(lambda: PUSH + b" " * (LIMIT + 1 - len(PUSH)), refused(Rule.TOO_LARGE)),
}

NAMESPACES: Final[dict[str, Case]] = {
    "19,000 namespaces": Case(
        lambda: on_root(_joined(f'xmlns:a{n}="u{n}"' for n in range(19_000))), DELIVERED),
    "19,000 namespaces, one used": Case(
        lambda: as_part(b"<b " + _joined(f'xmlns:a{n}="u{n}"' for n in range(19_000)) + b">" + b"<a1:c/>" * 20_000 + b"</b>"),
        rejected(Rule.UNSUPPORTED_PART)),
    "19,000 namespaces in a message that breaks the schema": Case(
        lambda: in_first("Patient", b"<a/>", of=on_root(_joined(f'xmlns:a{n}="u{n}"' for n in range(19_000)))), rejected(Rule.SCHEMA)),
    "a namespace with a very long address": Case(lambda: on_root(b'xmlns:a="' + b"u" * 9 * MILLION + b'"'), DELIVERED),
    "a prefix bound anew on every element": Case(
        lambda: as_part("".join(f'<a:b xmlns:a="u{n}">' for n in range(200)).encode() + b"</a:b>" * 200), rejected(Rule.UNSUPPORTED_PART)),
    "19,000 elements that each bind a prefix": Case(
        lambda: as_part(b"<b>" + "".join(f'<a:b xmlns:a="u{n}"/>' for n in range(19_000)).encode() + b"</b>"),
        rejected(Rule.UNSUPPORTED_PART)),
    "prefixes for every one of our names": Case(
        lambda: BARE.replace(f' xmlns="{MSGHEAD}"'.encode(), f' xmlns:x="{MSGHEAD}"'.encode(), 1), refused(Rule.UNSUPPORTED_PART)),
    "the message's namespace taken away inside": Case(lambda: PUSH.replace(b"<Patient>", b'<Patient xmlns="">'), rejected(Rule.SCHEMA)),
    "the prefix xml bound to something else": Case(lambda: on_root(b'xmlns:xml="urn:x"'), rejected(Rule.NOT_WELL_FORMED)),
    "the prefix xmlns bound": Case(lambda: on_root(b'xmlns:xmlns="urn:x"'), rejected(Rule.NOT_WELL_FORMED)),
    "a prefix that nobody bound": Case(lambda: at_end(b"<x:y/>"), rejected(Rule.NOT_WELL_FORMED)),
    "two names for one attribute": Case(
        lambda: on_root(b'xmlns:a="u" xmlns:b="u" a:c="" b:c=""'), rejected(Rule.NOT_WELL_FORMED)),
    "xml:base": Case(lambda: on_root(b'xml:base="file://{trap}"'), rejected(Rule.SCHEMA)),
    "xml:id twice": Case(lambda: in_first("Patient", b'<a xml:id="a"/><a xml:id="a"/>'), rejected(Rule.NOT_WELL_FORMED)),
}

INSTRUCTIONS: Final[dict[str, Case]] = {
    "a stylesheet": Case(
        lambda: PUSH.replace(b"<MsgHead", b'<?xml-stylesheet type="text/xsl" href="file://{trap}"?><MsgHead', 1), DELIVERED),
    "a stylesheet over http": Case(
        lambda: PUSH.replace(b"<MsgHead", b'<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:{port}/"?><MsgHead', 1), DELIVERED),
    "a model": Case(lambda: PUSH.replace(b"<MsgHead", b'<?xml-model href="file://{trap}"?><MsgHead', 1), DELIVERED),
    "an instruction of PHP": Case(lambda: in_name(b"<?php system('id'); ?>"), DELIVERED),
    "35,000 instructions": Case(lambda: at_end(b"<?a b?>" * 35_000), DELIVERED),
    "1,000,000 instructions": Case(lambda: at_end(b"<?a b?>" * MILLION), rejected(Rule.TOO_DEEP)),
    "an instruction of 9,000,000 signs": Case(lambda: at_end(b"<?a " + b"b" * 9 * MILLION + b"?>"), DELIVERED),
    "35,000 comments": Case(lambda: at_end(b"<!--a-->" * 35_000), DELIVERED),
    "a comment between every two elements": Case(lambda: BARE.replace(b"><", b"><!-- a --><"), DELIVERED),
    "a comment inside every id": Case(
        lambda: PUSH.replace(b"<MsgId>", b"<MsgId><!-- a -->").replace(b"<Id>", b"<Id><!-- a -->"), DELIVERED),
    "CDATA around every id": Case(
        lambda: PUSH.replace(b"<MsgId>", b"<MsgId><![CDATA[").replace(b"</MsgId>", b"]]></MsgId>")
        .replace(b"<Id>", b"<Id><![CDATA[").replace(b"</Id>", b"]]></Id>"), DELIVERED),
    "CDATA that hides a tag": Case(lambda: in_name(b"<![CDATA[</FamilyName><a>]]>"), DELIVERED),
    "35,000 empty CDATA": Case(lambda: in_name(b"<![CDATA[]]>" * 35_000), DELIVERED),
    "CDATA that never ends": Case(lambda: in_name(b"<![CDATA["), rejected(Rule.NOT_WELL_FORMED)),
    "XInclude of a file as text": Case(
        lambda: as_part(f'<i:include xmlns:i="{_XI}" href="file://{{trap}}" parse="text"/>'.encode()), rejected(Rule.UNSUPPORTED_PART)),
    "XInclude inside a name": Case(
        lambda: in_name(f'<i:include xmlns:i="{_XI}" href="file://{{trap}}" parse="text"/>'.encode()), rejected(Rule.SCHEMA)),
    "XInclude over http": Case(
        lambda: as_part(f'<i:include xmlns:i="{_XI}" href="http://127.0.0.1:{{port}}/"/>'.encode()), rejected(Rule.UNSUPPORTED_PART)),
    "XInclude as the root": Case(
        lambda: _INCLUDE, refused(Rule.NOT_A_MESSAGE)),
    "XSLT as the root": Case(
        lambda: _sheet('<x:import href="file://{trap}"/>'), refused(Rule.NOT_A_MESSAGE)),
    "XSLT as a part": Case(
        lambda: as_part(_sheet("<x:value-of select='document(\"{trap}\")'/>")), rejected(Rule.UNSUPPORTED_PART)),
    "a schema in a file": Case(
        lambda: on_root(f'xmlns:i="{XSI}" i:schemaLocation="{MSGHEAD} file://{{trap}}"'.encode()), DELIVERED),
    "a schema over http": Case(
        lambda: on_root(f'xmlns:i="{XSI}" i:schemaLocation="{MSGHEAD} http://127.0.0.1:{{port}}/x.xsd"'.encode()), DELIVERED),
    "a schema without a namespace": Case(
        lambda: on_root(f'xmlns:i="{XSI}" i:noNamespaceSchemaLocation="file://{{trap}}"'.encode()), DELIVERED),
    "a schema for a part that is wrong": Case(
        lambda: on_root(f'xmlns:i="{XSI}" i:schemaLocation="{DIALOGMELDING} file://{{trap}}"'.encode()).replace(b"dtstart>", b"dtstarts>"),
        rejected(Rule.SCHEMA)),
    "another type": Case(
        lambda: PUSH.replace(b"<Patient>", f'<Patient xmlns:i="{XSI}" i:type="i:{NAME}">'.encode()), rejected(Rule.SCHEMA)),
    "nil": Case(lambda: PUSH.replace(b"<Patient>", f'<Patient xmlns:i="{XSI}" i:nil="true">'.encode()), rejected(Rule.SCHEMA)),
}

WRAPPING: Final[dict[str, Case]] = {
    "a message in a message": Case(lambda: as_part(_OTHER), rejected(Rule.UNSUPPORTED_PART)),
    "a message in an envelope that is not ours": Case(lambda: b"<Envelope>" + BARE + b"</Envelope>", refused(Rule.WRAPPED)),
    "a message inside a signature": Case(lambda: _signed(BARE), refused(Rule.WRAPPED)),
    "a signature around another message": Case(lambda: at_end(_signed(_OTHER)), DELIVERED),
    "a signature in front": Case(
        lambda: PUSH.replace(b"<MsgInfo>", _signed(_OTHER) + b"<MsgInfo>", 1), rejected(Rule.SCHEMA)),
    "two signatures": Case(lambda: at_end(_signed(b"") * 2), rejected(Rule.SCHEMA)),
    "a signature that points to a file": Case(
        lambda: at_end(_signed(b"", key='<KeyInfo><RetrievalMethod URI="file://{trap}"/></KeyInfo>')),
        DELIVERED),
    "two envelopes": Case(
        lambda: PUSH.replace(b"</MsgInfo>", b"</MsgInfo>" + _info_of(_OTHER), 1), rejected(Rule.SCHEMA)),
    "an envelope behind the documents": Case(lambda: at_end(_info_of(_OTHER)), rejected(Rule.SCHEMA)),
    "an envelope in an envelope": Case(lambda: in_first("MsgInfo", _info_of(_OTHER)), rejected(Rule.SCHEMA)),
    "two messages in one record": Case(lambda: PUSH + _OTHER, rejected(Rule.NOT_WELL_FORMED)),
    "two MsgIds": Case(lambda: PUSH.replace(b"<MsgId>", f"<MsgId>{m.msg_id(2)}</MsgId><MsgId>".encode(), 1), rejected(Rule.SCHEMA)),
    "two senders": Case(lambda: PUSH.replace(b"<Receiver>", f"<Sender>{m.office()}</Sender><Receiver>".encode(), 1), rejected(Rule.SCHEMA)),
    "two patients": Case(lambda: PUSH.replace(b"<Patient>", m.patient().encode() + b"<Patient>", 1), rejected(Rule.SCHEMA)),
    "two national ids": Case(
        lambda: before_national_id(m.ident(m.national_id(), "FNR", m.PERSON_IDS).encode()),
        rejected(Rule.TOO_MANY)),
    "two dialogue messages": Case(lambda: as_part(m.notat("26").encode()), rejected(Rule.TOO_MANY)),
    "two calendars": Case(lambda: as_part(m.icalendar(mail.slot(2)).encode()), DELIVERED),
    "two codes": Case(lambda: in_first("Foresporsel", m.kode("TypeForesp", "07").encode()), rejected(Rule.SCHEMA)),
    "a reference to a file outside": Case(
        lambda: PUSH.replace(b"<Content>", b"<FileReference>file://{trap}</FileReference><Content>", 1), rejected(Rule.UNSUPPORTED_PART)),
    "an AppRec in a message": Case(
        lambda: as_part(m.apprec(m.msg_id(900)).partition(b"?>\n")[2]), rejected(Rule.UNSUPPORTED_PART)),
}


def _info_of(body: bytes) -> bytes:
    return body[body.index(b"<MsgInfo>"): body.index(b"</MsgInfo>") + len(b"</MsgInfo>")]


ATTACHMENTS: Final[dict[str, Case]] = {
    "a body of gzip": Case(lambda: gzip.compress(PUSH), refused(Rule.NOT_WELL_FORMED)),
    "a bomb of gzip": Case(lambda: gzip.compress(b"<a>" + b"\0" * 100 * MILLION), refused(Rule.NOT_WELL_FORMED)),
    "a bomb of deflate": Case(lambda: zlib.compress(b"<a>" * 30 * MILLION), refused(Rule.NOT_WELL_FORMED)),
    "a bomb of zstd": Case(lambda: bytes(cramjam.zstd.compress(b"<a>" * 30 * MILLION)), refused(Rule.NOT_WELL_FORMED)),
    "a body of ZIP": Case(lambda: _polyglot()[50:], refused(Rule.NOT_WELL_FORMED)),
    "a PDF that is a ZIP and a web page": Case(lambda: _attached(_polyglot()), DELIVERED),
    "a program that says it is a picture": Case(lambda: _attached(b"\x7fELF" + b"\0" * 1000, mime_type="image/png"), DELIVERED),
    "a bomb of gzip, attached": Case(lambda: _attached(gzip.compress(b"\0" * 100 * MILLION)), DELIVERED),
    "an attachment of 7,000,000 bytes": Case(lambda: _attached(b"\0" * 7 * MILLION), DELIVERED),
    "an attachment of 9,000,000 bytes": Case(lambda: _attached(b"\0" * 9 * MILLION), rejected(Rule.TOO_DEEP)),
    "an attachment with a line for each sign": Case(
        lambda: at_end(m.vedlegg("\n".join("aGVp" * 500_000)).encode(), of=ANSWER), DELIVERED),
    "an attachment of padding": Case(lambda: at_end(m.vedlegg("=" * 15_000).encode(), of=ANSWER), rejected(Rule.SCHEMA)),
    "an attachment of 5,000,000 signs of padding": Case(
        lambda: at_end(m.vedlegg("=" * 5 * MILLION).encode(), of=ANSWER), rejected(Rule.TOO_DEEP)),
    "an attachment of other letters": Case(lambda: at_end(m.vedlegg("Ａ" * MILLION).encode(), of=ANSWER), rejected(Rule.BAD_BASE64)),
    "a web page as an attachment": Case(lambda: _attached(b"<html/>", mime_type="text/html"), rejected(Rule.ATTACHMENT_KIND)),
    "a kind of a million signs": Case(lambda: _attached(b"", mime_type="x" * MILLION), rejected(Rule.ATTACHMENT_KIND)),
    "elements inside an attachment": Case(
        lambda: at_end(m.document(m.base64_container("<a/>")).encode(), of=ANSWER), rejected(Rule.SCHEMA)),
}

CORPUS: Final[dict[str, Case]] = {**ENTITIES, **ENCODINGS, **CHARACTERS, **SHAPES, **NAMESPACES, **INSTRUCTIONS, **WRAPPING, **ATTACHMENTS}

"""A whole MsgHead 1.2 message: the envelope and the parts in its documents. Never keeps an attachment's bytes, only what they are."""

from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from itertools import chain
from typing import Any, TypeVar

from lxml import etree

from schemas.base64_content import decode
from schemas.documents import Hodemelding, Icalendar, Vedlegg
from schemas.formats import BASE64CONTAINER, DIALOGMELDING, HELSEPERSONELL, MSGHEAD, PASIENTRELASJON, XCAL
from schemas.places import place_of
from schemas.reading.blocks import Notes, Row, missing, read_fields, read_text, tables, too_many
from schemas.reading.dialogmelding import read_dialogmelding
from schemas.reading.envelope import read_msg_info
from schemas.reading.helsepersonell import read_helsepersonel_liste
from schemas.reading.pasientrelasjon import read_pasientrelasjon
from schemas.reading.xcal import read_vevents

_DIALOGMELDING = f"{{{DIALOGMELDING}}}Dialogmelding"
_PASIENTRELASJON = f"{{{PASIENTRELASJON}}}Pasientrelasjon"
_T = TypeVar("_T")
_Parts = Mapping[str, tuple[Any, ...]]


def _decoded(node: etree._Element, _notes: Notes) -> tuple[int, str]:
    # The place is asked for only if needed: to find the place of each of thousands among its siblings takes seconds.
    content = decode(node.text, place=partial(place_of, node))
    return len(content), sha256(content).hexdigest()


_CONTENT = {
    **tables(DIALOGMELDING, {"Dialogmelding": Row("dialogmelding", read_dialogmelding, many=True)}),
    **tables(XCAL, {"icalendar": Row("icalendar", read_vevents, many=True)}),
    **tables(HELSEPERSONELL, {"HelsepersonelListe": Row("helsepersonell", read_helsepersonel_liste, many=True)}),
    **tables(PASIENTRELASJON, {"Pasientrelasjon": Row("pasientrelasjon", read_pasientrelasjon, many=True)}),
    **tables(BASE64CONTAINER, {"Base64Container": Row("base64", _decoded, many=True)}),
}


def _content(node: etree._Element, notes: Notes) -> _Parts:
    return read_fields(node, _CONTENT, notes)


_REF_DOC = tables(MSGHEAD, {
    "MimeType": Row("mime_type", read_text),
    "Description": Row("description", read_text),
    "Content": Row("content", _content),
})


def _ref_doc(node: etree._Element, notes: Notes) -> _Parts:
    found = read_fields(node, _REF_DOC, notes)
    parts: dict[str, tuple[Any, ...]] = found.get("content", {})
    if files := parts.pop("base64", ()):
        label = (found.get("mime_type"), found.get("description"))
        parts["vedlegg"] = tuple(Vedlegg(*label, *file) for file in files)
    return parts


_DOCUMENT = tables(MSGHEAD, {"RefDoc": Row("parts", _ref_doc)})


def _document(node: etree._Element, notes: Notes) -> _Parts | None:
    parts: _Parts | None = read_fields(node, _DOCUMENT, notes).get("parts")
    return parts


_MSG_HEAD = tables(MSGHEAD, {
    "MsgInfo": Row("msg_info", read_msg_info),
    "Document": Row("documents", _document, many=True),
})


def read_hodemelding(root: etree._Element) -> Hodemelding:
    """The message of a valid tree. Raises `Fault`: BAD_BASE64, SCHEMA, MISSING or TOO_MANY for what the XSD lets through."""
    notes: Notes = set()
    found = read_fields(root, _MSG_HEAD, notes)
    documents: Sequence[_Parts] = found.get("documents", ())
    icalendar, helsepersonell = _all(documents, "icalendar"), _all(documents, "helsepersonell")
    dialogmelding = _at_most_one(root, _DIALOGMELDING, _all(documents, "dialogmelding"))
    if dialogmelding is None:
        raise missing(root, "Document/RefDoc/Content/Dialogmelding")
    return Hodemelding(
        msg_info=found["msg_info"],
        dialogmelding=dialogmelding,
        icalendar=Icalendar(tuple(chain.from_iterable(icalendar))) if icalendar else None,
        helsepersonel_liste=tuple(chain.from_iterable(helsepersonell)) if helsepersonell else None,
        vedlegg=_all(documents, "vedlegg"),
        leniencies=tuple(sorted(note.id for note in notes)),
        pasientrelasjon=_at_most_one(root, _PASIENTRELASJON, _all(documents, "pasientrelasjon")),
    )


def _all(documents: Sequence[_Parts], part: str) -> tuple[Any, ...]:
    return tuple(chain.from_iterable(document[part] for document in documents if part in document))


def _at_most_one(root: etree._Element, tag: str, found: tuple[_T, ...]) -> _T | None:
    if len(found) > 1:
        raise too_many([*root.iter(tag)][1])
    return found[0] if found else None

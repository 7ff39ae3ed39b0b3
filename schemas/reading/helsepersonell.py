"""HelsepersonelListe 2015-05-04: other practitioners, with a remark. Source: appointments.md 7."""

from lxml import etree

from schemas.documents import Helsepersonell
from schemas.formats import FELLESKOMPONENT1, HELSEPERSONELL
from schemas.reading.blocks import Notes, Row, read_fields, read_text, tables
from schemas.reading.parties import healthcare_professional_in

_HELSEPERSONELL = tables(HELSEPERSONELL, {
    "Helsepersonell": Row("helsepersonell", healthcare_professional_in(FELLESKOMPONENT1), many=True),
    "Merknad": Row("merknad", read_text),
})


def _helsepersonell(node: etree._Element, notes: Notes) -> Helsepersonell:
    return Helsepersonell(**{"helsepersonell": (), **read_fields(node, _HELSEPERSONELL, notes)})


_LISTE = tables(HELSEPERSONELL, {"Helsepersonell": Row("entries", _helsepersonell, many=True)})


def read_helsepersonel_liste(node: etree._Element, notes: Notes) -> tuple[Helsepersonell, ...]:
    """The entries of the list, in order."""
    entries: tuple[Helsepersonell, ...] = read_fields(node, _LISTE, notes).get("entries", ())
    return entries

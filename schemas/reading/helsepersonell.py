"""HelsepersonelListe 2015-05-04: other practitioners, with a remark. Source: appointments.md 7."""

from lxml import etree

from schemas.documents import HealthcareProfessional, Helsepersonell
from schemas.formats import FELLESKOMPONENT1, HELSEPERSONELL
from schemas.reading.blocks import Notes, Row, read_fields, read_text, tables
from schemas.reading.parties import healthcare_professional_rows

_HEALTHCARE_PROFESSIONAL = tables(FELLESKOMPONENT1, healthcare_professional_rows())


def _healthcare_professional(node: etree._Element, notes: Notes) -> HealthcareProfessional:
    return HealthcareProfessional(**read_fields(node, _HEALTHCARE_PROFESSIONAL, notes))


_HELSEPERSONELL = tables(HELSEPERSONELL, {
    "Helsepersonell": Row("helsepersonell", _healthcare_professional, many=True),
    "Merknad": Row("merknad", read_text),
})


def _helsepersonell(node: etree._Element, notes: Notes) -> Helsepersonell:
    return Helsepersonell(**{"helsepersonell": (), **read_fields(node, _HELSEPERSONELL, notes)})


_LISTE = tables(HELSEPERSONELL, {"Helsepersonell": Row("entries", _helsepersonell, many=True)})


def read_helsepersonel_liste(node: etree._Element, notes: Notes) -> tuple[Helsepersonell, ...]:
    """The entries of the list, in order."""
    entries: tuple[Helsepersonell, ...] = read_fields(node, _LISTE, notes).get("entries", ())
    return entries

"""Pasientrelasjon 2014-03-28: who acts for the patient. Never decides who may. Source: appointments.md 6, dialogue.md 5.1."""

from lxml import etree

from schemas.documents import Pasientrelasjon, Person
from schemas.formats import FELLESKOMPONENT1, PASIENTRELASJON
from schemas.reading.blocks import Notes, Row, read_fields, read_kode, tables
from schemas.reading.parties import person_in

_PASIENTRELASJON = tables(PASIENTRELASJON, {
    "Person": Row("person", person_in(FELLESKOMPONENT1, Person), many=True),
    "Relasjon": Row("relasjon", read_kode),
})


def read_pasientrelasjon(node: etree._Element, notes: Notes) -> Pasientrelasjon:
    """The relation. Raises `Fault` TOO_MANY for a person of two national ids."""
    return Pasientrelasjon(**read_fields(node, _PASIENTRELASJON, notes))

"""Pasientrelasjon 2014-03-28: who acts for the patient. Never decides who may. Source: appointments.md 6, dialogue.md 5.1."""

from schemas.documents import Pasientrelasjon
from schemas.formats import PASIENTRELASJON
from schemas.writing.blocks import optional_cv
from schemas.writing.parties import IN_FELLESKOMPONENT1, XMLNS_FK1, person


def pasientrelasjon(part: Pasientrelasjon) -> str:
    """The relation, and each person who acts."""
    persons = "".join([person(somebody, IN_FELLESKOMPONENT1, name="Person") for somebody in part.person])
    return (
        f'<Pasientrelasjon xmlns="{PASIENTRELASJON}" {XMLNS_FK1}>{persons}{optional_cv("Relasjon", part.relasjon)}</Pasientrelasjon>'
    )

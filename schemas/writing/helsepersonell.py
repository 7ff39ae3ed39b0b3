"""HelsepersonelListe 2015-05-04: other practitioners, with a remark. Source: appointments.md 7."""

from schemas.documents import Helsepersonell
from schemas.formats import HELSEPERSONELL
from schemas.writing.blocks import text
from schemas.writing.parties import IN_FELLESKOMPONENT1, XMLNS_FK1, healthcare_professional


def helsepersonel_liste(entries: tuple[Helsepersonell, ...]) -> str:
    """The list, in order."""
    return (
        f'<HelsepersonelListe xmlns="{HELSEPERSONELL}" {XMLNS_FK1}>'
        f"{''.join([_helsepersonell(entry) for entry in entries])}</HelsepersonelListe>"
    )


def _helsepersonell(entry: Helsepersonell) -> str:
    # The standard gives the entry and the practitioner within it the same name.
    persons = [healthcare_professional(person, IN_FELLESKOMPONENT1, name="Helsepersonell") for person in entry.helsepersonell]
    return f"<Helsepersonell>{''.join(persons)}{text('Merknad', entry.merknad)}</Helsepersonell>"

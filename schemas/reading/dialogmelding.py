"""Dialogmelding 1.1: requests or answers, with who has which role. Never checks codes. Source: appointments.md 4, dialogue.md 3.5."""

from lxml import etree

from schemas.documents import Dialogmelding, Foresporsel, Kode, Notat, RollerRelatertNotat
from schemas.formats import DIALOGMELDING
from schemas.reading.blocks import Notes, Row, read_fields, read_kode, read_text, tables
from schemas.reading.formatted_text import read_formatted_text
from schemas.reading.parties import healthcare_professional_in
from schemas.reading.times import read_day

_ROLLER_RELATERT_NOTAT = tables(DIALOGMELDING, {
    "RolleNotat": Row("rolle_notat", read_kode),
    "RoleToPatient": Row("role_to_patient", read_kode),
    "HealthcareProfessional": Row("healthcare_professional", healthcare_professional_in(DIALOGMELDING)),
})


def _roller_relatert_notat(node: etree._Element, notes: Notes) -> RollerRelatertNotat:
    return RollerRelatertNotat(**read_fields(node, _ROLLER_RELATERT_NOTAT, notes))


_FORESPORSEL = tables(DIALOGMELDING, {
    "TypeForesp": Row("type_foresp", read_kode),
    "EmneSporsmal": Row("emne_sporsmal", read_text),
    "Sporsmal": Row("sporsmal", read_formatted_text),
    "FraDato": Row("fra_dato", read_day),
    "TilDato": Row("til_dato", read_day),
    "KodetOpplysning": Row("kodet_opplysning", read_kode),
    "RollerRelatertNotat": Row("roller_relatert_notat", _roller_relatert_notat, many=True),
})
_NOTAT = tables(DIALOGMELDING, {
    "TemaKodet": Row("tema_kodet", read_kode),
    "Tema": Row("tema", read_text),
    "TekstNotatInnhold": Row("tekst_notat_innhold", read_formatted_text),
    "RollerRelatertNotat": Row("roller_relatert_notat", _roller_relatert_notat, many=True),
})


def _foresporsel(node: etree._Element, notes: Notes) -> Foresporsel:
    return Foresporsel(**{"type_foresp": Kode(None), **read_fields(node, _FORESPORSEL, notes)})


def _notat(node: etree._Element, notes: Notes) -> Notat:
    return Notat(**{"tema_kodet": Kode(None), **read_fields(node, _NOTAT, notes)})


_DIALOGMELDING = tables(DIALOGMELDING, {
    "Sakstype": Row("sakstype", read_text),
    "Foresporsel": Row("foresporsel", _foresporsel, many=True),
    "Notat": Row("notat", _notat, many=True),
})


def read_dialogmelding(node: etree._Element, notes: Notes) -> Dialogmelding:
    """The dialogue message. A question repeated inside a Notat is passed over: threads are held by ConversationRef (IG 16)."""
    return Dialogmelding(**read_fields(node, _DIALOGMELDING, notes))

"""Dialogmelding 1.1: requests or answers, with who has which role. Never checks codes. Source: appointments.md 4, dialogue.md 3.5.

A text stands as plain text, and an answer never repeats the question: threads are held by ConversationRef (IG 16).
"""

from datetime import date

from schemas.documents import Dialogmelding, Foresporsel, Notat, RollerRelatertNotat
from schemas.formats import DIALOGMELDING
from schemas.writing.blocks import cv, optional_cv, text
from schemas.writing.parties import IN_DIALOGMELDING, XMLNS_FK1, healthcare_professional


def dialogmelding(part: Dialogmelding) -> str:
    """The dialogue message."""
    blocks = (
        text("Sakstype", part.sakstype),
        *(_foresporsel(asked) for asked in part.foresporsel),
        *(_notat(answer) for answer in part.notat),
    )
    return f'<Dialogmelding xmlns="{DIALOGMELDING}" {XMLNS_FK1}>{"".join(blocks)}</Dialogmelding>'


def _foresporsel(asked: Foresporsel) -> str:
    blocks = (
        cv("TypeForesp", asked.type_foresp),
        text("EmneSporsmal", asked.emne_sporsmal),
        text("Sporsmal", asked.sporsmal),
        _day("FraDato", asked.fra_dato),
        _day("TilDato", asked.til_dato),
        optional_cv("KodetOpplysning", asked.kodet_opplysning),
        *(_roller_relatert_notat(role) for role in asked.roller_relatert_notat),
    )
    return f"<Foresporsel>{''.join(blocks)}</Foresporsel>"


def _notat(answer: Notat) -> str:
    blocks = (
        cv("TemaKodet", answer.tema_kodet),
        text("Tema", answer.tema),
        text("TekstNotatInnhold", answer.tekst_notat_innhold),
        *(_roller_relatert_notat(role) for role in answer.roller_relatert_notat),
    )
    return f"<Notat>{''.join(blocks)}</Notat>"


def _roller_relatert_notat(role: RollerRelatertNotat) -> str:
    blocks = (
        optional_cv("RolleNotat", role.rolle_notat),
        optional_cv("RoleToPatient", role.role_to_patient),
        healthcare_professional(role.healthcare_professional, IN_DIALOGMELDING) if role.healthcare_professional else "",
    )
    return f"<RollerRelatertNotat>{''.join(blocks)}</RollerRelatertNotat>"


def _day(name: str, day: date | None) -> str:
    return text(name, day.isoformat()) if day else ""

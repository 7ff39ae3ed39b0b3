"""Organisations, practitioners and persons, in whichever namespace a part writes them. Source: appointments.md 3 and 6, dialogue.md 3.

Never decides who may send. What the schema requires and a document does not hold stands empty.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from schemas.documents import HealthcareProfessional, Ident, Kode, Organisation, Patient, Person
from schemas.formats import FELLESKOMPONENT1
from schemas.kodeverk.person_id_8116 import OID, PersonId8116
from schemas.national_id import NationalId
from schemas.writing.blocks import attribute, cs, cv, optional_cv, required, text


class Dialect(NamedTuple):
    """How a part writes a person: whose names the block has, whose the inside of its `Ident`, and whether a practitioner must have one."""

    own: str
    ident: str
    ident_required: bool = True


IN_MSGHEAD: Final = Dialect("", "")
IN_DIALOGMELDING: Final = Dialect("", "fk1:", ident_required=False)
IN_FELLESKOMPONENT1: Final = Dialect("fk1:", "fk1:")
XMLNS_FK1: Final = f'xmlns:fk1="{FELLESKOMPONENT1}"'
"""What the part that uses the two last declares."""

_EMPTY = Organisation()
_NOBODY = (Ident("", Kode(None)),)


@lru_cache(maxsize=4096)
def organisation(party: Organisation) -> str:
    """A communication party of the envelope, with its level 2."""
    # The same parties write to each other all day: their block is looked up, not written anew.
    return _organisation(party)


def _organisation(party: Organisation) -> str:
    if party == _EMPTY:
        return "<Organisation/>"
    blocks = (
        required("OrganisationName", party.organisation_name),
        _idents(party.ident or _NOBODY, IN_MSGHEAD),
        _organisation(party.organisation) if party.organisation else "",
        healthcare_professional(party.healthcare_professional, IN_MSGHEAD) if party.healthcare_professional else "",
    )
    return f"<Organisation>{''.join(blocks)}</Organisation>"


def healthcare_professional(practitioner: HealthcareProfessional, dialect: Dialect, *, name: str = "HealthcareProfessional") -> str:
    """A practitioner. `name` is the element's own, where a part calls it otherwise."""
    own, kind = dialect.own, practitioner.type_healthcare_professional
    blocks = (
        cs(f"{own}TypeHealthcareProfessional", kind) if kind else "",
        optional_cv(f"{own}RoleToPatient", practitioner.role_to_patient),
        _names(practitioner, own),
        _idents(practitioner.ident or (_NOBODY if dialect.ident_required else ()), dialect),
    )
    return f"<{name}>{''.join(blocks)}</{name}>"


def person(somebody: Patient | Person, dialect: Dialect, *, name: str) -> str:
    """The patient, or somebody who acts for the patient, under the name that the place gives."""
    ident = _national_ident(somebody.national_id, dialect) if somebody.national_id else ""
    telecom = _telecom(somebody.telephone, dialect.own) if somebody.telephone else ""
    return f"<{name}>{_names(somebody, dialect.own)}{ident}{telecom}</{name}>"


def _names(somebody: HealthcareProfessional | Patient | Person, own: str) -> str:
    blocks = (
        text(f"{own}FamilyName", somebody.family_name),
        text(f"{own}MiddleName", somebody.middle_name),
        text(f"{own}GivenName", somebody.given_name),
    )
    return "".join(blocks)


def _idents(idents: tuple[Ident, ...], dialect: Dialect) -> str:
    return "".join([_ident(ident, dialect) for ident in idents])


def _ident(ident: Ident, dialect: Dialect) -> str:
    own, inside = dialect.own, dialect.ident
    return f"<{own}Ident>{required(f'{inside}Id', ident.id)}{cv(f'{inside}TypeId', ident.type_id)}</{own}Ident>"


def _national_ident(national_id: NationalId, dialect: Dialect) -> str:
    kind = PersonId8116.DNR if national_id.is_d_number else PersonId8116.FNR
    return _ident(Ident(national_id.reveal(), Kode(kind.value, OID, kind.tekst)), dialect)


def _telecom(telephone: str, own: str) -> str:
    return f"<{own}TeleCom><{own}TeleAddress{attribute('V', f'tel:{telephone}')}/></{own}TeleCom>"

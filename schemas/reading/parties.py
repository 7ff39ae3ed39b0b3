"""Organisations, practitioners and persons, in whichever namespace a part writes them. Never decides who may send."""

from collections.abc import Callable
from itertools import islice
from typing import TypeVar

from lxml import etree

from schemas.documents import HealthcareProfessional, Ident, Kode, Organisation, Patient, Person
from schemas.formats import FELLESKOMPONENT1, MSGHEAD
from schemas.kodeverk.person_id_8116 import PersonId8116
from schemas.national_id import NationalId
from schemas.reading.blocks import Notes, Row, read_fields, read_id, read_kode, read_text, tables, too_many

_EMPTY = Organisation()
_NO_KODE = Kode(None)
_ID, _IDENT, _TELE_ADDRESS = (
    frozenset({f"{{{MSGHEAD}}}{name}", f"{{{FELLESKOMPONENT1}}}{name}"}) for name in ("Id", "Ident", "TeleAddress")
)
_NATIONAL_IDS = frozenset({PersonId8116.FNR.value, PersonId8116.DNR.value})
_TEL = "tel:"

_P = TypeVar("_P", Patient, Person)


def read_ident(node: etree._Element, notes: Notes) -> Ident | None:
    """An identifier; None when it is blank, for then it identifies nobody."""
    # Every message has half a dozen: the two children are read without a table.
    identifier, type_id = None, _NO_KODE
    for child in node[:]:  # type: ignore[index]  # the stub forgets slices
        if child.tag in _ID:
            identifier = read_id(child, notes)
        else:
            type_id = read_kode(child, notes)
    return Ident(identifier, type_id) if identifier else None


def read_telephone(node: etree._Element, _notes: Notes) -> str | None:
    """The number of a TeleCom; None when its address is of another kind, such as mail."""
    # Not by a table: a TeleCom broken in any way must not cost the envelope its patient.
    address = next((child.get("V", "") for child in node if child.tag in _TELE_ADDRESS), "").strip()
    return address[len(_TEL) :].strip() or None if address[: len(_TEL)].lower() == _TEL else None


def person_in(namespace: str, kind: type[_P]) -> Callable[[etree._Element, Notes], _P]:
    """A reader of a Patient or a Person, which the standard builds alike in MsgHead and felleskomponent1."""
    table = tables(namespace, {
        "FamilyName": Row("family_name", read_text),
        "MiddleName": Row("middle_name", read_text),
        "GivenName": Row("given_name", read_text),
        "Ident": Row("ident", read_ident, many=True),
        "TeleCom": Row("telephone", read_telephone, many=True),
    })

    def read_person(node: etree._Element, notes: Notes) -> _P:
        found = read_fields(node, table, notes)
        national_ids = [ident.id for ident in found.pop("ident", ()) if _is_national(ident)]
        if len(national_ids) > 1:
            raise too_many(_second_national(node))
        national_id = NationalId(national_ids[0]) if national_ids else None
        return kind(**{**found, "telephone": found.get("telephone", (None,))[0]}, national_id=national_id)

    return read_person


def _second_national(person: etree._Element) -> etree._Element:
    idents = (child for child in person if child.tag in _IDENT and _is_national(read_ident(child, set())))
    return next(islice(idents, 1, None))


def _is_national(ident: Ident | None) -> bool:
    return ident is not None and ident.type_id.v in _NATIONAL_IDS


def healthcare_professional_in(namespace: str) -> Callable[[etree._Element, Notes], HealthcareProfessional]:
    """A reader of HealthcareProfessional, whose children are the same in MsgHead, Dialogmelding and felleskomponent1."""
    table = tables(namespace, {
        "FamilyName": Row("family_name", read_text),
        "MiddleName": Row("middle_name", read_text),
        "GivenName": Row("given_name", read_text),
        "Ident": Row("ident", read_ident, many=True),
        "TypeHealthcareProfessional": Row("type_healthcare_professional", read_kode),
        "RoleToPatient": Row("role_to_patient", read_kode),
    })

    def read_healthcare_professional(node: etree._Element, notes: Notes) -> HealthcareProfessional:
        return HealthcareProfessional(**read_fields(node, table, notes))

    return read_healthcare_professional


def _nested(node: etree._Element, notes: Notes) -> Organisation | None:
    # Real senders write an empty Organisation beside the practitioner: it must not hide the HER-id.
    organisation = read_organisation(node, notes)
    return None if organisation == _EMPTY else organisation


def read_organisation(node: etree._Element, notes: Notes) -> Organisation:
    """An organisation with what it holds. The parser's limit on depth bounds the nesting."""
    return Organisation(**read_fields(node, _ORGANISATION, notes))


_ORGANISATION = tables(MSGHEAD, {
    "OrganisationName": Row("organisation_name", read_text),
    "Ident": Row("ident", read_ident, many=True),
    "Organisation": Row("organisation", _nested),
    "HealthcareProfessional": Row("healthcare_professional", healthcare_professional_in(MSGHEAD)),
})
_PARTY = tables(MSGHEAD, {"Organisation": Row("organisation", read_organisation)})


def read_party(node: etree._Element, notes: Notes) -> Organisation:
    """The Organisation of a Sender or Receiver; an empty one where there is none."""
    party: Organisation = read_fields(node, _PARTY, notes).get("organisation", _EMPTY)
    return party

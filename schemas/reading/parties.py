"""Organisations and practitioners, in whichever namespace a part writes them. Never decides who may send."""

from collections.abc import Callable

from lxml import etree

from schemas.documents import HealthcareProfessional, Ident, Kode, Organisation
from schemas.formats import FELLESKOMPONENT1, MSGHEAD
from schemas.reading.blocks import Notes, Row, read_fields, read_id, read_kode, read_text, tables

_EMPTY = Organisation()
_NO_KODE = Kode(None)
_ID = frozenset({f"{{{MSGHEAD}}}Id", f"{{{FELLESKOMPONENT1}}}Id"})


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

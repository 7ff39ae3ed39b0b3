"""AppRec 1.1: what became of a message of ours. Never decides which. Source: dialogue.md 4.

`Inst` with `Dept` or `HCPerson` is read as the Organisation it mirrors; a person's one-string name stands as the family name.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from schemas.documents import AppRec, HealthcareProfessional, Ident, Kode, Organisation, OriginalMsgId
from schemas.formats import APPREC
from schemas.reading.blocks import Notes, Row, missing, read_fields, read_id, read_kode, read_text, tables
from schemas.reading.times import read_gen_date

_ADDITIONAL_ID = tables(APPREC, {"Id": Row("id", read_id), "Type": Row("type_id", read_kode)})


def _additional_id(node: etree._Element, notes: Notes) -> Ident | None:
    return _ident(read_fields(node, _ADDITIONAL_ID, notes))


def _ident(found: dict[str, Any]) -> Ident | None:
    return Ident(found["id"], found.get("type_id") or Kode(None)) if "id" in found else None


_NAMED_ROWS = {
    "Name": Row("name", read_text),
    "Id": Row("id", read_id),
    "TypeId": Row("type_id", read_kode),
    "AdditionalId": Row("additional_id", _additional_id, many=True),
}
_NAMED = tables(APPREC, _NAMED_ROWS)


def _idents(found: dict[str, Any]) -> tuple[Ident, ...]:
    def every() -> Iterator[Ident]:
        if first := _ident(found):
            yield first
        yield from found.get("additional_id", ())

    return tuple(every())


def _dept(node: etree._Element, notes: Notes) -> Organisation:
    found = read_fields(node, _NAMED, notes)
    return Organisation(found.get("name"), _idents(found))


def _person(node: etree._Element, notes: Notes) -> HealthcareProfessional:
    found = read_fields(node, _NAMED, notes)
    return HealthcareProfessional(family_name=found.get("name"), ident=_idents(found))


_INST = tables(APPREC, {
    **_NAMED_ROWS,
    "Dept": Row("dept", _dept, many=True),
    "HCPerson": Row("hc_person", _person, many=True),
})


def _inst(node: etree._Element, notes: Notes) -> Organisation:
    found = read_fields(node, _INST, notes)
    dept, hc_person = found.get("dept", (None,))[0], found.get("hc_person", (None,))[0]
    return Organisation(found.get("name"), _idents(found), dept, hc_person)


def _hc_prof(node: etree._Element, notes: Notes) -> Organisation:
    return Organisation(healthcare_professional=_person(node, notes))


_HCP = tables(APPREC, {"Inst": Row("party", _inst), "HCProf": Row("party", _hc_prof)})


def _hcp(node: etree._Element, notes: Notes) -> Organisation | None:
    party: Organisation | None = read_fields(node, _HCP, notes).get("party")
    return party


_PARTY = tables(APPREC, {"HCP": Row("party", _hcp)})


def _party(node: etree._Element, notes: Notes) -> Organisation:
    return read_fields(node, _PARTY, notes).get("party") or Organisation()


_ORIGINAL_MSG_ID = tables(APPREC, {
    "MsgType": Row("msg_type", read_kode),
    "IssueDate": Row("issue_date_text", read_text),
    "Id": Row("id", read_id),
})


def _original_msg_id(node: etree._Element, notes: Notes) -> OriginalMsgId:
    found = read_fields(node, _ORIGINAL_MSG_ID, notes)
    if "id" not in found:
        raise missing(node, "Id")
    return OriginalMsgId(**found)


_APPREC = tables(APPREC, {
    "GenDate": Row("gen_date", read_gen_date),
    "Id": Row("id", read_id),
    "Sender": Row("sender", _party),
    "Receiver": Row("receiver", _party),
    "Status": Row("status", read_kode),
    "Error": Row("error", read_kode, many=True),
    "OriginalMsgId": Row("original_msg_id", _original_msg_id),
})


def read_apprec(root: etree._Element) -> AppRec:
    """The receipt of a valid tree. Raises `Fault`: MISSING for an empty id, SCHEMA for a time or id that cannot be held."""
    found = read_fields(root, _APPREC, set())
    if "id" not in found:
        raise missing(root, "Id")
    gen_date, _ = found.pop("gen_date")
    return AppRec(gen_date=gen_date, error=found.pop("error", ()), **found)

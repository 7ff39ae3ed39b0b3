"""AppRec 1.1 to XML: one function per block, in the order of the schema. Source: dialogue.md 4, AppRec-v1.1.

Never decides whether a message is accepted, never answers an AppRec, and never adds anything that the receipt does not say.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from contracts.failures import Failure
from schemas.documents import AppRec, HealthcareProfessional, Ident, Kode, MsgInfo, Organisation, OriginalMsgId
from schemas.formats import APPREC
from schemas.kodeverk.feilmelding_8221 import OID, Feilmelding8221
from schemas.kodeverk.status_8258 import Status8258
from schemas.writing.blocks import DECLARATION, cs, cv, text

_MIG_VERSION = "v1.1 2012-02-15"
_PRIMARY_RECEIVER = Kode("PRIM", dn="Primærmottaker")
_ORIGINAL_SENDER = Kode("AVS", dn="Avsender")


def receipt_for(msg_info: MsgInfo, *, receipt_id: str, at: datetime, errors: tuple[Kode, ...] = ()) -> AppRec:
    """The receipt of a message: positive without errors, else rejected. `receipt_id` is a UUID, `at` is aware."""
    status = Status8258.AVVIST if errors else Status8258.OK
    return AppRec(
        gen_date=at,
        id=receipt_id,
        sender=mirrored(msg_info.receiver),
        receiver=mirrored(msg_info.sender),
        status=Kode(status.value, dn=status.tekst),
        error=errors,
        original_msg_id=OriginalMsgId(_plain(msg_info.type), msg_info.gen_date_text, msg_info.msg_id),
    )


def error_for(failure: Failure) -> Kode:
    """The `Error` of a failure that is answered by an AppRec: the 8221 code, its official text, and place and hint in `OT`.

    ValueError for a failure that is a transport error.
    """
    feil = Feilmelding8221(failure.code)
    return Kode(feil.value, OID, feil.tekst, " ".join(_reason(failure)))


@lru_cache(maxsize=4096)
def mirrored(party: Organisation) -> Organisation:
    """The party as an AppRec can say it: `Inst` with a `Dept` and an `HCPerson`, a person's name in one string (APPREC-USE 6.1)."""
    below = party.organisation
    person = party.healthcare_professional or (below.healthcare_professional if below else None)
    return Organisation(
        party.organisation_name,
        _plain_idents(party.ident),
        Organisation(below.organisation_name, _plain_idents(below.ident)) if below else None,
        HealthcareProfessional(family_name=person.whole_name, ident=_plain_idents(person.ident)) if person else None,
    )


def write_apprec(receipt: AppRec) -> bytes:
    """The receipt as UTF-8 XML. A character that XML cannot hold becomes U+FFFD."""
    blocks = (
        DECLARATION,
        f'<AppRec xmlns="{APPREC}">',
        '<MsgType V="APPREC" DN="Applikasjonskvittering"/>',
        text("MIGversion", _MIG_VERSION),
        text("GenDate", receipt.gen_date.isoformat()),
        text("Id", receipt.id),
        _party("Sender", _PRIMARY_RECEIVER, receipt.sender),
        _party("Receiver", _ORIGINAL_SENDER, receipt.receiver),
        cs("Status", receipt.status),
        *(cv("Error", error) for error in receipt.error),
        _original_msg_id(receipt.original_msg_id),
        "</AppRec>",
    )
    return "".join(blocks).encode()


def _party(name: str, role: Kode, party: Organisation) -> str:
    return f"<{name}>{cs('Role', role)}<HCP>{_inst(party)}</HCP></{name}>"


@lru_cache(maxsize=4096)
def _inst(party: Organisation) -> str:
    # The same parties write to each other all day: their block is looked up, not written anew.
    first, additional = _idents(party.ident)
    dept = _dept(party.organisation) if party.organisation else ""
    person = _hc_person(party.healthcare_professional) if party.healthcare_professional else ""
    # Dept stands between the first id and the additional ones: the schema's order, not a slip.
    return f"<Inst>{text('Name', party.organisation_name)}{first}{dept}{additional}{person}</Inst>"


def _dept(dept: Organisation) -> str:
    return f"<Dept>{text('Name', dept.organisation_name)}{''.join(_idents(dept.ident))}</Dept>"


def _hc_person(person: HealthcareProfessional) -> str:
    return f"<HCPerson>{text('Name', person.whole_name)}{''.join(_idents(person.ident))}</HCPerson>"


def _idents(idents: tuple[Ident, ...]) -> tuple[str, str]:
    if not idents:
        return "", ""
    first, *others = idents
    additional = (f"<AdditionalId>{text('Id', other.id)}{cs('Type', other.type_id)}</AdditionalId>" for other in others)
    return text("Id", first.id) + cs("TypeId", first.type_id), "".join(additional)


def _original_msg_id(original: OriginalMsgId) -> str:
    blocks = (cs("MsgType", original.msg_type), text("IssueDate", original.issue_date_text), text("Id", original.id))
    return f"<OriginalMsgId>{''.join(blocks)}</OriginalMsgId>"


def _plain(kode: Kode) -> Kode:
    # AppRec writes these as CS: V and DN alone.
    return Kode(kode.v, dn=kode.dn)


def _plain_idents(idents: Iterable[Ident]) -> tuple[Ident, ...]:
    return tuple(Ident(ident.id, _plain(ident.type_id)) for ident in idents)


def _reason(failure: Failure) -> Iterable[str]:
    if failure.path:
        yield f"{failure.path}:" if failure.line is None else f"{failure.path} ({failure.line}):"
    yield failure.hint.nb
    yield "/"
    yield failure.hint.en

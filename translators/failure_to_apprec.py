"""From an outcome to the AppRec that tells it: positive, or negative with the code of 8221 and where to look (dialogue.md 4)."""

from schemas.apprec_writer import receipt_for, write_apprec
from schemas.kodeverk.feilmelding_8221 import OID, Feilmelding8221

from contracts.failures import Failure, Rule
from contracts.records import Outgoing
from contracts.topics import OUTBOX, of_vendor
from schemas.documents import Kode, MsgInfo
from translators.cloud_event import Stamp

XML = (("content-type", b"application/xml; charset=utf-8"),)


def apprec(msg_info: MsgInfo, failure: Failure | None, *, stamp: Stamp, vendor: str, key: str) -> Outgoing:
    """The one AppRec of this message: its id comes from the log's coordinates, so that doing it again is the same AppRec."""
    errors = (_error(failure),) if failure else ()
    receipt = receipt_for(msg_info, receipt_id=str(stamp.id_of("apprec")), at=stamp.at, errors=errors)
    return Outgoing(of_vendor(OUTBOX, vendor), key.encode(), write_apprec(receipt), XML)


def _error(failure: Failure) -> Kode:
    code = Feilmelding8221(failure.code)
    return Kode(v=code.value, s=OID, dn=code.tekst, ot=reason(failure))


def reason(failure: Failure) -> str:
    """The words for `OT`: rule, place and hint; never a value from the message."""
    where = " ".join(part for part in (failure.path, f"linje {failure.line}" if failure.line else None) if part)
    return f"[{Rule[failure.rule].id}] {where + ': ' if where else ''}{failure.hint.nb}"

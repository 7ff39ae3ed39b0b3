"""From an outcome to the AppRec that tells it: positive, or negative with the code of 8221 and where to look (dialogue.md 4)."""

from contracts.failures import Failure
from contracts.records import Outgoing
from contracts.topics import OUTBOX, of_vendor
from schemas.documents import MsgInfo
from schemas.writing.apprec import error_for, receipt_for, write_apprec
from translators.cloud_event import Stamp

XML = (("content-type", b"application/xml; charset=utf-8"),)


def apprec(msg_info: MsgInfo, failure: Failure | None, *, stamp: Stamp, vendor: str, key: str) -> Outgoing:
    """The one AppRec of this message: its id comes from the log's coordinates, so that doing it again is the same AppRec."""
    errors = (error_for(failure),) if failure else ()
    receipt = receipt_for(msg_info, receipt_id=stamp.id_of("apprec"), at=stamp.at, errors=errors)
    return Outgoing(of_vendor(OUTBOX, vendor), key.encode(), write_apprec(receipt), XML)

"""From an EPJ's AppRec to what became of the request: accepted or rejected. The receiver's own words (DN, OT) never travel."""

from contracts.events import Delivery
from contracts.events.delivery import DeliveryError
from contracts.records import Outgoing
from schemas.documents import AppRec
from schemas.kodeverk.feilmelding_8221 import Feilmelding8221
from schemas.kodeverk.status_8258 import Status8258
from translators.cloud_event import Stamp, cloud_event, key_of_request


def delivery(apprec: AppRec, *, stamp: Stamp) -> Outgoing:
    """One event, keyed by the MsgId that the AppRec answers."""
    accepted = apprec.status.v == Status8258.OK
    request = apprec.original_msg_id.id
    data = Delivery(request=request, at=apprec.gen_date, errors=errors_of(apprec))
    return cloud_event(data, "accepted" if accepted else "rejected", stamp=stamp, key=key_of_request(request))


def errors_of(apprec: AppRec) -> tuple[DeliveryError, ...]:
    """Why it was rejected: codes of 8221 with their official words."""
    return tuple(_error(kode.v) for kode in apprec.error)


def _error(code: str | None) -> DeliveryError:
    known = next((row for row in Feilmelding8221 if row.value == code), Feilmelding8221.X99)
    return DeliveryError(code=known.value, text=known.tekst)

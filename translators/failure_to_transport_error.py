"""From a failure to what the vendor reads on its errors topic: a condition of the AMQP profile, words in two languages, the place."""

from uuid import UUID

from contracts.events import TransportError
from contracts.events.transport_error import Description
from contracts.failures import Failure
from contracts.records import Outgoing
from contracts.topics import ERRORS, of_vendor
from translators.cloud_event import Stamp, cloud_event


def transport_error(failure: Failure, *, stamp: Stamp, vendor: str) -> Outgoing:
    """The message was not taken."""
    return _told(failure, failure.condition, what="error", stamp=stamp, vendor=vendor, index=0)


def notice(failure: Failure, *, stamp: Stamp, vendor: str, index: int = 0) -> Outgoing:
    """The message was taken, and yet there is something to mend."""
    return _told(failure, f"notice:{failure.rule_id}", what="notice", stamp=stamp, vendor=vendor, index=index)


def _told(failure: Failure, condition: str, *, what: str, stamp: Stamp, vendor: str, index: int) -> Outgoing:
    hint = failure.hint
    data = TransportError(
        condition=condition, description=Description(nb=hint.nb, en=hint.en), source=stamp.source, path=failure.path, line=failure.line,
        original_message_id=UUID(stamp.cause) if stamp.cause else None,
    )
    topic = of_vendor(ERRORS, vendor)
    return cloud_event(data, what, stamp=stamp, key=stamp.cause or stamp.source, index=index, topic=topic)

"""CloudEvents 1.0, Kafka binding, binary mode: attributes in headers, data as JSON. Ids are derived: done again, the same bytes."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.events import Event
from contracts.records import Outgoing

_IDS = uuid5(NAMESPACE_URL, "urn:epj-hub:ids").bytes
_SOURCE = b"urn:epj-hub:casework"


def derived_id(*parts: object) -> UUID:
    """uuid5 of these parts: the same parts give the same id, on every machine and every time."""
    name = "|".join(map(str, parts)).encode()
    return UUID(bytes=sha1(_IDS + name, usedforsecurity=False).digest()[:16], version=5)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where in the log we are, and what caused what leaves from here."""

    partition: int
    offset: int
    at: datetime
    """When the log appended the record; aware, UTC."""
    source: str
    """topic/partition/offset where the message came in."""
    cause: str | None
    """MsgId of the causing message, when it is a UUID."""

    def id_of(self, route: str, index: int = 0) -> UUID:
        """The id of what leaves by this route."""
        return derived_id(self.partition, self.offset, route, index)


def cloud_event(
    data: Event, what: str | None = None, *, stamp: Stamp, key: str, index: int = 0, subject: str | None = None, topic: str | None = None,
) -> Outgoing:
    """One event, ready to send. `topic` only where the family's topic stands for many (a vendor's own)."""
    ce_type = data.family.type_of(what)
    return Outgoing(
        topic or data.family.topic.name, key.encode(), data.model_dump_json(exclude_none=True).encode(),
        _headers(ce_type, stamp, index, subject),
    )


def _headers(ce_type: str, stamp: Stamp, index: int, subject: str | None) -> tuple[tuple[str, bytes], ...]:
    event_id = stamp.id_of(ce_type, index)
    trace = derived_id("trace", stamp.source).hex
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event_id).encode()),
        ("ce_source", _SOURCE),
        ("ce_type", ce_type.encode()),
        ("ce_time", stamp.at.isoformat().encode()),
        ("content-type", b"application/json"),
        ("traceparent", f"00-{trace}-{event_id.hex[:16]}-01".encode()),
        ("ce_cause", (stamp.cause or stamp.source).encode()),
    ]
    if subject:
        headers.append(("ce_subject", subject.encode()))
    return tuple(headers)

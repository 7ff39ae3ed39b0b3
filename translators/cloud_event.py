"""CloudEvents 1.0, Kafka binding, binary mode: attributes in headers, data as JSON. Ids are derived: done again, the same bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from hashlib import sha1
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import TypeAdapter

from contracts.events import Event
from contracts.records import Outgoing
from schemas.uuids import is_uuid

_IDS = uuid5(NAMESPACE_URL, "urn:epj-hub:ids").bytes
_CONSTANT = (
    ("ce_specversion", b"1.0"), ("ce_source", b"urn:epj-hub:casework"), ("content-type", b"application/json"),
)


def derived_id(*parts: object) -> UUID:
    """uuid5 of these parts: the same parts give the same id, on every machine and every time."""
    return UUID(_derived("|".join(map(str, parts))))


def _derived(name: str) -> str:
    # What uuid.uuid5 does, as text: building UUID objects only to print them is a tenth of casework's time.
    h = sha1(_IDS + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(h[16], 16) & 3]
    return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{variant}{h[17:20]}-{h[20:32]}"


def key_of_request(msg_id: str) -> str:
    """The MsgId of the request; hashed when it is none: what stands where an id should may be anything, and a key is no place for it."""
    return msg_id if is_uuid(msg_id) else _derived(f"request|{msg_id}")


def key_of_access(case: str, service: str) -> str:
    """Patient, office and service, hashed: what stands under it is the newest word on whether this citizen may use this service there."""
    return derived_id(case, service).hex


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
    nth: int = 0
    """Of what was parked and is decided with this record: which of them, from 1."""

    def id_of(self, route: str, index: int = 0) -> str:
        """The id (a UUID) of what leaves by this route."""
        place = f"{self.partition}|{self.offset}|{route}|{index}"
        return _derived(f"{place}|{self.nth}" if self.nth else place)


def cloud_event(
    data: Event, what: str | None = None, *, stamp: Stamp, key: str, index: int = 0, subject: str | None = None, topic: str | None = None,
) -> Outgoing:
    """One event, ready to send. `topic` only where the family's topic stands for many (a vendor's own)."""
    ce_type = data.family.type_of(what)
    return Outgoing(
        topic or data.family.topic.name, key.encode(), _json_writer(type(data))(data, exclude_none=True),
        _headers(ce_type, stamp, index, subject),
    )


@cache
def _json_writer(family: type[Event]) -> Callable[..., bytes]:
    # Bytes at once: a model's own `model_dump_json` makes text, which would have to be encoded.
    return TypeAdapter(family).serializer.to_json


def _headers(ce_type: str, stamp: Stamp, index: int, subject: str | None) -> tuple[tuple[str, bytes], ...]:
    event_id = stamp.id_of(ce_type, index)
    span = event_id[:8] + event_id[24:32]
    headers = (
        *_CONSTANT,
        ("ce_id", event_id.encode()),
        ("ce_type", ce_type.encode()),
        *_of_cause(stamp, span),
    )
    return (*headers, ("ce_subject", subject.encode())) if subject else headers


def _of_cause(stamp: Stamp, span: str) -> tuple[tuple[str, bytes], ...]:
    time, trace, cause = _of_stamp(stamp.at, stamp.source, stamp.cause)
    return ("ce_time", time), ("traceparent", f"00-{trace}-{span}-01".encode()), ("ce_cause", cause)


@lru_cache(maxsize=1)
def _of_stamp(at: datetime, source: str, cause: str | None) -> tuple[bytes, str, bytes]:
    # Every event of one message shares these: one message leads to six.
    return at.isoformat().encode(), _derived(f"trace|{source}").replace("-", ""), (cause or source).encode()

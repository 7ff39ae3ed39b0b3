"""How what was read travels in the log: the original bytes as the value, the entry in a header, the case as the key.

A format of our own, between our own two stations: versioned by the topic's name, promised to nobody.
"""

from typing import Final

from contracts.records import Outgoing
from contracts.topics import SEQUENCED
from hub.case.entries import KINDS, Entry
from hub.reading import Sequenced
from producers.work import Record
from schemas.wire import decoder, encode

KIND: Final = "kind"
ENTRY: Final = "entry"
_DECODERS: Final = {name.encode(): decoder(kind) for name, kind in KINDS.items()}


class NotOurs(Exception):
    """A record in the log that no version of the hub wrote."""


class KindUnknown(Exception):
    """A record in the log that says what kind it is, and this version knows no such kind: a newer one wrote it, and can decide it."""


def to_log(sequenced: Sequenced, body: bytes | None) -> Outgoing:
    """The record for the log. Nothing of the vendor's key or headers is in it."""
    entry = sequenced.entry
    kind = type(entry).__name__.lower().encode()
    return Outgoing(SEQUENCED.name, sequenced.key.encode(), body, ((KIND, kind), (ENTRY, encode(entry))))


def passed_on(case_key: str, entry: Entry) -> Outgoing:
    """The record that passes something on to a case: it leaves in casework's transaction, and so exactly once."""
    return to_log(Sequenced(case_key, entry), None)


def as_carried(sequenced: Sequenced) -> Sequenced:
    """As casework meets it: what travels in the log is dated in UTC, whatever zone it was written in."""
    entry = sequenced.entry
    carried: Entry = _DECODERS[type(entry).__name__.lower().encode()].decode(encode(entry))
    return Sequenced(sequenced.key, carried)


def kept(entry: Entry) -> bytes:
    """What was read, as memory keeps it of a message that is parked."""
    return type(entry).__name__.lower().encode() + b" " + encode(entry)


def from_kept(reading: bytes) -> Entry:
    """The same back. Fails as `from_log` does."""
    kind, _, encoded = reading.partition(b" ")
    return _decoded(kind, encoded)


def from_log(record: Record) -> Entry:
    """What was read; fields that another version added are passed over.

    Raises KindUnknown for what waits for a newer version, NotOurs for what we did not write, and msgspec.DecodeError for what nobody can
    decode.
    """
    headers = dict(record.headers)
    kind = headers.get(KIND)
    if kind is None or ENTRY not in headers:
        raise NotOurs
    return _decoded(kind, headers[ENTRY])


def _decoded(kind: bytes, encoded: bytes) -> Entry:
    decode = _DECODERS.get(kind)
    if decode is None:
        raise KindUnknown
    entry: Entry = decode.decode(encoded)
    return entry

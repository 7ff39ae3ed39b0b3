"""What crosses the two stations' borders: a record that came in, a record that goes out. No meaning, only coordinates and bytes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple


class Source(NamedTuple):
    """Where a record came from: unique for ever, and the only identity of a message whose own id cannot be read."""

    topic: str
    partition: int
    offset: int

    @property
    def topic_partition(self) -> str:
        """`topic/partition`: what orders records that belong to no case."""
        return f"{self.topic}/{self.partition}"

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


Headers = tuple[tuple[str, bytes], ...]
PORTAL: Final = "portal"
"""In a vendor's place where the portal itself has spoken: no vendor may be called so."""


@dataclass(frozen=True, slots=True)
class Received:
    """One record of an input, as reception meets it."""

    source: Source
    vendor: str
    """Whose inbox it came by; `portal` for what the portal or the register says."""
    at: datetime
    """When the broker appended it; aware, UTC."""
    body: bytes | None = field(repr=False)
    """None: the record was a tombstone."""
    key: bytes | None = field(default=None, repr=False)
    """Of a compacted input alone. A vendor's key is the vendor's and is never read."""
    headers: Headers = field(default=(), repr=False)
    """Of a command alone: what CloudEvents says of it. A vendor's headers are never read."""


class Outgoing(NamedTuple):
    """One record to deliver. `headers` are names and UTF-8 bytes; key and headers never hold a person's data."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()

    def __repr__(self) -> str:
        return f"Outgoing({self.topic})"

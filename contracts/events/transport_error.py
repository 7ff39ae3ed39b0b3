"""A message that could not be taken, or a notice: `epj.<vendor>.errors` (AMQP profile, appointments.md 11.7; conditions as there)."""

from uuid import UUID

from contracts.events.base import Event, Family
from contracts.promise import Promise
from contracts.topics import ERRORS


class Description(Promise):
    """What to do about it, in both languages."""

    nb: str
    """In Norwegian."""
    en: str
    """In English."""


class TransportError(Event):
    """Told to the vendor on its own errors topic. Never a value from the message."""

    condition: str
    """`transport:…`, `abuse:…` or, for a notice, `notice:…`."""
    description: Description
    """What to do about it, for the person who reads it."""
    original_message_id: UUID | None = None
    """MsgId, when it could be read and is a UUID."""
    source: str
    """topic/partition/offset of the record."""
    path: str | None = None
    """Place of the fault in the document, in names of our schemas."""
    line: int | None = None
    """Line of the fault in the document."""


TransportError.family = Family(
    name="transport",
    whats=("error", "notice"),
    topic=ERRORS,
    model=TransportError,
    example="Your message could not be taken: the process is not active.",
)

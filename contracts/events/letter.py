"""That a letter was written, replayed or discarded: `hub.dead-letters.v1`. Its bytes stay in the database: this may be read by all."""

from uuid import UUID

from pydantic import AwareDatetime

from contracts.events.base import Event, Family
from contracts.topics import DEAD_LETTERS


class LetterWritten(Event):
    """A message that could not be delivered, and why. No value from the message."""

    letter_id: UUID
    """Names the letter in every command and decision about it."""
    fault: str
    """`sender`, `hub` or `door`. Only a letter whose fault is the hub's can be replayed."""
    rule: str
    """Stable id of the rule that said no."""
    code: str
    """The code the sender was given: of 8221, or a transport condition."""
    path: str | None = None
    """Place of the fault in the document, in names of our schemas."""
    line: int | None = None
    """Line of the fault in the document."""
    vendor: str
    """Whose inbox it came in by."""
    service: str | None = None
    """The process, when it could be read."""
    msg_id: UUID | None = None
    """MsgId, when it could be read and is a UUID."""
    case: str | None = None
    """Pseudonym of patient and office, when both could be read."""
    source: str
    """topic/partition/offset of the original."""
    written_at: AwareDatetime
    """When the log took the message."""


LetterWritten.family = Family(
    name="letter",
    whats=("written", "replayed", "discarded"),
    topic=DEAD_LETTERS,
    model=LetterWritten,
    example="A message was set aside because of a fault of ours; an operator can replay it once the fault is mended.",
)

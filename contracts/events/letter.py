"""That a letter was written: `hub.dead-letters.v1`. The bytes stay in the database; here is only what an operator may read."""

from uuid import UUID

from pydantic import AwareDatetime

from contracts.events.base import Event, Family
from contracts.topics import DEAD_LETTERS


class LetterWritten(Event):
    """A message that could not be delivered, and why. No value from the message."""

    letter_id: UUID
    fault: str
    """`sender`, `hub` or `door`."""
    rule: str
    code: str
    path: str | None = None
    line: int | None = None
    vendor: str
    service: str | None = None
    msg_id: UUID | None = None
    case: str | None = None
    source: str
    """topic/partition/offset of the original."""
    written_at: AwareDatetime


LetterWritten.family = Family(
    name="letter",
    whats=("written", "replayed", "discarded"),
    topic=DEAD_LETTERS,
    model=LetterWritten,
    example="A message was set aside because of a fault of ours; an operator can replay it once the fault is mended.",
)

"""One line per message: `hub.journal.v1`. Ids, pseudonym, outcome and times; no person data."""

from uuid import UUID

from pydantic import AwareDatetime

from contracts.events.base import Event, Family
from contracts.topics import JOURNAL


class JournalLine(Event):
    """What became of one record of the log."""

    source: str
    """topic/partition/offset where it came in."""
    log: str
    """partition/offset of the log."""
    vendor: str
    """Whose inbox it came in by."""
    service: str | None = None
    """The process, when it could be read."""
    code: str | None = None
    """The coded action: 7601, 7602 or AppRec's status."""
    outcome: str
    """`delivered`, `duplicate`, `rejected`, `refused`, `set aside`, or `parked`: then a second line tells what became of it."""
    rule: str | None = None
    """Stable id of the rule that said no."""
    failure_code: str | None = None
    """The code the sender was given: of 8221, or a transport condition."""
    path: str | None = None
    """Place of the fault in the document, in names of our schemas."""
    line: int | None = None
    """Line of the fault in the document."""
    leniencies: tuple[str, ...] = ()
    """Stable ids of what was forgiven."""
    note: str | None = None
    """Why, in words of ours: `unchanged`, `older`, the letter it is parked behind, the type and place of our fault ..."""
    msg_id: UUID | None = None
    """MsgId, when it is a UUID."""
    answers: UUID | None = None
    """MsgId of the message it answers."""
    case: str | None = None
    """Pseudonym of patient and office, when both could be read."""
    events: int = 0
    """How many records left because of it, this line not counted."""
    received_at: AwareDatetime
    """When the broker appended it to the inbox."""
    decided_at: AwareDatetime
    """When the broker appended it to the log."""


JournalLine.family = Family(
    name="journal",
    whats=(),
    topic=JOURNAL,
    model=JournalLine,
    example="The message was delivered, with two leniencies, and gave three events.",
)

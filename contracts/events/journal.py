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
    service: str | None = None
    code: str | None = None
    """The coded action: 7601, 7602 or AppRec's status."""
    outcome: str
    rule: str | None = None
    failure_code: str | None = None
    path: str | None = None
    line: int | None = None
    leniencies: tuple[str, ...] = ()
    note: str | None = None
    """A constant of ours: `unchanged`, `older`, `replay` ..."""
    msg_id: UUID | None = None
    answers: UUID | None = None
    case: str | None = None
    events: int = 0
    received_at: AwareDatetime
    decided_at: AwareDatetime


JournalLine.family = Family(
    name="journal",
    whats=(),
    topic=JOURNAL,
    model=JournalLine,
    example="The message was delivered, with two leniencies, and gave three events.",
)

"""What the fold is given beside the case, and what it gives back."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal
from uuid import UUID

from contracts.failures import Failure, Outcome
from contracts.records import Outgoing
from hub.case.deadlines import Deadline, What
from hub.case.entries import Entry
from hub.case.state import Case
from hub.processes import Direction
from translators.cloud_event import Stamp


class Claimed(StrEnum):
    """What the claims say of a record (Idempotent Receiver)."""

    FIRST = "first"
    WRITTEN_TWICE = "written twice"
    """The same source coordinates: reception wrote it again, and nothing at all happens."""
    DUPLICATE = "duplicate"
    OTHER_CONTENT = "other content"
    """The sender used a MsgId twice, for different messages."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the log and memory say of this record."""

    stamp: Stamp
    case_key: str
    claimed: Claimed
    body: bytes = field(repr=False, default=b"")
    letter_open: bool = True
    """Of a replay or discard: the letter is there and nobody has dealt with it."""
    letter_at: "Place | None" = None
    """Of a replay or discard: what its letter holds up, if anything."""
    parked: "tuple[Parked, ...]" = ()
    """What waits in this case, in order: of a record that may end that."""
    first_fails: str | None = None
    """What follows from this record was refused: the first that is parked is not tried, and is the next letter. Our fault, by its name."""
    asked_in: str | None = None
    """Of an AppRec, or of an answer that was rejected: the case of the command that it answers; None: nothing of ours is answered."""
    of_another: bool = False
    """It answers a command that another was sent: of an AppRec another vendor, of an answer also another office or patient."""
    is_active: bool = True
    """The citizen is digitally active, or nobody asks."""


@dataclass(frozen=True, slots=True)
class Place:
    """One direction of one case."""

    case_key: str
    way: Direction


@dataclass(frozen=True, slots=True)
class Parked:
    """A message that waits behind a letter, as it is decided with the record that deals with the letter."""

    letter_id: UUID
    """What names it among the letters."""
    entry: Entry
    context: Context


@dataclass(frozen=True, slots=True)
class LetterDraft:
    """A letter to keep: why, and what identifies it."""

    letter_id: UUID
    fault: Literal["sender", "hub", "door"]
    failure: Failure
    msg_id: str | None = None
    process: str | None = None
    detail: str | None = None
    """For a fault of ours: the exception's type and our line."""
    case_key: str | None = None
    """Of which case, if of any."""
    way: Direction | None = None
    """Which way of its case it holds up, or waits in."""
    behind: UUID | None = None
    """It is parked behind this letter, and is none itself."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A request that left here: its AppRec will come back by this vendor."""

    msg_id: str
    receiver: str
    """HER-id of the party."""
    vendor: str
    of_portal: bool
    """A command's. Else it was handed on, and its AppRec is handed on too."""


Settled = tuple[str, What]
"""Command id, and what is not waited for any more."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The case after, and everything that follows from this record."""

    case: Case
    outcome: Outcome
    outgoing: list[Outgoing] = field(default_factory=list)
    letter: LetterDraft | None = None
    resolved: tuple[str, Literal["replayed", "discarded"]] | None = None
    """(letter id, `replayed` | `discarded`)."""
    sent: Dispatch | None = None
    deadlines: tuple[Deadline, ...] = ()
    """Of the command that was sent: what is waited for from now on."""
    settled: tuple[Settled, ...] = ()
    citizen: tuple[str, bool] | None = None
    """Pseudonym of a citizen, and whether they are digitally active from now on."""
    note: str | None = None
    failure: Failure | None = None
    released: "tuple[Released, ...]" = ()
    """What was parked and has had its turn with this record, in order. Only the last one may have been set aside."""

    @property
    def leaving(self) -> list[Outgoing]:
        """Everything that leaves because of this record."""
        return [*self.outgoing, *(out for each in self.released for out in each.decision.outgoing)]


@dataclass(frozen=True, slots=True)
class Released:
    """A parked message, and what was decided when its turn came."""

    parked: Parked
    decision: Decision

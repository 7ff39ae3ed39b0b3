"""What stands in the log: one record, read. The document travels beside the original bytes, so that casework never parses XML."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from contracts.failures import Failure
from contracts.records import Source
from schemas.documents import AppRec, Hodemelding, MsgInfo


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message came in, and what identifies it. Kept through a replay."""

    source: Source
    vendor: str
    received_at: datetime
    digest: bytes
    """sha256 of the bytes: the same MsgId with other content is told."""
    letter_id: str | None = None
    """Only in a replay: the letter it was set aside in."""


@dataclass(frozen=True, slots=True)
class Read:
    """A message that passed every check."""

    origin: Origin
    process: str
    element: str
    code: str
    message: Hodemelding
    sender: str
    """HER-id of the sending party, by the register: whose MsgId it is."""
    office: str
    """HER-id of the office, level 1 by the register."""
    leniencies: tuple[str, ...] = ()
    notices: tuple[Failure, ...] = ()
    """What the combination table would have refused, had it been strict."""
    hand_on_to: str | None = None
    """Vendor of the receiving party: the message goes to its outbox, byte for byte, and its receiver answers it."""
    receipted: bool = False
    """A positive AppRec is owed by us."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """An AppRec from an EPJ. It carries no patient and is never answered."""

    origin: Origin
    apprec: AppRec
    sender: str
    """HER-id of the party that answers."""
    hand_on_to: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The message is at fault and its sender can be told by an AppRec (or, where none is wanted, by a transport error)."""

    origin: Origin
    failure: Failure
    msg_info: MsgInfo
    sender: str
    process: str | None = None
    by_apprec: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused at the door: a transport error, and no claim on the MsgId."""

    origin: Origin
    failure: Failure
    process: str | None = None
    msg_id: str | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """Reading itself failed: the fault is ours. `fault` names the exception's type and our line, never its words."""

    origin: Origin
    fault: str


@dataclass(frozen=True, slots=True)
class Discard:
    """An operator's decision: this letter is not to be delivered."""

    origin: Origin
    reason: str = field(repr=False)
    """An operator's words; kept in memory, never sent."""
    msg_info: MsgInfo | None = None
    """To address the negative AppRec, where one was wanted."""


Entry = Read | Receipt | Rejected | Refused | Unread | Discard
KINDS: Final[dict[str, type[Entry]]] = {kind.__name__.lower(): kind for kind in (Read, Receipt, Rejected, Refused, Unread, Discard)}

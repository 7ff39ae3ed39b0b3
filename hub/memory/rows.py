"""What crosses the border of memory, as frozen values. No SQL, no rules.

`offset` is always the offset in the log (`hub.sequenced`) of the record that wrote the row; the partition is the lane's.
`source` is where the message itself came from. Times are aware, UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from contracts.records import Source

AtFault = Literal["sender", "hub", "door"]
ResolvedAs = Literal["replayed", "discarded", "released"]
"""`released`: it was parked, and had its turn."""
FROM_THE_START: Final = -(1 << 62)
"""Before the first offset: what has moved to another partition stands below zero."""
ClaimKey = tuple[str, str]
"""Scope and id."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A record says: this id is mine. The first one to say so has it for ever."""

    scope: str
    """Whose id it is: `msg:<HER-id of the sender>`, `apprec:...`, `command`, `due`, `passed on`, `source`, `letter`. 128 bytes at most."""
    id: str
    """At most 512 bytes."""
    source: Source
    digest: bytes = field(repr=False)
    """Of the content, so that a re-send can be told from other content under the same id."""
    offset: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has a claim. The same source at another offset: reception wrote that record twice."""

    source: Source
    digest: bytes = field(repr=False)
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class CaseVersion:
    """What is known of a case from this offset on."""

    case_key: str
    offset: int
    state: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that could not be delivered, with its bytes until it is resolved."""

    letter_id: UUID
    fault: AtFault
    rule: str
    path: str | None
    line: int | None
    vendor: str
    process: str | None
    msg_id: str | None = field(repr=False)
    """As its sender wrote it: a bad one may hold anything, also a person's number."""
    case_key: str | None
    source: Source
    offset: int
    written_at: datetime
    body: bytes | None = field(default=None, repr=False)
    """None also where letters are only listed, and once a resolution is final."""
    reading: bytes | None = field(default=None, repr=False)
    """What reception read, as it travelled; None where nothing could be read."""
    resolved: ResolvedAs | None = None
    """Answered by memory; not written from here (a `Resolution` is)."""
    behind: UUID | None = None
    """It is parked: the letter that held up its case when it came."""
    direction: str | None = None
    """Which way of its case it holds up, or waits in."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters are asked for; None: all."""

    resolved: bool | None = False
    parked: bool | None = False
    """True: only what waits behind a letter; False: only letters."""
    fault: AtFault | None = None
    vendor: str | None = None
    rule: str | None = None
    process: str | None = None
    before: datetime | None = None
    after: datetime | None = None
    """At this time or later."""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class LetterGroup:
    """Letters that the same thing went wrong with, in the same place."""

    count: int
    fault: AtFault
    rule: str
    vendor: str
    process: str | None
    path: str | None
    oldest: datetime
    newest: datetime


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of a letter. A letter is resolved once."""

    letter_id: UUID
    what: ResolvedAs
    offset: int
    at: datetime
    reason: str | None = field(default=None, repr=False)
    """An operator's words."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An XML we sent: an AppRec names no patient, and finds its case here by OriginalMsgId."""

    msg_id: str
    case_key: str
    receiver: str
    vendor: str
    offset: int
    at: datetime
    of_portal: bool = False
    """A command of the portal's; else it was handed on."""


@dataclass(frozen=True, slots=True)
class DeadlineSet:
    """Something is waited for until then."""

    command_id: str
    what: str
    case_key: str
    due_at: datetime
    offset: int


@dataclass(frozen=True, slots=True)
class DeadlineMet:
    """It is not waited for any more: it came, or its time did."""

    command_id: str
    what: str
    offset: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """A deadline that has come and was not met, as far as memory knows."""

    command_id: str
    what: str
    case_key: str
    due_at: datetime
    partition: int
    offset: int
    """Of the record of the log that set it."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """Whether a citizen is digitally active, from this offset on."""

    person: str
    active: bool
    offset: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a batch needs to know. Of equal claims in it the first one claims."""

    claims: tuple[Claim, ...] = ()
    case_keys: tuple[str, ...] = ()
    letter_ids: tuple[UUID, ...] = ()
    sent_ids: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    parked_in: tuple[str, ...] = ()
    """Cases whose parked messages may have their turn."""


@dataclass(frozen=True, slots=True)
class Known:
    """What memory answers. Every claim asked has an owner; cases, letters and sent hold only what exists."""

    owners: Mapping[ClaimKey, Owner]
    cases: Mapping[str, bytes] = field(repr=False)
    letters: Mapping[UUID, Letter]
    sent: Mapping[str, Sent]
    citizens: Mapping[str, bool] = field(default_factory=dict)
    """Of those who were spoken of."""
    parked: tuple[Letter, ...] = ()
    """What waits in the cases asked for, with its bytes, in the order in which it came."""


@dataclass(frozen=True, slots=True)
class News:
    """What a batch adds."""

    cases: tuple[CaseVersion, ...] = ()
    letters: tuple[Letter, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    sent: tuple[Sent, ...] = ()
    deadlines: tuple[DeadlineSet, ...] = ()
    met: tuple[DeadlineMet, ...] = ()
    citizens: tuple[Citizen, ...] = ()


@dataclass(frozen=True, slots=True)
class Fence:
    """The right to write for one partition of the log: the transactional producer that Kafka knows as its owner."""

    partition: int
    producer_id: int
    producer_epoch: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far memory knows that a lane has come."""

    decided_to: int
    """First offset that is not decided; where nobody told, `floor`."""
    floor: int
    """Kafka had committed at least so far when the lane was opened or pruned last: nothing below can be decided anew."""

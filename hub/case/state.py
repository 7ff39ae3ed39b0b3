"""What a case remembers. The national id travels in every message, so it rests here only while a request of the portal is open: an AppRec
and a deadline name no patient, and what they lead to must.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.events.appointment import AppointmentState
from schemas.national_id import NationalId
from translators.statements import Details, Said


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment, by whatever names it goes."""

    id: str
    """Ours: uuid5 of the case and the first external id seen."""
    names: tuple[str, ...]
    """Every `uid`, `related-to` or conversation it was called by."""
    state: AppointmentState
    revision: int
    details: Details
    stated_at: datetime | None
    """GenDate of the office's newest word; an older one never wins. None: only the citizen has spoken."""
    service: str
    told_at: datetime
    """When the log last changed it."""
    published: bool = False
    """Its status stands in the compacted topic."""


class Receipted(StrEnum):
    """What the AppRec said."""

    NOT_YET = "not yet"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Sending:
    """A request that we sent for the portal: what becomes of it is told."""

    command: str
    """The command's type."""
    code: str
    """What was asked, of 7601 or 7603."""
    service: str
    """The process."""
    receiver: str
    """HER-id of the party that was asked."""
    office: str
    is_question: bool
    """A reply is owed, exactly one."""
    receipt: Receipted = Receipted.NOT_YET
    patient: NationalId | None = None
    """While the request is open."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A request that we saw, or whose answer we saw."""

    msg_id: str
    asks: Said | None
    appointment_id: str | None
    told_at: datetime
    ended: bool = False
    booked: bool = False
    """An answer to it gave the appointment: only such a request can take it back by 06."""
    sent: Sending | None = None
    """None: somebody else sent it, or nobody has seen it."""

    @property
    def is_waiting_question(self) -> bool:
        """A reply is owed for it."""
        return self.sent is not None and self.sent.is_question and not self.ended


@dataclass(frozen=True, slots=True)
class ServiceAccess:
    """The office's newest word on whether the citizen may use a service."""

    service: str
    stated_at: datetime
    blocked: bool


@dataclass(frozen=True, slots=True)
class HeldUp:
    """One direction of the case waits for a letter to be dealt with."""

    way: str
    """A `Direction`."""
    letter: str
    """Id of the letter."""
    parked: int = 0
    """How many messages wait behind it."""


@dataclass(frozen=True, slots=True)
class Case:
    """Everything above, for one patient at one office."""

    appointments: tuple[Appointment, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    access: tuple[ServiceAccess, ...] = ()
    held_up: tuple[HeldUp, ...] = ()

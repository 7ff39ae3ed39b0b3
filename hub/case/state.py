"""What a case remembers. No person data: the national id travels in every message, so it need not rest here."""

from dataclasses import dataclass
from datetime import datetime

from contracts.events.appointment import AppointmentState
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


@dataclass(frozen=True, slots=True)
class ServiceAccess:
    """The office's newest word on whether the citizen may use a service."""

    service: str
    stated_at: datetime
    blocked: bool


@dataclass(frozen=True, slots=True)
class Case:
    """Everything above, for one patient at one office. `set_aside` names the letters that later messages will wait behind."""

    appointments: tuple[Appointment, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    access: tuple[ServiceAccess, ...] = ()
    set_aside: tuple[str, ...] = ()

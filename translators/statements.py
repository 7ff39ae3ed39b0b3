"""What a message states, freed of its XML: the words between the documents and the case. Pure data, no decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from contracts.events.reply import Reply


class Said(StrEnum):
    """What is said about one appointment (appointments.md 11.2)."""

    REQUESTED = "requested"
    CANCELLATION_REQUESTED = "cancellation-requested"
    CONFIRMED = "confirmed"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    NOT_BOOKED = "not-booked"
    CANCELLATION_REFUSED = "cancellation-refused"
    CHANGE_REFUSED = "change-refused"
    NO_SHOW = "no-show"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class With:
    """Who the appointment is with."""

    name: str | None = field(default=None, repr=False)
    hpr_number: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """When, where, with whom and what about. Two equal details are the same news."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    expected_duration: timedelta | None = None
    kinds: tuple[str, ...] = ()
    about: str | None = field(default=None, repr=False)
    description: str | None = field(default=None, repr=False)
    place: str | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)
    practitioner: With | None = None
    cancellation_reason: str | None = None
    party: str | None = None
    uid: str | None = None
    related_to: str | None = None
    home_visit: bool = False
    way_in: str | None = field(default=None, repr=False)
    """Into the video call, where the office has sent one."""

    @property
    def names(self) -> tuple[str, ...]:
        """External ids that this appointment goes by: `uid`, then `related-to` (conflict C4: either may be slot or appointment)."""
        return tuple(dict.fromkeys(name for name in (self.uid, self.related_to) if name))


@dataclass(frozen=True, slots=True)
class AboutAppointment:
    """Something is said about one appointment. Without details no time was told: only the conversation says which one."""

    said: Said
    details: Details | None


@dataclass(frozen=True, slots=True)
class RequestEnded:
    """The office cannot or will not answer this request: 26, 31, 33. With details where the answer repeats the slot."""

    details: Details | None
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Blocked:
    """The citizen has no access to this service at this office: code 30 (dialogue.md 2). It ends the request too."""

    details: Details | None
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that changes nothing here: free slots are asked for."""


@dataclass(frozen=True, slots=True)
class AskedToAnswer:
    """A communication test: the hub answers it."""


@dataclass(frozen=True, slots=True)
class Replied:
    """The answer to a question, as the reply will have it."""

    reply: type[Reply]
    asked: str
    """The code of the question that it can answer."""
    parts: Mapping[str, Any] = field(repr=False)
    """The reply's own fields."""


Statement = AboutAppointment | RequestEnded | Blocked | Asked | AskedToAnswer | Replied

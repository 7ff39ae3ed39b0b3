"""What happened to an appointment: `portal.appointments.v1`."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.events.base import Event, Family
from contracts.promise import Promise
from contracts.topics import APPOINTMENTS


class AppointmentState(StrEnum):
    """How an appointment stands; the names are ours."""

    # appointments.md 11.2

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    NOT_BOOKED = "not booked"
    CANCELLATION_REQUESTED = "cancellation requested"
    CANCELLED = "cancelled"
    NO_SHOW = "no-show"
    COMPLETED = "completed"


class Practitioner(Promise):
    """Who the appointment is with."""

    name: Annotated[str | None, Field(repr=False)] = None
    """As the office wrote it, given name first; several names with commas between."""
    hpr_number: str | None = None
    """Number in the register of health personnel."""
    role: str | None = None
    """Code of 9034."""


class Appointment(Promise):
    """One appointment as the office last told it."""

    appointment_id: UUID
    """Ours, the same for as long as the appointment is known, whatever ids the office gives it."""
    revision: Annotated[int, Field(ge=1)]
    """Rises by one with every change, never falls."""
    case: str
    """Pseudonym of patient and office."""
    patient: Annotated[str, Field(repr=False)]
    """National id."""
    office: str
    """HER-id, level 1 where it is known."""
    party: str | None = None
    """HER-id of the communication party that owns the appointment (xCal `contact`): the receiver of a cancellation."""
    state: AppointmentState
    """How it stands. A closed list: a further state is a new version of this contract."""
    service: str
    """The process it came by, by the name the register has for it."""
    starts_at: AwareDatetime | None = None
    """Start, with its offset. Absent only where no message has told a time."""
    ends_at: AwareDatetime | None = None
    """End, with its offset. With `kinds` Tidsvindu the visit takes place somewhere between start and end."""
    expected_duration: timedelta | None = None
    """How long a visit within a time window is expected to take."""
    kinds: tuple[str, ...] = ()
    """Codes of 7617; an open list: an unknown one is carried."""
    about: Annotated[str | None, Field(repr=False)] = None
    """What it is about, in the office's words; for display (xCal `summary`)."""
    description: Annotated[str | None, Field(repr=False)] = None
    """More about it, in the office's words (xCal `description`)."""
    place: Annotated[str | None, Field(repr=False)] = None
    """Where to meet, in the office's words (xCal `location`); `Videotime` for a video appointment."""
    way_in: Annotated[str | None, Field(repr=False)] = None
    """The address of the video call, where the office has sent one (xCal `url`). How to prepare stands in `description`."""
    text: Annotated[str | None, Field(repr=False)] = None
    """The office's words to the citizen in the last message."""
    practitioner: Practitioner | None = None
    """Who the appointment is with, where the office has said it."""
    cancellation_reason: str | None = None
    """Why a visit was cancelled, in the words of the closed list of the xCal profile."""
    uid: str | None = None
    """The office's id of it, as last told."""
    related_to: str | None = None
    """To be repeated in a cancellation."""  # appointments.md 10.4
    stated_at: AwareDatetime
    """GenDate of the message that told it."""


class AppointmentHappening(Event):
    """Something happened to an appointment."""

    appointment: Appointment
    """How it stands after this."""
    code: str | None = None
    """The code that told it (7601 or 7602)."""
    answers: str | None = None
    """MsgId of the request it answers."""
    merged_into: UUID | None = None
    """Only with `merged`: the appointment that this one proved to be."""


AppointmentHappening.family = Family(
    name="appointment",
    whats=(
        "requested", "confirmed", "changed", "cancelled", "not-booked", "cancellation-requested", "cancellation-refused",
        "change-refused", "no-show", "completed", "merged",
    ),
    topic=APPOINTMENTS,
    model=AppointmentHappening,
    example="The office confirmed the appointment: show it to the citizen.",
)

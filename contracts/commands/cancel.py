"""Ask an office to cancel an appointment: ART, asynchronous (appointments.md 10.4, 10.10)."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.commands.base import LONGEST_ABOUT, CitizenCommand, CommandFamily


class Cancel(CitizenCommand):
    """The appointment stands until the office has confirmed the cancellation. Its ids and times are the hub's to fill in."""

    appointment_id: UUID
    """The appointment, as `portal.appointment-status.v1` has it. `receiver` is its `party`."""
    reason: Annotated[str | None, Field(min_length=1, max_length=LONGEST_ABOUT, repr=False)] = None
    """Why, at most 50 characters."""


Cancel.family = CommandFamily("cancel", Cancel, "The citizen does not want this appointment any more.")

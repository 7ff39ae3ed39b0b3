"""How each appointment stands, compacted: `portal.appointment-status.v1`. A tombstone: the appointment proved to be another one."""

from contracts.events.appointment import Appointment
from contracts.events.base import Event, Family
from contracts.topics import APPOINTMENT_STATUS


class AppointmentStatus(Event):
    """The latest state of one appointment. The highest revision wins."""

    appointment: Appointment
    """How it stands now."""


AppointmentStatus.family = Family(
    name="appointment.status",
    whats=(),
    topic=APPOINTMENT_STATUS,
    model=AppointmentStatus,
    example="This is how the appointment stands now, whatever happened before.",
)

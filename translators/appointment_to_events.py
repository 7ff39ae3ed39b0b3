"""From how an appointment stands to the events that tell it: happening, status, notification. Never decides that it is news."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from contracts.events import AppointmentHappening, AppointmentStatus, Notification
from contracts.events.appointment import Appointment, AppointmentState, Practitioner
from contracts.records import Outgoing
from contracts.topics import APPOINTMENT_STATUS
from translators.cloud_event import Stamp, cloud_event
from translators.statements import Details, With

NEWS_WINDOW = timedelta(hours=24)
"""How long news of an appointment is worth telling."""
REMINDER_OPENS, REMINDER_CLOSES = timedelta(hours=48), timedelta(hours=24)
"""Elapsed hours before the start (appointments.md 11.10)."""


@dataclass(frozen=True)
class Standing:
    """How an appointment stands after this message, and who told it."""

    appointment_id: UUID
    revision: int
    state: AppointmentState
    details: Details
    case_key: str
    patient: str = field(repr=False)
    office: str = ""
    service: str = ""
    stated_at: datetime = field(kw_only=True)

    @cached_property
    def subject(self) -> str:
        """Its id as text."""
        return str(self.appointment_id)

    @cached_property
    def snapshot(self) -> Appointment:
        """As the contract says it: built once, told by every event of this message."""
        return _snapshot(self)


def happening(
    what: str, standing: Standing, *, stamp: Stamp, index: int, code: str | None, answers: str | None,
    merged_into: UUID | None = None,
) -> Outgoing:
    """The event on the appointments' topic."""
    data = AppointmentHappening(appointment=standing.snapshot, code=code, answers=answers, merged_into=merged_into)
    return cloud_event(data, what, stamp=stamp, key=standing.case_key, index=index, subject=standing.subject)


def status(standing: Standing, *, stamp: Stamp, index: int) -> Outgoing:
    """The compacted record: how it stands now."""
    key = standing.subject
    return cloud_event(AppointmentStatus(appointment=standing.snapshot), stamp=stamp, key=key, index=index, subject=key)


def tombstone(appointment_id: UUID) -> Outgoing:
    """The compacted record of an appointment that proved to be another one."""
    return Outgoing(APPOINTMENT_STATUS.name, str(appointment_id).encode(), None)


def notifications(kind: str | None, standing: Standing, *, stamp: Stamp, index: int) -> list[Outgoing]:
    """What the notification service is asked for: the news, and a reminder while there is time. Nothing for a home visit."""
    if kind is None or standing.details.home_visit:
        return []
    windows = [(kind, stamp.at, stamp.at + NEWS_WINDOW), *_reminder(standing, stamp.at)]
    return [
        cloud_event(_notification(standing, opens, closes), what, stamp=stamp, key=standing.case_key, index=index,
                    subject=standing.subject)
        for what, opens, closes in windows
    ]


def _reminder(standing: Standing, at: datetime) -> list[tuple[str, datetime, datetime]]:
    """24 to 48 elapsed hours before; a window partly past opens now, one wholly past not at all."""
    starts_at = standing.details.starts_at
    if standing.state is not AppointmentState.CONFIRMED or starts_at is None or at >= starts_at - REMINDER_CLOSES:
        return []
    return [("reminder", max(at, starts_at - REMINDER_OPENS), starts_at - REMINDER_CLOSES)]


def _notification(standing: Standing, opens: datetime, closes: datetime) -> Notification:
    return Notification(
        appointment_id=standing.appointment_id, revision=standing.revision, case=standing.case_key,
        deliver_from=opens, deliver_until=closes,
    )


def _snapshot(standing: Standing) -> Appointment:
    details = standing.details
    return Appointment(
        appointment_id=standing.appointment_id,
        revision=standing.revision,
        case=standing.case_key,
        patient=standing.patient,
        office=standing.office,
        party=details.party,
        state=standing.state,
        service=standing.service,
        starts_at=details.starts_at,
        ends_at=details.ends_at,
        expected_duration=details.expected_duration,
        kinds=details.kinds,
        about=details.about,
        description=details.description,
        place=details.place,
        way_in=details.way_in,
        text=details.text,
        practitioner=_practitioner(details.practitioner),
        cancellation_reason=details.cancellation_reason,
        uid=details.uid,
        related_to=details.related_to,
        stated_at=standing.stated_at,
    )


def _practitioner(who: With | None) -> Practitioner | None:
    return Practitioner(name=who.name, hpr_number=who.hpr_number, role=who.role) if who else None

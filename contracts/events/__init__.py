"""The events we promise, one module per family. `FAMILIES` is the whole list; `contracts/published/` is generated from it."""

from contracts.events.access import Access
from contracts.events.appointment import AppointmentHappening
from contracts.events.base import Event, Family
from contracts.events.delivery import Delivery
from contracts.events.journal import JournalLine
from contracts.events.letter import LetterWritten
from contracts.events.notification import Notification
from contracts.events.offered import Offered
from contracts.events.reply import Connected, FreeSlots, NoReply, PlannedVisits, Practitioners
from contracts.events.status import AppointmentStatus
from contracts.events.transport_error import TransportError

FAMILIES: tuple[Family, ...] = (
    AppointmentHappening.family,
    AppointmentStatus.family,
    Access.family,
    Offered.family,
    FreeSlots.family,
    PlannedVisits.family,
    Practitioners.family,
    Connected.family,
    NoReply.family,
    Delivery.family,
    Notification.family,
    LetterWritten.family,
    JournalLine.family,
    TransportError.family,
)

__all__ = [
    "FAMILIES",
    "Access",
    "AppointmentHappening",
    "AppointmentStatus",
    "Connected",
    "Delivery",
    "Event",
    "Family",
    "FreeSlots",
    "JournalLine",
    "LetterWritten",
    "NoReply",
    "Notification",
    "Offered",
    "PlannedVisits",
    "Practitioners",
    "TransportError",
]

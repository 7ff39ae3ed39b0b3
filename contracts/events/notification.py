"""That something happened to an appointment, never what: `notification.requests.v1`. No person data; the highest revision wins."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.events.base import Event, Family
from contracts.topics import NOTIFICATIONS


class Notification(Event):
    """Tell the citizen, once, between two moments. `cancelled` withdraws what was asked for with a lower revision."""

    appointment_id: UUID
    """The appointment; the portal shows what there is to know of it."""
    revision: Annotated[int, Field(ge=1)]
    """The appointment's. What was asked for with a lower one is not to be told any more."""
    case: str
    """Pseudonym of patient and office."""
    deliver_from: AwareDatetime
    """Not before this moment."""
    deliver_until: AwareDatetime
    """Not after this moment: it is no news any more."""


Notification.family = Family(
    name="notification",
    whats=("new", "changed", "cancelled", "refused", "reminder"),
    topic=NOTIFICATIONS,
    model=Notification,
    example="Tell the citizen that there is something new about an appointment; what it is stands in the portal.",
)

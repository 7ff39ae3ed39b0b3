"""What became of a request that was sent to an EPJ: `portal.deliveries.v1`."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from contracts.events.base import Event, Family, Promise
from contracts.topics import DELIVERIES


class DeliveryError(Promise):
    """One error of a negative AppRec: the code of 8221 and our words for it; the receiver's own words stay in the AppRec."""

    code: str
    """Code of 8221; X99 for one that is not in the list."""
    text: str
    """The official text of the code."""


class Delivery(Event):
    """A receipt came, or the request was refused in business terms."""

    request: str
    """MsgId of the request."""
    at: AwareDatetime
    """GenDate of the message that told it."""
    errors: tuple[DeliveryError, ...] = ()
    """With `rejected`: why, one or more. Else empty."""
    code: str | None = None
    """With `refused`: the code of 7602 (26, 31, 33)."""
    service: str | None = None
    """With `refused`: the process of the request."""
    text: Annotated[str | None, Field(repr=False)] = None
    """With `refused`: the office's words to the citizen."""


Delivery.family = Family(
    name="delivery",
    whats=("accepted", "rejected", "refused"),
    topic=DELIVERIES,
    model=Delivery,
    example="The EPJ has accepted the request: the responsibility is the office's now.",
)

"""What became of a command, or of a request that was handed on: `portal.deliveries.v1`."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from contracts.events.base import Event, Family
from contracts.promise import Promise
from contracts.refusals import Reason
from contracts.topics import DELIVERIES


class DeliveryError(Promise):
    """One error of a negative AppRec: the code of 8221 and our words for it; the receiver's own words stay in the AppRec."""

    code: str
    """Code of 8221; X99 for one that is not in the list."""
    text: str
    """The official text of the code."""


class Delivery(Event):
    """One step of a command's story: sent or not, receipted or overdue, answered or not. It never leads to sending it again."""

    request: str
    """MsgId of the request: the command's id; where none could be read, where the command lies: topic/partition/offset."""
    at: AwareDatetime
    """GenDate of the message that told it; where none did, when the hub's log took what told it."""
    errors: tuple[DeliveryError, ...] = ()
    """With `rejected`: why, one or more. Else empty."""
    code: str | None = None
    """With `refused` and `answered`: the code of 7602."""
    service: str | None = None
    """The process of the request, where it is known."""
    text: Annotated[str | None, Field(repr=False)] = None
    """With `refused`: the office's words to the citizen."""
    command: str | None = None
    """The command's type, where it is one of ours."""
    reason: Reason | None = None
    """With `not-sent`: why, in words for the citizen."""
    path: str | None = None
    """With `not-sent`: the place of the fault in the command, such as `/slot/starts_at`, in names of the contract."""
    source: str | None = None
    """With `not-sent`: where the command lies, as topic/partition/offset."""


Delivery.family = Family(
    name="delivery",
    whats=("sent", "not-sent", "accepted", "rejected", "overdue", "answered", "unanswered", "refused"),
    topic=DELIVERIES,
    model=Delivery,
    example="The EPJ has accepted the request: the responsibility is the office's now.",
)

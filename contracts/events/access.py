"""Whether a citizen may use a service at an office: `portal.access.v1`, compacted (dialogue.md 2, "code 30")."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from contracts.events.base import Event, Family
from contracts.topics import ACCESS


class Access(Event):
    """Blocked or open. No message ever lifts a block, so a subscriber may let the citizen ask again."""

    case: str
    """Pseudonym of patient and office."""
    patient: Annotated[str, Field(repr=False)]
    """National id."""
    office: str
    """HER-id, level 1 where it is known."""
    service: str
    """The process that is blocked or open, by the name the register has for it."""
    blocked: bool
    """True: the office does not take this service's messages from the citizen. False: it has answered again."""
    since: AwareDatetime
    """GenDate of the message that told it."""
    ask_again_after: AwareDatetime | None = None
    """Only when blocked: from here on an attempt may be made again."""
    text: Annotated[str | None, Field(repr=False)] = None
    """The office's words, if it sent any."""
    answers: str | None = None
    """MsgId of the request that was refused."""


Access.family = Family(
    name="access",
    whats=("blocked", "opened"),
    topic=ACCESS,
    model=Access,
    example="The office has blocked the citizen from this service (code 30).",
)

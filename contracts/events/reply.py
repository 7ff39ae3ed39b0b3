"""The reply to a question, or that there is none: `portal.replies.v1`. Exactly one for every question, under the command's id."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.events.appointment import Practitioner
from contracts.events.base import Event, Family
from contracts.promise import Promise
from contracts.refusals import Reason
from contracts.topics import REPLIES


class Slot(Promise):
    """A free slot, as the office exposes it."""

    uid: str
    """The office's id of it, to be repeated when it is booked."""
    party: str | None = None
    """HER-id of the communication party whose slot it is: the receiver of a booking."""
    starts_at: AwareDatetime
    """Start, with its offset."""
    ends_at: AwareDatetime | None = None
    """End, with its offset."""
    kinds: tuple[str, ...] = ()
    """Codes of 7617; an open list: an unknown one is carried. None: an ordinary consultation."""
    must_call: bool = False
    """It cannot be booked here: the citizen has to phone."""
    available_at: AwareDatetime | None = None
    """From when on it can be booked; until then it is shown and cannot be chosen."""
    about: Annotated[str | None, Field(repr=False)] = None
    """What it is about, in the office's words (xCal `summary`)."""
    description: Annotated[str | None, Field(repr=False)] = None
    """More about it, in the office's words; for a video appointment how to prepare."""
    place: Annotated[str | None, Field(repr=False)] = None
    """Where to meet, in the office's words; `Videotime` for a video appointment."""
    practitioner: Practitioner | None = None
    """Whose slot it is, where the office has said it."""


class Recurrence(Promise):
    """How a planned visit comes again."""

    freq: str
    """`DAILY` or `WEEKLY`."""
    count: int | None = None
    """How often; absent: without end."""
    interval: str | None = None
    """Every so many days or weeks."""
    byday: tuple[str, ...] = ()
    """Days of the week: MO, TU, WE, TH, FR, SA, SU."""
    exceptions: tuple[AwareDatetime, ...] = ()
    """Starts that do not take place."""


class PlannedVisit(Promise):
    """A visit that a service has planned, confirmed or cancelled."""

    uid: str | None = None
    """The service's id of it."""
    party: str | None = None
    """HER-id of the communication party."""
    starts_at: AwareDatetime
    """Start of the first one, with its offset."""
    ends_at: AwareDatetime | None = None
    """End of the first one, with its offset. With `kinds` Tidsvindu the visit takes place somewhere between start and end."""
    expected_duration: timedelta | None = None
    """How long a visit within a time window is expected to take."""
    kinds: tuple[str, ...] = ()
    """Codes of 7617; an open list."""
    status: str | None = None
    """`TENTATIVE` planned, `CONFIRMED`, `CANCELLED`; as the service wrote it."""
    cancellation_reason: str | None = None
    """With `CANCELLED`: why, in the words of the closed list of the xCal profile."""
    about: Annotated[str | None, Field(repr=False)] = None
    """The service's name, or what it is about."""
    description: Annotated[str | None, Field(repr=False)] = None
    """More about it."""
    place: Annotated[str | None, Field(repr=False)] = None
    """Where, in the service's words."""
    staff: Annotated[tuple[str, ...], Field(repr=False)] = ()
    """Names of those who come, where they are known."""
    organiser: Annotated[str | None, Field(repr=False)] = None
    """The responsible organisation."""
    contact_id: str | None = None
    """Id of the helsekontakt that the visit belongs to (`TjenesteId`)."""
    recurrence: Recurrence | None = None
    """How it comes again; absent: once."""


class ListedPractitioner(Promise):
    """A practitioner the citizen may choose."""

    name: Annotated[str | None, Field(repr=False)] = None
    """Given name first."""
    family_name: Annotated[str | None, Field(repr=False)] = None
    """Family name, to be repeated in a booking."""
    given_name: Annotated[str | None, Field(repr=False)] = None
    """Given name, to be repeated in a booking."""
    hpr_number: str | None = None
    """Number in the register of health personnel."""
    her_id: str | None = None
    """HER-id, where the practitioner is a communication party."""
    role: str | None = None
    """Code of 9034: 6 the GP, 15 a substitute for the GP ..."""
    profession: str | None = None
    """Code of 9060: LE, SP ..."""
    remark: Annotated[str | None, Field(repr=False)] = None
    """The office's words, for example until when the substitute is there."""


class Reply(Event):
    """What every reply says."""

    command: UUID
    """Id of the command."""
    receiver: str
    """HER-id of the party that was asked."""
    at: AwareDatetime
    """When it was decided: the log's time of the answer, the deadline or the refusal."""


class FreeSlots(Reply):
    """The free slots; none is a reply too (code 04)."""

    slots: tuple[Slot, ...] = ()
    """In the order of the office."""
    practitioners: tuple[ListedPractitioner, ...] = ()
    """Other practitioners whose slots are among them."""
    text: Annotated[str | None, Field(repr=False)] = None
    """The office's words to the citizen, if it sent any."""


class PlannedVisits(Reply):
    """The planned visits; none is a reply too (code 02)."""

    visits: tuple[PlannedVisit, ...] = ()
    """In the order of the service."""
    text: Annotated[str | None, Field(repr=False)] = None
    """The service's words to the citizen, if it sent any."""


class Practitioners(Reply):
    """The practitioners; none is a reply too (code 21)."""

    practitioners: tuple[ListedPractitioner, ...] = ()
    """In the order of the office."""
    text: Annotated[str | None, Field(repr=False)] = None
    """The office's words to the citizen, if it sent any."""


class Connected(Reply):
    """The office's EPJ has answered a communication test."""


class NoReply(Reply):
    """There is no answer, and there will be none under this command."""

    code: str | None = None
    """With `refused`: the code of 7602 (26, 30, 31, 33)."""
    text: Annotated[str | None, Field(repr=False)] = None
    """With `refused`: the office's words to the citizen."""
    reason: Reason | None = None
    """With `not-sent`: why."""


FreeSlots.family = Family(
    name="reply.free-slots", whats=(), topic=REPLIES, model=FreeSlots, example="These are the slots that the office exposes.",
)
PlannedVisits.family = Family(
    name="reply.planned-visits", whats=(), topic=REPLIES, model=PlannedVisits, example="These are the visits that home care has planned.",
)
Practitioners.family = Family(
    name="reply.practitioners", whats=(), topic=REPLIES, model=Practitioners, example="The citizen can choose among these.",
)
Connected.family = Family(
    name="reply.connected", whats=(), topic=REPLIES, model=Connected, example="The office's EPJ answers.",
)
NoReply.family = Family(
    name="reply.none", whats=("timed-out", "refused", "broken", "not-sent"), topic=REPLIES, model=NoReply,
    example="The office did not answer in time: offer the citizen to try again or to phone.",
)

"""Ask an office for one of its free slots: RT, asynchronous (appointments.md 10.3)."""

from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from contracts.commands.base import LONGEST_ABOUT, CitizenCommand, CommandFamily, WantedPractitioner
from contracts.party import HerId
from contracts.promise import Promise

LONGEST_FORM_ANSWERS: Final = 1000
"""Characters of a form's answers (services.md 2)."""


class WantedSlot(Promise):
    """The slot as the reply had it, and all of it that decides whether it can be booked."""

    uid: Annotated[str, Field(min_length=1, max_length=200)]
    """The office's id of the slot."""
    party: HerId | None = None
    """HER-id of the communication party whose slot it is (xCal `contact`); absent where the reply had none: the receiver's."""
    starts_at: AwareDatetime
    """Start."""
    ends_at: AwareDatetime | None = None
    """End; absent where the reply had none."""
    kinds: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = ()
    """Codes of 7617, as the reply had them."""
    must_call: bool = False
    """As the reply had it: such a slot is refused."""
    available_at: AwareDatetime | None = None
    """As the reply had it: before this moment the slot is refused."""


class Book(CitizenCommand):
    """A request: nothing is assigned before the office confirms it."""

    slot: WantedSlot
    """The slot that is wanted."""
    about: Annotated[str | None, Field(min_length=1, max_length=LONGEST_ABOUT, repr=False)] = None
    """What it is about, at most 50 characters; it will be journalled."""
    accepts_other_practitioner: bool = False
    """The citizen accepts an appointment with somebody else."""
    practitioner: WantedPractitioner | None = None
    """Whom the citizen wants; only where the office's practitioners were asked for first."""
    form_answers: Annotated[str | None, Field(min_length=1, max_length=LONGEST_FORM_ANSWERS, repr=False)] = None
    """Answers of the form that the office has chosen, as text of at most 1000 characters."""


Book.family = CommandFamily("book", Book, "The citizen asks for this slot.")

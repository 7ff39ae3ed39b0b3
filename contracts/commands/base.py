"""What every command has in common: whom it asks, about whom, who acts for them, and by when a question wants its reply."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import AwareDatetime, Field

from contracts.party import HerId
from contracts.promise import Promise
from contracts.topics import COMMANDS, Topic

Name = Annotated[str, Field(min_length=1, max_length=100, repr=False)]
LONGEST_ABOUT: Final = 50
"""Characters of what an appointment is about (services.md 1)."""
ANSWERED_WITHIN: Final = timedelta(seconds=15)
"""How long an office has to answer a question, whatever later moment the command names (appointments.md 11.6)."""


class Person(Promise):
    """A citizen, as the portal knows them."""

    national_id: Annotated[str, Field(pattern=r"^[0-9]{11}$", repr=False)]
    """FNR or D-number."""
    family_name: Name
    """Family name."""
    given_name: Name
    """Given name."""
    middle_name: Annotated[str | None, Field(min_length=1, max_length=100, repr=False)] = None
    """Middle name, if any."""
    telephone: Annotated[str | None, Field(pattern=r"^\+?[0-9]{4,15}$", repr=False)] = None
    """The number to be reached at: digits, after a + where the country is said."""


class Relation(StrEnum):
    """By what right somebody acts for the patient: code of 7611."""

    FO = "FO"
    VE = "VE"
    FU = "FU"
    TD = "TD"


class Representative(Promise):
    """Who acts for the patient. The portal has made sure that they may."""

    person: Person
    """The person who acts."""
    relation: Relation
    """FO parental responsibility, VE guardianship, FU power of attorney, TD assigned power of attorney."""


class WantedPractitioner(Promise):
    """The practitioner the citizen wants, as the office's list of practitioners had them."""

    hpr_number: Annotated[str, Field(pattern=r"^[0-9]{1,9}$")]
    """Number in the register of health personnel."""
    family_name: Name
    """Family name."""
    given_name: Name
    """Given name."""


class Command(Promise):
    """The data of a command."""

    family: ClassVar["CommandFamily"]

    receiver: HerId
    """HER-id of the communication party that is asked, as `portal.services.v1` has it."""


class CitizenCommand(Command):
    """A command about a citizen."""

    patient: Person
    """Whom it is about."""
    representative: Representative | None = None
    """Who acts for the patient. Absent: the patient."""


class Question(Promise):
    """A command that wants a reply at once: exactly one comes on `portal.replies.v1`, at the deadline at the latest."""

    deadline: AwareDatetime
    """Until when the reply is wanted. An office has 15 seconds at the most, counted from when the command stood on its topic."""


@dataclass(frozen=True, slots=True)
class CommandFamily:
    """One kind of command: its type on the wire (`portal.command.<name>.v<version>`) and its model."""

    name: str
    model: type[Command]
    example: str
    """What the portal asks with it, in one sentence."""
    topic: Topic = COMMANDS
    version: int = 1

    @property
    def type(self) -> str:
        """The CloudEvents type."""
        return f"portal.command.{self.name}.v{self.version}"

    @property
    def is_question(self) -> bool:
        """It wants a reply within its deadline, and no AppRec."""
        return issubclass(self.model, Question)

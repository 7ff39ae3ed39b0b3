"""One communication party of the register: the value of a record on `hub.parties.v1`. The key is its HER-id; a tombstone takes it away.

It follows the CPP model (dialogue.md 7): a party (level 2) belongs to an organisation (level 1) and publishes the processes, versions and
roles it supports. Which process names there are, table 4 says; this says only their shape.
"""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from contracts.promise import Promise

HER_ID: Final = r"^[0-9]{1,12}$"
HerId = Annotated[str, Field(pattern=HER_ID)]
Role = Literal["Innbygger", "Helsepersonell"]
Flag = Literal["Timebestilling", "Timereservasjon", "Ressursoversikt"]
RESOURCE_FLAGS: Final[frozenset[str]] = frozenset({"Timebestilling", "Timereservasjon", "Ressursoversikt"})
"""All three are needed before a resource calendar can be booked (services.md 2)."""


class ActiveProcess(Promise):
    """A process that a party has active, in a version."""

    process: str
    """By the name of table 4."""
    version: Annotated[str, Field(pattern=r"^[0-9]{1,3}\.[0-9]{1,3}$")]
    """Such as 1.2."""
    roles: tuple[Role, ...] = ("Helsepersonell",)
    """The part it plays: an office's is Helsepersonell."""


class ResourceCalendar(Promise):
    """A calendar of a municipal service that is not a practitioner's."""

    kind: str
    """Code of 7617: Koronatest, Koronavaksine, Lab or Vaksine; an open list."""
    name: str
    """As it is shown."""
    place: str | None = None
    """Where, by name."""
    address: str | None = None
    """Where, in one line."""


class PartyPerson(Promise):
    """The practitioner that this party is."""

    family_name: Annotated[str, Field(repr=False)]
    """Family name."""
    given_name: Annotated[str, Field(repr=False)]
    """Given name."""


class Party(Promise):
    """One communication party."""

    her_id: HerId
    """HER-id, level 2."""
    level_1: HerId
    """HER-id of the organisation it belongs to."""
    name: Annotated[str, Field(min_length=1)]
    """Its name."""
    level_1_name: str | None = None
    """The organisation's name; absent: the party's."""
    person: PartyPerson | None = None
    """Only where the party is a practitioner."""
    address: str | None = None
    """Where it is, in one line."""
    vendor: Annotated[str | None, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")] = None
    """Whose topics carry its messages. None: no vendor's here; of a portal's own party it is always so."""
    processes: tuple[ActiveProcess, ...] = ()
    """What it has active."""
    flags: tuple[Flag, ...] = ()
    """What the register says of booking in resource calendars."""
    calendars: tuple[ResourceCalendar, ...] = ()
    """Its resource calendars."""
    valid_from: date | None = None
    """Not before this day."""
    valid_until: date | None = None
    """Not after this day."""

    def is_valid(self, day: date) -> bool:
        """It can be reached on this day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_until is None or day <= self.valid_until)

    @property
    def books_resources(self) -> bool:
        """All three flags are set."""
        return RESOURCE_FLAGS.issubset(self.flags)

"""What each party offers: `portal.services.v1`, compacted. A tombstone: the party is not in the register any more."""

from datetime import date

from contracts.events.base import Event, Family
from contracts.party import ResourceCalendar
from contracts.promise import Promise
from contracts.topics import SERVICES


class OfferedProcess(Promise):
    """A process that the party has active, in the newest version that both sides know."""

    process: str
    """Its name in the register."""
    version: str
    """The version that is used."""
    commands: tuple[str, ...] = ()
    """Commands that can be sent by it, by the names of `portal.commands.v1`."""
    representation: bool = False
    """Somebody may act for the patient."""


class Offered(Event):
    """What a citizen can be offered at this party."""

    party: str
    """HER-id, level 2: the `receiver` of commands."""
    name: str
    """The party's name."""
    level_1: str
    """HER-id of the organisation it belongs to."""
    level_1_name: str | None = None
    """The organisation's name."""
    address: str | None = None
    """Where it is, in one line."""
    reachable: bool
    """Commands can be sent to it from here."""
    processes: tuple[OfferedProcess, ...] = ()
    """What is active."""
    books_resources: bool = False
    """All three flags that a resource calendar needs are set: Timebestilling, Timereservasjon and Ressursoversikt."""
    calendars: tuple[ResourceCalendar, ...] = ()
    """Its resource calendars. They can be booked only where `books_resources` is true."""
    valid_from: date | None = None
    """Not before this day."""
    valid_until: date | None = None
    """Not after this day."""


Offered.family = Family(
    name="services", whats=(), topic=SERVICES, model=Offered,
    example="This office takes bookings and cancellations, also from a representative.",
)

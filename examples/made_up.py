"""What is made up: the parties of the demo, persons whom nobody is, times in an office's book. Every number of a person has month +80.

The same run and name give the same id: another run is another set of persons and appointments.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Final
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

OSLO: Final = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True, slots=True)
class Party:
    """A communication party and the organisation it belongs to, as they are addressed."""

    vendor: str | None
    """Whose topics carry its messages; None: the portal's."""
    level_1: str
    name: str
    her_id: str
    unit: str


PORTAL: Final = Party(None, "8990010", "Innbyggerportalen", "8990011", "Innbyggerportalen")
FJORD: Final = Party("fjord", "8100100", "Fjordbyen legesenter", "8100101", "Fjordbyen legesenter")
VIDDE: Final = Party("vidde", "8200200", "Viddekommunen", "8200201", "Viddekommunen hjemmetjeneste")
PARTIES: Final = (PORTAL, FJORD, VIDDE)


@dataclass(frozen=True, slots=True)
class Patient:
    """A person nobody is."""

    national_id: str = field(repr=False)
    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    record: str
    """The EPJ's own number of the patient: what it keys its messages by."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """On these days of the week, so many times, but for one."""

    days: tuple[str, ...]
    """MO, TU ..."""
    times: int
    but_not: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """A time in the office's book, free or not. Norwegian local times, without a zone: as xCal has them."""

    uid: str
    starts_at: datetime
    minutes: int = 15
    about: str = field(default="Kontroll", repr=False)
    kinds: tuple[str, ...] = ()
    """Codes of 7617, and `MustCall`. None: an ordinary consultation."""
    available_at: datetime | None = None
    """From when on it can be booked."""
    preparation: str | None = field(default=None, repr=False)
    place: str | None = field(default=None, repr=False)
    """None: at the office."""
    status: str | None = None
    """Of a planned visit."""
    expected_minutes: int | None = None
    """Of a visit somewhere between start and end."""
    weekly: Weekly | None = None

    @property
    def ends_at(self) -> datetime:
        """Its end."""
        return self.starts_at + timedelta(minutes=self.minutes)


def id_of(run: str, name: str) -> str:
    """An id of this run's own."""
    return str(uuid5(NAMESPACE_URL, f"urn:example-epj:{run}:{name}"))


def patient_of(run: str, family_name: str, given_name: str) -> Patient:
    """Somebody of this name, in this run."""
    record = id_of(run, f"{given_name} {family_name}")
    return Patient(synthetic_national_id(record), family_name, given_name, record)


def at(today: date, *, days: int, hour: int) -> datetime:
    """A time in the book, some days from today."""
    return datetime.combine(today + timedelta(days=days), time(hour))


def synthetic_national_id(seed: str) -> str:
    """A number with month +80 whose control digits hold: nobody's. The same seed gives the same."""
    number = int.from_bytes(sha256(seed.encode()).digest()[:4])
    for individual in range(1000):
        nine = f"{1 + number % 28:02}{81 + number // 28 % 12:02}{number // 336 % 100:02}{(number // 33600 + individual) % 1000:03}"
        digits = [int(digit) for digit in nine]
        for weights in ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)):
            digits.append(-sum(weight * digit for weight, digit in zip(weights, digits, strict=True)) % 11)
        if 10 not in digits:
            return "".join(map(str, digits))
    raise AssertionError("every day has such a number")

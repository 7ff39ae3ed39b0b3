"""What an office says to what the portal asks: as it usually does, or as a script has it. Never writes XML: that is `writing.py`'s."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Final

from examples.made_up import Slot, Weekly, at

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Practitioner:
    """One whom a citizen may choose."""

    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    hpr_number: str
    role: str
    """Code of 9034: 6 the GP, 15 a substitute for the GP."""
    profession: str = "LE"
    """Code of 9060."""
    remark: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the office says."""

    code: str | None
    """Of 7602, or RKT; None: it takes the request and says nothing more."""
    text: str = field(default="", repr=False)
    slots: tuple[Slot, ...] = ()
    practitioners: tuple[Practitioner, ...] = ()
    names_the_time: bool = False
    """It carries the time that was asked for."""
    error: str | None = None
    """Code of 8221: the request is rejected by its AppRec, and nothing more is said."""


SILENCE: Final = Answer(None)
NO_FREE_SLOT: Final = Answer("04", "Ingen ledige timer i perioden.")
CONFIRMED: Final = Answer("05", "Velkommen.", names_the_time=True)
TAKEN: Final = Answer("06", "Timen er nettopp tatt av en annen.", names_the_time=True)
CANCELLED: Final = Answer("08", "Timen er avbestilt.", names_the_time=True)
REFUSED: Final = Answer("26", "Dette må du ringe oss om.")
BLOCKED: Final = Answer("30", "Ring oss for å bestille time.")
RESPONDS: Final = Answer("RKT", "Her er vi.")
UNKNOWN_HERE: Final = Answer(None, error="E35")


def free_slots(today: date) -> Answer:
    """One of each kind: to be booked, to be booked later, by video, and by telephone alone."""
    book = partial(at, today)
    return Answer("03", "Disse timene er ledige.", (
        Slot(f"ledig-{today}-1", book(days=5, hour=9)),
        Slot(f"ledig-{today}-2", book(days=2, hour=8), kinds=("Hastetime",), available_at=book(days=1, hour=8), about="Øyeblikkelig hjelp"),
        Slot(f"ledig-{today}-3", book(days=6, hour=14), minutes=20, kinds=("Video",), place="Videotime",
             preparation="Logg inn fem minutter før, fra et rom der du er alene."),
        Slot(f"ledig-{today}-4", book(days=7, hour=10), minutes=40, kinds=("MustCall",), about="Førerkortattest"),
    ))


def planned_visits(today: date) -> Answer:
    """One that comes every week, but for once, and one within a time window."""
    book = partial(at, today)
    first = book(days=1, hour=10)
    weekly = Weekly((_DAYS[first.weekday()],), 8, but_not=first + timedelta(weeks=2))
    return Answer("01", "Disse besøkene er planlagt.", (
        Slot(f"besok-{today}-1", first, minutes=30, about="Hjemmesykepleie", place="Hjemme hos deg", status="TENTATIVE", weekly=weekly),
        Slot(f"besok-{today}-2", book(days=3, hour=8), minutes=120, about="Sårstell", place="Hjemme hos deg", status="CONFIRMED",
             kinds=("Tidsvindu",), expected_minutes=20),
    ))


def practitioners(_today: date) -> Answer:
    """The GP and a substitute."""
    return Answer("20", "Disse kan du velge mellom.", practitioners=(
        Practitioner("Bremnes", "Kari", "5550001", role="6"),
        Practitioner("Vik", "Henrik", "5550002", role="15", remark="Vikar for Kari Bremnes ut året"),
    ))


USUAL: Final[Mapping[str, Callable[[date], Answer]]] = {
    "HLT": free_slots, "HBT": planned_visits, "HB": practitioners, "KT": lambda _today: RESPONDS,
    "RT": lambda _today: CONFIRMED, "ART": lambda _today: CANCELLED,
}
"""By the code of what is asked."""

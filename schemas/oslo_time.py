"""Times as the standards write them, made aware and written back: what has no zone is Norwegian local time (`Europe/Oslo`).

What is read carries a fixed offset, so that it equals itself after any wire. Never returns a naive time, never repeats what it could
not read. Source: xs:dateTime and xs:date (XML Schema), RFC 6321; the zone rule is ours (the standard has none).
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, auto
from functools import lru_cache
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")
EARLIEST_YEAR = 1900
"""Before this Oslo kept solar time, and a program that has no date writes year 1."""
LATEST_YEAR = 2200
"""A program that has no end writes year 9999, from which nobody can count on: a week later there is no calendar."""
LONGEST_DAYS = 9999
"""No visit lasts longer, and a longer one could not be written as days to seconds."""

_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?"
)
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_MIDNIGHT_AS_24 = re.compile(r"T24:00:00(?:\.0+)?")
_DURATION = re.compile(
    r"\+?(?:P?(?P<weeks>[0-9]{1,4})W|P(?:(?P<days>[0-9]{1,4})D)?(?P<T>T)?"
    r"(?:(?P<hours>[0-9]{1,5})H)?(?:(?P<minutes>[0-9]{1,6})M)?(?:(?P<seconds>[0-9]{1,8})S)?)"
)
_FIXED = {minutes: timezone(timedelta(minutes=minutes)) for minutes in (60, 120)}


class NotATime(ValueError):
    """No time that can be held: not xs:dateTime, a year outside 1900-2200, a duration that no visit has."""


class Zone(Enum):
    """Where a time got its zone from."""

    WRITTEN = auto()
    OSLO = auto()
    OSLO_MOVED = auto()
    """The hour does not exist in Oslo that night: it was moved forward."""


def read_time(text: str) -> tuple[datetime, Zone]:
    """An xs:dateTime as an aware time. Fractions beyond microseconds are cut. Raises `NotATime`."""
    if not _DATE_TIME.fullmatch(text):
        raise NotATime
    try:
        written = _from_iso(text)
    except (ValueError, OverflowError):
        raise NotATime from None
    if not EARLIEST_YEAR <= written.year <= LATEST_YEAR:
        raise NotATime
    return in_oslo(written) if written.tzinfo is None else (written, Zone.WRITTEN)


def read_date(text: str) -> date:
    """An xs:date; its zone, if any, means nothing for a day. Raises `NotATime`."""
    match = _DATE.fullmatch(text)
    try:
        day = date.fromisoformat(match[1] if match else "")
    except ValueError:
        raise NotATime from None
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise NotATime
    return day


def in_oslo(local: datetime) -> tuple[datetime, Zone]:
    """Local time in Oslo, aware: the ambiguous hour is the first, the missing hour moves forward."""
    first, second = _offsets(local.year, local.month, local.day, local.hour)
    if first < second:
        return (local + (second - first)).replace(tzinfo=_fixed(second)), Zone.OSLO_MOVED
    return local.replace(tzinfo=_fixed(first)), Zone.OSLO


def read_duration(text: str) -> tuple[timedelta, bool]:
    """A duration of weeks to seconds, and whether it lacked its T (`P30M` is 30 minutes). Raises `NotATime`."""
    match = _DURATION.fullmatch(text)
    if not match:
        raise NotATime
    parts = match.groupdict()
    has_t = parts.pop("T") is not None
    amounts = {unit: int(digits) for unit, digits in parts.items() if digits}
    if not amounts:
        raise NotATime
    span = timedelta(**amounts)
    if span.days > LONGEST_DAYS:
        raise NotATime
    return span, not has_t and not amounts.keys() <= {"weeks", "days"}


def write_time(moment: datetime) -> str:
    """The text that `read_time` reads as this moment: local time in Oslo, as the xCal profile has it (appointments.md 5).

    In UTC, with `Z`, where local time would be read as another moment or not at all: the second of autumn's two equal hours,
    and the last hour before the years end.
    """
    # By way of UTC: Python holds a doubtful hour of a zone to be no hour of any other.
    utc = moment.astimezone(UTC)
    local = utc.astimezone(OSLO).replace(tzinfo=None)
    if in_oslo(local)[0] == utc and local.year <= LATEST_YEAR:
        return local.isoformat()
    return f"{utc.replace(tzinfo=None).isoformat()}Z"


def write_duration(span: timedelta) -> str:
    """The duration in days to seconds, such as `PT1H30M`. Raises `NotATime` for one that `read_duration` never gives."""
    if span < timedelta() or span.microseconds or span.days > LONGEST_DAYS:
        raise NotATime
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    days, clock = _amounts((span.days, "D")), _amounts((hours, "H"), (minutes, "M"), (seconds, "S"))
    return f"P{days}T{clock}" if clock else f"P{days or 'T0M'}"


def _amounts(*amounts: tuple[int, str]) -> str:
    return "".join(f"{number}{unit}" for number, unit in amounts if number)


def _from_iso(text: str) -> datetime:
    # xs:dateTime allows 24:00:00 for the end of a day; Python does not know it before 3.13.
    if "T24" in text and (match := _MIDNIGHT_AS_24.search(text)):
        text = f"{text[: match.start()]}T00:00:00{text[match.end() :]}"
        return datetime.fromisoformat(text) + timedelta(days=1)
    return datetime.fromisoformat(text)


@lru_cache(maxsize=4096)
def _offsets(year: int, month: int, day: int, hour: int) -> tuple[timedelta, timedelta]:
    # Since 1900 Oslo has changed its clocks on the hour only, so an hour has one pair of offsets.
    local = datetime(year, month, day, hour, tzinfo=OSLO)
    return local.utcoffset() or timedelta(), local.replace(fold=1).utcoffset() or timedelta()


def _fixed(offset: timedelta) -> timezone:
    return _FIXED.get(offset.seconds // 60) or timezone(offset)

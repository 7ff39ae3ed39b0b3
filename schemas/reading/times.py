"""Times of a document, read where they stand: what cannot be held is a `Fault` with its place. Never quotes what it could not read."""

from datetime import date, datetime, timedelta
from typing import Final

from lxml import etree

from schemas.leniencies import Leniency
from schemas.oslo_time import EARLIEST_YEAR, LATEST_YEAR, NotATime, Zone, read_date, read_duration, read_time
from schemas.reading.blocks import Notes, read_text, unexpected

A_DATE: Final = f"a date of the years {EARLIEST_YEAR} to {LATEST_YEAR}"
A_TIME: Final = f"a time of the years {EARLIEST_YEAR} to {LATEST_YEAR}, such as 2026-01-15T09:00:00"
A_DURATION: Final = "a duration such as PT30M"


def read_local_time(node: etree._Element, notes: Notes) -> datetime | None:
    """A time whose zone is Oslo unless it says Z (the xCal profile)."""
    return _time(node, notes)[0]


def read_gen_date(node: etree._Element, notes: Notes) -> tuple[datetime, str] | None:
    """The envelope's time, which ought to carry a zone, and its text as written."""
    time, zone = _time(node, notes)
    if time is None:
        return None
    if zone is not Zone.WRITTEN:
        notes.add(Leniency.GEN_DATE_WITHOUT_ZONE)
    return time, (node.text or "").strip()


def read_day(node: etree._Element, notes: Notes) -> date | None:
    """An xs:date."""
    text = read_text(node, notes)
    try:
        return read_date(text) if text else None
    except NotATime:
        raise unexpected(node, A_DATE) from None


def read_span(node: etree._Element, notes: Notes) -> timedelta | None:
    """A duration; `P30M` counts as 30 minutes (appointments.md 5, IG 26)."""
    text = read_text(node, notes)
    try:
        span, without_t = read_duration(text) if text else (None, False)
    except NotATime:
        raise unexpected(node, A_DURATION) from None
    if without_t:
        notes.add(Leniency.DURATION_WITHOUT_T)
    return span


def _time(node: etree._Element, notes: Notes) -> tuple[datetime | None, Zone]:
    text = read_text(node, notes)
    try:
        time, zone = read_time(text) if text else (None, Zone.WRITTEN)
    except NotATime:
        raise unexpected(node, A_TIME) from None
    if zone is Zone.OSLO_MOVED:
        notes.add(Leniency.MISSING_HOUR)
    return time, zone

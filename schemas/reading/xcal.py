"""The xCal profile: appointments and slots. Of what lies outside it, `url` alone is read. Source: appointments.md 5, RFC 6321."""

from collections.abc import Callable
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

from lxml import etree

from schemas.documents import Recur, Vevent
from schemas.formats import XCAL
from schemas.leniencies import Leniency
from schemas.oslo_time import in_oslo
from schemas.reading.blocks import Notes, Row, read_fields, read_id, read_text, tables, unexpected
from schemas.reading.times import read_day, read_local_time, read_span

_T = TypeVar("_T")
_Reader = Callable[[etree._Element, Notes], _T | None]  # noqa: SLF001  # lxml has no public name for its element

_VEVENT, _PROPERTIES, _PARAMETERS, _DATE = (f"{{{XCAL}}}{name}" for name in ("vevent", "properties", "parameters", "date"))
_MAX_COUNT_DIGITS = 9


def _one(read: _Reader[_T]) -> _Reader[_T]:
    def read_first(node: etree._Element, notes: Notes) -> _T | None:
        for child in node[:]:  # type: ignore[index]  # the stub forgets slices
            if child.tag != _PARAMETERS:
                return read(child, notes)
        return None

    return read_first


def _every(read: _Reader[_T]) -> _Reader[tuple[_T, ...]]:
    def read_every(node: etree._Element, notes: Notes) -> tuple[_T, ...]:
        values = (read(child, notes) for child in node if child.tag != _PARAMETERS)
        return tuple(value for value in values if value is not None)

    return read_every


def _time(node: etree._Element, notes: Notes) -> datetime | None:
    if node.tag != _DATE:
        return read_local_time(node, notes)
    day = read_day(node, notes)
    return in_oslo(datetime(day.year, day.month, day.day))[0] if day else None  # noqa: DTZ001  # in_oslo gives the zone


def _contact(node: etree._Element, notes: Notes) -> str | None:
    if node.text and node.text != node.text.strip():
        notes.add(Leniency.CONTACT_WITH_BLANK)
    return read_id(node, notes)


_CN = tables(XCAL, {"cn": Row("cn", _one(read_text))})
_NAMED = tables(XCAL, {"parameters": Row("name", lambda node, notes: read_fields(node, _CN, notes).get("cn"))})


def _name(node: etree._Element, notes: Notes) -> str | None:
    name: str | None = read_fields(node, _NAMED, notes).get("name")
    return name


def _number(node: etree._Element, notes: Notes) -> int | None:
    text = read_text(node, notes)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_COUNT_DIGITS):
        raise unexpected(node, f"a number of at most {_MAX_COUNT_DIGITS} digits")
    return int(text)


def _byday(node: etree._Element, notes: Notes) -> tuple[str, ...]:
    days = (day.strip() for day in (read_text(node, notes) or "").split(","))
    return tuple(day for day in days if day)


_RECUR = tables(XCAL, {
    "freq": Row("freq", read_text),
    "count": Row("count", _number),
    "interval": Row("interval", read_text),
    "byday": Row("byday", _byday, many=True),
})


def _recur(node: etree._Element, notes: Notes) -> Recur | None:
    found = read_fields(node, _RECUR, notes)
    return Recur(**{**found, "byday": _flat(found, "byday")}) if "freq" in found else None


_VEVENT_PROPERTIES = tables(XCAL, {
    "dtstart": Row("dtstart", _one(_time)),
    "dtend": Row("dtend", _one(_time)),
    "uid": Row("uid", _one(read_id)),
    "contact": Row("contact", _one(_contact)),
    "related-to": Row("related_to", _one(read_id)),
    "categories": Row("categories", _every(read_text), many=True),
    "summary": Row("summary", _one(read_text)),
    "description": Row("description", _one(read_text)),
    "location": Row("location", _one(read_text)),
    "status": Row("status", _one(read_text)),
    "attendee": Row("attendee", _name, many=True),
    "organizer": Row("organizer", _name),
    "rrule": Row("rrule", _one(_recur)),
    "exdate": Row("exdate", _every(_time), many=True),
    "x-expected-duration": Row("x_expected_duration", _one(read_span)),
    "x-available-at": Row("x_available_at", _one(_time)),
    "x-cancellation-reason": Row("x_cancellation_reason", _one(read_text)),
    "url": Row("url", _one(read_text)),
})
_REQUIRED: dict[str, None] = dict.fromkeys(("dtstart", "dtend", "uid", "contact"))


def read_vevents(icalendar: etree._Element, notes: Notes) -> tuple[Vevent, ...]:
    """Every vevent of every vcalendar, in order. Times are aware; an end before its start is dropped and noted."""
    return tuple(_vevent(node, notes) for node in icalendar.iter(_VEVENT))


def _vevent(node: etree._Element, notes: Notes) -> Vevent:
    properties = next((child for child in node if child.tag == _PROPERTIES), node)
    found = _REQUIRED | read_fields(properties, _VEVENT_PROPERTIES, notes)
    for field in ("categories", "exdate"):
        if field in found:
            found[field] = _flat(found, field)
    if _ends_before_start(found):
        notes.add(Leniency.END_BEFORE_START)
        found["dtend"] = None
    return Vevent(**found)


def _ends_before_start(found: dict[str, Any]) -> bool:
    start, end = found["dtstart"], found["dtend"]
    return start is not None and end is not None and end < start


def _flat(found: dict[str, Any], field: str) -> tuple[Any, ...]:
    return tuple(chain.from_iterable(found.get(field, ())))

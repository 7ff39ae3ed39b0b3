"""The xCal profile: appointments and slots, in one calendar. Source: appointments.md 5, RFC 6321.

Times are local, in Oslo, as in every example of the profile. Never writes an address of staff: a document holds their names alone.
"""

from datetime import datetime, timedelta

from schemas.documents import Icalendar, Recur, Vevent
from schemas.formats import XCAL
from schemas.oslo_time import write_duration, write_time
from schemas.writing.blocks import required, text

_VERSION = "2.0"
_PRODID = "EPJ hub"


def icalendar(part: Icalendar) -> str:
    """The xCal document. Raises `NotATime` for an expected duration that no reader would take."""
    head = _value("version", _VERSION) + _value("prodid", _PRODID)
    components = "".join([_vevent(event) for event in part.vevent])
    return (
        f'<icalendar xmlns="{XCAL}"><vcalendar><properties>{head}</properties>'
        f"<components>{components}</components></vcalendar></icalendar>"
    )


def _vevent(event: Vevent) -> str:
    properties = (
        _time("dtstart", event.dtstart),
        _time("dtend", event.dtend),
        _value("uid", event.uid),
        _value("contact", event.contact),
        _value("related-to", event.related_to, kind="uri"),
        _values("categories", event.categories),
        _value("summary", event.summary),
        _value("description", event.description),
        _value("location", event.location),
        _value("status", event.status),
        *(_named("attendee", name) for name in event.attendee),
        _named("organizer", event.organizer),
        _rrule(event.rrule) if event.rrule else "",
        *(_time("exdate", moment) for moment in event.exdate),
        _duration("x-expected-duration", event.x_expected_duration),
        _time("x-available-at", event.x_available_at),
        _value("x-cancellation-reason", event.x_cancellation_reason),
        _value("url", event.url, kind="uri"),
    )
    # The inner components stand empty, and must be there.
    return f"<vevent><properties>{''.join(properties)}</properties><components/></vevent>"


def _value(name: str, value: str | None, *, kind: str = "text") -> str:
    return f"<{name}>{text(kind, value)}</{name}>" if value else ""


def _values(name: str, values: tuple[str, ...]) -> str:
    return f"<{name}>{''.join([text('text', value) for value in values])}</{name}>" if values else ""


def _time(name: str, moment: datetime | None) -> str:
    return _value(name, write_time(moment), kind="date-time") if moment else ""


def _duration(name: str, span: timedelta | None) -> str:
    return "" if span is None else _value(name, write_duration(span), kind="duration")


def _named(name: str, cn: str | None) -> str:
    return f"<{name}><parameters><cn>{text('text', cn)}</cn></parameters><cal-address/></{name}>" if cn else ""


def _rrule(rule: Recur) -> str:
    blocks = (
        required("freq", rule.freq),
        "" if rule.count is None else required("count", str(rule.count)),
        text("interval", rule.interval),
        text("byday", ",".join(rule.byday)),
    )
    return f"<rrule><recur>{''.join(blocks)}</recur></rrule>"

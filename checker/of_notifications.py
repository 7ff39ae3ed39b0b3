"""The checker's part that judges what citizens are told: each piece of news once, and nothing that is no news. Pure.

The news is read from the events. That a reminder is missing is not judged: whether one is asked for depends on how far away the time is.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from checker.facts import Facts
from contracts.topics import NOTIFICATIONS

_NEWS: Final[Mapping[str, str]] = {"confirmed": "new", "changed": "changed", "cancelled": "cancelled", "not-booked": "refused"}
"""What of an event is to be told, and as what. Everything else that happens to an appointment the citizen is not told of."""
_REMINDER: Final = "reminder"
_WORDS: Final = frozenset({
    "text", "uid", "related_to", "party", "revision", "stated_at", "case", "patient", "office", "service",
})
"""What of an appointment may change without being news."""


def notifications_wrong(facts: Facts) -> Iterator[str]:
    """Told twice, told for nothing, told as something else, or not told."""
    told = Counter(_named(record.what, record.data) for record in facts.of(NOTIFICATIONS.name))
    owed, possible = _owed(facts)
    yield from (name for name, times in told.items() if times > 1)
    yield from told.keys() - possible
    yield from owed - told.keys()


def _owed(facts: Facts) -> tuple[set[str], set[str]]:
    """What must be told, and what may be."""
    before: dict[str, dict[str, Any]] = {}
    owed, possible = set[str](), set[str]()
    for event in facts.events:
        now = event.data["appointment"]
        if (kind := _NEWS.get(event.what)) and _is_news(before.get(now["appointment_id"]), now):
            owed.add(_named(kind, now))
            possible.add(_named(_REMINDER, now))
        before[now["appointment_id"]] = now
    return owed, owed | possible


def _is_news(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> bool:
    return before is None or any(before.get(name) != now.get(name) for name in (before.keys() | now.keys()) - _WORDS)


def _named(what: str, told: Mapping[str, Any]) -> str:
    return f"{what} {told['appointment_id']} {told['revision']}"

"""The checker's part that judges what subscribers are told of appointments: each message and command once, in its case's order. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from checker.facts import Asked, Facts, Kind, Mail, Seen, place_of
from contracts.topics import APPOINTMENT_STATUS

_NOT_BOOKED: Final = frozenset({"not-booked", "cancellation-refused"})
_TELLS: Final[Mapping[tuple[Kind, str], frozenset[str]]] = {
    (Kind.ANSWER, "05"): frozenset({"confirmed"}),
    (Kind.ANSWER, "06"): frozenset({"not-booked"}),
    (Kind.ANSWER, "08"): frozenset({"cancelled"}),
    (Kind.ANSWER, "09"): frozenset({"cancellation-refused"}),
    (Kind.ANSWER, "26"): _NOT_BOOKED,
    (Kind.RECEIPT, "2"): _NOT_BOOKED,
}
"""What an office's word leads to. Everything else that it sends leads to no event."""
_ASKS: Final = {"book": "requested", "cancel": "cancellation-requested"}
_UNPUBLISHED: Final = frozenset({"requested", "not booked"})
"""States in which an appointment has not been given to the citizen."""


def owed(facts: Facts) -> set[str]:
    """Ids of the messages and commands that owe an event."""
    said = {mail.msg_id for mail in facts.mail.values() if mail.kind is Kind.PUSH or (mail.kind, mail.code) in _TELLS}
    return said - facts.discarded | {asked.command_id for asked in facts.asked.values() if asked.family.name in _ASKS}


def lost(facts: Facts) -> list[str]:
    """Nobody was told."""
    return sorted(owed(facts) - facts.told.keys())


def doubled(facts: Facts) -> list[str]:
    """Told more than once."""
    return more_than_once(facts.told)


def strange(facts: Facts) -> Iterator[str]:
    """An event that nothing leads to, or that tells another one's number or appointment."""
    return (event.cause for event in facts.events if not _is_expected(facts, event))


def _is_expected(facts: Facts, event: Seen) -> bool:
    told, mail = event.data["appointment"], facts.mail.get(event.cause)
    if mail is not None and mail.msg_id in facts.discarded:
        return False
    if mail is None:
        asked = facts.asked.get(event.cause)
        return asked is not None and event.what == _ASKS.get(asked.family.name) and _is_about(asked, told)
    if mail.kind is Kind.PUSH:
        return bool(mail.about) and bool(told.get("about") == mail.about)
    return _is_word_on(facts.asked.get(mail.answers), mail, event)


def _is_word_on(asked: Asked | None, mail: Mail, event: Seen) -> bool:
    fits = event.what in _TELLS.get((mail.kind, mail.code), ()) and event.data.get("answers") == mail.answers
    return fits and asked is not None and _is_about(asked, event.data["appointment"])


def _is_about(asked: Asked, told: Mapping[str, Any]) -> bool:
    """The appointment that was asked for, or that was to be cancelled."""
    if "slot" in asked.data:
        return bool(told["uid"] == asked.data["slot"]["uid"])
    return bool(told["appointment_id"] == asked.data["appointment_id"])


def out_of_order(facts: Facts) -> Iterator[str]:
    """Of one case and one source partition, what was sent later is told later; and of a message's copies there, the first was delivered.

    Not of an AppRec: it names no patient, and finds its case by a way of its own.
    """
    last: dict[tuple[bytes | None, str], int] = {}
    for event in facts.events:
        if event.cause in facts.mail and facts.mail[event.cause].kind is Kind.RECEIPT:
            continue
        partition, offset = place_of(facts.winners.get(event.cause, {}).get("source", "?/-1"))
        if offset <= last.get((event.key, partition), -1):
            yield event.cause
        last[event.key, partition] = offset
    delivered = (line for line in facts.winners.values() if line["outcome"] == "delivered")
    yield from (line["msg_id"] for line in delivered if _not_first(facts.copies.get(line["msg_id"], ()), *place_of(line["source"])))


def _not_first(copies: Sequence[Seen], partition: str, offset: int) -> bool:
    here = [copy.offset for copy in copies if place_of(copy.place)[0] == partition]
    return min(here, default=-1) != offset


def revisions(facts: Facts) -> Iterator[str]:
    """Each appointment stays in one case, and its revision rises by one with every event."""
    before: dict[str, int] = defaultdict(int)
    for event in facts.events:
        appointment = event.data["appointment"]
        found = appointment["appointment_id"]
        if appointment["revision"] != before[found] + 1 or appointment["case"].encode() != event.key:
            yield f"{found} {before[found]} {appointment['revision']}"
        before[found] = appointment["revision"]


def status(facts: Facts) -> Iterator[str]:
    """Compaction may have thinned it: it rises, and its last value is the last event's. What was never given to a citizen is not there."""
    stands: dict[str, dict[str, Any]] = {}
    for record in facts.of(APPOINTMENT_STATUS.name):
        key, appointment = (record.key or b"").decode(), record.data.get("appointment", {"revision": 0})
        if appointment["revision"] <= stands.get(key, {"revision": 0})["revision"]:
            yield f"{key} falls"
        stands[key] = appointment
    ends = _ends(facts)
    yield from (key for key in stands.keys() | ends.keys() if stands.get(key) != ends.get(key))


def _ends(facts: Facts) -> dict[str, dict[str, Any]]:
    told = [event.data["appointment"] for event in facts.events]
    given = {appointment["appointment_id"] for appointment in told if appointment["state"] not in _UNPUBLISHED}
    return {appointment["appointment_id"]: appointment for appointment in told if appointment["appointment_id"] in given}


def more_than_once(counted: Counter[str]) -> list[str]:
    """What was counted twice or more."""
    return sorted(found for found, times in counted.items() if times > 1)

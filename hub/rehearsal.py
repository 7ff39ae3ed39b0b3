"""The dry run of a replay: what would pass now, and what would leave. The same reading and the same fold as casework's; nothing is written.

Also of letters whose sender was at fault: those are never sent on, but a mended rule shows here what it would let pass. The letters are
tried one after the other, each on what the one before it would have left behind.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from contracts.failures import Outcome
from contracts.records import Outgoing
from contracts.topics import APPOINTMENTS, DEAD_LETTERS, JOURNAL, NOTIFICATIONS, SEQUENCED
from hub import letters as acts
from hub.case.decision import Decision
from hub.faults import fault_of
from hub.folding import Folded, FoldFailed
from hub.items import Item, decoded
from hub.memory.rows import Known, Letter
from hub.recalling import recalled
from hub.reception import Reception
from producers.work import Record

if TYPE_CHECKING:
    from hub.memory.memory import Memory

_NOWHERE: Final = -1
"""Partition of what is never written."""
_OF_OPERATORS: Final = (JOURNAL.name, DEAD_LETTERS.name)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would become of one message. No value of it."""

    outcome: Outcome
    why: str | None = None
    """The rule that says no, or the fault of ours."""
    events: tuple[tuple[str, int], ...] = ()
    """What would leave, and how many: the types of events; `AppRec` and documents by their topic."""
    of_the_past: int = 0
    """How many notifications of these would tell of an appointment that has begun."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One letter, and what waits behind it."""

    letter_id: UUID
    itself: Rehearsed
    behind: tuple[Rehearsed, ...] = ()


async def rehearse(memory: "Memory", letters: Sequence[Letter], reception: Reception, *, at: datetime) -> list[Tried]:
    """In the order given; `letters` with their bytes. `at`: aware, when they would be decided. Raises DatabaseAway."""
    records = [_record(acts.replay(letter, reception), offset, at) for offset, letter in enumerate(letters)]
    items, _ = decoded(records, {})
    folded = Folded(_as_ours(await recalled(memory, items, {})), {})
    return [_tried(letter, item, nth, folded, at) for nth, (letter, item) in enumerate(zip(letters, items, strict=True))]


def _record(outgoing: Outgoing, offset: int, at: datetime) -> Record:
    return Record(SEQUENCED.name, _NOWHERE, offset, int(at.timestamp() * 1000), outgoing.key, outgoing.value, outgoing.headers)


def _as_ours(known: Known) -> Known:
    """As if every letter were the hub's fault: only such a one is decided anew."""
    return replace(known, letters={id_: replace(letter, fault="hub") for id_, letter in known.letters.items()})


def _tried(letter: Letter, item: Item, nth: int, folded: Folded, at: datetime) -> Tried:
    try:
        folded.take(nth, item)
    except FoldFailed as failed:
        return Tried(letter.letter_id, Rehearsed(Outcome.SET_ASIDE, fault_of(failed.error)))
    decision = folded.decisions[-1]
    return Tried(letter.letter_id, _rehearsed(decision, at), tuple(_rehearsed(each.decision, at) for each in decision.released))


def _rehearsed(decision: Decision, at: datetime) -> Rehearsed:
    leaving = Counter(_named(out) for out in decision.outgoing if out.topic not in _OF_OPERATORS)
    return Rehearsed(decision.outcome, _why(decision), tuple(sorted(leaving.items())), _of_the_past(decision.outgoing, at))


def _why(decision: Decision) -> str | None:
    if decision.letter and decision.letter.detail:
        return decision.letter.detail
    return decision.failure.rule_id if decision.failure else decision.note


def _named(out: Outgoing) -> str:
    """The event's type; of a document or a tombstone its topic."""
    return dict(out.headers).get("ce_type", out.topic.encode()).decode()


def _of_the_past(outgoing: Iterable[Outgoing], at: datetime) -> int:
    told = list(outgoing)
    begun = {one["appointment_id"] for one in _appointments(told) if one.get("starts_at") and datetime.fromisoformat(one["starts_at"]) < at}
    return sum(json.loads(out.value or b"")["appointment_id"] in begun for out in told if out.topic == NOTIFICATIONS.name)


def _appointments(outgoing: Iterable[Outgoing]) -> Iterator[dict[str, str]]:
    return (json.loads(out.value or b"")["appointment"] for out in outgoing if out.topic == APPOINTMENTS.name)

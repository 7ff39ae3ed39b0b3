"""What memory is to keep of a batch: cases, letters and what became of them, what was sent and is waited for, citizens. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from uuid import UUID

from hub.case.decision import Decision
from hub.case.entries import Discard, Entry
from hub.items import Item
from hub.log_record import kept
from hub.memory.rows import CaseVersion, Citizen, DeadlineMet, DeadlineSet, Letter, News, Resolution, Sent
from schemas.wire import encode

Pair = tuple[Item, Decision]


def news_of(pairs: Iterable[Pair], cases: Mapping[str, Pair]) -> News:
    """`cases`: for every case that changed, the record that changed it last."""
    told = list(pairs)
    return News(
        cases=tuple(CaseVersion(key, item.record.offset, encode(decision.case)) for key, (item, decision) in cases.items()),
        letters=tuple(letter for pair in told if (letter := letter_of(*pair))),
        resolutions=tuple(resolution for pair in told for resolution in _resolutions(*pair)),
        sent=tuple(sent for pair in told if (sent := sent_by(*pair))),
        deadlines=tuple(deadline for pair in told for deadline in _deadlines(*pair)),
        met=tuple(met for pair in told for met in _met(*pair)),
        citizens=tuple(citizen for pair in told if (citizen := _citizen(*pair))),
    )


def letter_of(item: Item, decision: Decision) -> Letter | None:
    """The letter that this record writes, or the message that it parks."""
    draft, origin = decision.letter, item.entry.origin
    if draft is None:
        return None
    return Letter(
        letter_id=draft.letter_id, fault=draft.fault, rule=draft.detail or draft.failure.rule_id, path=draft.failure.path,
        line=draft.failure.line, vendor=origin.vendor, process=draft.process, msg_id=draft.msg_id,
        case_key=draft.case_key, source=origin.source, offset=item.record.offset, written_at=item.at, body=item.record.value,
        reading=kept(_undecided(item.entry)) if draft.behind else None, behind=draft.behind, direction=draft.way,
    )


def _undecided(entry: Entry) -> Entry:
    """As it waits: if it was replayed, that letter is dealt with."""
    return replace(entry, origin=replace(entry.origin, letter_id=None))


def _resolutions(item: Item, decision: Decision) -> Iterator[Resolution]:
    if decision.resolved:
        letter_id, what = decision.resolved
        reason = item.entry.reason if isinstance(item.entry, Discard) else None
        yield Resolution(UUID(letter_id), what, item.record.offset, item.at, reason)
    for each in decision.released:
        yield Resolution(each.parked.letter_id, "released", item.record.offset, item.at)


def sent_by(item: Item, decision: Decision) -> Sent | None:
    """The request that left with this record, for its receipt to find."""
    sent = decision.sent
    if sent is None:
        return None
    return Sent(sent.msg_id, item.case_key, sent.receiver, sent.vendor, item.record.offset, item.at, sent.of_portal)


def _deadlines(item: Item, decision: Decision) -> Iterator[DeadlineSet]:
    for deadline in decision.deadlines:
        command = decision.sent.msg_id if decision.sent else ""
        yield DeadlineSet(command, deadline.what.value, item.case_key, deadline.at, item.record.offset)


def _met(item: Item, decision: Decision) -> Iterator[DeadlineMet]:
    return (DeadlineMet(command, what.value, item.record.offset) for command, what in decision.settled)


def _citizen(item: Item, decision: Decision) -> Citizen | None:
    return Citizen(*decision.citizen, item.record.offset) if decision.citizen else None

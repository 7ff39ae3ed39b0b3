"""The log folded once more, by the same casework, into a database that lacks it. Nothing leaves: what would have, is told to who compares.

What was decided by a fact that a second fold cannot see is taken from what was announced: a record that was set aside then, by a fault that
is mended now, is set aside again. What fails now and did not then stops everything: no letter is written that nobody was told of.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final
from uuid import UUID

from aiokafka import TopicPartition

from consumers.spans import Reading, Span, reading
from contracts.kafka_connection import KafkaConnection
from contracts.records import Outgoing
from contracts.topics import SEQUENCED
from hub.case.entries import Unread
from hub.casework import Casework
from hub.errors import HubError
from hub.faults import FailsInTurn, fault_of
from hub.items import Item, decoded
from hub.memory.faults import ValueRefused
from hub.rebuilding.order import Merged, together
from producers.batches import partition_of
from producers.lanes import record_of
from producers.work import FencedOff, Hold, LaneKey, Record, Verdict
from translators.cloud_event import derived_id

WINDOW: Final = 500
"""Records that are looked at together."""
WINDOW_BYTES: Final = 8 << 20
_CASE: Final = re.compile(r"[a-z0-9]{1,8}\.[0-9a-f]{32}")
_MOST_PARKED: Final = 10_000
"""Messages that wait behind one letter."""
_IN_HAND: Final = 2_000
"""Records that wait of each partition."""

Heard = Callable[[Record, Sequence[Outgoing]], None]
"""Told each record, and all that would have left because of it."""


class Rebuilt(Exception):
    """It was set aside when it was decided first; by what fault, only that letter knew."""


class DecidedOtherwise(HubError):
    """A record that was decided then cannot be decided now."""


class MovedSince(HubError):
    """Cases lie elsewhere now, or go by other names, than when the log was written."""


@dataclass(frozen=True, slots=True)
class Names:
    """By which version of the key cases are named now, and over how many partitions they are spread."""

    key_version: str
    partitions: int

    def require(self, item: Item) -> None:
        """The record's case is still named and placed so. Raises MovedSince: two halves of one case would be folded apart."""
        if not item.has_case or not _CASE.fullmatch(item.case_key):
            return
        where = partition_of(item.case_key.encode(), self.partitions)
        if item.case_key.partition(".")[0] != self.key_version or where != item.record.partition:
            raise MovedSince(
                "The database is older than a change of the log's partitions (hub grow) or of the names of cases (hub pseudonyms rotate). "
                "What was written before it cannot be folded again: restore a dump that is younger than that change."
            )


@dataclass(slots=True)
class Refold:
    """`letters`: the ids of all letters of our fault that were announced."""

    casework: Casework
    lanes: Mapping[int, LaneKey]
    letters: Collection[UUID]
    names: Names
    heard: Heard
    _faults: dict[tuple[int, int], Exception] = field(default_factory=dict)

    async def run(self, records: AsyncIterator[Record]) -> None:
        """Fold all of them, given in the log's order of time. Raises DecidedOtherwise; HubError when the database is away."""
        window, size = list[Item](), 0
        async for record in records:
            window.append(self._item(record))
            size += len(record.value or b"")
            if len(window) >= WINDOW or size > WINDOW_BYTES:
                window = await self._some(window)
                size = sum(len(item.record.value or b"") for item in window)
        while window:
            window = await self._some(window)

    async def _some(self, window: list[Item]) -> list[Item]:
        """Fold those at its front that go together, lane by lane; the others are left."""
        count = together(window)
        by_lane: dict[int, list[Record]] = {}
        for item in window[:count]:
            by_lane.setdefault(item.record.partition, []).append(item.record)
        for partition, records in by_lane.items():
            await self._settle(self.lanes[partition], records)
        return window[count:]

    def _item(self, record: Record) -> Item:
        """Only to see what it touches; casework decodes it itself. What cannot be decoded touches nothing but its place."""
        items, error = decoded([record], {})
        if fault := self._fault_then(record, items[0] if items else None):
            self._faults[record.partition, record.offset] = fault
        if error is not None:
            items, _ = decoded([record], {record.offset: error})
        if not items:
            raise _otherwise(record, error or Hold(0))
        self.names.require(items[0])
        return items[0]

    def _fault_then(self, record: Record, item: Item | None) -> Exception | None:
        """Why it was set aside when it was decided first, or what it set free; None: it was not."""
        if self._is_announced(record) and not (item and _tells_its_fault(item)):
            return Rebuilt()
        turns = range(1, _MOST_PARKED) if item and item.deals_with_a_letter else ()
        return next((FailsInTurn(nth) for nth in turns if self._is_announced(record, nth)), None)

    def _is_announced(self, record: Record, *nth: int) -> bool:
        return derived_id(record.partition, record.offset, "letter", 0, *nth) in self.letters

    async def _settle(self, lane: LaneKey, records: list[Record]) -> None:
        while records:
            answers = await self._answers(lane, records)
            for record, answer in zip(records, answers, strict=False):
                self.heard(record, answer)
            records = records[len(answers):]

    async def _answers(self, lane: LaneKey, records: Sequence[Record]) -> Sequence[Sequence[Outgoing]]:
        """Of the first of these, at least of one."""
        try:
            verdicts = await self.casework.decide(lane, records, condemned=self._condemned(records))
        except Hold as away:
            raise HubError(f"The database does not answer ({away}). Run it again: it goes on where it was.") from away
        except FencedOff as lost:
            raise HubError("Somebody else works on the database: are all workers stopped, and is this the only rebuild?") from lost
        except Exception as error:  # noqa: BLE001  a value that the database refuses spoils the whole batch
            if len(records) > 1:
                return await self._answers(lane, records[: len(records) // 2])
            verdicts = [error]
        return [*takewhile(_answered, verdicts)] or await self._failed(lane, records[0], verdicts[0])  # type: ignore[list-item]  # no exception is left

    async def _failed(self, lane: LaneKey, record: Record, verdict: Verdict) -> Sequence[Sequence[Outgoing]]:
        place = (record.partition, record.offset)
        if isinstance(verdict, ValueRefused) and isinstance(self._faults.get(place), Rebuilt):
            # the database refused a value then as well: it claims its coordinates and not its id
            self._faults[place] = verdict
            return await self._answers(lane, [record])
        raise _otherwise(record, verdict)

    def _condemned(self, records: Sequence[Record]) -> dict[int, Exception]:
        found = ((record.offset, self._faults.get((record.partition, record.offset))) for record in records)
        return {offset: fault for offset, fault in found if fault is not None}


def _answered(verdict: Verdict) -> bool:
    return not isinstance(verdict, Exception)


def _otherwise(record: Record, verdict: object) -> DecidedOtherwise:
    why = fault_of(verdict) if isinstance(verdict, Exception) else "unanswered"
    return DecidedOtherwise(
        f"Record {record.partition}/{record.offset} of {record.topic} was decided then and cannot be now ({why}). "
        "Run the version of the hub that decided it."
    )


def _tells_its_fault(item: Item) -> bool:
    """Reception failed at it: the entry itself leads to its letter."""
    return isinstance(item.entry, Unread) or getattr(item.entry, "fault", None) is not None


async def in_order(connection: KafkaConnection, spans: Mapping[int, Span]) -> AsyncGenerator[Record, None]:
    """The log's records within these spans, by partition, in its order of time. Raises KafkaError."""
    sources = {TopicPartition(SEQUENCED.name, partition): span for partition, span in spans.items() if span.start < span.end}
    merged = Merged()
    merged.begin([source.partition for source in sources])
    async with reading(connection, sources) as going:
        over: set[int] = set()
        while merged.waiting:
            over |= await _fill(merged, going, over)
            for record in merged.take(over=over):
                yield record
            for partition in over & merged.waiting.keys():
                merged.ended(partition)


async def _fill(merged: Merged, going: Reading, over: set[int]) -> set[int]:
    """More of those that lack some; answers which of them are over."""
    hungry = [source for source in going.spans if source.partition in merged.hungry(below=_IN_HAND) - over]
    if not hungry:
        return set()
    for source, records in (await going.some(hungry)).items():
        merged.add(source.partition, [record_of(record) for record in records])
    return {source.partition for source in hungry if await going.is_over(source)}

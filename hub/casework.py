"""Casework: a batch of the log becomes one database transaction, and what follows from it goes to the lane's Kafka transaction.

Recall → fold in memory → remember. Stops at the first record that fails: memory must not hear of what stands behind it (rule 15).
Never writes to Kafka, never commits an offset, never decides what a message means.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from contracts.records import Outgoing
from hub.alone import Room
from hub.case.decision import Decision
from hub.case.entries import Entry
from hub.case.state import Case
from hub.cleaning import KEPT, Cleaning
from hub.errors import HubError
from hub.faults import DEATHS, ProcessKilled, ProcessKilledAgain
from hub.folding import Folded, FoldFailed
from hub.items import Item, appended_at, decoded
from hub.logs import get
from hub.memory import faults
from hub.memory.memory import Memory
from hub.memory.rows import Fence
from hub.recalling import recalled
from producers.work import FencedOff, LaneKey, Record, Unavailable, Verdict

log = get("casework")
LEAVE_WITHIN: Final = 1.0
"""Seconds to tell the database that a lane's owner goes alive; not told, the next one is careful for nothing."""
CASES_IN_HAND: Final = 500
"""Decoded cases that a lane keeps between batches."""
PRUNE_EVERY: Final = 200
"""Batches between two prunings of superseded case versions."""

Told = Callable[[Entry, Decision], None]
"""Called for every decision that memory has kept: for metrics."""


@dataclass(slots=True)
class Desk:
    """What casework keeps in hand for one open lane."""

    fence: Fence
    kept: int
    """First offset that memory has not heard of."""
    before: int
    """Where the batch before began: what stands in front of it is committed in Kafka."""
    cases: dict[str, Case] = field(default_factory=dict)
    batches: int = 0
    in_doubt: bool = False
    """A commit's outcome is unknown."""
    deaths: int = 0
    """Owners in a row that died with the first record in hand; 0 as soon as one more was kept."""
    is_careful: bool = False
    """One record at a time, each under a marker, for as long as they come one by one."""
    is_first: bool = True
    """Nothing was kept yet since the lane was opened: later batches write no marker."""
    is_marked: bool = False
    """The database says what is in hand."""
    cleaning: Cleaning = field(default_factory=Cleaning)


def nobody(_entry: Entry, _decision: Decision) -> None:
    """Nobody listens."""


class Casework:
    """The lanes' work (`producers.work.LaneWork`), on one memory."""

    def __init__(
        self, memory: Memory, *, told: Told = nobody, room: Room | None = None, deaths: int = DEATHS, keep: timedelta = KEPT,
    ) -> None:
        self._memory, self._told, self._room, self._deaths, self._keep = memory, told, room or Room(), deaths, keep
        self._desks: dict[int, Desk] = {}
        self._former: dict[int, Fence] = {}

    async def opened(self, lane: LaneKey, committed: int, *, resumed: bool) -> int:
        """Fence the database and take away what a crash left behind. Raises `DatabaseAway` and the like: opened again later.

        Answers how many owners in a row died over the first record.
        """
        fence = Fence(lane.partition, lane.producer_id, lane.producer_epoch)
        try:
            deaths = await self._memory.open_lane(fence, committed=committed, former=self._former.get(lane.partition), resumed=resumed)
        except faults.DatabaseBehind:
            # deciding on a memory that has forgotten would deliver anew: every lane waits for a person
            log.error("database_behind", lane=lane.partition, step="run_hub_rebuild")  # noqa: TRY400 where it was raised says nothing
            raise
        self._former[lane.partition] = fence
        self._desks[lane.partition] = Desk(fence, committed, committed, deaths=deaths, is_careful=bool(deaths))
        if deaths:
            log.warning("owner_died", lane=lane.partition, offset=committed, count=deaths)
        return deaths

    async def closed(self, lane: LaneKey) -> None:
        """Forget what was in hand: it did not kill us."""
        desk = self._desks.pop(lane.partition, None)
        if desk and desk.is_marked:
            with suppress(HubError, TimeoutError):
                await asyncio.wait_for(self._memory.leave_lane(desk.fence), LEAVE_WITHIN)

    async def decide(self, lane: LaneKey, records: Sequence[Record], *, condemned: Mapping[int, Exception]) -> Sequence[Verdict]:
        """One verdict a record, up to the first that fails. Raises Unavailable (database away) and FencedOff."""
        desk = self._desks[lane.partition]
        desk.is_careful = desk.is_careful and len(records) == 1
        async with self._room.alone() if desk.is_careful else self._room.together():
            return await self._decide(desk, records, self._with_killer(desk, records[0], condemned))

    def _with_killer(self, desk: Desk, first: Record, condemned: Mapping[int, Exception]) -> Mapping[int, Exception]:
        """The record that killed so many is not decided any more; and if it killed even then, not even decoded."""
        if desk.deaths < self._deaths:
            return condemned
        log.error("process_killed", lane=first.partition, offset=first.offset, count=desk.deaths)
        return {**condemned, first.offset: ProcessKilled() if desk.deaths == self._deaths else ProcessKilledAgain()}

    async def _decide(self, desk: Desk, records: Sequence[Record], condemned: Mapping[int, Exception]) -> Sequence[Verdict]:
        try:
            await self._settle(desk, records[0])
            await self._mark(desk, records[0].offset)
            items, undecodable = decoded(records, condemned)
            verdicts = await self._fold(desk, items)
        except faults.FencedOff as error:
            raise FencedOff from error
        except (faults.DatabaseAway, faults.SchemaUnfit, faults.OffsetWentBack) as error:
            # None of them speaks of a record: the lane holds, and no letter is written.
            desk.in_doubt = True
            raise Unavailable(reason=type(error).__name__) from error
        failed = bool(verdicts) and isinstance(verdicts[-1], Exception)
        return verdicts if failed or undecodable is None else [*verdicts, undecodable]

    async def _settle(self, desk: Desk, record: Record) -> None:
        """Records that come again count as not having happened; now and then the past is pruned, and what is long past forgotten."""
        first = record.offset
        if desk.in_doubt or first < desk.kept:
            await self._memory.rewind(desk.fence, to=first)
            desk.cases.clear()
            desk.kept, desk.in_doubt = first, False
        desk.batches += 1
        if desk.batches % PRUNE_EVERY == 0:
            await self._memory.prune(desk.fence, committed=desk.before)
        await desk.cleaning.step(self._memory, desk.fence, committed=desk.before, at=appended_at(record), keep=self._keep)

    async def _mark(self, desk: Desk, offset: int) -> None:
        if desk.is_careful or desk.is_first:
            desk.is_marked = True
            await self._memory.mark(desk.fence, offset=offset)

    async def _fold(self, desk: Desk, items: Sequence[Item]) -> list[Verdict]:
        if not items:
            return []
        try:
            return [*await self._kept(desk, items)]
        except FoldFailed as failed:
            settled = await self._kept(desk, items[: failed.at]) if failed.at else []
            return [*settled, failed.error]

    async def _kept(self, desk: Desk, items: Sequence[Item]) -> list[list[Outgoing]]:
        """Recall, fold, remember: one transaction of the database."""
        async with self._memory.batch(desk.fence, start=desk.kept, end=items[-1].record.offset + 1) as batch:
            folded = Folded(await recalled(batch, items, desk.cases), desk.cases)
            for at, item in enumerate(items):
                folded.take(at, item)
            await batch.remember(folded.news())
            if desk.is_marked:
                await batch.survived()
        self._close(desk, items, folded)
        return [decision.leaving for decision in folded.decisions]

    def _close(self, desk: Desk, items: Sequence[Item], folded: Folded) -> None:
        if len(desk.cases) > CASES_IN_HAND:
            desk.cases.clear()
        desk.cases.update(folded.cases)
        desk.deaths, desk.is_first, desk.is_marked = 0, False, False
        desk.before, desk.kept = items[0].record.offset, items[-1].record.offset + 1
        for item, decision in zip(items, folded.decisions, strict=True):
            self._told(item.entry, decision)

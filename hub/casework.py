"""Casework: a batch of the log becomes one database transaction, and what follows from it goes to the lane's Kafka transaction.

Recall → fold in memory → remember. Stops at the first record that fails: memory must not hear of what stands behind it (rule 15).
Never writes to Kafka, never commits an offset, never decides what a message means.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from contracts.records import Outgoing
from hub.case.decide import decide, set_aside
from hub.case.decision import Claimed, Context, Decision
from hub.case.entries import Commanded, Entry, Read, Receipt, Rejected
from hub.case.identity import answered_id
from hub.case.state import Case
from hub.cleaning import KEPT, Cleaning
from hub.faults import fault_of
from hub.items import Item, appended_at, decoded
from hub.keeping import Pair, news_of, sent_by
from hub.logs import get
from hub.memory import faults
from hub.memory.memory import Batch, Memory
from hub.memory.rows import Asked, Claim, ClaimKey, Fence, Known, News, Sent
from producers.work import FencedOff, LaneKey, Record, Unavailable, Verdict
from schemas.wire import decoder

log = get("casework")
RETRY_AFTER: Final = 0.5
"""Seconds that a lane holds when the database is away."""
CASES_IN_HAND: Final = 500
"""Decoded cases that a lane keeps between batches."""
PRUNE_EVERY: Final = 200
"""Batches between two prunings of superseded case versions."""
_ANSWERS: Final = (Receipt, Rejected, Read)
_SENT_AGAIN: Final = frozenset({Claimed.DUPLICATE, Claimed.OTHER_CONTENT})
_CASE: Final = decoder(Case)

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
    cleaning: Cleaning = field(default_factory=Cleaning)


class FoldFailed(Exception):
    """The fold raised at this item: a fault of ours."""

    def __init__(self, at: int, error: Exception) -> None:
        super().__init__(at)
        self.at, self.error = at, error


def _nobody(_entry: Entry, _decision: Decision) -> None:
    """Nobody listens."""


class Casework:
    """The lanes' work (`producers.work.LaneWork`), on one memory."""

    def __init__(self, memory: Memory, *, told: Told = _nobody, keep: timedelta = KEPT) -> None:
        self._memory, self._told, self._keep = memory, told, keep
        self._desks: dict[int, Desk] = {}

    async def opened(self, lane: LaneKey, committed: int, *, resumed: bool) -> None:
        """Fence the database and take away what a crash left behind. Raises `DatabaseAway` and the like: opened again later."""
        fence = Fence(lane.partition, lane.producer_id, lane.producer_epoch)
        try:
            await self._memory.open_lane(fence, committed=committed, resumed=resumed)
        except faults.DatabaseBehind:
            # deciding on a memory that has forgotten would deliver anew: every lane waits for a person
            log.error("database_behind", lane=lane.partition, step="run_hub_rebuild")  # noqa: TRY400 where it was raised says nothing
            raise
        self._desks[lane.partition] = Desk(fence, committed, committed)

    def closed(self, lane: LaneKey) -> None:
        """Forget what was in hand."""
        self._desks.pop(lane.partition, None)

    async def decide(self, lane: LaneKey, records: Sequence[Record], *, condemned: Mapping[int, Exception]) -> Sequence[Verdict]:
        """One verdict a record, up to the first that fails. Raises Unavailable (database away) and FencedOff."""
        desk = self._desks[lane.partition]
        items, undecodable = decoded(records, condemned)
        try:
            await self._settle(desk, records[0])
            verdicts = await self._fold(desk, items)
        except faults.FencedOff as error:
            raise FencedOff from error
        except (faults.DatabaseAway, faults.SchemaUnfit, faults.OffsetWentBack) as error:
            # None of them speaks of a record: the lane holds, and no letter is written.
            desk.in_doubt = True
            raise Unavailable(RETRY_AFTER, type(error).__name__) from error
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
            folded = Folded(await _recalled(batch, items, desk.cases), desk)
            for at, item in enumerate(items):
                folded.take(at, item)
            await batch.remember(folded.news())
        self._close(desk, items, folded)
        return [decision.outgoing for decision in folded.decisions]

    def _close(self, desk: Desk, items: Sequence[Item], folded: "Folded") -> None:
        if len(desk.cases) > CASES_IN_HAND:
            desk.cases.clear()
        desk.cases.update(folded.cases)
        desk.before, desk.kept = items[0].record.offset, items[-1].record.offset + 1
        for item, decision in zip(items, folded.decisions, strict=True):
            self._told(item.entry, decision)


class Folded:
    """A batch while it is folded: the cases as they become, and every decision."""

    def __init__(self, known: Known, desk: Desk) -> None:
        self._known, self._desk = known, desk
        self._pairs: list[Pair] = []
        self._citizens: dict[str, bool] = {}
        self._just_sent: dict[str, Sent] = {}
        self._changed: dict[str, Pair] = {}

    @property
    def decisions(self) -> list[Decision]:
        """One an item, in order."""
        return [decision for _, decision in self._pairs]

    @property
    def cases(self) -> dict[str, Case]:
        """The cases that changed."""
        return {key: decision.case for key, (_, decision) in self._changed.items()}

    def take(self, at: int, item: Item) -> None:
        """Fold one item. Raises FoldFailed."""
        case = self._case(item.case_key) if item.has_case else Case()
        try:
            decision = self._decided(item, case)
        except Exception as error:
            raise FoldFailed(at, error) from error
        self._pairs.append((item, decision))
        if sent := sent_by(item, decision):
            self._just_sent[sent.msg_id] = sent
        if decision.citizen:
            self._citizens[decision.citizen[0]] = decision.citizen[1]
        if item.has_case and decision.case is not case:
            self._changed[item.case_key] = (item, decision)

    def news(self) -> News:
        """What memory is to keep of the batch."""
        return news_of(self._pairs, self._changed)

    def _decided(self, item: Item, case: Case) -> Decision:
        sent = self._sent(item.entry)
        context = Context(
            stamp=item.stamp, case_key=item.case_key, claimed=self._claimed(item), body=item.record.value or b"",
            letter_open=self._letter_is_open(item), asked_in=_asked_in(sent, item), of_another=_is_another(sent, item),
            is_active=self._is_active(item.entry),
        )
        if item.condemned is not None and context.claimed is Claimed.FIRST:
            return set_aside(case, item.entry, context, fault=fault_of(item.condemned))
        return decide(case, item.entry, context)

    def _claimed(self, item: Item) -> Claimed:
        claimed = item.claimed(self._known)
        if claimed in _SENT_AGAIN and (owner := self._known.owners.get(_key(_coordinates(item)))):
            is_mine = (owner.partition, owner.offset) == (item.record.partition, item.record.offset)
            return claimed if is_mine else Claimed.WRITTEN_TWICE
        return claimed

    def _case(self, key: str) -> Case:
        if key in self._changed:
            return self._changed[key][1].case
        if key in self._desk.cases:
            return self._desk.cases[key]
        state = self._known.cases.get(key)
        return _CASE.decode(state) if state else Case()

    def _sent(self, entry: Entry) -> Sent | None:
        """The command that is answered. Done again, a batch may hold both, which came in two when it was done first."""
        if not isinstance(entry, _ANSWERS) or (msg_id := answered_id(entry)) is None:
            return None
        sent = self._known.sent.get(msg_id) or self._just_sent.get(msg_id)
        return sent if sent and sent.of_portal else None

    def _is_active(self, entry: Entry) -> bool:
        """Who was never spoken of is not; but where nobody asks, everybody is."""
        person = _asked_for(entry)
        return person is None or self._citizens.get(person, self._known.citizens.get(person, False))

    def _letter_is_open(self, item: Item) -> bool:
        """The letter is there, the fault is ours, nobody has dealt with it, and this record claims it first."""
        letter_id = item.entry.origin.letter_id
        if letter_id is None:
            return True
        letter = self._known.letters.get(UUID(letter_id))
        is_ours = letter is not None and letter.resolved is None and letter.fault == "hub"
        return (is_ours or self._has_just_written(UUID(letter_id))) and item.claims_its_letter(self._known)

    def _has_just_written(self, letter_id: UUID) -> bool:
        # Done again, a batch may hold the letter and its replay, which came in two when it was done first.
        letters = (decision.letter for _, decision in self._pairs)
        return any(letter is not None and letter.letter_id == letter_id and letter.fault == "hub" for letter in letters)


def _asked_in(sent: Sent | None, item: Item) -> str | None:
    """Only the vendor that a command was sent to may receipt or answer it."""
    return sent.case_key if sent and sent.vendor == item.entry.origin.vendor else None


def _is_another(sent: Sent | None, item: Item) -> bool:
    """Whoever was not asked has no say in what becomes of a command."""
    if sent is None:
        return False
    return sent.vendor != item.entry.origin.vendor or (isinstance(item.entry, Read) and sent.case_key != item.case_key)


async def _recalled(batch: Batch, items: Sequence[Item], in_hand: Mapping[str, Case]) -> Known:
    """What memory knows of these, claims included.

    Whoever lost the claim on its MsgId claims its own coordinates: what was sent again may have been written twice by reception as well,
    and is told once.
    """
    known = await batch.recall(_asked(items, in_hand))
    again = [item for item in items if item.entry.origin.letter_id is None and item.claimed(known) in _SENT_AGAIN]
    if not again:
        return known
    more = await batch.recall(Asked(claims=tuple(map(_coordinates, again))))
    return replace(known, owners={**known.owners, **more.owners})


def _coordinates(item: Item) -> Claim:
    return replace(item.claims[0], scope="source", id=f"{item.entry.origin.source}#")


def _key(claim: Claim) -> ClaimKey:
    return claim.scope, claim.id


def _asked(items: Sequence[Item], in_hand: Mapping[str, Case]) -> Asked:
    keys = {item.case_key for item in items if item.has_case} - in_hand.keys()
    letters = {UUID(item.entry.origin.letter_id) for item in items if item.entry.origin.letter_id}
    answered = {answered_id(item.entry) for item in items if isinstance(item.entry, _ANSWERS)}
    persons = {_asked_for(item.entry) for item in items}
    return Asked(
        claims=tuple(claim for item in items for claim in item.claims), case_keys=tuple(keys), letter_ids=tuple(letters),
        sent_ids=tuple(msg_id for msg_id in answered if msg_id), persons=tuple(person for person in persons if person),
    )


def _asked_for(entry: Entry) -> str | None:
    """The citizen of whom it matters whether they are digitally active."""
    return entry.person if isinstance(entry, Read | Commanded) else None

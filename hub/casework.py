"""Casework: a batch of the log becomes one database transaction, and what follows from it goes to the lane's Kafka transaction.

Recall → fold in memory → remember. Stops at the first record that fails: memory must not hear of what stands behind it (rule 15).
Never writes to Kafka, never commits an offset, never decides what a message means.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from contracts.failures import Rule
from contracts.records import Outgoing, Source
from hub.case.decide import decide, set_aside
from hub.case.decision import Claimed, Context, Decision
from hub.case.entries import Discard, Entry, Origin, Read, Receipt, Rejected, Unread
from hub.case.state import Case
from hub.faults import fault_of
from hub.log_record import from_log
from hub.memory import faults
from hub.memory.memory import Memory
from hub.memory.rows import Asked, CaseVersion, Claim, Fence, Known, Letter, News, Owner, Resolution, Sent
from producers.work import FencedOff, LaneKey, Record, Unavailable, Verdict
from schemas.uuids import is_uuid
from schemas.wire import decoder, encode
from translators.cloud_event import Stamp

RETRY_AFTER: Final = 0.5
"""Seconds that a lane holds when the database is away."""
CASES_IN_HAND: Final = 20_000
"""Decoded cases that a lane keeps between batches."""
PRUNE_EVERY: Final = 200
"""Batches between two prunings of superseded case versions."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
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


@dataclass(frozen=True, slots=True)
class Item:
    """One record, decoded. `condemned`: it failed alone too often and is to be set aside."""

    record: Record
    entry: Entry
    condemned: Exception | None = None

    @property
    def case_key(self) -> str:
        """The key it is ordered by."""
        return (self.record.key or b"").decode()

    @property
    def has_case(self) -> bool:
        """It concerns a patient at an office; everything else only has an order."""
        return isinstance(self.entry, Read)


class FoldFailed(Exception):
    """The fold raised at this item: a fault of ours."""

    def __init__(self, at: int, error: Exception) -> None:
        super().__init__(at)
        self.at, self.error = at, error


def _nobody(_entry: Entry, _decision: Decision) -> None:
    """Nobody listens."""


class Casework:
    """The lanes' work (`producers.work.LaneWork`), on one memory."""

    def __init__(self, memory: Memory, *, told: Told = _nobody) -> None:
        self._memory, self._told = memory, told
        self._desks: dict[int, Desk] = {}

    async def opened(self, lane: LaneKey, committed: int) -> None:
        """Fence the database and take away what a crash left behind. Raises `DatabaseAway` and the like: opened again later."""
        fence = Fence(lane.partition, lane.producer_id, lane.producer_epoch)
        await self._memory.open_lane(fence, committed=committed)
        self._desks[lane.partition] = Desk(fence, committed, committed)

    def closed(self, lane: LaneKey) -> None:
        """Forget what was in hand."""
        self._desks.pop(lane.partition, None)

    async def decide(self, lane: LaneKey, records: Sequence[Record], *, condemned: Mapping[int, Exception]) -> Sequence[Verdict]:
        """One verdict a record, up to the first that fails. Raises Unavailable (database away) and FencedOff."""
        desk = self._desks[lane.partition]
        items, undecodable = _items(records, condemned)
        try:
            await self._settle(desk, records[0].offset)
            verdicts = await self._fold(desk, items)
        except faults.FencedOff as error:
            raise FencedOff from error
        except faults.DatabaseAway as error:
            desk.in_doubt = True
            raise Unavailable(RETRY_AFTER, type(error).__name__) from error
        failed = bool(verdicts) and isinstance(verdicts[-1], Exception)
        return verdicts if failed or undecodable is None else [*verdicts, undecodable]

    async def _settle(self, desk: Desk, first: int) -> None:
        """Records that come again count as not having happened; now and then the past is pruned."""
        if desk.in_doubt or first < desk.kept:
            await self._memory.rewind(desk.fence, to=first)
            desk.cases.clear()
            desk.kept, desk.in_doubt = first, False
        desk.batches += 1
        if desk.batches % PRUNE_EVERY == 0:
            await self._memory.prune(desk.fence, committed=desk.before)

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
        async with self._memory.batch(desk.fence) as batch:
            known = await batch.recall(_asked(items, desk.cases))
            folded = Folded(known, desk, items[0].record.partition)
            for at, item in enumerate(items):
                folded.take(at, item)
            await batch.remember(folded.news())
        self._close(desk, items, folded)
        return [decision.outgoing for decision in folded.decisions]

    def _close(self, desk: Desk, items: Sequence[Item], folded: "Folded") -> None:
        if len(desk.cases) > CASES_IN_HAND:
            desk.cases.clear()
        desk.cases.update(folded.fresh)
        desk.before, desk.kept = items[0].record.offset, items[-1].record.offset + 1
        for item, decision in zip(items, folded.decisions, strict=True):
            self._told(item.entry, decision)


class Folded:
    """A batch while it is folded: the cases as they become, and every decision."""

    def __init__(self, known: Known, desk: Desk, partition: int) -> None:
        self._known, self._desk, self._partition = known, desk, partition
        self.fresh: dict[str, Case] = {}
        self._last: dict[str, int] = {}
        self._items: list[Item] = []
        self.decisions: list[Decision] = []

    def take(self, at: int, item: Item) -> None:
        """Fold one item. Raises FoldFailed."""
        case = self._case(item) if item.has_case else Case()
        try:
            decision = self._decided(item, case)
        except Exception as error:
            raise FoldFailed(at, error) from error
        if item.has_case and decision.case is not case:
            self.fresh[item.case_key] = decision.case
            self._last[item.case_key] = item.record.offset
        self._items.append(item)
        self.decisions.append(decision)

    def _decided(self, item: Item, case: Case) -> Decision:
        context = self._context(item)
        if item.condemned is not None and context.claimed is Claimed.FIRST:
            return set_aside(case, item.entry, context, fault=fault_of(item.condemned))
        return decide(case, item.entry, context)

    def _case(self, item: Item) -> Case:
        key = item.case_key
        if (case := self.fresh.get(key) or self._desk.cases.get(key)) is None:
            state = self._known.cases.get(key)
            case = _CASE.decode(state) if state else Case()
        return case

    def _context(self, item: Item) -> Context:
        claims = _claims(item)
        claimed = _claimed(claims[0], self._known.owners[claims[0].scope, claims[0].id], item, self._partition)
        return Context(
            stamp=_stamp(item), case_key=item.case_key, claimed=claimed, body=item.record.value or b"",
            letter_open=self._letter_is_open(item, claims),
        )

    def _letter_is_open(self, item: Item, claims: Sequence[Claim]) -> bool:
        """The letter is there, the fault is ours, nobody has dealt with it, and this record claims it first."""
        letter_id = item.entry.origin.letter_id
        if letter_id is None:
            return True
        letter = self._known.letters.get(UUID(letter_id))
        owner = self._known.owners[claims[-1].scope, claims[-1].id]
        mine = (owner.partition, owner.offset) == (self._partition, item.record.offset)
        return mine and letter is not None and letter.resolved is None and letter.fault == "hub"

    def news(self) -> News:
        """What memory is to keep of the batch."""
        pairs = list(zip(self._items, self.decisions, strict=True))
        return News(
            cases=tuple(CaseVersion(key, self._last[key], encode(case)) for key, case in self.fresh.items()),
            letters=tuple(_letter(item, decision) for item, decision in pairs if decision.letter),
            resolutions=tuple(_resolution(item, decision) for item, decision in pairs if decision.resolved),
            sent=tuple(_sent(item, decision) for item, decision in pairs if decision.handed_on),
        )


# records

def _items(records: Sequence[Record], condemned: Mapping[int, Exception]) -> tuple[list[Item], Exception | None]:
    """The records decoded, up to one that cannot be; that one's error, unless it is condemned already."""
    items: list[Item] = []
    for record in records:
        error = condemned.get(record.offset)
        try:
            entry = from_log(record)
        except Exception as undecodable:  # noqa: BLE001  a record of the log that we cannot decode is a fault of ours
            if error is None:
                return items, undecodable
            entry = Unread(_log_origin(record), fault_of(error))
        items.append(Item(record, entry, error))
    return items, None


def _log_origin(record: Record) -> Origin:
    return Origin(Source(record.topic, record.partition, record.offset), "unknown", _at(record), b"")


def _at(record: Record) -> datetime:
    return _EPOCH + timedelta(milliseconds=record.timestamp_ms)


def _stamp(item: Item) -> Stamp:
    record = item.record
    msg_id = _msg_id(item.entry)
    cause = msg_id if msg_id and is_uuid(msg_id) else None
    return Stamp(record.partition, record.offset, _at(record), str(item.entry.origin.source), cause)


def _msg_id(entry: Entry) -> str | None:
    match entry:
        case Read():
            return entry.message.msg_info.msg_id
        case Rejected():
            return entry.msg_info.msg_id
        case Receipt():
            return entry.apprec.id
        case Discard():
            return entry.msg_info.msg_id if entry.msg_info else None
        case Unread():
            return None
        case _:
            return entry.msg_id


# claims

def _asked(items: Sequence[Item], in_hand: Mapping[str, Case]) -> Asked:
    keys = {item.case_key for item in items if item.has_case} - in_hand.keys()
    letters = {UUID(item.entry.origin.letter_id) for item in items if item.entry.origin.letter_id}
    return Asked(
        claims=tuple(claim for item in items for claim in _claims(item)), case_keys=tuple(keys), letter_ids=tuple(letters),
    )


def _claims(item: Item) -> list[Claim]:
    """The message's id first; a replay or discard claims its letter as well."""
    entry, origin = item.entry, item.entry.origin
    claim = partial(Claim, source=origin.source, digest=origin.digest, offset=item.record.offset)
    claims = [claim(*_own_id(item))]
    if origin.letter_id:
        claims.append(claim("letter", origin.letter_id))
    return claims if not isinstance(entry, Discard) else claims[-1:]


def _own_id(item: Item) -> tuple[str, str]:
    """(scope, id). What cannot be told apart by an id of its own, or whose id the database refuses, claims its coordinates."""
    entry = item.entry
    if not isinstance(item.condemned, faults.ValueRefused):
        match entry:
            case Read():
                return f"msg:{entry.sender}", entry.message.msg_info.msg_id
            case Rejected():
                return f"msg:{entry.sender}", entry.msg_info.msg_id
            case Receipt():
                return f"apprec:{entry.sender}", entry.apprec.id
            case _:
                pass
    return "source", f"{entry.origin.source}#{entry.origin.letter_id or ''}"


def _claimed(claim: Claim, owner: Owner, item: Item, partition: int) -> Claimed:
    if (owner.partition, owner.offset) == (partition, item.record.offset):
        return Claimed.FIRST
    if owner.source == claim.source:
        return Claimed.FIRST if item.entry.origin.letter_id else Claimed.WRITTEN_TWICE
    return Claimed.DUPLICATE if owner.digest == claim.digest else Claimed.OTHER_CONTENT


# what memory keeps

def _letter(item: Item, decision: Decision) -> Letter:
    draft = decision.letter
    assert draft is not None  # noqa: S101  # asked for only where there is one
    origin = item.entry.origin
    return Letter(
        letter_id=draft.letter_id, fault=draft.fault, rule=draft.detail or Rule[draft.failure.rule].id, path=draft.failure.path,
        line=draft.failure.line, vendor=origin.vendor, process=draft.process, msg_id=draft.msg_id,
        case_key=item.case_key if item.has_case else None, source=origin.source, offset=item.record.offset,
        written_at=_at(item.record), body=item.record.value,
    )


def _resolution(item: Item, decision: Decision) -> Resolution:
    assert decision.resolved is not None  # noqa: S101  # asked for only where there is one
    letter_id, what = decision.resolved
    reason = item.entry.reason if isinstance(item.entry, Discard) else None
    return Resolution(UUID(letter_id), what, item.record.offset, _at(item.record), reason)


def _sent(item: Item, decision: Decision) -> Sent:
    entry = item.entry
    assert isinstance(entry, Read) and decision.handed_on  # noqa: S101, PT018  # only a message that was read is handed on
    receiver = entry.message.msg_info.receiver.her_id or ""
    return Sent(decision.handed_on, item.case_key, receiver, entry.hand_on_to or "", item.record.offset, _at(item.record))

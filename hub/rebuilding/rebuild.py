"""`hub rebuild`: what the cluster and the database say, the log folded once more between the two, and the proof of the result.

Refuses where somebody works on that database. Can be stopped anywhere and run again: it goes on where it was. Never writes to Kafka but the
fence of each lane, which keeps a sleeper from deciding meanwhile; into another database not even that.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from consumers.spans import Span, all_of, standing_on
from contracts.events import LetterWritten
from contracts.kafka_connection import KafkaConnection
from contracts.records import Outgoing
from contracts.topics import APPOINTMENT_STATUS, DEAD_LETTERS, SEQUENCED
from hub import topic_admin
from hub.case.fold import FORGOTTEN_AFTER
from hub.case.state import Case
from hub.casework import Casework
from hub.memory.comparing import TableDifference, compare
from hub.memory.memory import Memory
from hub.rebuilding import proof
from hub.rebuilding.proof import Compared, Covered, Expected, Stands
from hub.rebuilding.refold import Names, Refold, in_order
from hub.standstill import CASEWORK, committed_by, require_nobody
from producers.aiokafka_private import dispose
from producers.lane import LaneLimits
from producers.opening import fence, new_producer
from producers.work import LaneKey, Record
from schemas.wire import decoder

_CASE: Final = decoder(Case)
_NOBODY: Final = (0, 0)
"""Producer id and epoch of a lane in a database that no worker has: Kafka is not told."""
_SETTLED_AFTER: Final = 1.0
"""Seconds: a transaction's records are seen a moment before its offset is."""
_BEFORE_ALL: Final = datetime(1970, 1, 1, tzinfo=UTC)

Progress = Callable[[int, int], None]
"""Told how many records have been folded, and how many offsets there are."""


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """What is asked for. `into`: another database than the hub's own, which is left as it is and compared with the result."""

    connection: KafkaConnection
    prefix: str
    """Of the hub's groups."""
    database_url: str = field(repr=False)
    into: str | None = field(default=None, repr=False)
    keep: timedelta = FORGOTTEN_AFTER
    key_version: str = "1"
    """Of the pseudonyms by which the cases go now."""

    @property
    def target(self) -> str:
        """The database that is written."""
        return self.into or self.database_url


@dataclass(frozen=True, slots=True)
class Result:
    """What was folded, and every comparison."""

    spans: Mapping[int, Span]
    folded: int
    proof: Sequence[Compared]

    @property
    def is_equal(self) -> bool:
        """Nothing differs."""
        return all(one.is_equal for one in self.proof)


async def rebuild(asked: Rebuilding, *, accept: bool = False, progress: Progress = lambda *_: None) -> Result:
    """Fold what the database lacks, and prove the result. `accept`: the hub may go on although it could not be proven.

    The database's tables must have been migrated. Raises StillWorking, DecidedOtherwise, MovedSince, DatabaseAway, ClusterUnreachable.
    """
    async with AsyncExitStack() as held:
        memory = await Memory.connect(asked.target, connections=2, timeout=60.0, mends=True)
        held.push_async_callback(memory.close)
        try:
            return await _rebuilt(asked, memory, accept, progress)
        except KafkaError as error:
            raise topic_admin.ClusterUnreachable(f"The cluster cannot be read ({type(error).__name__}). Run it again.") from error


async def _rebuilt(asked: Rebuilding, memory: Memory, accept: bool, progress: Progress) -> Result:
    told_before = await _standing(asked.connection)
    await asyncio.sleep(_SETTLED_AFTER)
    lanes, ends = await _lanes(asked)
    log = await _standing(asked.connection, SEQUENCED.name)
    begins = {source.partition: span.start for source, span in log.items()}
    await memory.set_lanes_down(len(begins))
    starts = await _starts(memory, begins, ends)
    spans = {partition: Span(min(max(starts[partition], begins.get(partition, 0)), end), end) for partition, end in ends.items()}
    if any(span.start < span.end for span in spans.values()):
        await memory.mark_behind()
    fold = _Fold(asked, Expected(_partitions(told_before)), spans, progress)
    await fold.run(memory, lanes)
    proven = [_gaps(begins, starts, spans), *await _proof(asked, memory, fold, told_before, begins), *await _tables(asked, ends)]
    result = Result(spans, fold.count, proven)
    if result.is_equal or accept:
        await memory.mark_rebuilt()
    return result


# what there is

async def _lanes(asked: Rebuilding) -> tuple[dict[int, LaneKey], dict[int, int]]:
    """The lanes as they will be written, and how far the group has committed; in the hub's own database nobody else may decide."""
    if asked.into is not None:
        ends = await committed_by(asked.connection, asked.prefix)
        return {partition: LaneKey(SEQUENCED.name, partition, *_NOBODY) for partition in ends}, ends
    await require_nobody(asked.connection, asked.prefix)
    lanes = {partition: await _fenced(asked, partition) for partition in await committed_by(asked.connection, asked.prefix)}
    # once more: what a sleeper had under way is settled only now
    return lanes, await committed_by(asked.connection, asked.prefix)


async def _fenced(asked: Rebuilding, partition: int) -> LaneKey:
    source = TopicPartition(SEQUENCED.name, partition)
    producer = new_producer(asked.connection, group=f"{asked.prefix}.{CASEWORK}", source=source, limits=LaneLimits())
    try:
        return await fence(producer, source)
    finally:
        await dispose(producer)


async def _starts(memory: Memory, begins: Mapping[int, int], ends: Mapping[int, int]) -> dict[int, int]:
    """The first offset that each lane of the database does not know. One that it does not have begins where the log does."""
    known = await memory.progress()
    return {partition: known[partition].decided_to if partition in known else begins.get(partition, 0) for partition in ends}


def _partitions(stands: Mapping[TopicPartition, Span]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for source in stands:
        counts[source.topic] = counts.get(source.topic, 0) + 1
    return counts


async def _standing(connection: KafkaConnection, *names: str) -> dict[TopicPartition, Span]:
    """What stands on these topics; without names: on all that casework writes."""
    there = await topic_admin.partitions(connection)
    wanted = {name: count for name, count in there.items() if name in names or (not names and proof.is_told(name))}
    return await standing_on(connection, wanted)


# the fold

@dataclass(slots=True)
class _Fold:
    asked: Rebuilding
    expected: Expected
    spans: Mapping[int, Span]
    progress: Progress
    count: int = 0
    first_at: dict[int, datetime] = field(default_factory=dict)

    async def run(self, memory: Memory, lanes: Mapping[int, LaneKey]) -> None:
        """Everything the database lacks."""
        lacking = {partition: span for partition, span in self.spans.items() if span.start < span.end}
        casework = Casework(memory, keep=self.asked.keep)
        for partition, span in lacking.items():
            await casework.opened(lanes[partition], span.start, resumed=False)
        names = Names(self.asked.key_version, (await topic_admin.partitions(self.asked.connection))[SEQUENCED.name])
        refold = Refold(casework, lanes, await _letters(self.asked.connection), names, self._hear)
        async with aclosing(in_order(self.asked.connection, lacking)) as records:
            await refold.run(records)
        for partition, span in lacking.items():
            # a span may end with what no reader is shown, and no batch has told of that
            await casework.opened(lanes[partition], span.end, resumed=False)

    def _hear(self, record: Record, outgoing: Sequence[Outgoing]) -> None:
        self.count += 1
        self.first_at.setdefault(record.partition, proof.at_of(record.timestamp_ms))
        self.expected.hear(record.partition, outgoing)
        self.progress(self.count, sum(span.end - span.start for span in self.spans.values()))


async def _letters(connection: KafkaConnection) -> set[UUID]:
    """The ids of all letters of our fault that were announced."""
    written, letters = LetterWritten.family.type_of("written").encode(), set()
    async with aclosing(all_of(connection, await _standing(connection, DEAD_LETTERS.name))) as records:
        async for record in records:
            if dict(record.headers).get("ce_type") == written and (told := msgspec.json.decode(record.value))["fault"] == "hub":
                letters.add(UUID(told["letter_id"]))
    return letters


# the proof

def _gaps(begins: Mapping[int, int], starts: Mapping[int, int], spans: Mapping[int, Span]) -> Compared:
    """Where the log no longer has what the database lacks: nobody can fold that. And where the log itself has lost its beginning."""
    lacking = [partition for partition, span in spans.items() if span.start < span.end]
    gone = sum(begins.get(partition, 0) > starts[partition] for partition in lacking)
    cut = sum(0 < begins.get(partition, 0) == starts[partition] for partition in lacking)
    note = f"in {cut} the log begins later than the hub did: what was decided before is not known" if cut else ""
    return Compared("lanes of which the log has all that is lacking", len(spans), missing=gone, note=note)


async def _proof(
    asked: Rebuilding, memory: Memory, fold: _Fold, told_before: Mapping[TopicPartition, Span], begins: Mapping[int, int],
) -> list[Compared]:
    """Every topic that casework writes, one by one, and the appointments."""
    told_now, since = await _standing(asked.connection), _since(fold, begins)
    compared = list[Compared]()
    for topic in sorted({source.topic for source in told_now} | {place[0] for place in fold.expected.records}):
        spans = {source: span for source, span in told_now.items() if source.topic == topic}
        ends = {source: span.end for source, span in told_before.items()}
        covered = Covered({(source.topic, source.partition): span.start for source, span in spans.items()}, since)
        async with aclosing(all_of(asked.connection, spans)) as records:
            stands = [_stands(record, is_new=record.offset >= ends.get(_source(record), 0)) async for record in records]
        judge = proof.of_compacted if topic in proof.COMPACTED else proof.of_topic
        compared.append(judge(topic, stands, fold.expected, covered))
    return [*compared, await _appointments(asked.connection, memory)]


def _since(fold: _Fold, begins: Mapping[int, int]) -> datetime | None:
    """From when on everything was folded, if any time can be said."""
    if not fold.spans or any(span.start > begins.get(partition, 0) for partition, span in fold.spans.items()):
        return None
    return max((fold.first_at.get(partition, _BEFORE_ALL) for partition in fold.spans if begins.get(partition)), default=_BEFORE_ALL)


def _source(record: Any) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)


def _stands(record: Any, *, is_new: bool) -> Stands:
    """What came since we looked first may have been decided since: it is there, and nobody asks why."""
    headers = dict(record.headers)
    time = headers.get("ce_time")
    at = _BEFORE_ALL if is_new else datetime.fromisoformat(time.decode()) if time else proof.at_of(record.timestamp)
    return Stands(record.topic, record.partition, record.key, proof.id_of(record.headers, record.value), at)


async def _appointments(connection: KafkaConnection, memory: Memory) -> Compared:
    told: dict[bytes, tuple[str, tuple[proof.Standing, datetime]]] = {}
    async with aclosing(all_of(connection, await _standing(connection, APPOINTMENT_STATUS.name))) as records:
        async for record in records:
            if record.value is None:
                told.pop(record.key, None)
            else:
                appointment, standing = proof.told_of(record.value)
                told[record.key] = appointment, (standing, proof.at_of(record.timestamp))
    here = {one: standing async for state in memory.latest_cases() for one, standing in proof.published_of(_CASE.decode(state))}
    return proof.of_appointments(here, dict(told.values()), now=datetime.now(UTC), forgotten_after=FORGOTTEN_AFTER)


async def _tables(asked: Rebuilding, ends: Mapping[int, int]) -> list[Compared]:
    """With another database beside the hub's own: the two, table by table."""
    if asked.into is None:
        return []
    return [_of_table(one) for one in await compare(asked.into, asked.database_url, ends)]


def _of_table(one: TableDifference) -> Compared:
    return Compared(f"table {one.table}", one.compared, missing=one.only_first + one.unlike, extra=one.only_second)

"""A database that knows less than Kafka has committed: nobody decides on it, and nothing else is ever taken for one."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from hub.memory.faults import DatabaseBehind, FencedOff
from hub.memory.memory import Memory
from hub.memory.rows import Asked, Fence
from tests.hub.memory.rows_made import ELSEWHERE, FIRST, SECOND, claim, one_batch, rows_of, somebody_waits

pytestmark = pytest.mark.database
OLD_OPENING = "update lanes set producer_id = $2, producer_epoch = $3, opened_at = $4 where partition = $1"
"""As the version before this one has it (schema 0002)."""


async def _decide(memory: Memory, fence: Fence, start: int, end: int) -> None:
    async with memory.batch(fence, start=start, end=end) as batch:
        await batch.recall(Asked(tuple(claim(f"{fence.partition}/{at}", at) for at in range(start, end))))


async def _do(url: str, statement: str, *values: object) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement, *values)
    finally:
        await connection.close()


def _fences(partition: int = 0) -> Iterator[Fence]:
    epoch = 0
    while True:
        yield Fence(partition, producer_id=7, producer_epoch=epoch)
        epoch += 1


async def test_a_lane_is_opened_where_memory_knows_all_that_kafka_has(memory: Memory) -> None:
    """A lane that is new, one that was decided, one whose last batch Kafka never heard of, and one that was rewound."""
    fences = _fences()
    await memory.open_lane(first := next(fences), committed=40, resumed=False)
    await _decide(memory, first, 40, 50)
    await memory.open_lane(next(fences), committed=50, resumed=True)
    await memory.open_lane(again := next(fences), committed=50, resumed=True)
    await _decide(memory, again, 50, 60)
    await memory.rewind(again, to=55)
    await memory.open_lane(next(fences), committed=55, resumed=True)


async def test_a_database_that_was_lost_is_not_decided_on(memory: Memory, memory_url: str) -> None:
    """The tables are there and empty, and the group has committed: nothing is written, and the words say what to do."""
    with pytest.raises(DatabaseBehind, match="hub rebuild"):
        await memory.open_lane(FIRST, committed=7, resumed=True)
    with pytest.raises(FencedOff):
        await _decide(memory, FIRST, 7, 8)
    assert not any((await rows_of(memory_url)).values())


async def test_a_database_older_than_kafka_is_not_decided_on(memory: Memory) -> None:
    """By a single record."""
    await memory.open_lane(FIRST, committed=0)
    await _decide(memory, FIRST, 0, 9)
    with pytest.raises(DatabaseBehind):
        await memory.open_lane(SECOND, committed=10, resumed=True)


async def test_when_one_lane_is_behind_no_lane_decides(memory: Memory) -> None:
    """Also one that lacks nothing itself: what the other has forgotten, it would miss. After the rebuilding all go on."""
    await memory.open_lane(ELSEWHERE, committed=0)
    await _decide(memory, ELSEWHERE, 0, 3)
    with pytest.raises(DatabaseBehind):
        await memory.open_lane(FIRST, committed=7, resumed=True)
    with pytest.raises(FencedOff):
        await _decide(memory, ELSEWHERE, 3, 4)
    newer = Fence(1, producer_id=8, producer_epoch=2)
    with pytest.raises(DatabaseBehind):
        await memory.open_lane(newer, committed=3, resumed=True)
    await memory.mark_rebuilt()
    await memory.open_lane(newer, committed=3, resumed=True)
    await _decide(memory, newer, 3, 4)


async def test_memory_that_was_exchanged_under_an_open_lane_is_noticed_by_its_next_batch(memory: Memory, memory_url: str) -> None:
    """An older dump put in its place has the same fence, and is not where this owner left it."""
    await memory.open_lane(FIRST, committed=0)
    await _decide(memory, FIRST, 0, 5)
    await _do(memory_url, "update lanes set decided_to = 3")
    with pytest.raises(FencedOff):
        await _decide(memory, FIRST, 5, 6)
    with pytest.raises(DatabaseBehind):
        await memory.open_lane(SECOND, committed=5, resumed=True)


async def test_a_lane_that_an_older_version_of_the_hub_had_is_believed(memory: Memory, memory_url: str) -> None:
    """It tells nobody how far it came: neither before the first opening by this version, nor between two of them."""
    await memory.open_lane(FIRST, committed=0)
    await _decide(memory, FIRST, 0, 5)
    await _do(memory_url, OLD_OPENING, 0, 7, 2, 5)
    await memory.open_lane(Fence(0, producer_id=7, producer_epoch=3), committed=90, resumed=True)
    await _do(memory_url, "update lanes set decided_to = null")
    await memory.open_lane(Fence(0, producer_id=7, producer_epoch=4), committed=99, resumed=True)


async def test_who_rebuilds_may_write_where_the_others_wait(memory: Memory, memory_url: str) -> None:
    """And nobody else, until the last record is there."""
    await memory.mark_behind()
    mending = await Memory.connect(memory_url, mends=True)
    await mending.open_lane(FIRST, committed=0)
    await _decide(mending, FIRST, 0, 5)
    with pytest.raises(FencedOff):
        await _decide(memory, FIRST, 5, 6)
    await mending.close()


async def test_a_claim_that_goes_while_it_is_asked_for_is_claimed_once_more(memory: Memory, memory_url: str) -> None:
    """Between "somebody has it" and "who?" its owner's lane fell back, or it was cleaned away: somebody always has it."""
    await memory.open_lane(ELSEWHERE, committed=0)
    await _decide(memory, ELSEWHERE, 0, 1)
    await memory.open_lane(FIRST, committed=0)
    holder = await asyncpg.connect(memory_url)
    await holder.execute("""
        create function wait() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(1); return new; end $$;
        create trigger waits before insert on claims for each row when (new.id = 'later') execute function wait()""")
    await holder.execute("select pg_advisory_lock(1)")
    asking = asyncio.create_task(one_batch(memory, FIRST, Asked((claim("1/0", 6), claim("later", 7)))))
    try:
        await somebody_waits(memory_url)
        await holder.execute("delete from claims")
    finally:
        await holder.execute("select pg_advisory_unlock(1)")
    known = await asking
    await holder.close()
    assert {msg_id: (owner.partition, owner.offset) for (_, msg_id), owner in known.owners.items()} == {"1/0": (0, 6), "later": (0, 7)}

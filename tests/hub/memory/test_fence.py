"""Who may write for a lane, and that nobody else does."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hub.memory.faults import DatabaseAway, FencedOff, OffsetWentBack
from hub.memory.memory import Memory
from hub.memory.rows import Asked, Fence, News
from tests.hub.memory.rows_made import FIRST, SECOND, claim, one_batch, rows_of, somebody_waits, version

pytestmark = pytest.mark.database
NEWS = News((version("1.a", 0, "old"),))


async def test_a_lane_that_nobody_opened_writes_nowhere(memory: Memory) -> None:
    """No row, no right."""
    with pytest.raises(FencedOff):
        await one_batch(memory, FIRST, Asked((claim("a", 0),)))


@pytest.mark.parametrize("write", ["batch", "rewind", "prune", "open_lane"])
async def test_a_zombie_with_an_old_fence_writes_nowhere(memory: Memory, memory_url: str, write: str) -> None:
    """It can neither write, nor take away, nor open the lane again."""
    await memory.open_lane(FIRST, committed=0)
    await memory.open_lane(SECOND, committed=0)
    await one_batch(memory, SECOND, Asked((claim("a", 0),)), NEWS)
    tries: dict[str, Callable[[], Awaitable[object]]] = {
        "batch": lambda: one_batch(memory, FIRST, Asked((claim("b", 1),)), News((version("1.a", 1, "older"),))),
        "rewind": lambda: memory.rewind(FIRST, to=0),
        "prune": lambda: memory.prune(FIRST, committed=9),
        "open_lane": lambda: memory.open_lane(FIRST, committed=0),
    }
    with pytest.raises(FencedOff):
        await tries[write]()
    rows = await rows_of(memory_url)
    assert (rows["claims"], rows["case_versions"]) == ([0], [0])


async def test_a_zombie_that_sleeps_between_recall_and_remember_is_cut(memory: Memory, memory_url: str) -> None:
    """Its open transaction ends by the server's timeout, the new owner opens, and nothing of the sleeper's is left."""
    sleeper = await Memory.connect(memory_url, timeout=0.5)
    await sleeper.open_lane(FIRST, committed=0)

    async def sleep_inside() -> None:
        async with sleeper.batch(FIRST) as batch:
            await batch.recall(Asked((claim("a", 0),)))
            await memory.open_lane(SECOND, committed=0)
            await batch.remember(NEWS)

    with pytest.raises(DatabaseAway):
        await sleep_inside()
    assert not any((await rows_of(memory_url)).values())
    with pytest.raises(FencedOff):
        await one_batch(sleeper, FIRST, Asked((claim("a", 0),)), NEWS)
    await sleeper.close()


async def test_what_a_zombie_commits_while_the_new_owner_waits_is_deleted_by_it(memory: Memory, memory_url: str) -> None:
    """The new owner waits at the lane's row, then sees and deletes what was committed in front of it."""
    await memory.open_lane(FIRST, committed=0)
    async with memory.batch(FIRST) as batch:
        await batch.recall(Asked((claim("a", 0),)))
        opening = asyncio.create_task(memory.open_lane(SECOND, committed=0))
        await somebody_waits(memory_url)
        await batch.remember(NEWS)
    await opening
    assert not any((await rows_of(memory_url)).values())


async def test_the_same_owner_may_open_its_lane_again(memory: Memory, memory_url: str) -> None:
    """An opening whose outcome is not known is simply done once more."""
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked((claim("a", 0),)))
    await memory.open_lane(FIRST, committed=0)
    assert (await rows_of(memory_url))["claims"] == []


@pytest.mark.parametrize("producer_id", [3, 70_000])
async def test_another_producer_id_is_accepted_lower_or_higher(memory: Memory, producer_id: int) -> None:
    """Kafka gave the lane a new id, whose epochs begin at 0: the offset has not gone back, so it is newer."""
    await memory.open_lane(Fence(0, producer_id=7, producer_epoch=32_000), committed=5)
    newest = Fence(0, producer_id=producer_id, producer_epoch=0)
    await memory.open_lane(newest, committed=5)
    await one_batch(memory, newest, Asked((claim("a", 5),)))


async def test_another_producer_id_with_a_lower_offset_is_a_sleeper(memory: Memory) -> None:
    """Committed offsets only rise: who comes with a lower one than the lane was opened at read it before."""
    await memory.open_lane(FIRST, committed=0)
    await memory.open_lane(Fence(0, producer_id=3, producer_epoch=0), committed=6)
    with pytest.raises(FencedOff):
        await memory.open_lane(FIRST, committed=5)


async def test_another_producer_id_with_an_offset_below_what_was_pruned_is_a_sleeper(memory: Memory) -> None:
    """Pruning told memory of a committed offset too."""
    await memory.open_lane(FIRST, committed=0)
    await memory.prune(FIRST, committed=9)
    with pytest.raises(FencedOff):
        await memory.open_lane(Fence(0, producer_id=3, producer_epoch=0), committed=8)


async def test_a_newest_owner_whose_offset_went_back_is_refused(memory: Memory, memory_url: str) -> None:
    """The group's offsets were lost or moved: to redo from there would deliver twice. Nothing is deleted; a person must look."""
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked((claim("a", 0),)))
    await memory.open_lane(SECOND, committed=1)
    with pytest.raises(OffsetWentBack, match="partition 0"):
        await memory.open_lane(Fence(0, producer_id=7, producer_epoch=3), committed=0)
    assert (await rows_of(memory_url))["claims"] == [0]


async def test_two_lanes_write_at_the_same_time(memory: Memory) -> None:
    """A fence locks its own lane only."""
    other = Fence(1, producer_id=8, producer_epoch=1)
    await memory.open_lane(FIRST, committed=0)
    await memory.open_lane(other, committed=0)
    async with memory.batch(FIRST) as batch:
        await batch.recall(Asked((claim("a", 0),)))
        await one_batch(memory, other, Asked((claim("b", 0),)))

"""What memory may forget."""

import pytest

from hub.memory import memory as memory_module
from hub.memory.memory import Memory
from hub.memory.rows import Asked, Fence, News
from tests.hub.memory.rows_made import ELSEWHERE, FIRST, SECOND, claim, letter, one_batch, resolution, rows_of, version

pytestmark = pytest.mark.database


def _versions(*offsets: int, case_key: str = "1.a") -> News:
    return News(tuple(version(case_key, offset, f"at {offset}") for offset in offsets))


async def test_superseded_versions_behind_the_committed_offset_go(memory: Memory, memory_url: str) -> None:
    """The latest version behind it stays, because a redo needs it; those at and beyond it stay, because Kafka may not have them."""
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked(), _versions(0, 2, 4, 6, 8))
    await one_batch(memory, FIRST, Asked(), _versions(1, case_key="1.b"))
    assert await memory.prune(FIRST, committed=6) == 2
    assert (await rows_of(memory_url))["case_versions"] == [1, 4, 6, 8]
    assert await memory.prune(FIRST, committed=6) == 0


async def test_a_redo_after_pruning_knows_what_it_knew_before(memory: Memory) -> None:
    """Open at the offset that was pruned to: the version in front of it is still there."""
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked(), _versions(0, 1, 2, 3))
    await memory.prune(FIRST, committed=3)
    await memory.open_lane(SECOND, committed=3)
    assert (await one_batch(memory, SECOND, Asked(case_keys=("1.a",)))).cases == {"1.a": b"at 2"}


async def test_pruning_goes_in_bounded_steps(memory: Memory, memory_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many steps come to the same as one: of 50 versions of 5 cases the last of each is left."""
    monkeypatch.setattr(memory_module, "PRUNE_STEP", 7)
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked(), News(tuple(version(f"1.{n % 5}", n, str(n)) for n in range(50))))
    assert await memory.prune(FIRST, committed=20) == 15
    assert await memory.prune(FIRST, committed=50) == 30
    assert (await rows_of(memory_url))["case_versions"] == [45, 46, 47, 48, 49]


async def test_pruning_touches_its_own_lane_only(memory: Memory, memory_url: str) -> None:
    """Another partition's versions, and all claims, stay."""
    await memory.open_lane(FIRST, committed=0)
    await memory.open_lane(ELSEWHERE, committed=0)
    await one_batch(memory, FIRST, Asked((claim("a", 0),)), _versions(0, 1))
    await one_batch(memory, ELSEWHERE, Asked(), _versions(0, 1, case_key="1.b"))
    assert await memory.prune(FIRST, committed=9) == 1
    assert (await rows_of(memory_url, 0))["claims"] == [0]
    assert (await rows_of(memory_url, 1))["case_versions"] == [0, 1]


async def test_the_bytes_of_a_letter_go_when_its_resolution_is_final(memory: Memory) -> None:
    """While Kafka may not have the resolution they stay: it may have to be decided anew."""
    await memory.open_lane(FIRST, committed=0)
    written = letter(0)
    await one_batch(memory, FIRST, Asked(), News(letters=(written, letter(1)), resolutions=(resolution(written, 5),)))

    async def kept() -> list[bool]:
        return [(found is not None and found.body is not None) for found in [await memory.letter(letter(n).letter_id) for n in (0, 1)]]

    await memory.prune(FIRST, committed=5)
    assert await kept() == [True, True]
    await memory.prune(FIRST, committed=6)
    assert await kept() == [False, True]


async def test_pruning_with_a_committed_offset_of_the_past_does_nothing(memory: Memory, memory_url: str) -> None:
    """It never goes back."""
    lane = Fence(0, producer_id=1, producer_epoch=0)
    await memory.open_lane(lane, committed=0)
    await one_batch(memory, lane, Asked(), _versions(0, 1, 2))
    await memory.prune(lane, committed=2)
    assert await memory.prune(lane, committed=1) == 0
    assert (await rows_of(memory_url))["case_versions"] == [1, 2]

"""Cases that move to another partition or another name: what is kept, what order it has, and what a worker is told before it begins."""

from dataclasses import replace
from uuid import UUID, uuid5

import asyncpg
import pytest

from hub.memory import moving
from hub.memory.faults import CasesElsewhere, NamedOtherwise
from hub.memory.jobs import connected
from hub.memory.memory import Memory
from hub.memory.moving import LettersWait, NamesClash, Renamed
from hub.memory.rows import Asked, Citizen, Fence, News, Wanted
from tests.hub.memory.rows_made import ELSEWHERE, FIRST, SECOND, claim, letter, one_batch, resolution, rows_of, sent, version

pytestmark = pytest.mark.database

A, B = f"1.{'a' * 32}", f"1.{'b' * 32}"
NEW_A, NEW_B = f"2.{'a' * 32}", f"2.{'b' * 32}"


def everything_in_one(_name: str) -> int:
    """All cases move to partition 1."""
    return 1


async def stands(memory: Memory, key: str) -> bytes:
    """The newest version of a case."""
    await memory.open_lane(SECOND, committed=50)
    return (await one_batch(memory, SECOND, Asked(case_keys=(key,)))).cases[key]


async def test_a_case_that_moved_keeps_its_newest_version_and_the_next_one_is_newer(memory: Memory, memory_url: str) -> None:
    """Offset 3 of the new partition is newer than offset 40 of the old one; pruned there, the old version goes."""
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked(), News((version(A, 20, "older"), version(A, 40, "newest"))))
    async with connected(memory_url) as database:
        assert await moving.arrange(database, everything_in_one) == 1
    assert await stands(memory, A) == b"newest"
    await memory.open_lane(ELSEWHERE, committed=0)
    await one_batch(memory, ELSEWHERE, Asked(), News((version(A, 3, "after"),)))
    assert await stands(memory, A) == b"after"
    await memory.prune(ELSEWHERE, committed=9)
    assert (await rows_of(memory_url, 1))["case_versions"] == [3]


async def test_moving_again_changes_nothing_and_a_suffix_never_takes_what_moved(memory: Memory, memory_url: str) -> None:
    """Twice arranged is once arranged; a lane that opens at its first offset leaves it alone."""
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked((claim("m", 4),)), News((version(A, 4, "kept"),), citizens=(Citizen(B, True, 5),)))
    async with connected(memory_url) as database:
        await moving.arrange(database, everything_in_one)
        before = await rows_of(memory_url, 1)
        await moving.arrange(database, everything_in_one)
    await memory.open_lane(ELSEWHERE, committed=0)
    assert await rows_of(memory_url, 1) == before
    assert (before["case_versions"], before["citizens"]) == ([moving.MOVED], [moving.MOVED])
    assert (await rows_of(memory_url, 0))["claims"] == [4]


async def test_what_is_parked_keeps_its_order_in_front_of_what_comes(memory: Memory, memory_url: str) -> None:
    """Three messages wait behind a letter; after two moves they stand in the order they came, below every real offset."""
    await memory.open_lane(FIRST, committed=0)
    parked = [replace(letter(offset), case_key=A) for offset in (7, 11, 12)]
    await one_batch(memory, FIRST, Asked(), News((version(A, 6, "waits"),), letters=tuple(parked)))
    connection = await asyncpg.connect(memory_url)
    await connection.execute("update letters set behind = $1", uuid5(UUID(int=0), "the letter"))
    async with connected(memory_url) as database:
        await moving.arrange(database, everything_in_one)
        await moving.arrange(database, everything_in_one)
    rows = await connection.fetch('select letter_id, partition, "offset" from letters order by "offset"')
    await connection.close()
    assert [tuple(row) for row in rows] == [(one.letter_id, 1, at) for one, at in zip(parked, (-3, -2, -1), strict=True)]


async def test_a_worker_begins_only_where_the_cases_lie(memory: Memory, memory_url: str) -> None:
    """The first of all sets down how many partitions there are; another number, or a move that has not ended, stops the others."""
    await memory.check_places(partitions=6, version="1")
    await memory.check_places(partitions=6, version="1")
    with pytest.raises(CasesElsewhere, match="hub grow 9"):
        await memory.check_places(partitions=9, version="1")
    async with connected(memory_url) as database:
        await moving.arrange(database, everything_in_one)
        with pytest.raises(CasesElsewhere, match="once more"):
            await memory.check_places(partitions=6, version="1")
        await moving.settle(database, 9)
    await memory.check_places(partitions=9, version="1")
    await memory.open_lane(Fence(8, producer_id=1, producer_epoch=0), committed=0)


@pytest.mark.parametrize("key", [A, f"a.{'a' * 32}", f"0.{'a' * 32}"])
async def test_a_worker_begins_only_under_the_key_that_named_the_cases(memory: Memory, key: str) -> None:
    """Names are sorted by their version: both ends are looked at. A key that is no pseudonym is nobody's name."""
    await memory.check_places(partitions=6, version="5")
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked(), News((version(key, 0, "x"), version("epj.fjord.inbox/0", 1, "y"))))
    await memory.check_places(partitions=6, version=key[0])
    with pytest.raises(NamedOtherwise, match="rotate"):
        await memory.check_places(partitions=6, version="5")


async def test_everything_under_an_old_name_goes_by_the_new_one_or_is_forgotten(memory: Memory, memory_url: str) -> None:
    """A case, its letters, what was sent, its citizen; a case without one goes, with what was sent for it. A dry run counts alike."""
    await memory.open_lane(FIRST, committed=0)
    aside = replace(letter(1), case_key=A)
    news = News(
        (version(A, 1, "a"), version(B, 2, "b")), letters=(aside,), sent=(sent("m1", 1, A), sent("m2", 2, B)),
        citizens=(Citizen(A, True, 1),),
    )
    await one_batch(memory, FIRST, Asked(), news)
    async with connected(memory_url) as database:
        counted = await moving.rename(database, {A: NEW_A}, everything_in_one, gone="1.", keep=False)
        assert await stands(memory, A) == b"a"
        assert await moving.rename(database, {A: NEW_A}, everything_in_one, gone="1.") == counted
    assert counted == Renamed(cases=1, citizens=1, letters=1, sent=1, deadlines=0, forgotten=1)
    assert await stands(memory, NEW_A) == b"a"
    found = await one_batch(memory, SECOND, Asked(case_keys=(A, B), sent_ids=("m1", "m2"), persons=(NEW_A,)))
    assert (dict(found.cases), found.sent["m1"].case_key, list(found.sent), dict(found.citizens)) == ({}, NEW_A, ["m1"], {NEW_A: True})
    assert [one.case_key for one in await memory.letters()] == [NEW_A]


async def test_a_letter_that_waits_is_not_left_under_a_name_that_goes(memory: Memory, memory_url: str) -> None:
    """Somebody has to decide about it first; a letter that is dealt with only loses the name."""
    await memory.open_lane(FIRST, committed=0)
    aside = replace(letter(1), case_key=A)
    await one_batch(memory, FIRST, Asked(), News(letters=(aside,)))
    async with connected(memory_url) as database:
        with pytest.raises(LettersWait, match="1 letters"):
            await moving.rename(database, {}, everything_in_one, gone="1.")
        await one_batch(memory, FIRST, Asked(), News(resolutions=(resolution(aside, 2, "discarded"),)))
        await moving.rename(database, {}, everything_in_one, gone="1.")
    assert [one.case_key for one in await memory.letters(Wanted(resolved=None))] == [None]


async def test_names_that_clash_change_nothing(memory: Memory, memory_url: str) -> None:
    """Somebody has worked under the new key already: two stories of one case cannot be made one."""
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked(), News((version(A, 1, "old"), version(NEW_A, 2, "new"))))
    async with connected(memory_url) as database:
        with pytest.raises(NamesClash, match="1 cases"):
            await moving.rename(database, {A: NEW_A}, everything_in_one, gone="1.")
    assert (await stands(memory, A), await stands(memory, NEW_A)) == (b"old", b"new")

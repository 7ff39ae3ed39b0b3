"""What memory forgets for good, and what it never does."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.memory import cleaning
from hub.memory.cleaning import Cleaned
from hub.memory.faults import FencedOff
from hub.memory.memory import Memory
from hub.memory.rows import Asked, Citizen, DeadlineSet, Fence, News
from tests.hub.memory.rows_made import (
    ELSEWHERE,
    FIRST,
    NOON,
    SECOND,
    claim,
    letter,
    one_batch,
    resolution,
    rows_of,
    sent,
    version,
    who_owns,
)

pytestmark = pytest.mark.database
DAY: Final = timedelta(days=1)
KEEP: Final = 400 * DAY
LATER: Final = NOON + 401 * DAY
"""More than KEEP after what the tests write at noon."""


def nothing_left(state: bytes) -> bool:
    """As the cases of these tests say it."""
    return state == b"over"


async def step(memory: Memory, fence: Fence = FIRST, *, committed: int = 100, days: int = 401, start: int = 0) -> Cleaned:
    """One step, so many days after noon."""
    return await memory.clean(fence, committed=committed, at=NOON + days * DAY, keep=KEEP, cases_from=start, is_over=nothing_left)


async def opened(memory: Memory, *, marked: int = 50) -> None:
    """A lane of which a mark says: at noon it was that far."""
    await memory.open_lane(FIRST, committed=0)
    await step(memory, committed=marked, days=0)


async def test_what_is_older_than_is_kept_goes_and_what_is_younger_stays(memory: Memory, memory_url: str) -> None:
    """Claims, what was sent, letters of others' faults, letters that were dealt with: below the mark and not at it."""
    await opened(memory, marked=5)
    resolved, told = letter(2), letter(3, fault="sender")
    news = News(
        (version("1.a", 4, "over"), version("1.b", 6, "over")), (resolved, told, letter(8, fault="door")), (resolution(resolved, 4),),
        (sent("x", 4), sent("y", 5)), citizens=(Citizen("p", active=True, offset=1),),
    )
    await one_batch(memory, FIRST, Asked((claim("a", 4), claim("b", 5))), news)
    assert (await step(memory)).rows == {"claims": 1, "sent": 1, "resolutions": 1, "letters": 1, "marks": 0, "cases": 1}
    left = {table: offsets for table, offsets in (await rows_of(memory_url)).items() if offsets}
    assert left == {"claims": [5], "case_versions": [6], "letters": [8], "sent": [5], "citizens": [1]}


async def test_nothing_goes_before_a_mark_is_old_enough(memory: Memory, memory_url: str) -> None:
    """A database from before the marks knows of no offset how old it is: it waits as long as anything is kept."""
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked((claim("a", 0),)))
    assert (await step(memory, days=0)).total == (await step(memory, days=399)).total == 0
    assert (await rows_of(memory_url))["claims"] == [0]
    assert (await step(memory, days=400)).total == 1


async def test_what_kafka_may_not_have_committed_stays_however_old(memory: Memory, memory_url: str) -> None:
    """A clock that jumped ahead must not take what a redo needs."""
    await opened(memory, marked=50)
    await one_batch(memory, FIRST, Asked((claim("a", 3), claim("b", 4))))
    await step(memory, committed=4)
    assert (await rows_of(memory_url))["claims"] == [4]


async def test_what_waits_never_goes(memory: Memory, memory_url: str) -> None:
    """A letter of our fault, the command behind a deadline that is not met, a case that holds something or is waited for."""
    await opened(memory)
    news = News(
        (version("1.a", 1, "booked"), version("1.w", 2, "over")), (letter(1),), sent=(sent("waits", 2),),
        deadlines=(DeadlineSet("waits", "answer", "1.w", NOON, 2),),
    )
    await one_batch(memory, FIRST, Asked(), news)
    before = await rows_of(memory_url)
    assert (await step(memory)).total == 0
    assert await rows_of(memory_url) == before


async def test_a_letter_behind_another_stays_until_it_is_released(memory: Memory, memory_url: str, database_url: str) -> None:
    """Whatever its fault is called."""
    await opened(memory)
    await one_batch(memory, FIRST, Asked(), News(letters=(letter(1, fault="sender"),)))
    async with memory._transaction() as connection:
        await connection.execute("update letters set behind = letter_id")
    await step(memory)
    assert (await rows_of(memory_url))["letters"] == [1]


async def test_a_case_that_was_spoken_of_since_stays_with_all_its_versions(memory: Memory, memory_url: str) -> None:
    """Its old version is superseded: pruning's to take, and a redo's to find."""
    await opened(memory, marked=5)
    await one_batch(memory, FIRST, Asked(), News((version("1.a", 1, "over"), version("1.a", 9, "booked"))))
    await step(memory)
    assert (await rows_of(memory_url))["case_versions"] == [1, 9]


async def test_a_step_is_small_and_says_where_the_next_one_begins(
    memory: Memory, memory_url: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Many steps come to the same as one."""
    monkeypatch.setattr(cleaning, "STEP", 7)
    await opened(memory)
    cases = tuple(version(f"1.{n}", n, "over" if n % 2 else "booked") for n in range(20))
    await one_batch(memory, FIRST, Asked(tuple(claim(str(n), n) for n in range(20))), News(cases))
    steps, start = [await step(memory)], 0
    while steps[-1].more:
        start = steps[-1].cases_from
        steps.append(await step(memory, start=start))
    assert [one.rows["claims"] for one in steps] == [7, 7, 6]
    assert [one.rows["cases"] for one in steps] == [3, 4, 3]
    assert (await rows_of(memory_url))["case_versions"] == list(range(0, 20, 2))


async def test_a_dry_run_counts_what_all_steps_take_and_takes_nothing(
    memory: Memory, memory_url: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over more than one step."""
    monkeypatch.setattr(cleaning, "STEP", 7)
    await opened(memory)
    await one_batch(memory, FIRST, Asked(tuple(claim(str(n), n) for n in range(20))), News((version("1.a", 19, "over"),)))
    await memory.open_lane(SECOND, committed=50)
    before = await rows_of(memory_url)
    told = await memory.would_clean(0, before=LATER - KEEP, is_over=nothing_left)
    assert (told.rows["claims"], told.rows["cases"]) == (20, 1)
    assert await rows_of(memory_url) == before


async def test_an_operator_takes_only_what_lies_below_where_the_lane_was_opened(memory: Memory, memory_url: str) -> None:
    """Who owns no lane does not know how far Kafka has come since."""
    await opened(memory)
    await one_batch(memory, FIRST, Asked((claim("a", 3), claim("b", 4))))
    assert await memory.lanes_marked() == {0: NOON}
    assert (await memory.clean_lane(0, before=LATER - KEEP, cases_from=0, is_over=nothing_left)).total == 0
    await memory.open_lane(SECOND, committed=4)
    assert (await memory.clean_lane(0, before=LATER - KEEP, cases_from=0, is_over=nothing_left)).rows["claims"] == 1
    assert (await rows_of(memory_url))["claims"] == []


async def test_a_zombie_cleans_nothing(memory: Memory, memory_url: str) -> None:
    """As it writes nothing."""
    await opened(memory)
    await one_batch(memory, FIRST, Asked((claim("a", 3),)))
    await memory.open_lane(SECOND, committed=4)
    with pytest.raises(FencedOff):
        await step(memory)
    assert (await rows_of(memory_url))["claims"] == [3]


async def test_cleaning_under_load_takes_nothing_that_is_kept_and_fails_no_batch(
    memory: Memory, memory_url: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two lanes decide, and claim what the other has, while both are cleaned by their owner and by an operator at once."""
    monkeypatch.setattr(cleaning, "STEP", 5)
    lanes = (FIRST, ELSEWHERE)
    for fence in lanes:
        await memory.open_lane(fence, committed=0)
        old = tuple(claim(f"{fence.partition}/{n}", n) for n in range(100))
        await one_batch(memory, fence, Asked(old), News(sent=tuple(sent(one.id, one.offset) for one in old)))
        await step(memory, fence, committed=90, days=0)

    async def decide(fence: Fence) -> None:
        for n in range(100, 160):
            both = Asked((claim(f"{1 - fence.partition}/{n - 100}", n), claim(f"{fence.partition}/{n}", n)))
            known = await one_batch(memory, fence, both, News((version(f"{fence.partition}.c", n, str(n)),)))
            assert len(known.owners) == 2

    async def clean(fence: Fence) -> None:
        while (await step(memory, fence, committed=100)).more:
            await memory.clean_lane(fence.partition, before=LATER - KEEP, cases_from=0, is_over=nothing_left)

    await asyncio.gather(*(work(fence) for fence in lanes for work in (decide, clean)))
    for partition in (0, 1):
        rows = await rows_of(memory_url, partition)
        assert rows["sent"] == list(range(90, 100))
        assert set(range(90, 160)) <= set(rows["claims"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    story=st.lists(st.tuples(st.integers(0, 250), st.integers(0, 5), st.booleans()), min_size=1, max_size=12), redone=st.integers(0, 3),
)
async def test_within_what_is_kept_a_message_sent_again_is_known_and_a_redo_finds_what_it_found(
    memory: Memory, story: list[tuple[int, int, bool]], redone: int,
) -> None:
    """Messages of few ids over years, cleaned now and then, any tail of them done again: an owner is known as long as it is kept."""
    async with memory._transaction() as connection:
        await connection.execute("truncate claims, marks, lanes")
    lane = Fence(0, producer_id=7, producer_epoch=0)
    await memory.open_lane(lane, committed=0)
    at, told, last_cleaned = NOON, list[int](), 0
    times: list[tuple[str, int]] = []
    for offset, (days, who, cleaned) in enumerate(story):
        at += days * DAY
        times.append((str(who), (at - NOON) // DAY))
        if cleaned:
            await memory.clean(lane, committed=offset, at=at, keep=KEEP, cases_from=0, is_over=nothing_left)
            last_cleaned = offset
        told.append((await who_owns(memory, lane, [claim(str(who), offset)]))[str(who)][1])
    for offset, (name, day) in enumerate(times):
        owners = [told[n] for n, (other, _) in enumerate(times[:offset]) if other == name]
        if owners and day - times[owners[-1]][1] <= KEEP.days:
            assert told[offset] == owners[-1]
    first = max(last_cleaned, len(story) - redone)
    lane = replace(lane, producer_epoch=1)
    await memory.open_lane(lane, committed=first)
    assert [(await who_owns(memory, lane, [claim(times[n][0], n)]))[times[n][0]][1] for n in range(first, len(story))] == told[first:]

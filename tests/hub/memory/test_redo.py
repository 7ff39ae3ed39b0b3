"""A crash between the database's commit and Kafka's: what is redone must come out the same."""

import pytest

from hub.memory.memory import Memory
from hub.memory.rows import Asked, Known, News
from tests.hub.memory.rows_made import (
    ELSEWHERE,
    FIRST,
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
ASKED = Asked((claim("a", 2), claim("b", 3), claim("a", 4)), ("1.a", "1.b"), (letter(1).letter_id,), ("x",))
NEWS = News(
    (version("1.a", 2, "moved"), version("1.b", 4, "asked")), (letter(3),), (resolution(letter(1), 4),), (sent("x", 4),),
)


async def _before(memory: Memory) -> None:
    """What Kafka has committed: offsets 0 and 1."""
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked((claim("z", 0),)), News((version("1.a", 0, "booked"),), (letter(1),)))


async def test_a_batch_done_again_after_a_crash_is_told_the_same(memory: Memory, memory_url: str) -> None:
    """The database had committed, Kafka had not: opening takes the suffix away, and the redo finds what the first try found."""
    await _before(memory)
    first: Known = await one_batch(memory, FIRST, ASKED, NEWS)
    rows = await rows_of(memory_url)
    await memory.open_lane(SECOND, committed=2)
    assert await one_batch(memory, SECOND, ASKED, NEWS) == first
    assert await rows_of(memory_url) == rows
    assert first.cases == {"1.a": b"booked"}


async def test_opening_a_lane_takes_away_every_row_from_the_committed_offset_on(memory: Memory, memory_url: str) -> None:
    """In every table: exactly the rows at or beyond it go, the row just before stays."""
    await _before(memory)
    await one_batch(memory, FIRST, ASKED, NEWS)
    await memory.open_lane(SECOND, committed=3)
    left = {table: offsets for table, offsets in (await rows_of(memory_url)).items() if offsets}
    assert left == {"claims": [0, 2], "case_versions": [0, 2], "letters": [1]}


async def test_a_letter_written_before_the_crash_does_not_block_what_is_delivered_after_it(memory: Memory) -> None:
    """Set aside at the first try, delivered at the second: the letter is gone, the case is free and can be claimed again."""
    await _before(memory)
    await one_batch(memory, FIRST, Asked((claim("a", 2),)), News((version("1.a", 2, "blocked"),), (letter(2),)))
    await memory.open_lane(SECOND, committed=2)
    known = await one_batch(memory, SECOND, Asked((claim("a", 2),), ("1.a",), (letter(2).letter_id,)))
    assert (known.cases, known.letters) == ({"1.a": b"booked"}, {})


async def test_a_resolution_before_the_crash_leaves_the_letter_unresolved(memory: Memory) -> None:
    """A replay that Kafka never heard of can be decided again."""
    await _before(memory)
    await one_batch(memory, FIRST, Asked(), News(resolutions=(resolution(letter(1), 2),)))
    await memory.open_lane(SECOND, committed=2)
    known = await one_batch(memory, SECOND, Asked(letter_ids=(letter(1).letter_id,)))
    assert known.letters[letter(1).letter_id].resolved is None
    assert known.letters[letter(1).letter_id].body == b"<MsgHead/>"


async def test_another_lanes_rows_are_not_deleted(memory: Memory, memory_url: str) -> None:
    """The suffix is the lane's own, whatever offsets the others are at."""
    await _before(memory)
    await memory.open_lane(ELSEWHERE, committed=0)
    await one_batch(memory, ELSEWHERE, Asked((claim("other", 50),)), News((version("1.c", 50, "booked"),)))
    await memory.open_lane(SECOND, committed=0)
    assert (await rows_of(memory_url, 0))["claims"] == []
    assert (await rows_of(memory_url, 1))["claims"] == (await rows_of(memory_url, 1))["case_versions"] == [50]


async def test_an_owner_whose_lane_fell_back_can_lose_the_claim_to_the_lane_that_asks_next(memory: Memory) -> None:
    """A claim that went with its suffix is free: whoever asks next has it, and the redo is told so. Somebody always has it."""
    await _before(memory)
    await memory.open_lane(ELSEWHERE, committed=0)
    assert await who_owns(memory, FIRST, [claim("a", 2)]) == {"a": (0, 2)}
    assert await who_owns(memory, ELSEWHERE, [claim("a", 7)]) == {"a": (0, 2)}
    await memory.open_lane(SECOND, committed=2)
    assert await who_owns(memory, ELSEWHERE, [claim("a", 8)]) == {"a": (1, 8)}
    assert await who_owns(memory, SECOND, [claim("a", 2)]) == {"a": (1, 8)}


async def test_half_a_batch_redone_with_new_records_behind_it_knows_the_committed_half(memory: Memory) -> None:
    """Kafka committed the first of two batches: the second is redone, together with records that came since."""
    await _before(memory)
    await one_batch(memory, FIRST, Asked((claim("a", 2),)), News((version("1.a", 2, "moved"),)))
    await one_batch(memory, FIRST, Asked((claim("b", 3),)), News((version("1.a", 3, "cancelled"),)))
    await memory.open_lane(SECOND, committed=3)
    known = await one_batch(memory, SECOND, Asked((claim("b", 3), claim("a", 4), claim("c", 5)), ("1.a",)))
    assert {msg_id: owner.offset for (_, msg_id), owner in known.owners.items()} == {"a": 2, "b": 3, "c": 5}
    assert known.cases == {"1.a": b"moved"}


async def test_without_opening_anew_a_redone_batch_would_meet_itself(memory: Memory) -> None:
    """What the suffix's deletion is for: the redo would find its own state as what was known before."""
    await _before(memory)
    await one_batch(memory, FIRST, ASKED, NEWS)
    known = await one_batch(memory, FIRST, ASKED)
    assert known.cases["1.a"] == b"moved"

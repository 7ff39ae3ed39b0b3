"""What is waited for, whose AppRec it will be, and who is digitally active: kept, redone and forgotten like everything else."""

from datetime import timedelta

import pytest

from hub.memory.memory import Memory
from hub.memory.rows import Asked, Citizen, DeadlineMet, DeadlineSet, News, Sent
from tests.hub.memory.rows_made import ELSEWHERE, FIRST, NOON, SECOND, one_batch, rows_of, version

pytestmark = pytest.mark.database


def deadline(number: int, offset: int, *, seconds: int = 15, what: str = "answer") -> DeadlineSet:
    """Set by the record at this offset, for so many seconds after noon."""
    return DeadlineSet(f"command {number}", what, "1.a", NOON + timedelta(seconds=seconds), offset)


async def due(memory: Memory, *partitions: int, seconds: int) -> list[tuple[str, int, int]]:
    """What is due so many seconds after noon: command, partition, offset."""
    found = await memory.overdue(partitions or (0,), at=NOON + timedelta(seconds=seconds), limit=10)
    return [(row.command_id, row.partition, row.offset) for row in found]


async def test_a_deadline_is_due_at_its_moment_and_names_the_record_that_set_it(memory: Memory) -> None:
    """Not before; the oldest first; of the lanes that are asked for and no others."""
    await memory.open_lane(FIRST, committed=0)
    await memory.open_lane(ELSEWHERE, committed=0)
    await one_batch(memory, FIRST, Asked(), News(deadlines=(deadline(1, 3, seconds=20), deadline(2, 4, seconds=10))))
    await one_batch(memory, ELSEWHERE, Asked(), News(deadlines=(deadline(3, 7, seconds=5),)))
    assert await due(memory, seconds=9) == []
    assert await due(memory, seconds=10) == [("command 2", 0, 4)]
    assert await due(memory, 0, 1, seconds=60) == [("command 3", 1, 7), ("command 2", 0, 4), ("command 1", 0, 3)]


async def test_what_was_met_is_not_due(memory: Memory) -> None:
    """One of two things that a command waits for; a second meeting of it is nothing."""
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked(), News(deadlines=(deadline(1, 0, what="receipt"), deadline(1, 0, what="word", seconds=30))))
    await one_batch(memory, FIRST, Asked(), News(met=(DeadlineMet("command 1", "receipt", 1),)))
    await one_batch(memory, FIRST, Asked(), News(met=(DeadlineMet("command 1", "receipt", 2),)))
    found = await memory.overdue((0,), at=NOON + timedelta(hours=1), limit=10)
    assert [row.what for row in found] == ["word"]


async def test_opening_a_lane_takes_back_what_was_met_by_a_batch_that_kafka_never_had(memory: Memory) -> None:
    """It is done anew: the deadline is due again, or is met again."""
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked(), News(deadlines=(deadline(1, 0),)))
    await one_batch(memory, FIRST, Asked(), News(met=(DeadlineMet("command 1", "answer", 5),)))
    assert await due(memory, seconds=60) == []
    await memory.open_lane(SECOND, committed=5)
    assert await due(memory, seconds=60) == [("command 1", 0, 0)]


async def test_a_met_deadline_behind_the_committed_offset_goes_with_what_met_it(memory: Memory, memory_url: str) -> None:
    """What was met at or beyond it stays: Kafka may not have it. What is still waited for stays however old it is."""
    await memory.open_lane(FIRST, committed=0)
    waited = (deadline(1, 0), deadline(2, 1), deadline(3, 2))
    met = (DeadlineMet("command 1", "answer", 3), DeadlineMet("command 2", "answer", 6))
    await one_batch(memory, FIRST, Asked(), News(cases=(version("1.a", 0, "a"),), deadlines=waited, met=met))
    await memory.prune(FIRST, committed=6)
    rows = await rows_of(memory_url)
    assert (rows["deadlines"], rows["deadlines_met"]) == ([1, 2], [6])


async def test_the_latest_word_on_a_citizen_counts_and_the_older_ones_go(memory: Memory, memory_url: str) -> None:
    """Who was never spoken of is not in the answer."""
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked(), News(citizens=(Citizen("1.p", True, 0), Citizen("1.q", True, 1), Citizen("1.p", False, 2))))
    known = await one_batch(memory, FIRST, Asked(persons=("1.p", "1.q", "1.r")))
    assert known.citizens == {"1.p": False, "1.q": True}
    await memory.prune(FIRST, committed=9)
    assert (await rows_of(memory_url))["citizens"] == [1, 2]


async def test_what_was_sent_says_whether_it_was_the_portals(memory: Memory) -> None:
    """By its id, for the AppRec that comes back."""
    await memory.open_lane(FIRST, committed=0)
    rows = (Sent("a", "1.a", "8090002", "fjord", 0, NOON, of_portal=True), Sent("b", "1.b", "8090002", "vidde", 1, NOON))
    await one_batch(memory, FIRST, Asked(), News(sent=rows))
    known = await one_batch(memory, FIRST, Asked(sent_ids=("a", "b", "c")))
    assert known.sent == {"a": rows[0], "b": rows[1]}

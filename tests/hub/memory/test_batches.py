"""What a batch is told and what it leaves behind."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.records import Source
from hub.memory.memory import Memory, first_of_each
from hub.memory.rows import Asked, Fence, News, Wanted
from tests.hub.memory.rows_made import (
    ELSEWHERE,
    FIRST,
    INBOX,
    NOON,
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


async def test_the_first_to_claim_an_id_owns_it_and_others_are_told_who(memory: Memory) -> None:
    """Another lane that claims the same id gets the owner's source, digest, partition and offset."""
    await memory.open_lane(FIRST, committed=0)
    await memory.open_lane(ELSEWHERE, committed=0)
    await one_batch(memory, FIRST, Asked((claim("a", 3, content="one"),)))
    known = await one_batch(memory, ELSEWHERE, Asked((claim("a", 9, content="other"), claim("b", 10))))
    owner = known.owners["msg:8090001", "a"]
    assert (owner.source, owner.partition, owner.offset) == (Source(INBOX, 0, 3), 0, 3)
    assert owner.digest == claim("a", 0, content="one").digest != claim("a", 0, content="other").digest
    assert known.owners["msg:8090001", "b"].partition == 1


async def test_of_a_duplicate_inside_a_batch_the_first_one_claims(memory: Memory) -> None:
    """The batch holds an id twice: the lower offset owns it, and both are told so."""
    await memory.open_lane(FIRST, committed=0)
    assert await who_owns(memory, FIRST, [claim("a", 5), claim("b", 6), claim("a", 7)]) == {"a": (0, 5), "b": (0, 6)}


async def test_a_record_that_reception_wrote_twice_is_known_by_its_source(memory: Memory) -> None:
    """The second record has the owner's source at another offset of the log: nothing new, not a re-send."""
    await memory.open_lane(FIRST, committed=0)
    source = Source(INBOX, 1, 40)
    await one_batch(memory, FIRST, Asked((claim("a", 0, source=source),)))
    known = await one_batch(memory, FIRST, Asked((claim("a", 1, source=source),)))
    owner = known.owners["msg:8090001", "a"]
    assert (owner.source, owner.offset) == (source, 0)


async def test_the_same_id_under_another_scope_is_another_claim(memory: Memory) -> None:
    """A MsgId of one sender says nothing about the same MsgId of another."""
    await memory.open_lane(FIRST, committed=0)
    ours = claim("a", 0)
    theirs = type(ours)("msg:8090002", "a", Source(INBOX, 0, 1), b"", 1)
    known = await one_batch(memory, FIRST, Asked((ours, theirs)))
    assert [owner.offset for owner in known.owners.values()] == [0, 1]


async def test_claims_are_made_in_one_order_whatever_the_batch_holds(memory: Memory) -> None:
    """Sorted by scope and id, so that two batches never wait for each other crosswise."""
    assert list(first_of_each([claim("b", 0), claim("a", 1), claim("b", 2)])) == [("msg:8090001", "a"), ("msg:8090001", "b")]


async def test_four_lanes_that_race_for_the_same_ids_leave_one_owner_each(memory: Memory) -> None:
    """All lanes get the same answer for each of 300 ids, and none of them deadlocks."""
    fences = [Fence(partition, producer_id=partition, producer_epoch=0) for partition in range(4)]
    for fence in fences:
        await memory.open_lane(fence, committed=0)
    orders = [random.Random(n).sample(range(300), 300) for n in range(4)]
    answers = await asyncio.gather(
        *(who_owns(memory, fence, [claim(f"m{n}", at) for at, n in enumerate(order)]) for fence, order in zip(fences, orders, strict=True))
    )
    assert len(answers[0]) == 300
    assert all(answer == answers[0] for answer in answers)


async def test_a_batch_loads_the_latest_version_of_each_case(memory: Memory) -> None:
    """Versions are appended; the one with the highest offset is what is known. A case never seen is missing."""
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked(), News((version("1.a", 0, "booked"), version("1.b", 1, "asked"), version("1.a", 2, "moved"))))
    known = await one_batch(memory, FIRST, Asked(case_keys=("1.a", "1.b", "1.c")))
    assert known.cases == {"1.a": b"moved", "1.b": b"asked"}


async def test_a_letter_keeps_its_bytes_until_it_is_resolved(memory: Memory) -> None:
    """A letter comes back as it was written; once resolved it says how."""
    await memory.open_lane(FIRST, committed=0)
    written = letter(4)
    await one_batch(memory, FIRST, Asked(), News(letters=(written,)))
    assert await memory.letter(written.letter_id) == written
    await one_batch(memory, FIRST, Asked(), News(resolutions=(resolution(written, 5, "discarded"),)))
    known = await one_batch(memory, FIRST, Asked(letter_ids=(written.letter_id, letter(99).letter_id)))
    assert [known.letters[key].resolved for key in known.letters] == ["discarded"]


async def test_letters_are_listed_newest_first_without_their_bytes(memory: Memory) -> None:
    """Filters by fault, vendor, rule and time; resolved ones are shown only when asked for."""
    await memory.open_lane(FIRST, committed=0)
    written = (letter(1), letter(2, fault="sender", rule="SCHEMA"), letter(3, vendor="fjell"), letter(4))
    await one_batch(memory, FIRST, Asked(), News(letters=written, resolutions=(resolution(written[3], 5),)))

    async def listed(**by: object) -> list[int]:
        found = await memory.letters(Wanted(**by), limit=2 if by.get("resolved", False) is None else 100)  # type: ignore[arg-type]
        return [one.offset for one in found]

    assert await listed() == [3, 2, 1]
    assert await listed(resolved=None) == [4, 3]
    assert await listed(resolved=True) == [4]
    assert await listed(fault="sender") == await listed(rule="SCHEMA") == [2]
    assert await listed(vendor="fjell") == [3]
    assert await listed(source=written[1].source) == [2]
    assert await listed(source=Source(INBOX, 0, 2)) == []
    assert await listed(before=NOON + timedelta(minutes=2)) == [1]
    assert await listed(after=NOON + timedelta(minutes=2)) == [3, 2]
    assert await listed(process="timereservasjon", rule="SCHEMA") == [2]
    assert await listed(process="e-konsultasjon") == []
    assert await memory.letter_ids(Wanted()) == [one.letter_id for one in written[:3]]
    groups = await memory.letter_groups(Wanted(resolved=None))
    assert [(group.count, group.rule, group.vendor) for group in groups] == [
        (2, "SET_ASIDE", "fjord"), (1, "SET_ASIDE", "fjell"), (1, "SCHEMA", "fjord"),
    ]
    assert (groups[0].oldest, groups[0].newest) == (written[0].written_at, written[3].written_at)
    assert [found.body for found in await memory.letters()] == [None, None, None]


async def test_an_apprec_finds_its_case_by_what_was_sent(memory: Memory) -> None:
    """In a batch and before one; of two senders that used one MsgId, the first one sent counts."""
    await memory.open_lane(FIRST, committed=0)
    await memory.open_lane(ELSEWHERE, committed=0)
    await one_batch(memory, FIRST, Asked(), News(sent=(sent("x", 6, "1.a"), sent("y", 7, "1.b"))))
    await one_batch(memory, ELSEWHERE, Asked(), News(sent=(sent("x", 2, "1.c"),)))
    known = await one_batch(memory, FIRST, Asked(sent_ids=("x", "y", "z")))
    assert {msg_id: row.case_key for msg_id, row in known.sent.items()} == {"x": "1.c", "y": "1.b"}
    assert await memory.sent(["y", "z"]) == {"y": sent("y", 7, "1.b")}


async def test_an_exception_in_a_batch_leaves_nothing_behind(memory: Memory, memory_url: str) -> None:
    """The caller's own exception passes through as it is, and claims and versions are rolled back."""
    await memory.open_lane(FIRST, committed=0)

    async def fail() -> None:
        async with memory.batch(FIRST) as batch:
            await batch.recall(Asked((claim("a", 0),)))
            await batch.remember(News((version("1.a", 0, "booked"),)))
            raise OSError("the caller's own")

    with pytest.raises(OSError, match="the caller's own"):
        await fail()
    assert not any((await rows_of(memory_url)).values())


async def test_nothing_a_person_wrote_is_shown_by_a_row() -> None:
    """Bodies, readings, states and reasons are not in the text of a row."""
    shown = repr((letter(1, body=b"canary-body"), version("1.a", 0, "canary-state"), resolution(letter(1), 2), claim("a", 0)))
    assert "canary" not in shown
    assert "mended" not in shown


async def test_what_is_parked_is_answered_with_its_bytes_until_it_is_released(memory: Memory) -> None:
    """Of the cases asked for, in the order of the log; a letter that waits is none of them."""
    await memory.open_lane(FIRST, committed=0)
    blocking = replace(letter(1), direction="from the office")
    parked = [replace(letter(offset), behind=blocking.letter_id, direction="from the office") for offset in (4, 3)]
    elsewhere = replace(letter(5), behind=blocking.letter_id, case_key="1.b")
    await one_batch(memory, FIRST, Asked(), News(letters=(blocking, *parked, elsewhere)))
    known = await one_batch(memory, FIRST, Asked(parked_in=("1.a",)))
    assert [(one.offset, one.body, one.reading, one.behind) for one in known.parked] == [
        (offset, b"<MsgHead/>", b"read", blocking.letter_id) for offset in (3, 4)
    ]
    await one_batch(memory, FIRST, Asked(), News(resolutions=(resolution(parked[1], 6, "released"),)))
    assert [one.offset for one in (await one_batch(memory, FIRST, Asked(parked_in=("1.a",)))).parked] == [4]
    await memory.rewind(FIRST, to=6)
    assert [one.offset for one in (await one_batch(memory, FIRST, Asked(parked_in=("1.a",)))).parked] == [3, 4]


async def test_what_waits_behind_a_letter_is_counted_and_says_what_it_waits_for(memory: Memory) -> None:
    """Also when the letter has become another one meanwhile."""
    await memory.open_lane(FIRST, committed=0)
    blocking, later = replace(letter(1), direction="from the office"), replace(letter(9), direction="from the office")
    parked = replace(letter(3), behind=blocking.letter_id, direction="from the office")
    await one_batch(memory, FIRST, Asked(), News(letters=(blocking, parked)))
    assert (await memory.parked_behind(blocking), await memory.waits_for(parked)) == (1, blocking.letter_id)
    await one_batch(memory, FIRST, Asked(), News(letters=(later,), resolutions=(resolution(blocking, 9),)))
    assert (await memory.parked_behind(later), await memory.waits_for(parked)) == (1, later.letter_id)
    await one_batch(memory, FIRST, Asked(), News(resolutions=(resolution(later, 12), resolution(parked, 12, "released"))))
    assert (await memory.parked_behind(later), await memory.waits_for(parked)) == (0, None)
    assert (await memory.released_with(later.letter_id), await memory.released_with(blocking.letter_id)) == (1, 0)


async def test_looking_claims_nothing(memory: Memory) -> None:
    """What somebody owns is told; what nobody owns stays free."""
    await memory.open_lane(FIRST, committed=0)
    await who_owns(memory, FIRST, [claim("a", 1)])
    known = await memory.recall(Asked((claim("a", 5), claim("b", 6))))
    assert known.owners["msg:8090001", "a"].offset == 1
    assert (known.owners["msg:8090001", "b"].partition, known.owners["msg:8090001", "b"].offset) == (-1, 6)
    assert await who_owns(memory, FIRST, [claim("b", 7)]) == {"b": (0, 7)}

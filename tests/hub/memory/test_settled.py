"""What an operator is told became of a letter, asked of real memory."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.letters import Became, Settled, settled
from hub.memory.memory import Memory
from hub.memory.rows import Asked, AtFault, Letter, News
from tests.hub.memory.rows_made import FIRST, letter, one_batch, resolution

OLD = letter(1)
NEWER = tuple(letter(offset) for offset in range(10, 160))
"""More than any list of letters shows by itself."""


def _successor(fault: AtFault) -> Letter:
    return replace(OLD, letter_id=uuid.uuid5(OLD.letter_id, fault), fault=fault, offset=5, written_at=OLD.written_at + timedelta(seconds=1))


async def _replayed(memory: Memory, *then: Letter) -> Settled:
    await memory.open_lane(FIRST, committed=0)
    await one_batch(memory, FIRST, Asked(), News(letters=(OLD,)))
    await one_batch(memory, FIRST, Asked(), News(letters=(*then, *NEWER), resolutions=(resolution(OLD, 5),)))
    return await settled(memory, OLD, within=2.0)


@pytest.mark.parametrize(("fault", "became"), [("hub", Became.SET_ASIDE), ("sender", Became.REJECTED)])
async def test_a_replay_that_failed_again_is_never_called_delivered(memory: Memory, fault: AtFault, became: Became) -> None:
    """However many letters came behind its successor, also of the same vendor."""
    successor = _successor(fault)
    assert await _replayed(memory, successor) == Settled(became, successor.letter_id)


async def test_a_replay_without_a_new_letter_of_its_source_is_delivered(memory: Memory) -> None:
    """Letters of other sources say nothing about it."""
    assert await _replayed(memory) == Settled(Became.DELIVERED)

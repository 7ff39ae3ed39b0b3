"""The room in which records are read and decided."""

import asyncio

import pytest

from hub.alone import Room
from tests.broker.waiting import until


async def test_who_is_alone_waits_for_the_others_and_is_waited_for() -> None:
    """Two are inside; the third wants to be alone; the fourth, who comes later, goes in last."""
    room, told, leave = Room(), list[str](), asyncio.Event()

    async def together(name: str) -> None:
        async with room.together():
            told.append(name)
            await leave.wait()

    async def alone() -> None:
        async with room.alone():
            told.append("alone")

    inside = [asyncio.create_task(together(name)) for name in ("first", "second")]
    await until(lambda: len(told) == 2, what="two inside")
    waiting = [asyncio.create_task(alone()), asyncio.create_task(together("late"))]
    await asyncio.wait(waiting, timeout=0.02)
    assert told == ["first", "second"]
    leave.set()
    await asyncio.gather(*inside, *waiting)
    assert told == ["first", "second", "alone", "late"]


async def test_a_room_that_is_left_by_an_exception_is_left() -> None:
    """Whatever ends inside."""
    room = Room()
    for way in (room.together, room.alone):
        with pytest.raises(KeyError):
            async with way():
                raise KeyError
    async with asyncio.timeout(1), room.alone():
        pass

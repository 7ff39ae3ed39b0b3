"""Who may act on a partition."""

import asyncio
import logging

import pytest
from aiokafka import TopicPartition

from producers.turns import Turns
from tests.broker.waiting import until

HERE = TopicPartition("in", 0)


class Opener:
    """Runs until it is let go, and says what became of it."""

    def __init__(self) -> None:
        self.begun, self.let_go = asyncio.Event(), asyncio.Event()
        self.became = ""

    async def __call__(self) -> None:
        """Wait."""
        self.begun.set()
        try:
            await self.let_go.wait()
            self.became = "done"
        except asyncio.CancelledError:
            self.became = "cancelled"
            raise


async def test_a_new_opener_waits_for_the_end_of_the_one_before() -> None:
    """The former is cancelled first: never two at work on one partition (rule 3)."""
    turns, former, new = Turns(), Opener(), Opener()
    turns.open(HERE, former)
    await former.begun.wait()
    turns.open(HERE, new)
    await new.begun.wait()
    assert former.became == "cancelled"
    new.let_go.set()
    await turns.leave([HERE], wait=5)
    assert turns.opening == frozenset()


async def test_an_opener_waits_for_the_end_of_the_lane_before() -> None:
    """Nothing is opened while the lane before still ends."""
    turns, lane, new = Turns(), Opener(), Opener()
    turns.end(HERE, lane())
    turns.open(HERE, new)
    await lane.begun.wait()
    assert not new.begun.is_set()
    lane.let_go.set()
    await new.begun.wait()
    await turns.leave([HERE], wait=5)
    assert new.became == "cancelled"


async def test_leaving_waits_for_the_end_of_the_lane_but_not_for_ever() -> None:
    """A rebalance callback is bounded; a graceful stop waits for the rest."""
    turns, lane = Turns(), Opener()
    turns.end(HERE, lane())
    await turns.leave([HERE], wait=0.01)
    assert lane.became == ""
    lane.let_go.set()
    await turns.drained()
    assert lane.became == "done"


async def test_an_opener_that_fails_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """By its partition and the error's name, never by its words."""

    async def failing() -> None:
        raise RuntimeError("a person's words")

    turns = Turns()
    with caplog.at_level(logging.ERROR):
        turns.open(HERE, failing)
        await until(lambda: not turns.opening, what="the opener has ended")
    assert [(r.getMessage(), getattr(r, "reason", None)) for r in caplog.records] == [("opener_failed", "RuntimeError")]
    assert "words" not in caplog.text

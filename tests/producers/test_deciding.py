"""Having a lane's records decided."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping, Sequence

import pytest

from contracts.records import Outgoing
from hub.memory.faults import ValueRefused
from producers.blame import Trouble
from producers.deciding import ALONE_TRIES, Decider, Settled, Unanswered
from producers.observer import LaneObserver
from producers.work import FencedOff, Hold, LaneKey, LaneWork, Record, Unavailable, Verdict
from tests.producers.records import LANE, record

Verdicts = Callable[[Sequence[int], Mapping[int, Exception]], Sequence[Verdict]]


class Work(LaneWork):
    """Answers by a function of the offsets, and remembers what it was asked."""

    def __init__(self, verdicts: Verdicts) -> None:
        self.verdicts = verdicts
        self.asked: list[list[int]] = []

    async def opened(self, lane: LaneKey, committed: int, *, resumed: bool) -> None:
        """Nothing."""

    async def decide(
        self, lane: LaneKey, records: Sequence[Record], *, condemned: Mapping[int, Exception]
    ) -> Sequence[Verdict]:
        """Ask the function."""
        self.asked.append([r.offset for r in records])
        return self.verdicts(self.asked[-1], condemned)

    async def closed(self, lane: LaneKey) -> None:
        """Nothing."""


def fine(offset: int) -> list[Outgoing]:
    """What a good record leads to."""
    return [Outgoing("out", None, b"%d" % offset)]


def letter(offset: int) -> list[Outgoing]:
    """What a condemned one leads to."""
    return [Outgoing("letters", None, b"%d" % offset)]


def decider(verdicts: Verdicts) -> tuple[Decider, Work]:
    """A decider around this work."""
    work = Work(verdicts)
    return Decider(work, LANE, Trouble(), LaneObserver()), work


async def settle(decider: Decider, count: int) -> Settled:
    """Settle the records from 0 on."""
    return await decider.settle([record(n) for n in range(count)])


def fails_at(poison: int, error: Exception) -> Verdicts:
    """One verdict is this exception until the record is condemned."""

    def verdicts(asked: Sequence[int], condemned: Mapping[int, Exception]) -> Sequence[Verdict]:
        return [letter(o) if o in condemned else error if o == poison else fine(o) for o in asked]

    return verdicts


def spoils_at(poison: int, error: Exception) -> Verdicts:
    """A batch with this record in it fails as a whole until it is condemned."""

    def verdicts(asked: Sequence[int], condemned: Mapping[int, Exception]) -> Sequence[Verdict]:
        if poison in asked and poison not in condemned:
            raise error
        return [letter(o) if o in condemned else fine(o) for o in asked]

    return verdicts


async def test_good_records_are_settled_in_one_go() -> None:
    """One call, one answer a record."""
    deciding, work = decider(fails_at(99, KeyError()))
    settled = await settle(deciding, 5)
    assert settled == Settled([fine(n) for n in range(5)])
    assert work.asked == [[0, 1, 2, 3, 4]]


async def test_nothing_behind_a_failure_is_settled_before_it() -> None:
    """Verdicts behind the first exception are thrown away: they knew of nothing that is settled (rule 15)."""
    deciding, _ = decider(fails_at(2, KeyError()))
    assert await settle(deciding, 5) == Settled([fine(0), fine(1)])


async def test_a_record_that_fails_alone_is_set_aside() -> None:
    """After so many tries alone, the work is asked once more with the record condemned (rule 11)."""
    error = KeyError()
    deciding, work = decider(fails_at(0, error))
    assert await settle(deciding, 5) == Settled([letter(0)])
    assert work.asked == [[0, 1, 2, 3, 4], *[[0]] * (ALONE_TRIES - 1), [0]]
    assert deciding.trouble.condemned == {0: error}


async def test_a_record_that_fails_only_sometimes_is_not_set_aside() -> None:
    """Its second try alone succeeds."""
    tries = 0

    def verdicts(asked: Sequence[int], condemned: Mapping[int, Exception]) -> Sequence[Verdict]:
        nonlocal tries
        tries += 1
        return [KeyError()] if tries < ALONE_TRIES else [fine(0)]

    deciding, _ = decider(verdicts)
    assert await settle(deciding, 1) == Settled([fine(0)])
    assert deciding.trouble.condemned == {}


@pytest.mark.parametrize("poison", range(9))
async def test_a_batch_that_is_spoilt_as_a_whole_is_halved(poison: int) -> None:
    """Wherever the poison stands: everything before it is settled, then it is set aside, then the rest."""
    deciding, _ = decider(spoils_at(poison, RuntimeError()))
    left = [record(n) for n in range(9)]
    answers: list[Sequence[Outgoing]] = []
    while left:
        settled = await deciding.settle(left)
        assert settled.answers
        answers += settled.answers
        left = left[len(settled.answers) :]
    assert answers == [letter(n) if n == poison else fine(n) for n in range(9)]


async def test_a_hold_settles_what_is_before_it() -> None:
    """Raised for a whole batch or given as a verdict: the records before it can go, and then it is the first and waits (rule 10)."""
    for verdicts in (spoils_at(5, Hold(7)), fails_at(5, Hold(7))):
        deciding, _ = decider(verdicts)
        first = await settle(deciding, 9)
        assert 0 < len(first.answers) <= 5
        held = await deciding.settle([record(n) for n in range(5, 9)])
        assert held.answers == ()
        assert held.hold
        assert held.hold.retry_after == 7


async def test_nothing_is_tried_one_by_one_in_an_outage() -> None:
    """Unavailable: one call, no blame."""
    deciding, work = decider(spoils_at(5, Unavailable(3)))
    settled = await settle(deciding, 9)
    assert (settled.answers, len(work.asked), deciding.trouble.condemned) == ((), 1, {})


@pytest.mark.parametrize("verdicts", [spoils_at(0, FencedOff()), fails_at(0, FencedOff())], ids=["raised", "answered"])
async def test_who_is_fenced_off_does_not_try_again(verdicts: Verdicts) -> None:
    """The lane is lost: one call, and it is told."""
    deciding, work = decider(verdicts)
    with pytest.raises(FencedOff):
        await settle(deciding, 3)
    assert len(work.asked) == 1


ASIDE: list[Exception] = [
    KeyError(), ValueError(), TypeError(), AssertionError(), ZeroDivisionError(), UnicodeDecodeError("utf-8", b"", 0, 1, ""),
    RecursionError(), MemoryError(), RuntimeError(), ValueRefused(), Unanswered(), ExceptionGroup("", [KeyError()]),
]
HELD: list[Exception] = [
    Hold(1), Unavailable(), OSError(), ConnectionResetError(), TimeoutError(), BlockingIOError(), PermissionError(), FileNotFoundError(),
    ssl.SSLError(),
]


@pytest.mark.parametrize("way", [fails_at, spoils_at], ids=["answered", "raised"])
@pytest.mark.parametrize("error", ASIDE, ids=lambda error: type(error).__name__)
async def test_what_the_pure_path_raises_sets_aside(error: Exception, way: Callable[[int, Exception], Verdicts]) -> None:
    """And what the database says of a value: whether it is a verdict or spoils the batch, after it was tried alone."""
    deciding, _ = decider(way(0, error))
    assert await settle(deciding, 1) == Settled([letter(0)])
    assert deciding.trouble.condemned == {0: error}


@pytest.mark.parametrize("way", [fails_at, spoils_at], ids=["answered", "raised"])
@pytest.mark.parametrize("error", HELD, ids=lambda error: type(error).__name__)
async def test_what_the_machine_does_holds(error: Exception, way: Callable[[int, Exception], Verdicts]) -> None:
    """Input and output is never the record's: it waits, nobody is condemned, and it is tried once."""
    deciding, work = decider(way(0, error))
    settled = await settle(deciding, 1)
    assert (settled.answers, deciding.trouble.condemned, len(work.asked)) == ((), {}, 1)
    assert settled.hold is not None


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyboardInterrupt(), SystemExit()], ids=lambda error: type(error).__name__)
async def test_what_ends_the_lane_is_nobodys_fault(error: BaseException) -> None:
    """It passes through: neither a hold nor a letter."""

    def verdicts(asked: Sequence[int], condemned: Mapping[int, Exception]) -> Sequence[Verdict]:
        raise error

    deciding, _ = decider(verdicts)
    with pytest.raises(type(error)):
        await settle(deciding, 1)
    assert deciding.trouble.condemned == {}


async def test_an_outage_while_a_record_is_tried_alone_blames_nobody() -> None:
    """A hold or a fence met on the way ends the tries without condemning."""
    for error in (Hold(1), Unavailable(1)):
        tries: list[Exception] = [KeyError(), error]
        deciding, _ = decider(lambda asked, condemned, tries=tries: [tries.pop(0)])  # type: ignore[misc]
        settled = await settle(deciding, 1)
        assert (settled.answers, settled.hold, deciding.trouble.condemned) == ((), error, {})


async def test_what_cannot_even_be_set_aside_holds_its_partition(caplog: pytest.LogCaptureFixture) -> None:
    """Never passed over: it waits, visible in the log by its coordinates, without the error's words."""
    deciding, _ = decider(lambda asked, condemned: [KeyError("a person's words")])
    with caplog.at_level(logging.ERROR):
        settled = await settle(deciding, 1)
    assert settled.answers == ()
    assert settled.hold
    assert ("cannot_be_set_aside", "KeyError") in {(r.getMessage(), getattr(r, "reason", None)) for r in caplog.records}
    assert "person" not in caplog.text


async def test_a_work_that_gives_no_verdict_is_at_fault() -> None:
    """No answer for the first record counts as a failure of it, not as success."""
    deciding, _ = decider(lambda asked, condemned: [letter(0)] if condemned else [])
    assert await settle(deciding, 1) == Settled([letter(0)])
    assert isinstance(deciding.trouble.condemned[0], Unanswered)

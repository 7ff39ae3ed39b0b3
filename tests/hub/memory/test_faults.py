"""What the database refuses, and that nobody hears a value in the words."""

import asyncio
import contextlib
import traceback

import asyncpg
import pytest

from contracts.records import Source
from hub.errors import HubError
from hub.memory.faults import DatabaseAway, SchemaUnfit, ValueRefused, fault_of
from hub.memory.memory import Memory
from hub.memory.rows import Asked, Claim, News
from tests.hub.memory.rows_made import FIRST, claim, letter, one_batch, resolution, rows_of, sent, version

pytestmark = pytest.mark.database
CANARY = "05812099999"
AWAY = ("08006", "25P03", "40P01", "53300", "55P03", "57P01", "58030", "XX000", "28P01", "3D000")
REFUSED = {
    "an id too long": Asked((claim(CANARY + "x" * 600, 0),)),
    "a NUL in an id": Asked((claim(CANARY + "\0", 0),)),
    "half a character": Asked((claim(CANARY + "\ud800", 0),)),
    "an offset beyond 64 bits": Asked((claim(CANARY, 1 << 70),)),
    "no text at all": Asked((Claim("msg:1", 5812099999, Source("t", 0, 0), b"", 0),)),  # type: ignore[arg-type]
    "a NUL in a case key": Asked(case_keys=(CANARY + "\0",)),
}
NOT_REMEMBERED = {
    "a case key too long": News((version(CANARY * 20, 0, "x"),)),
    "a letter of no known fault": News(letters=(letter(0, fault=CANARY[:6]),)),  # type: ignore[arg-type]
    "a letter resolved twice": News(resolutions=(resolution(letter(0), 0), resolution(letter(0), 1))),
    "a NUL in what was sent": News(sent=(sent(CANARY + "\0", 0),)),
}


@pytest.mark.parametrize("refused", REFUSED)
async def test_a_value_that_the_database_refuses_is_said_so_without_the_value(memory: Memory, refused: str) -> None:
    """It is that record's fault and nobody else's; neither the words nor the traceback hold the value."""
    await memory.open_lane(FIRST, committed=0)
    with pytest.raises(ValueRefused) as told:
        await one_batch(memory, FIRST, REFUSED[refused])
    assert CANARY[2:] not in "".join(traceback.format_exception_only(told.value))
    assert told.value.__suppress_context__


@pytest.mark.parametrize("refused", NOT_REMEMBERED)
async def test_what_cannot_be_remembered_leaves_nothing_of_its_batch(memory: Memory, memory_url: str, refused: str) -> None:
    """The claims of the same batch are rolled back, and the next batch goes on."""
    await memory.open_lane(FIRST, committed=0)
    with pytest.raises(ValueRefused) as told:
        await one_batch(memory, FIRST, Asked((claim("a", 0),)), NOT_REMEMBERED[refused])
    assert CANARY[:6] not in str(told.value)
    assert not any((await rows_of(memory_url)).values())
    await one_batch(memory, FIRST, Asked((claim("a", 0),)))


async def test_a_refusal_that_the_caller_swallows_is_no_commit(memory: Memory, memory_url: str) -> None:
    """PostgreSQL would answer that commit with a silent rollback: it is raised instead."""
    await memory.open_lane(FIRST, committed=0)

    async def swallow() -> None:
        async with memory.batch(FIRST) as batch:
            await batch.recall(Asked((claim("a", 0),)))
            with contextlib.suppress(ValueRefused):
                await batch.recall(Asked((claim("\0", 1),)))

    with pytest.raises(ValueRefused):
        await swallow()
    assert not any((await rows_of(memory_url)).values())


async def test_a_batch_that_is_cancelled_leaves_nothing_and_memory_goes_on(memory: Memory, memory_url: str) -> None:
    """A worker that stops in the middle of a batch."""
    await memory.open_lane(FIRST, committed=0)
    inside = asyncio.Event()

    async def never_ending() -> None:
        async with memory.batch(FIRST) as batch:
            await batch.recall(Asked((claim("a", 0),)))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(never_ending())
    await inside.wait()
    task.cancel()
    await asyncio.wait([task])
    assert not any((await rows_of(memory_url)).values())
    await one_batch(memory, FIRST, Asked((claim("a", 0),)))


def _state(sqlstate: str) -> asyncpg.PostgresError:
    error = asyncpg.PostgresError("words of the server")
    error.sqlstate = sqlstate
    return error


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        *((_state(state), DatabaseAway) for state in AWAY),
        *((_state(state), ValueRefused) for state in ("22001", "22021", "23505", "23514", "54000")),
        *((_state(state), SchemaUnfit) for state in ("42P01", "42703", "3F000", "0A000")),
        (ConnectionRefusedError(), DatabaseAway), (TimeoutError(), DatabaseAway), (asyncpg.InterfaceError("closed"), DatabaseAway),
    ],
)
def test_an_error_of_the_driver_becomes_one_fact(error: Exception, fault: type[HubError]) -> None:
    """By its SQLSTATE class. What is not known to speak of a value never becomes a message's fault."""
    told = fault_of(error)
    assert type(told) is fault
    assert "words of the server" not in str(told)


def test_an_error_that_is_not_the_databases_stays_what_it_is() -> None:
    """A fault of the caller's own code is not dressed up."""
    assert fault_of(KeyError("x")) is None
    assert fault_of(ValueError("x")) is None

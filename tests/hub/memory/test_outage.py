"""The database goes away and comes back, also in the middle of a commit."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.local.postgres import LocalPostgres
from hub.memory.faults import CommitUnknown, DatabaseAway
from hub.memory.memory import Memory
from hub.memory.rows import Asked, News
from tests.hub.memory.lossy_wire import BreaksAt, lossy_wire
from tests.hub.memory.rows_made import FIRST, claim, one_batch, rows_of, version

pytestmark = pytest.mark.database
ASKED = Asked((claim("a", 0), claim("b", 1)), ("1.a",))
NEWS = News((version("1.a", 1, "booked"),))


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket's name."""
    with tempfile.TemporaryDirectory(prefix="wire") as folder:
        yield Path(folder)


async def test_a_stopped_database_is_away_and_memory_works_again_when_it_is_back(memory: Memory, postgres: LocalPostgres) -> None:
    """Every call says DatabaseAway while it is down; afterwards the same Memory goes on without anybody connecting it."""
    await memory.open_lane(FIRST, committed=0)
    await asyncio.to_thread(postgres.stop, "immediate")
    try:
        for call in (memory.ping(), memory.open_lane(FIRST, committed=0), one_batch(memory, FIRST, ASKED), memory.letters()):
            with pytest.raises(DatabaseAway):
                await call
    finally:
        await asyncio.to_thread(postgres.start)
    await memory.open_lane(FIRST, committed=0)
    assert len((await one_batch(memory, FIRST, ASKED, NEWS)).owners) == 2


async def test_a_database_that_stops_inside_a_batch_keeps_nothing_of_it(memory: Memory, memory_url: str, postgres: LocalPostgres) -> None:
    """The connection breaks between recall and remember: DatabaseAway, and the transaction is gone."""
    await memory.open_lane(FIRST, committed=0)

    async def stop_inside() -> None:
        async with memory.batch(FIRST) as batch:
            await batch.recall(ASKED)
            await asyncio.to_thread(postgres.stop, "immediate")
            await batch.remember(NEWS)

    try:
        with pytest.raises(DatabaseAway):
            await stop_inside()
    finally:
        await asyncio.to_thread(postgres.start)
    assert not any((await rows_of(memory_url)).values())
    await memory.ping()


async def test_a_database_that_is_away_at_the_start_is_said_so(tmp_path: Path) -> None:
    """Nothing listens there."""
    with pytest.raises(DatabaseAway):
        await Memory.connect(f"postgresql://postgres:@/hub?host={tmp_path}", timeout=1.0)


@pytest.mark.parametrize(("breaks_at", "claimed"), [("the commit", []), ("its answer", [0, 1])])
async def test_a_commit_whose_outcome_is_unknown_is_rewound_and_redone_exactly(
    memory: Memory, memory_url: str, short_folder: Path, breaks_at: BreaksAt, claimed: list[int],
) -> None:
    """Lost before the server or behind it: the caller cannot tell. After `rewind` the batch is told what it was told first."""
    await memory.open_lane(FIRST, committed=0)
    async with lossy_wire(memory_url, short_folder) as (wire, url):
        far = await Memory.connect(url, timeout=2.0)
        wire.breaks_at = breaks_at
        with pytest.raises(CommitUnknown):
            await one_batch(far, FIRST, ASKED, NEWS)
        assert (await rows_of(memory_url))["claims"] == claimed
        await far.rewind(FIRST, to=0)
        again = await one_batch(far, FIRST, ASKED, NEWS)
        await far.close()
    assert ([owner.offset for owner in again.owners.values()], again.cases) == ([0, 1], {})
    assert (await rows_of(memory_url))["case_versions"] == [1]


async def test_both_forms_of_address_work(memory_url: str) -> None:
    """By socket with a name alone, an empty password or a password; a host's address fails only because nothing listens there."""
    for who in ("postgres@", "postgres:@", "postgres:secret@"):
        memory = await Memory.connect(memory_url.replace("postgres@", who))
        await memory.ping()
        await memory.close()
    with pytest.raises(DatabaseAway):
        await Memory.connect("postgresql://hub:secret@127.0.0.1:1/hub", timeout=1.0)

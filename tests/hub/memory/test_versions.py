"""Two versions of the hub on one database: the tables are changed under an older one that works on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from hub.memory.memory import Memory
from hub.memory.migrate import MIGRATIONS, migrate
from hub.memory.rows import Asked, Fence
from tests.hub.memory.rows_made import NOON, claim, one_batch, rows_of

pytestmark = pytest.mark.database

# what the version with schema 0002 says to the database, word for word where a newer table could break it
OLD_FENCE = "select producer_id, producer_epoch, opened_at, pruned_to from lanes where partition = $1 for update"
OLD_NEW_LANE = (
    "insert into lanes (partition, producer_id, producer_epoch, opened_at, pruned_to) values ($1, $2, $3, $4, 0) on conflict do nothing"
)
OLD_OPEN_LANE = "update lanes set producer_id = $2, producer_epoch = $3, opened_at = $4 where partition = $1"
OLD_SUFFIX = ("claims", "case_versions", "letters", "resolutions", "sent", "deadlines", "deadlines_met", "citizens")
OLD_CLAIM = """
with asked as materialized (select * from unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::bytea[], $8::bigint[])
as asked(scope, id, source_topic, source_partition, source_offset, digest, "offset")),
won as (insert into claims (partition, scope, id, source_topic, source_partition, source_offset, digest, "offset")
select $1, * from asked on conflict do nothing returning scope, id)
select scope, id from asked except select scope, id from won"""
OLD_LETTERS = """
insert into letters (partition, letter_id, fault, rule, path, line, vendor, process, msg_id, case_key, source_topic,
source_partition, source_offset, "offset", written_at, body, reading)
select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[], $10::text[],
$11::text[], $12::int[], $13::bigint[], $14::bigint[], $15::timestamptz[], $16::bytea[], $17::bytea[])"""
OLD_CASES = """
insert into case_versions (partition, case_key, "offset", state) select $1, * from unnest($2::text[], $3::bigint[], $4::bytea[])"""


async def _migrate_to(url: str, version: str) -> None:
    def upgrade(connection: Connection) -> None:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, version)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()


@asynccontextmanager
async def _old_worker(url: str, *, epoch: int, committed: int) -> AsyncIterator[asyncpg.Connection]:
    """One that has opened lane 0."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(OLD_NEW_LANE, 0, 7, epoch, committed)
            await connection.fetchrow(OLD_FENCE, 0)
            await connection.execute(OLD_OPEN_LANE, 0, 7, epoch, committed)
            for table in OLD_SUFFIX:
                await connection.execute(f'delete from {table} where partition = $1 and "offset" >= $2', 0, committed)
        yield connection
    finally:
        await connection.close()


async def _decides(old: asyncpg.Connection, offset: int) -> None:
    """One batch of the older version: fence, claim, letter, case."""
    async with old.transaction():
        await old.fetchrow(OLD_FENCE, 0)
        one = claim(f"m{offset}", offset)
        assert await old.fetch(OLD_CLAIM, 0, [one.scope], [one.id], ["in"], [0], [offset], [one.digest], [offset]) == []
        letter = (f"00000000-0000-0000-0000-{offset:012}", "hub", "R", None, None, "fjord", None, None, None, "in", 0, offset)
        await old.execute(OLD_LETTERS, 0, *([value] for value in (*letter, offset, NOON, b"<x/>", None)))
        await old.execute(OLD_CASES, 0, ["1.a"], [offset], [str(offset).encode()])


async def test_the_tables_are_changed_under_an_older_worker_that_works_on(database_url: str) -> None:
    """From 0002 to the newest, with rows there and statements prepared: not one of its statements fails, and no row is lost."""
    await _migrate_to(database_url, "0002")
    async with _old_worker(database_url, epoch=1, committed=0) as old:
        for offset in range(3):
            await _decides(old, offset)
        await migrate(database_url)
        for offset in range(3, 6):
            await _decides(old, offset)
    rows = await rows_of(database_url)
    assert rows["claims"] == rows["letters"] == rows["case_versions"] == [0, 1, 2, 3, 4, 5]


async def test_a_migration_waits_for_the_batch_that_runs_and_the_batch_for_nothing(database_url: str) -> None:
    """An older worker is amid a transaction: the migration comes behind it."""
    await _migrate_to(database_url, "0002")
    async with _old_worker(database_url, epoch=1, committed=0) as old:
        async with old.transaction():
            await old.fetchrow(OLD_FENCE, 0)
            migrating = asyncio.create_task(migrate(database_url))
            await old.execute(OLD_CASES, 0, ["1.a"], [0], [b"0"])
        await migrating
        await _decides(old, 1)


async def test_a_lane_goes_from_an_older_worker_to_a_newer_one_and_back_and_again(database_url: str) -> None:
    """As in a rolling change: each finds what the other has written, and nobody takes it for a database that is behind."""
    await _migrate_to(database_url, "0002")
    async with _old_worker(database_url, epoch=1, committed=0) as old:
        await _decides(old, 0)
    await migrate(database_url)
    memory = await Memory.connect(database_url)
    newer = Fence(0, producer_id=7, producer_epoch=2)
    await memory.open_lane(newer, committed=1, resumed=True)
    async with memory.batch(newer, start=1, end=3) as batch:
        assert (await batch.recall(Asked((claim("m1", 1),), ("1.a",)))).cases == {"1.a": b"0"}
    async with _old_worker(database_url, epoch=3, committed=3) as old:
        for offset in (3, 4, 5):
            await _decides(old, offset)
    newest = Fence(0, producer_id=7, producer_epoch=4)
    await memory.open_lane(newest, committed=6, resumed=True)
    known = await one_batch(memory, newest, Asked((claim("m4", 6),), ("1.a",)))
    assert (known.cases, next(iter(known.owners.values())).offset) == ({"1.a": b"5"}, 4)
    await memory.close()

"""The migrations, and that they make exactly the tables that the code describes."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from hub.memory.faults import DatabaseAway, SchemaUnfit
from hub.memory.memory import Memory
from hub.memory.migrate import MIGRATIONS, migrate
from hub.memory.schema import SCHEMA_VERSION, metadata
from tests.hub.memory.rows_made import FIRST, claim, who_owns

pytestmark = pytest.mark.database
EVERYTHING = """
select 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, a.attidentity::text,
       (select collname from pg_collation where oid = a.attcollation), pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum),
       a.attnum::text
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'alembic_version'
union all select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), null, null, null, null, null, null
from pg_constraint where connamespace = 'public'::regnamespace and conrelid is distinct from to_regclass('alembic_version')
union all select 'index', tablename, indexname, indexdef, null, null, null, null, null, null
from pg_indexes where schemaname = 'public' and tablename <> 'alembic_version'
union all select 'other', relname, relkind::text, null, null, null, null, null, null, null
from pg_class where relnamespace = 'public'::regnamespace and relkind not in ('r', 'i')
order by 1, 2, 3"""


async def _do(url: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(statement)
        return rows
    finally:
        await connection.close()


async def _create_from_code(url: str) -> None:
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()


async def test_the_migrations_make_exactly_the_tables_of_the_code(database_urls: Callable[[], Awaitable[str]]) -> None:
    """Columns, types, collations, defaults, comments, constraints and indexes are the same, and nothing else is there."""
    by_code, by_migration = await database_urls(), await database_urls()
    await _create_from_code(by_code)
    await migrate(by_migration)
    tables = await _do(by_migration, EVERYTHING)
    assert len(tables) > 50
    assert tables == await _do(by_code, EVERYTHING)


@pytest.mark.parametrize(
    "change",
    [
        "alter table claims alter id type varchar(513)", "drop index letters_by_time",
        "alter table sent add extra int", "create table more (x int)",
        "alter table letters drop constraint letters_fault", 'alter table claims alter id type varchar(512) collate "default"',
    ],
)
async def test_the_comparison_sees_a_difference(database_url: str, change: str) -> None:
    """One thing changed by hand, and the two are not the same any more."""
    await migrate(database_url)
    before = await _do(database_url, EVERYTHING)
    await _do(database_url, change)
    assert await _do(database_url, EVERYTHING) != before


async def test_several_workers_may_migrate_at_once(database_url: str) -> None:
    """One does it, the others wait and find it done."""
    await asyncio.gather(*(migrate(database_url) for _ in range(4)))
    assert [row[0] for row in await _do(database_url, "select version_num from alembic_version")] == [SCHEMA_VERSION]
    await (await Memory.connect(database_url)).close()


def test_the_code_names_the_newest_migration() -> None:
    """A new migration without a new SCHEMA_VERSION, or the other way round, is a mistake."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_VERSION]


async def test_a_database_without_tables_is_said_so(database_url: str) -> None:
    """Before any migration has run."""
    with pytest.raises(SchemaUnfit, match="no tables of the hub"):
        await Memory.connect(database_url)


async def _is_now(url: str, version: str, *, fits_from: str) -> None:
    """Another program has migrated it so far, and says from which version on programs may work there."""
    await _do(url, f"update alembic_version set version_num = '{version}'")
    await _do(url, f"update condition set fits_from = '{fits_from}'")


@pytest.mark.parametrize(("version", "words"), [("0000", "behind this program"), ("9999", "ahead of this program")])
async def test_a_database_of_another_version_is_refused_at_the_start(memory_url: str, version: str, words: str) -> None:
    """Behind: migrate. Ahead: a newer program has been here."""
    await _is_now(memory_url, version, fits_from=version)
    with pytest.raises(SchemaUnfit, match=words):
        await Memory.connect(memory_url)


async def test_a_database_that_is_ahead_is_not_migrated(memory_url: str) -> None:
    """And the words say which way it is wrong."""
    await _is_now(memory_url, "9999", fits_from="9998")
    with pytest.raises(SchemaUnfit, match="ahead of this program"):
        await migrate(memory_url)


async def test_a_database_that_is_ahead_and_still_fits_is_worked_in_and_left_as_it_is(memory_url: str) -> None:
    """A newer program added to it: a worker of this version may start again beside it, and migrates nothing."""
    await _is_now(memory_url, "9999", fits_from=SCHEMA_VERSION)
    await migrate(memory_url)
    memory = await Memory.connect(memory_url)
    await memory.open_lane(FIRST, committed=0)
    assert await who_owns(memory, FIRST, [claim("a", 0)]) == {"a": (0, 0)}
    await memory.close()
    assert [row[0] for row in await _do(memory_url, "select version_num from alembic_version")] == ["9999"]


async def test_a_database_that_is_ahead_and_says_nothing_of_who_fits_is_refused(memory_url: str) -> None:
    """Nobody may guess."""
    await _is_now(memory_url, "9999", fits_from=SCHEMA_VERSION)
    await _do(memory_url, "drop table condition")
    with pytest.raises(SchemaUnfit, match="ahead of this program"):
        await Memory.connect(memory_url)
    with pytest.raises(SchemaUnfit, match="ahead of this program"):
        await migrate(memory_url)


async def test_a_migration_that_fails_leaves_nothing_and_quotes_nothing(database_url: str) -> None:
    """A table of that name is there already: all or nothing, and the statement is not in the words."""
    await _do(database_url, "create table sent (x int)")
    with pytest.raises(SchemaUnfit, match="SQLSTATE 42P07"):
        await migrate(database_url)
    assert {row[1] for row in await _do(database_url, EVERYTHING)} == {"sent"}


async def test_migrating_where_nothing_listens_is_an_outage() -> None:
    """As everywhere else."""
    with pytest.raises(DatabaseAway):
        await migrate("postgresql://hub:secret@127.0.0.1:1/hub", timeout=1.0)

"""Bring the database's tables to this program's version. Any number of workers may do it at once: the others wait.

All steps are one transaction: a migration is there as a whole or not at all.
It never goes back, and never touches a database that is ahead: one whose newer tables still fit this program is left as it is.
"""

from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from hub.memory.faults import DatabaseAway, SchemaUnfit, facts, fault_of
from hub.memory.schema import SCHEMA_VERSION
from hub.memory.statements import FITS_FROM

MIGRATIONS = Path(__file__).with_name("migrations")
ONE_AT_A_TIME = 0x48554231
"""Key of the advisory lock: any number that nobody else in this database uses."""


async def migrate(url: str, *, timeout: float = 60.0) -> None:  # noqa: ASYNC109 the driver's own
    """Migrate the database at `url` (the forms of `Memory.connect`). Raises DatabaseAway, SchemaUnfit when it is ahead."""

    async def connect() -> asyncpg.Connection:
        with facts():
            return await asyncpg.connect(url, timeout=timeout, command_timeout=timeout)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await _migrate(connection)
    except DBAPIError as error:
        # Its words hold the statement; what went wrong is the driver's error below it.
        raise _plain(error) from None
    finally:
        await engine.dispose()


async def _migrate(connection: AsyncConnection) -> None:
    await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
    if not await connection.run_sync(_is_ahead):
        await connection.run_sync(_upgrade)


def _is_ahead(connection: Connection) -> bool:
    """A newer program has migrated it, and says that this one may still work there. Raises SchemaUnfit when it may not."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    version = connection.scalar(text("select version_num from alembic_version"))
    if version is None or version <= SCHEMA_VERSION:
        return False
    fits_from = connection.scalar(text(FITS_FROM)) if inspect(connection).has_table("condition") else None
    if fits_from is None or fits_from > SCHEMA_VERSION:
        raise SchemaUnfit(f"the database is ahead of this program ({version}, here {SCHEMA_VERSION}): run a newer one")
    return True


def _upgrade(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")


def _plain(error: DBAPIError) -> Exception:
    driver_error = error.orig.__cause__ if error.orig is not None else None
    return (fault_of(driver_error) if driver_error is not None else None) or DatabaseAway("the migrations could not be run")

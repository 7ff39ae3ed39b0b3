"""A connection for a job that looks at all of memory: one transaction that may take its time, or none of it.

Never on a message's path: a worker's own connections give up after seconds (`hub.memory.memory`).
"""

import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final, TypeAlias

import asyncpg

from hub.memory.faults import facts

Connection: TypeAlias = Any
"""asyncpg's, which is untyped."""
_CONNECT_WITHIN: Final = 30.0
_LOCK_WITHIN_MS: Final = 30_000
_SESSION: Final = {"application_name": "epj-hub-job", "jit": "off", "lock_timeout": str(_LOCK_WITHIN_MS)}


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """One connection (`url` as for `Memory.connect`). Raises DatabaseAway."""
    with facts():
        connection = await asyncpg.connect(url, timeout=_CONNECT_WITHIN, server_settings=_SESSION)
    try:
        yield connection
    finally:
        with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            await connection.close(timeout=_CONNECT_WITHIN)


@contextlib.asynccontextmanager
async def transaction(connection: Connection, *, keep: bool = True) -> AsyncIterator[None]:
    """All of it or nothing; `keep` false: nothing, whatever happened, for a job that only counts. Raises DatabaseAway and the like."""
    with facts():
        one = connection.transaction()
        await one.start()
        try:
            yield
        except BaseException:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await one.rollback()
            raise
        await (one.commit() if keep else one.rollback())


async def rows(connection: Connection, statement: str, *parameters: object) -> list[asyncpg.Record]:
    """What it answers. Raises DatabaseAway and the like."""
    with facts():
        return list(await connection.fetch(statement, *parameters))


async def rows_changed(connection: Connection, statement: str, *parameters: object) -> int:
    """Run it, and answer how many rows it touched."""
    return int((await connection.execute(statement, *parameters)).rpartition(" ")[2])


async def fill(connection: Connection, table: str, rows: Iterable[Sequence[object]]) -> None:
    """Into a table of the job's own, by COPY."""
    await connection.copy_records_to_table(table, records=rows)

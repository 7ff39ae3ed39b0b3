"""How the database is: what a doctor asks of it, whatever version its tables are. Reads only, by one connection of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg

from hub.memory.faults import SchemaUnfit, facts

_SERVER: Final = """
select now() as now, current_setting('server_version') as server, current_setting('data_directory', true) as data_directory,
pg_database_size(current_database()) as bytes, extract(epoch from now() - (select min(xact_start) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()))::float as oldest_transaction"""
_DEAD: Final = "select relname, n_live_tup as live, n_dead_tup as dead from pg_stat_user_tables where n_dead_tup > 0"
_WAITING: Final = """
select count(*) filter (where behind is null) as letters, count(*) filter (where behind is not null) as parked,
min(written_at) filter (where behind is null) as oldest
from letters l where fault = 'hub' and not exists (select 1 from resolutions r where r.letter_id = l.letter_id)"""


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look. What the tables do not have, in the version that they are, is None or empty."""

    now: datetime
    """By the database's clock."""
    server: str
    data_directory: str | None
    """On the database's machine; None: we may not know."""
    size: int
    """Bytes."""
    oldest_transaction: float | None
    """Seconds, of somebody else's; None: there is none."""
    dead: Mapping[str, tuple[int, int]]
    """Rows that are there and rows that are dead, by table, as the server last counted them."""
    version: str | None
    """Of the tables; None: the hub has none here."""
    decided_to: Mapping[int, int]
    """By lane."""
    behind_since: datetime | None
    letters: int
    """That wait for an operator."""
    parked: int
    oldest_letter: datetime | None


async def look(url: str, *, timeout: float = 5.0) -> Vitals:  # noqa: ASYNC109 the driver's own
    """Raises DatabaseAway."""
    with facts():
        connection = await asyncpg.connect(url, timeout=timeout, command_timeout=timeout)
        try:
            return await _look(connection)
        finally:
            await connection.close()


async def _look(connection: asyncpg.Connection) -> Vitals:
    server = await connection.fetchrow(_SERVER)
    dead = {row["relname"]: (row["live"], row["dead"]) for row in await connection.fetch(_DEAD)}
    version = await _first(connection, "select version_num from alembic_version")
    lanes = await _rows(connection, "select partition, greatest(decided_to, opened_at) as decided_to from lanes where partition >= 0")
    waiting = (await _rows(connection, _WAITING) or [{"letters": 0, "parked": 0, "oldest": None}])[0]
    return Vitals(
        server["now"], server["server"], server["data_directory"], server["bytes"], server["oldest_transaction"], dead,
        version["version_num"] if version else None, {row["partition"]: row["decided_to"] for row in lanes},
        (await _first(connection, "select behind_since from condition") or {"behind_since": None})["behind_since"],
        waiting["letters"], waiting["parked"], waiting["oldest"],
    )


async def _first(connection: asyncpg.Connection, statement: str) -> Any:
    return next(iter(await _rows(connection, statement)), None)


async def _rows(connection: asyncpg.Connection, statement: str) -> list[Any]:
    """None where the tables are of a version that has no such thing."""
    try:
        with facts():
            return list(await connection.fetch(statement))
    except SchemaUnfit:
        return []

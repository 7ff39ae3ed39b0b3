"""The local database: real, reached by a socket of its own folder, and able to fail on command."""

import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from hub.database_url import for_sqlalchemy
from hub.local.postgres import DatabaseDidNotStart, LocalPostgres

_KILLED_STARTER = """
import os, signal, sys
from pathlib import Path
from hub.local.postgres import LocalPostgres
server = LocalPostgres(Path(sys.argv[1]), durable=False)
server.start()
print((Path(sys.argv[1]) / "data" / "postmaster.pid").read_text().split()[0], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
pytestmark = pytest.mark.database


async def test_one_address_serves_asyncpg_and_sqlalchemy(database_url: str) -> None:
    """The same database answers through both."""
    connection = await asyncpg.connect(database_url)
    plain = await connection.fetchval("select current_database()")
    await connection.close()
    engine = create_async_engine(for_sqlalchemy(database_url))
    async with engine.connect() as session:
        assert (await session.execute(text("select current_database()"))).scalar() == plain
    await engine.dispose()


async def test_no_port_is_opened(database_url: str) -> None:
    """The server listens on no address at all."""
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("show listen_addresses") == ""
    await connection.close()


async def test_each_database_is_empty_and_apart(database_urls: Callable[[], Awaitable[str]]) -> None:
    """What one test writes no other finds."""
    first, second = await database_urls(), await database_urls()
    connection = await asyncpg.connect(first)
    await connection.execute("create table marked ()")
    await connection.close()
    connection = await asyncpg.connect(second)
    assert await connection.fetchval("select to_regclass('marked')") is None
    await connection.close()


async def test_what_was_committed_survives_an_immediate_stop(tmp_path: Path) -> None:
    """The outage breaks connections in mid-sentence and loses nothing."""
    server = LocalPostgres(tmp_path, durable=False)
    server.start()
    url = await server.create_database("kept")
    connection = await asyncpg.connect(url)
    await connection.execute("create table marked (n int)")
    server.stop("immediate")
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.execute("insert into marked values (1)")
    connection.terminate()
    with server:
        connection = await asyncpg.connect(server.url("kept"))
        assert await connection.fetchval("select count(*) from marked") == 0
        await connection.close()


async def test_a_second_start_in_the_folder_leaves_the_server_to_its_starter(postgres: LocalPostgres) -> None:
    """Two commands share a server; only its starter stops it."""
    with LocalPostgres(postgres.folder) as second:
        assert second.url() == postgres.url()
    connection = await asyncpg.connect(postgres.url())
    await connection.close()


def test_the_server_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    """kill -9 of the starter leaves no server behind: its leash closes."""
    starter = subprocess.run(
        [sys.executable, "-c", _KILLED_STARTER, str(tmp_path)], capture_output=True, text=True, timeout=120, check=False,
    )
    pid = int(starter.stdout)
    if psutil.pid_exists(pid):
        psutil.Process(pid).wait(30)


def test_a_server_not_started_has_no_address(tmp_path: Path) -> None:
    """Told, not guessed."""
    with pytest.raises(DatabaseDidNotStart):
        LocalPostgres(tmp_path).url()

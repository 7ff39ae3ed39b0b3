"""The database of a run: what it says of letters, and how it is made slow, crowded or full. Knows nothing of what a letter is about.

A full disk: no file of the server's may grow any more (RLIMIT_FSIZE of its processes). That works as any user; where a full disk has
ENOSPC, the server sees EFBIG, and does the same: it refuses what does not fit, and goes down when its log does not. It needs `prlimit`,
which every Linux has.
"""

import asyncio
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from typing import Final

import asyncpg
import psutil

from checker.terms import LetterRow
from hub.certify.waiting import last
from hub.errors import HubError
from hub.local.postgres import LocalPostgres

NO_LIMIT: Final = "unlimited"
FULL_AT: Final = "65536"
"""Bytes a file may have while the disk is full."""
_LETTERS: Final = """
select l.letter_id::text as letter_id, l.fault, coalesce(l.msg_id, '') as msg_id, l.behind is not null as is_parked, r.what as resolved,
       l.source_topic || '/' || l.source_partition || '/' || l.source_offset as source
from letters l left join resolutions r using (letter_id) order by l.written_at, l."offset"
"""
_OTHERS: Final = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> all($1) and backend_type = 'client backend'"
_PRLIMIT: Final = shutil.which("prlimit")
CAN_BE_FULL: Final = _PRLIMIT is not None


class DatabaseDown(HubError):
    """A harm needs a database that runs."""


async def letters(url: str) -> list[LetterRow]:
    """Every letter, and what became of it."""
    connection = await asyncpg.connect(url)
    try:
        return [LetterRow(**row) for row in await connection.fetch(_LETTERS)]
    finally:
        await connection.close()


async def waiting(url: str) -> list[LetterRow]:
    """Those whose fault is ours, that wait for an operator."""
    return [row for row in await letters(url) if row.fault == "hub" and not row.is_parked and row.resolved is None]


async def answers(url: str) -> bool:
    """Somebody can speak to it."""
    try:
        connection = await asyncpg.connect(url, timeout=3)
    except (OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


async def crowd(url: str, seconds: float) -> str:
    """Take every connection there is, the hub's too, and hold them."""
    held: list[asyncpg.Connection] = []
    try:
        await _fill(held, url)
        await held[0].fetch(_OTHERS, [one.get_server_pid() for one in held])
        await _fill(held, url)
        await last(seconds)
        return f"{len(held)} idle sessions"
    finally:
        await asyncio.gather(*(one.close(timeout=5) for one in held), return_exceptions=True)


async def _fill(held: list[asyncpg.Connection], url: str) -> None:
    # a connection that was ended gives its place up a moment later
    for _ in range(3):
        with suppress(asyncpg.TooManyConnectionsError):
            while True:
                held.append(await asyncpg.connect(url, timeout=10))
        await last(0.1)


async def freeze(postgres: LocalPostgres, seconds: float) -> str:
    """Every process of the server stands still, and goes on."""
    server = _server(postgres)
    stopped = _all(server)
    try:
        _signal(stopped, signal.SIGSTOP)
        await last(seconds)
    finally:
        _signal(stopped, signal.SIGCONT)
    return f"{len(stopped)} processes went on"


async def fill_disk(postgres: LocalPostgres, seconds: float) -> str:
    """No file may grow for so long. Whether the server is up afterwards is the caller's to see."""
    server = _server(postgres)
    await asyncio.to_thread(_limit, _all(server), FULL_AT)
    try:
        await last(seconds)
    finally:
        await asyncio.to_thread(_limit, _all(server), NO_LIMIT)
    return "has room again"


def _server(postgres: LocalPostgres) -> psutil.Process:
    pid = postgres.pid
    if pid is None:
        raise DatabaseDown("The database of the run is down already.")
    return psutil.Process(pid)


def _all(server: psutil.Process) -> list[psutil.Process]:
    """The server first: what it starts from now on is as it is."""
    try:
        return [server, *server.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _signal(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _limit(processes: list[psutil.Process], size: str) -> None:
    # as its own user: another may not, not even root without more rights
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            owner = process.uids().real
            command = [_PRLIMIT or "prlimit", "--pid", str(process.pid), f"--fsize={size}:"]
            subprocess.run(  # noqa: S603  our own words
                command, check=False, user=owner if owner != os.getuid() else None, cwd="/", stderr=subprocess.DEVNULL,
            )

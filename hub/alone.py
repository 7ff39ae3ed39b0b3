"""What may kill the process is tried while nothing else is read or decided in it: whose death it was is then never in doubt (ADR 28).

For one event loop. Knows nothing of records, and holds nothing up but while somebody is alone.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Room:
    """Many may be in it together, or one alone. Who comes while one is alone, or waits to be, waits behind."""

    def __init__(self) -> None:
        self._door = asyncio.Lock()
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """With whoever else is in it."""
        async with self._door:
            self._inside += 1
            self._empty.clear()
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Once everybody has left, and until this one has."""
        async with self._door:
            await self._empty.wait()
            yield

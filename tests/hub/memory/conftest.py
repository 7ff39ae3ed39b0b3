"""Memory on a database of the test's own."""

from collections.abc import AsyncIterator

import pytest

from hub.memory.memory import Memory
from hub.memory.migrate import migrate


@pytest.fixture
async def memory_url(database_url: str) -> str:
    """A migrated database."""
    await migrate(database_url)
    return database_url


@pytest.fixture
async def memory(memory_url: str) -> AsyncIterator[Memory]:
    """Memory in it, with short timeouts so that what waits gives up soon."""
    memory = await Memory.connect(memory_url, timeout=2.0)
    yield memory
    await memory.close()

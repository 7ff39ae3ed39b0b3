"""What the tests stand on: one real Kafka and one real PostgreSQL a session, started when first asked for, ended by pid at the end.

Tests share the broker, so each uses topics, groups and transactional ids of its own. Databases are per test.
"""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from hub.local.kafka import LocalKafka
from hub.local.postgres import LocalPostgres
from tests import spec


@pytest.fixture(scope="session")
def local_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """The session's broker. A test that kills it starts it again."""
    with LocalKafka(tmp_path_factory.mktemp("kafka"), port=0) as kafka:
        yield kafka


@pytest.fixture(scope="session")
def kafka_bootstrap(local_kafka: LocalKafka) -> str:
    """The session's broker, as clients are given it."""
    return local_kafka.bootstrap


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """The session's database server. A test that stops it starts it again."""
    # not in pytest's folder: another run of pytest shuts that to all but its owner, and the database may run as somebody else
    with (
        TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True) as folder,
        LocalPostgres(Path(folder) / "postgres", durable=False) as server,
    ):
        yield server


@pytest.fixture
async def database_urls(postgres: LocalPostgres) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Makes an empty database each time it is called; all are dropped after the test."""
    async with AsyncExitStack() as made:

        async def make() -> str:
            name = f"test_{uuid.uuid4().hex}"
            made.push_async_callback(postgres.drop_database, name)
            return await postgres.create_database(name)

        yield make


@pytest.fixture
async def database_url(database_urls: Callable[[], Awaitable[str]]) -> str:
    """The address of an empty database, dropped after the test."""
    return await database_urls()


@pytest.fixture(scope="session")
def spec_dir() -> Path:
    """The folder of the published specification; a clear failure when HUB_SPEC_DIR is missing."""
    return spec.spec_dir()

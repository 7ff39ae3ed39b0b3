"""The command line as a person meets it: words in, exit code and what was printed out. And a hub on a broker of its own.

The log's topic has one name, so these tests do not share the session's broker: what they write is folded by their own hub alone.
"""

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from contracts.kafka_connection import KafkaConnection
from hub import cli, register_topic, topic_admin
from hub.local.kafka import LocalKafka
from hub.memory.memory import Memory
from hub.memory.migrate import migrate
from hub.parties import read_register
from hub.settings import DEMO_REGISTER, PREFIX, Settings, read_settings
from hub.worker import worker_on

KEY = "k" * 40
VENDORS = ("fjord", "vidde", "skog")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


Hub = Callable[..., Said]
AsyncHub = Callable[..., Awaitable[Said]]
Working = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX) and name != "HUB_SPEC_DIR"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HUB_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Hub:
    """Runs `hub` with these words."""

    def run(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["hub", *map(str, words)])
        capsys.readouterr()
        code = cli.run()
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return run


@pytest.fixture
def ask(hub: Hub) -> AsyncHub:
    """Runs a command beside the test's own event loop, in which a hub may work."""

    async def run(*words: object) -> Said:
        return await asyncio.to_thread(hub, *words)

    return run


@contextmanager
def furnished_kafka(folder: Path) -> Iterator[LocalKafka]:
    """A broker with the demo's register and the topics of its vendors."""
    with LocalKafka(folder, port=0) as kafka:
        connection = KafkaConnection((kafka.bootstrap,))
        asyncio.run(topic_admin.create(connection, vendors=VENDORS))
        asyncio.run(register_topic.publish(read_register(DEMO_REGISTER), connection))
        yield kafka


@pytest.fixture(scope="session")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """A broker for these tests alone."""
    with furnished_kafka(tmp_path_factory.mktemp("own-kafka")) as kafka:
        yield kafka


@pytest.fixture
def cluster_named(monkeypatch: pytest.MonkeyPatch, own_kafka: LocalKafka) -> KafkaConnection:
    """The settings name that broker, as a cluster of one's own."""
    monkeypatch.setenv("HUB_KAFKA_BOOTSTRAP_SERVERS", own_kafka.bootstrap)
    monkeypatch.setenv("HUB_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("HUB_GROUP_PREFIX", f"test-{uuid.uuid4().hex[:8]}")
    return KafkaConnection((own_kafka.bootstrap,))


@pytest.fixture
async def settings(monkeypatch: pytest.MonkeyPatch, cluster_named: KafkaConnection, database_url: str) -> Settings:
    """Settings that name that broker and an own, migrated database."""
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    await migrate(database_url)
    return read_settings()


@pytest.fixture
async def memory(settings: Settings, database_url: str) -> AsyncIterator[Memory]:
    """What the hub remembers."""
    memory = await Memory.connect(database_url, connections=2)
    yield memory
    await memory.close()


@pytest.fixture
def working(settings: Settings, cluster_named: KafkaConnection, database_url: str) -> Working:
    """A hub that works as long as one is inside of it."""

    @asynccontextmanager
    async def work() -> AsyncIterator[None]:
        async with worker_on(settings, kafka=cluster_named, database_url=database_url) as worker, worker.working():
            yield

    return work

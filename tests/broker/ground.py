"""What a module of tests stands on: a broker and a database of its own, and commands of ours as processes. Ends only what it started."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psutil

from contracts.kafka_connection import KafkaConnection
from hub.certify.numbered import VENDORS, write_register
from hub.local.kafka import LocalKafka
from hub.local.ports import free_pair
from hub.local.postgres import LocalPostgres
from hub.memory.migrate import migrate
from hub.topic_admin import create

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PSEUDONYM_KEY: Final = "a key for the tests, which protects nobody at all"


@dataclass(frozen=True, slots=True)
class Ground:
    """A broker and a database that the tests may end as they like."""

    kafka: LocalKafka
    postgres: LocalPostgres
    database_url: str = field(repr=False)
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The hub's settings."""
        return {
            "HUB_KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap,
            "HUB_DATABASE_URL": self.database_url,
            "HUB_PSEUDONYM_KEY": PSEUDONYM_KEY,
            "HUB_PARTIES_FILE": str(write_register(self.folder / "parties.toml")),
        }


@contextmanager
def standing() -> Iterator[Ground]:
    """Broker, database, topics and tables, in a folder that goes with them."""
    with ExitStack() as held:
        # not pytest's folder: another run of pytest shuts that to all but its owner, and the database may run as somebody else
        folder = Path(held.enter_context(TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True)))
        postgres = held.enter_context(LocalPostgres(folder / "postgres", durable=False))
        kafka = held.enter_context(LocalKafka(folder / "kafka", port=0))
        yield Ground(kafka, postgres, asyncio.run(_prepared(kafka, postgres)), folder)


async def _prepared(kafka: LocalKafka, postgres: LocalPostgres) -> str:
    url = await postgres.create_database("hub")
    await migrate(url)
    await create(KafkaConnection((kafka.bootstrap,)), vendors=VENDORS)
    return url


@contextmanager
def running(module: str, *words: str, environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m module words` with these settings and both outputs in `log`. Ends with the block, with all it started."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words], cwd=ROOT, stdout=out, stderr=out,
            env={**plain_environment(), "HUB_HTTP_PORT": str(free_pair()), **environment},
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            _end_with_children(process)


def _end_with_children(process: subprocess.Popen[bytes]) -> None:
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.kill()


def plain_environment() -> dict[str, str]:
    """This process's, without the hub's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | {"PYTHONPATH": str(ROOT)}

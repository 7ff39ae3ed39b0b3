"""What a certificate stands on: brokers, database, topics and tables of its own, in a folder that goes with them."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Final

from contracts.kafka_connection import KafkaConnection
from hub.certify.brokers import Brokers
from hub.certify.numbered import VENDORS, write_register
from hub.local import Progress, silent
from hub.local.postgres import LocalPostgres
from hub.topic_admin import create

PSEUDONYM_KEY: Final = "a key for certificates, which protects nobody at all"


@dataclass(frozen=True, slots=True)
class Ground:
    """Brokers and a database that a run may end as it likes."""

    brokers: Brokers
    postgres: LocalPostgres
    database_url: str = field(repr=False)
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The hub's settings."""
        return {
            "HUB_KAFKA_BOOTSTRAP_SERVERS": ",".join(self.brokers.bootstrap),
            "HUB_DATABASE_URL": self.database_url,
            "HUB_PSEUDONYM_KEY": PSEUDONYM_KEY,
            "HUB_PARTIES_FILE": str(self.folder / "parties.toml"),
        }


@contextmanager
def standing(*, nodes: int, keep: bool = False, progress: Progress = silent) -> Iterator[Ground]:
    """All of it. `keep`: the folder stays, with the logs; what runs in it ends all the same."""
    with ExitStack() as held:
        folder = Path(mkdtemp(prefix="hub-certify-")) if keep else Path(held.enter_context(
            TemporaryDirectory(prefix="hub-certify-", ignore_cleanup_errors=True),
        ))
        postgres = held.enter_context(LocalPostgres(folder / "postgres", durable=False, progress=progress))
        brokers = held.enter_context(Brokers(folder, count=nodes, progress=progress))
        write_register(folder / "parties.toml")
        yield Ground(brokers, postgres, asyncio.run(_prepared(brokers, postgres)), folder)


async def _prepared(brokers: Brokers, postgres: LocalPostgres) -> str:
    from hub.memory.migrate import migrate  # SQLAlchemy and Alembic: a second of every command's start

    url = await postgres.create_database("hub")
    await migrate(url)
    await create(KafkaConnection(brokers.bootstrap), vendors=VENDORS)
    return url

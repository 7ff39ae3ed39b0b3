"""What stands already, for commands that visit: the cluster and database that are named, or the local ones that somebody else has started.

Never starts a broker and never creates a database or a topic. A local database that was left behind is woken, and put back to sleep.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from contracts.kafka_connection import KafkaConnection
from hub import topic_admin
from hub.errors import HubError
from hub.ground import standing_database
from hub.local.kafka import PORT, LocalKafka
from hub.local.ports import LOOPBACK, answers
from hub.settings import Settings

if TYPE_CHECKING:
    from hub.memory.memory import Memory


class NothingThere(HubError):
    """What a command wants to visit does not stand; the words say how to raise it."""


def running_kafka(settings: Settings) -> KafkaConnection:
    """The cluster that is named, else the local broker that runs. Blocking. Raises NothingThere."""
    if not settings.is_local:
        return settings.kafka_connection()
    local = LocalKafka(settings.data_dir / "kafka")
    if local.is_running:
        local.start()  # finds its port and waits for its answer: what runs is not started anew
        return settings.kafka_connection(local.bootstrap)
    if answers(PORT):
        return settings.kafka_connection(f"{LOOPBACK}:{PORT}")
    raise NothingThere(
        f"No broker answers on {LOOPBACK}:{PORT}. Start the hub (hub run, hub demo), or name a cluster in HUB_KAFKA_BOOTSTRAP_SERVERS."
    )


@contextmanager
def visited_database(settings: Settings) -> Iterator[str]:
    """The address of the database that is named, else of the local one. Blocking. Raises NothingThere."""
    if settings.database_url is None and not (settings.data_dir / "postgres" / "data" / "PG_VERSION").exists():
        raise NothingThere(
            f"There is no local database in {settings.data_dir}. Start the hub (hub run, hub demo), or name one in HUB_DATABASE_URL."
        )
    with standing_database(settings) as url:
        yield url


def require_topic(connection: KafkaConnection, name: str, *, mend: str) -> None:
    """Blocking. Raises NothingThere with what to do about it, and ClusterUnreachable."""
    if not asyncio.run(topic_admin.find(connection, names=[name])):
        raise NothingThere(f"The cluster has no topic {name}: {mend}")


@asynccontextmanager
async def visited_memory(url: str) -> "AsyncIterator[Memory]":
    """Memory by one connection. Raises SchemaUnfit where no hub has worked yet, and DatabaseAway."""
    from hub.memory.memory import Memory  # most commands start without the database's libraries

    memory = await Memory.connect(url, connections=1)
    try:
        yield memory
    finally:
        await memory.close()

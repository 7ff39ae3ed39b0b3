"""What stands already, for commands that visit: the cluster and database that are named, or the local ones that somebody else has started.

Never starts a broker and never creates a database or a topic. A local database that was left behind is woken, and put back to sleep.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from contracts.kafka_connection import KafkaConnection
from contracts.topics import PARTIES
from hub import topic_admin
from hub.errors import HubError
from hub.ground import standing_database
from hub.local.kafka import PORT, LocalKafka
from hub.local.ports import LOOPBACK, answers
from hub.parties import Register
from hub.register import Held, NoRegister, register_of
from hub.register_topic import held_on
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


def visited_parties(connection: KafkaConnection) -> Held:
    """What stands on the register's topic. Blocking. Raises NothingThere and ClusterUnreachable."""
    require_topic(connection, PARTIES.name, mend="hub topics create")
    try:
        return asyncio.run(held_on(connection))
    except (KafkaError, TimeoutError) as error:
        raise topic_admin.ClusterUnreachable(f"{PARTIES.name} cannot be read ({type(error).__name__}).") from error


def visited_register(connection: KafkaConnection) -> Register:
    """The register that stands on its topic. Blocking. Raises NothingThere and ClusterUnreachable."""
    try:
        return register_of(visited_parties(connection))
    except NoRegister as no:
        raise NothingThere(
            f"What stands on {PARTIES.name} is no register ({no}). The workers keep the last good one; hub parties publish mends it."
        ) from no


def register_in_force(settings: Settings, connection: KafkaConnection) -> Register:
    """The register of the file that is named or the demo's, else the one on the topic. Blocking. Raises what reading either does."""
    return settings.register() if settings.names_register else visited_register(connection)


@asynccontextmanager
async def visited_memory(url: str) -> "AsyncIterator[Memory]":
    """Memory by one connection. Raises SchemaUnfit where no hub has worked yet, and DatabaseAway."""
    from hub.memory.memory import Memory  # most commands start without the database's libraries

    memory = await Memory.connect(url, connections=1)
    try:
        yield memory
    finally:
        await memory.close()

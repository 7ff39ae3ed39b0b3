"""What the hub stands on: the cluster and database that are named, or local ones that live as long as they are needed.

Never starts anything beside what is named: with a cluster set, no broker; with a database set, no PostgreSQL.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from contracts.kafka_connection import KafkaConnection
from hub.local import Progress, silent
from hub.local.kafka import PORT, LocalKafka
from hub.local.ports import is_free
from hub.local.postgres import LocalPostgres
from hub.settings import Settings


@dataclass(frozen=True, slots=True)
class Ground:
    """Where Kafka and PostgreSQL are."""

    kafka: KafkaConnection
    database_url: str = field(repr=False)


@contextmanager
def standing_kafka(settings: Settings, *, progress: Progress = silent) -> Iterator[KafkaConnection]:
    """The cluster that is named, or a local broker in the data folder; on other ports where the usual ones are taken."""
    if not settings.is_local:
        yield settings.kafka_connection()
        return
    port = PORT if is_free(PORT) and is_free(PORT + 1) else 0
    with LocalKafka(settings.data_dir / "kafka", port=port, progress=progress) as local:
        yield settings.kafka_connection(local.bootstrap)


@contextmanager
def standing_database(settings: Settings, *, progress: Progress = silent) -> Iterator[str]:
    """The address of the database that is named, or of a local one in the data folder."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with LocalPostgres(settings.data_dir / "postgres", progress=progress) as local:
        yield local.url()


@contextmanager
def standing(settings: Settings, *, progress: Progress = silent) -> Iterator[Ground]:
    """Both. Blocking: start it before the event loop, or in a thread."""
    with ExitStack() as held:
        database = held.enter_context(standing_database(settings, progress=progress))
        yield Ground(held.enter_context(standing_kafka(settings, progress=progress)), database)

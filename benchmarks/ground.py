"""What the end-to-end rows stand on: a real broker and a real database in a folder that goes away, with every topic made."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil
from confluent_kafka import TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its own marker says typed, its modules do not say what they give
    AdminClient,
    NewTopic,
    OffsetSpec,
)

from benchmarks.messages import PARTIES_FILE
from contracts.kafka_connection import KafkaConnection
from contracts.topics import SEQUENCED
from hub.local.kafka import LocalKafka
from hub.local.postgres import LocalPostgres
from hub.memory.migrate import migrate
from hub.parties import read_register
from hub.topic_admin import create

PLAIN_INBOX: Final = "plain.inbox"
PLAIN_EVENTS: Final = "plain.events"
PLAIN_RECEIPTS: Final = "plain.receipts"
RELAY_COMMANDS: Final = "relay.commands"
RELAY_INBOX: Final = "relay.inbox"
RELAY_OUTBOX: Final = "relay.outbox"
RELAY_REPLIES: Final = "relay.replies"
RELAY_EVENTS: Final = "relay.events"
READ_ONLY: Final = "benchmark.sequenced"
"""Where reception alone writes, so that no casework hears of it."""
PARTITIONS: Final = 6
_HEAP: Final = "1g"


@dataclass(frozen=True, slots=True)
class Ground:
    """Where they are, and the processes whose time is theirs."""

    bootstrap: str
    database_url: str = field(repr=False)
    folder: Path
    broker: psutil.Process
    postgres: psutil.Process


@contextmanager
def standing() -> Iterator[Ground]:
    """Both, durable as they are in production, until the block ends."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="hub-benchmarks-", ignore_cleanup_errors=True)))
        postgres = held.enter_context(LocalPostgres(folder / "postgres"))
        kafka = held.enter_context(LocalKafka(folder / "kafka", port=0, heap=_HEAP))
        asyncio.run(_prepare(kafka.bootstrap, postgres.url()))
        _make_our_own(AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0}))
        yield Ground(kafka.bootstrap, postgres.url(), folder, psutil.Process(kafka.pid), _postmaster(folder / "postgres"))


async def _prepare(bootstrap: str, database_url: str) -> None:
    await migrate(database_url)
    await create(KafkaConnection((bootstrap,)), vendors=read_register(PARTIES_FILE).vendors)


def _make_our_own(admin: AdminClient) -> None:
    names = (
        PLAIN_INBOX, PLAIN_EVENTS, PLAIN_RECEIPTS, RELAY_COMMANDS, RELAY_INBOX, RELAY_OUTBOX, RELAY_REPLIES, RELAY_EVENTS, READ_ONLY,
    )
    for made in admin.create_topics([NewTopic(name, PARTITIONS, 1, config=SEQUENCED.config) for name in names]).values():
        made.result()
    while not _all_led(admin):
        time.sleep(0.1)


def _all_led(admin: AdminClient) -> bool:
    """Every partition of every topic has a leader that answers: right behind their making some have not."""
    topics, latest = admin.list_topics().topics, OffsetSpec.for_timestamp(-1)
    asked = {TopicPartition(name, number): latest for name, topic in topics.items() for number in topic.partitions}
    answers = admin.list_offsets(asked).values()
    return READ_ONLY in topics and all(answer.exception() is None for answer in answers)


def _postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))

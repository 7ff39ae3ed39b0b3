"""One run: send the numbered messages while the plan is carried out, wait until all is worked off, and read what it left behind."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from contracts.kafka_connection import KafkaConnection
from contracts.topics import INBOX, SEQUENCED, TOPICS, of_vendor
from hub.local.kafka import LocalKafka
from hub.local.postgres import LocalPostgres
from hub.memory.migrate import migrate
from hub.topic_admin import create
from tests.broker.cluster import Cluster
from tests.broker.waiting import until
from tests.chaos.fleet import Fleet
from tests.chaos.numbered import VENDORS, Letter, write_register
from tests.chaos.subscriber import seen
from tests.chaos.verdict import Topics
from tests.chaos.waiting import last, until_second

Say = Callable[[str], None]
What = Literal["kill", "pause", "crash", "broker", "database"]
PSEUDONYM_KEY: Final = "a key for the tests, which protects nobody at all"
AT_ONCE: Final = 20
"""Letters handed to the producer between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class Action:
    """At this second of the sending. `seconds`: how long a pause or outage lasts."""

    at: float
    what: What
    seconds: float = 0


@dataclass(frozen=True, slots=True)
class Ground:
    """A broker and a database of the run's own, which it may end as it likes."""

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


@dataclass(slots=True)
class Run:
    """`fleet` must have been started."""

    ground: Ground
    fleet: Fleet
    say: Say
    began: float = 0.0

    async def carry_out(self, letters: Iterable[Letter], plan: Iterable[Action], *, rate: float, within: float) -> None:
        """Send at `rate` a second while the plan is carried out; return when all is worked off, at most `within` seconds after both."""
        self.began = time.monotonic()
        keeping = asyncio.create_task(self.fleet.keep_running())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._send(letters, rate))
                for action in plan:
                    group.create_task(self._act(action))
            ended = time.monotonic()
            await until(partial(self._worked_off), what="all records worked off", within=within)
            self._tell(f"worked off {time.monotonic() - ended:.1f} s after the end of the plan")
            await until(self.fleet.are_ready, what="every worker ready again", within=within)
        finally:
            keeping.cancel()
        await self.fleet.stop()

    async def read(self) -> Topics:
        """Everything that subscribers can read, and what was sent."""
        cluster = Cluster(self.ground.kafka.bootstrap)
        names = [name for topic in TOPICS if topic is not SEQUENCED for name in _names(topic.name)]
        return {name: [seen(record) for record in await cluster.read(name)] for name in names}

    def _tell(self, words: str) -> None:
        self.say(f"  +{time.monotonic() - self.began:5.1f} s  {words}")

    async def _send(self, letters: Iterable[Letter], rate: float) -> None:
        # an outage of the broker is the hub's trial, not the sender's: it keeps what it has for longer than any outage of the plan
        producer = AIOKafkaProducer(
            bootstrap_servers=self.ground.kafka.bootstrap, enable_idempotence=True, linger_ms=5, request_timeout_ms=120_000,
        )
        await producer.start()
        try:
            sent = [await future for future in await self._paced(producer, letters, rate)]
        finally:
            await producer.stop()
        self._tell(f"sent {len(sent)} records")

    async def _paced(self, producer: AIOKafkaProducer, letters: Iterable[Letter], rate: float) -> list[Any]:
        futures = []
        for at, letter in enumerate(letters):
            if at % AT_ONCE == 0:
                await until_second(at / rate, began=self.began)
            futures.append(await producer.send(letter.topic, letter.body, partition=letter.partition))
        return futures

    async def _act(self, action: Action) -> None:
        await until_second(action.at, began=self.began)
        self._tell(f"{action.what} {action.seconds or ''}".rstrip())
        told = await self._do(action)
        self._tell(f"{action.what}: {told}")

    async def _do(self, action: Action) -> str:
        match action.what:
            case "kill":
                return self.fleet.kill()
            case "crash":
                return self.fleet.crash()
            case "pause":
                return await self.fleet.pause(action.seconds)
            case "broker":
                return await self._break_broker(action.seconds)
            case "database":
                return await self._stop_database(action.seconds)

    async def _break_broker(self, seconds: float) -> str:
        await asyncio.to_thread(self.ground.kafka.kill)
        await last(seconds)
        await asyncio.to_thread(self.ground.kafka.start)
        return "answers again"

    async def _stop_database(self, seconds: float) -> str:
        await asyncio.to_thread(self.ground.postgres.stop, "immediate")
        await last(seconds)
        await asyncio.to_thread(self.ground.postgres.start)
        return "answers again"

    async def _worked_off(self) -> bool:
        """Reception has committed all that was sent, and casework all that reception wrote."""
        inboxes = [of_vendor(INBOX, vendor) for vendor in VENDORS]
        try:
            return await self._waiting("hub.reception", inboxes) == 0 and await self._waiting("hub.casework", [SEQUENCED.name]) == 0
        except KafkaError:
            return False

    async def _waiting(self, group: str, topics: Iterable[str]) -> int:
        """Records of these topics that the group has not committed."""
        ends = await self._ends(topics)
        admin = AIOKafkaAdminClient(bootstrap_servers=self.ground.kafka.bootstrap)
        await admin.start()
        try:
            committed = await admin.list_consumer_group_offsets(group)
        finally:
            await admin.close()
        return sum(end - (committed[source].offset if source in committed else 0) for source, end in ends.items())

    async def _ends(self, topics: Iterable[str]) -> dict[TopicPartition, int]:
        consumer = AIOKafkaConsumer(*topics, bootstrap_servers=self.ground.kafka.bootstrap)
        await consumer.start()
        try:
            ends: dict[TopicPartition, int] = await consumer.end_offsets(consumer.assignment())
        finally:
            await consumer.stop()
        return ends


def fleet_on(ground: Ground, *, size: int, seed: int) -> Fleet:
    """Workers on this ground, not yet started."""
    return Fleet(size, ground.environment, ground.folder, random.Random(seed))


def _names(topic: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(topic.replace("<vendor>", vendor) for vendor in VENDORS))


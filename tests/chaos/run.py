"""One run: send the traffic while the plan is carried out, EPJs and portal at work; wait until nothing follows any more; read it all."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from contracts.kafka_connection import KafkaConnection
from contracts.topics import COMMANDS, INBOX, OUTBOX, PARTIES, SEQUENCED, SYNC, TOPICS, of_vendor
from hub.local.kafka import LocalKafka
from hub.local.postgres import LocalPostgres
from hub.memory.migrate import migrate
from hub.topic_admin import create
from tests.broker.cluster import Cluster
from tests.broker.waiting import until
from tests.chaos import epj
from tests.chaos.commands import RECEIPT_WITHIN
from tests.chaos.correspondent import Correspondent, patient_producer, send
from tests.chaos.facts import Topics
from tests.chaos.fleet import Fleet
from tests.chaos.numbered import VENDORS, Letter, write_register
from tests.chaos.portal import LISTENS_TO, Portal
from tests.chaos.subscriber import seen
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
        """Send at `rate` a second while the plan is carried out; return when nothing follows any more, at most `within` seconds after both.

        What is not there by then is the verdict's to tell.
        """
        keeping = asyncio.create_task(self.fleet.keep_running())
        bootstrap, portal = self.ground.kafka.bootstrap, Portal()
        try:
            async with (
                Correspondent(bootstrap, _names(OUTBOX.name), epj.answers) as epjs,
                Correspondent(bootstrap, LISTENS_TO, portal.hear) as listening,
            ):
                await until(self.fleet.are_ready, what="every worker ready", within=within)
                self.began = time.monotonic()
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._send(letters, portal, rate))
                    for action in plan:
                        group.create_task(self._act(action))
                await self._settle(partial(self._is_settled, portal, (epjs, listening)), within=within)
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

    async def _send(self, letters: Iterable[Letter], portal: Portal, rate: float) -> None:
        producer = patient_producer(self.ground.kafka.bootstrap)
        await producer.start()
        try:
            sent = [await future for future in await self._paced(producer, letters, portal, rate)]
        finally:
            await producer.stop()
        self._tell(f"sent {len(sent)} records")

    async def _paced(self, producer: AIOKafkaProducer, letters: Iterable[Letter], portal: Portal, rate: float) -> list[Any]:
        futures = []
        for at, letter in enumerate(letters):
            if at % AT_ONCE == 0:
                await until_second(at / rate, began=self.began)
            if letter.is_command:
                portal.asks(letter)
            futures.append(await send(producer, letter))
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

    async def _settle(self, settled: Callable[[], Awaitable[bool]], *, within: float) -> None:
        ended = time.monotonic()
        try:
            await until(settled, what="nothing follows any more", within=within)
        except AssertionError as unsettled:
            self._tell(str(unsettled))
        else:
            self._tell(f"nothing follows {time.monotonic() - ended:.1f} s after the end of the plan")

    async def _is_settled(self, portal: Portal, others: Sequence[Correspondent]) -> bool:
        """The portal waits for nothing, all groups have committed all there is, and nobody has sent anything meanwhile."""
        before = sum(other.sent for other in others)
        if portal.waits_for:
            return False
        try:
            unread = [await self._has_unread(group, topics) for group, topics in _groups().items()]
            idle = [await other.is_idle() for other in others]
        except KafkaError:
            return False
        return not any(unread) and all(idle) and before == sum(other.sent for other in others)

    async def _has_unread(self, group: str, topics: Iterable[str]) -> bool:
        """Something stands behind what the group has committed. Not told by offsets: a transaction's end has one too."""
        consumer = AIOKafkaConsumer(*topics, bootstrap_servers=self.ground.kafka.bootstrap, isolation_level="read_committed")
        await consumer.start()
        try:
            committed = await self._committed(group)
            for source in consumer.assignment():
                consumer.seek(source, committed.get(source, 0))
            return await _reads_something(consumer)
        finally:
            await consumer.stop()

    async def _committed(self, group: str) -> dict[TopicPartition, int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.ground.kafka.bootstrap)
        await admin.start()
        try:
            return {source: found.offset for source, found in (await admin.list_consumer_group_offsets(group)).items()}
        finally:
            await admin.close()


async def _reads_something(consumer: AIOKafkaConsumer) -> bool:
    ends = await consumer.end_offsets(consumer.assignment())
    while not all([await consumer.position(source) >= end for source, end in ends.items()]):
        if await consumer.getmany(timeout_ms=200):
            return True
    return False


def _groups() -> dict[str, list[str]]:
    """The hub's groups, and what each of them reads in a run."""
    inboxes = [of_vendor(INBOX, vendor) for vendor in VENDORS]
    quick = [COMMANDS.name, PARTIES.name, *(of_vendor(SYNC, vendor) for vendor in VENDORS)]
    return {"hub.reception": inboxes, "hub.portal": quick, "hub.casework": [SEQUENCED.name]}


def fleet_on(ground: Ground, *, size: int, seed: int) -> Fleet:
    """Workers on this ground, not yet started."""
    waits = {"HUB_RECEIPT_WITHIN_MINUTES": str(RECEIPT_WITHIN // timedelta(minutes=1))}
    return Fleet(size, ground.environment | waits, ground.folder, random.Random(seed))


def _names(topic: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(topic.replace("<vendor>", vendor) for vendor in VENDORS))


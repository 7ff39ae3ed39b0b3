"""One worker: reception and casework on one event loop, with their health. The composition root of both stations.

The register is the topic's, and followed: the next message is read by what it says now. Everything else that a worker depends on is given
to it; it starts no broker and no database. A graceful stop finishes the running transactions.
"""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeVar

from aiokafka.errors import KafkaError
from faststream import FastStream
from faststream.kafka import KafkaBroker

from consumers.caring import Care
from consumers.casework import subscribe_casework
from consumers.connecting import kafka_broker
from consumers.inboxes import subscribe_inboxes
from consumers.intake import Intake
from consumers.portal import subscribe_portal
from consumers.scanning import ends_of
from contracts.failures import Rule
from contracts.kafka_connection import KafkaConnection
from contracts.topics import SEQUENCED, inbox_pattern, quick_pattern
from hub.alone import Room
from hub.casework import Casework, Told, nobody
from hub.commanding import Patience
from hub.deadlines import Deadlines
from hub.holding import Holds
from hub.http import Check, Health, served
from hub.live_register import LiveRegister, followed
from hub.logs import get
from hub.memory.faults import DatabaseAway
from hub.memory.memory import Memory
from hub.metrics import Metrics
from hub.parties import Register
from hub.processes import PROCESSES
from hub.reading import Combination, Desk
from hub.reception import Reception
from hub.register_topic import publish
from hub.settings import Settings
from hub.telling import Telling
from hub.topic_admin import ClusterUnreachable
from producers.backing_off import back_off
from producers.lane import LaneLimits
from producers.lanes import Lanes
from producers.observer import LaneObserver, LaneState
from producers.sequencer import Sequencer
from schemas import expectations

log = get("worker")
T = TypeVar("T")
_WIRE_SHARE: Final = 0.75
"""We give a transaction up before the broker does."""
_NOTICED: Final = (Rule.NOT_ALLOWED, Rule.MSG_ID_USED_TWICE)
ROOM_A_LANE: Final = 64
"""Records that may wait for each lane before the inboxes wait (ADR 21)."""
ROOM_WHILE_ASKED: Final = 8
"""So many while questions are asked or answered: they wait behind these, and bulk has all day."""
ASKED_LATELY: Final = 5.0
"""Seconds after the portal's last command, or the last answer to one."""
LAG_EVERY: Final = 5.0
"""Seconds between two looks at what waits."""


_GOES_ON: Final = frozenset({"open", "closed"})


class Watch(LaneObserver):
    """What the lanes do, as metrics and a few log lines."""

    def __init__(self, metrics: Metrics, holds: Holds) -> None:
        self._metrics, self._holds = metrics, holds

    def lane_state(self, partition: int, state: LaneState) -> None:
        """A gauge a lane."""
        self._metrics.lane_state(partition, state)
        if state in _GOES_ON:
            self._holds.ended(partition)

    def held(self, partition: int, seconds: float, reason: str) -> None:  # noqa: ARG002  the observer's signature
        """It waits with its records in hand."""
        self._holds.begun(partition, reason)

    def lost(self, partition: int, reason: str) -> None:
        """It waits until it can be opened again."""
        self._holds.begun(partition, reason)

    def open_error(self, partition: int, reason: str) -> None:
        """It waits longer."""
        self._holds.begun(partition, reason)

    def transaction(self, partition: int, seconds: float, records: int) -> None:  # noqa: ARG002  the observer's signature
        """One Kafka transaction."""
        self._metrics.transaction(seconds)

    def decided(self, partition: int, seconds: float, records: int) -> None:  # noqa: ARG002  the observer's signature
        """One batch's database transaction, with its fold."""
        self._metrics.database(seconds)

    def set_aside(self, partition: int) -> None:
        """Worth a line: somebody has to look."""
        log.error("set_aside", lane=partition)


@dataclass(frozen=True, slots=True)
class Worker:
    """Both stations, subscribed."""

    broker: KafkaBroker
    lanes: Lanes
    memory: Memory
    metrics: Metrics
    register: LiveRegister

    def checks(self) -> dict[str, Check]:
        """What must be there for this worker to be ready."""
        return {"database": self._database, "memory": self._memory, "kafka": self._kafka, "lanes": self._lanes}

    async def _database(self) -> bool:
        await self.memory.ping()
        return True

    async def _memory(self) -> bool:
        """It knows all that Kafka has committed; otherwise: `hub rebuild`."""
        return not await self.memory.is_behind()

    async def _kafka(self) -> bool:
        return bool(await self.lanes.consumer.topics())

    async def _lanes(self) -> bool:
        """Every partition that the group gave us has its lane; none, when there are more workers than partitions."""
        assigned = {source.partition for source in self.lanes.consumer.assignment()}
        return assigned == {lane.partition for lane in self.lanes.open_lanes}

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """As long as one is inside; at the end the running transactions end before the broker is left."""
        async with AsyncExitStack() as held:
            await self.broker.start()
            held.push_async_callback(self.broker.stop)
            held.push_async_callback(self.lanes.aclose)
            yield

    def owned_partitions(self) -> frozenset[int]:
        """The partitions of the log whose lanes are open here."""
        return frozenset(lane.partition for lane in self.lanes.open_lanes)

    async def watch_lag(self) -> None:
        """Until cancelled: how many records wait in each partition that is ours."""
        while True:
            with suppress(Exception):
                for subscriber in self.broker.subscribers:
                    await _tell_lag(getattr(subscriber, "consumer", None), self.metrics)
            await asyncio.sleep(LAG_EVERY)


async def _tell_lag(consumer: Any, metrics: Metrics) -> None:
    for source in consumer.assignment() if consumer else ():
        high = consumer.highwater(source)
        if high is not None:
            metrics.lag(source.topic, partition=source.partition, records=max(0, high - await consumer.position(source)))


def new_metrics() -> Metrics:
    """Counters with the labels of our tables; the vendors' come with the register."""
    return Metrics(processes=[process.name for process in PROCESSES], notices=[rule.id for rule in _NOTICED])


def desk_of(settings: Settings, register: Register | None = None) -> Desk:
    """What reception reads by; without a register, by the one that the settings name."""
    known = settings.register() if register is None else register
    return Desk(
        settings.pseudonyms(), known, Combination(settings.combination_rule), settings.max_message_bytes, patience_of(settings),
        asks_citizens=settings.citizens == "asked",
    )


def patience_of(settings: Settings) -> Patience:
    """How long is waited for an office."""
    return Patience(timedelta(minutes=settings.receipt_within_minutes), timedelta(days=settings.word_within_days))


async def work(
    settings: Settings, *, kafka: KafkaConnection, database_url: str, http_port: int | None = None, metrics: Metrics | None = None,
) -> None:
    """Run until SIGTERM or SIGINT. `http_port`: None serves nothing. Raises what stops the start, such as SchemaUnfit."""
    async with AsyncExitStack() as held:
        worker = await held.enter_async_context(worker_on(settings, kafka=kafka, database_url=database_url, metrics=metrics))
        if http_port is not None:
            health = Health(worker.checks(), worker.metrics.text)
            await held.enter_async_context(served(
                health, host=settings.http_host, port=http_port, entrance=settings.entrance(),
            ))
        app = FastStream(worker.broker, logger=None)
        app.on_shutdown(worker.lanes.aclose)
        app.after_startup(_started)
        lag = asyncio.create_task(worker.watch_lag())
        held.callback(lag.cancel)
        try:
            await app.run(log_level=logging.CRITICAL)
        except KafkaError as error:
            raise ClusterUnreachable("The cluster went away while the worker started; start it again.") from error
        log.info("stopped")


async def _started() -> None:
    # What stands now stands for ever: the cyclic collector need not look at it again, and looks at the rest less often.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    log.info("started")


@asynccontextmanager
async def worker_on(
    settings: Settings, *, kafka: KafkaConnection, database_url: str, metrics: Metrics | None = None,
) -> AsyncIterator[Worker]:
    """Both stations, subscribed and not yet started: that is the caller's, by `Worker.working` or by FastStream's own life cycle."""
    metrics = metrics or new_metrics()
    async with AsyncExitStack() as held:
        if settings.names_register:
            # Here and nowhere else, so that a worker's register is the topic's however it was started: by `hub run`, the demo or a test.
            # Several workers publish the same differences, or none.
            await _until_there(partial(publish, settings.register(), kafka), what="register")
        register = await held.enter_async_context(followed(kafka, refused=metrics.register_refused))
        memory = await _until_there(partial(Memory.connect, database_url), what="database")
        held.push_async_callback(memory.close)
        await _until_there(partial(_check_places, settings, kafka, memory), what="log")
        await asyncio.to_thread(expectations.prepare)
        # two, so that a question does not wait behind what the inboxes bring
        holds = Holds(metrics)
        sequencer, quick = Sequencer(kafka, on_hold=holds.of("log")), Sequencer(kafka, on_hold=holds.of("quick_log"))
        held.push_async_callback(sequencer.stop)
        held.push_async_callback(quick.stop)
        worker = _subscribed(
            settings, kafka, memory=memory, sequencer=sequencer, quick=quick, metrics=metrics, register=register, holds=holds,
        )
        await _until_there(sequencer.start, what="kafka")
        deadlines = asyncio.create_task(Deadlines(memory, quick, owned=worker.owned_partitions).watch())
        held.callback(deadlines.cancel)
        yield worker


async def _check_places(settings: Settings, kafka: KafkaConnection, memory: Memory) -> None:
    """A worker that began with cases in the wrong places would give two of them one patient."""
    ends = await ends_of(kafka, SEQUENCED.name)
    await memory.check_places(partitions=ends.partitions, version=settings.pseudonym_key_version)


async def _until_there(start: Callable[[], Awaitable[T]], *, what: str) -> T:
    """A worker that starts into an outage waits for its end, as a running one does."""
    failures = 0
    while True:
        try:
            return await start()
        except (DatabaseAway, KafkaError, OSError, TimeoutError) as error:
            log.warning("waiting", state=what, reason=type(error).__name__)
        await asyncio.sleep(back_off(failures, first=0.5))
        failures += 1


def _subscribed(
    settings: Settings, kafka: KafkaConnection, *, memory: Memory, sequencer: Sequencer, quick: Sequencer, metrics: Metrics,
    register: LiveRegister, holds: Holds,
) -> Worker:
    broker, prefix = kafka_broker(kafka), settings.group_prefix
    reception, room, deaths = Reception(desk_of(settings, register.current)), Room(), settings.deaths_of_one_message
    casework = casework_of(settings, memory, told=Telling(metrics), room=room)
    care = partial(Care, room, deaths, reception.killed, partial(back_off, first=0.1))
    lanes = Lanes(kafka, group=f"{prefix}.casework", work=casework, observer=Watch(metrics, holds), limits=_limits_of(settings))
    portal = subscribe_portal(
        broker, group=f"{prefix}.portal", sequence=reception.sequence, refused=reception.refused_by_broker, sequencer=quick,
        pattern=quick_pattern(register.current.vendors), care=care(holds.of("portal")),
    )
    inboxes = subscribe_inboxes(
        broker, group=f"{prefix}.reception", sequence=reception.sequence, refused=reception.refused_by_broker,
        sequencer=sequencer, pattern=inbox_pattern(register.current.vendors), has_room=partial(_has_room, lanes, portal),
        care=care(holds.of("inboxes")),
    )
    subscribe_casework(broker, lanes, topic=SEQUENCED.name, group=lanes.group)
    register.on_change(partial(_by_register, reception=reception, inboxes=inboxes, portal=portal, metrics=metrics))
    return Worker(broker, lanes, memory, metrics, register)


def casework_of(settings: Settings, memory: Memory, *, told: Told = nobody, room: Room | None = None) -> Casework:
    """What decides, by these settings: also for whoever decides without being a whole worker."""
    return Casework(memory, told=told, room=room, deaths=settings.deaths_of_one_message, keep=timedelta(days=settings.keep_days))


def _has_room(lanes: Lanes, portal: Intake) -> bool:
    room = ROOM_WHILE_ASKED if portal.quiet_for < ASKED_LATELY else ROOM_A_LANE
    return lanes.backlog <= room * max(1, len(lanes.open_lanes))


def _by_register(register: Register, *, reception: Reception, inboxes: Intake, portal: Intake, metrics: Metrics) -> None:
    """What the register says is in force; the desk first, so that no new vendor's message is read by the old one."""
    metrics.know_vendors(register.vendors)
    reception.read_by(register)
    inboxes.follow(inbox_pattern(register.vendors))
    portal.follow(quick_pattern(register.vendors))


def _limits_of(settings: Settings) -> LaneLimits:
    timeout = settings.transaction_timeout_ms / 1000
    return LaneLimits(
        max_records=settings.lane_max_records, max_bytes=settings.lane_max_bytes, transaction_timeout=timeout,
        wire_timeout=_WIRE_SHARE * timeout,
    )

"""One worker: reception and casework on one event loop, with their health. The composition root of both stations.

Everything it depends on is given to it; it starts no broker and no database. A graceful stop finishes the running transactions.
"""

import asyncio
import gc
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from aiokafka.errors import KafkaError
from faststream import FastStream
from faststream.kafka import KafkaBroker

from consumers.casework import subscribe_casework
from consumers.connecting import kafka_broker
from consumers.inboxes import subscribe_inboxes
from consumers.portal import subscribe_portal
from contracts.failures import Outcome, Rule
from contracts.kafka_connection import KafkaConnection
from contracts.topics import SEQUENCED, inbox_pattern
from hub.case.decision import Claimed, Decision
from hub.case.entries import Entry, Read
from hub.casework import Casework
from hub.commanding import Patience
from hub.deadlines import Deadlines
from hub.http import Check, Health, served
from hub.logs import get
from hub.memory.faults import DatabaseAway
from hub.memory.memory import Memory
from hub.metrics import Metrics
from hub.processes import PROCESSES
from hub.reading import Combination, Desk
from hub.reception import Reception
from hub.settings import Settings
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
LAG_EVERY: Final = 5.0
"""Seconds between two looks at what waits."""


class Watch(LaneObserver):
    """What the lanes do, as metrics and a few log lines."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def lane_state(self, partition: int, state: LaneState) -> None:
        """A gauge a lane."""
        self._metrics.lane_state(partition, state)

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

    def checks(self) -> dict[str, Check]:
        """What must be there for this worker to be ready."""
        return {"database": self._database, "kafka": self._kafka, "lanes": self._lanes}

    async def _database(self) -> bool:
        await self.memory.ping()
        return True

    async def _kafka(self) -> bool:
        return bool(await self.lanes.consumer.topics())

    async def _lanes(self) -> bool:
        """Every partition that the group gave us has its lane; none, when there are more workers than partitions."""
        assigned = {source.partition for source in self.lanes.consumer.assignment()}
        return assigned == {lane.partition for lane in self.lanes.open_lanes}

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


def metrics_of(settings: Settings) -> Metrics:
    """Counters with the labels of our tables."""
    return Metrics(
        vendors=settings.register().vendors, processes=[process.name for process in PROCESSES], notices=[rule.id for rule in _NOTICED],
    )


def desk_of(settings: Settings) -> Desk:
    """What reception reads by."""
    return Desk(
        settings.pseudonyms(), settings.register(), Combination(settings.combination_rule), settings.max_message_bytes,
        patience_of(settings), asks_citizens=settings.citizens == "asked",
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
            await held.enter_async_context(served(health, host=settings.http_host, port=http_port))
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
    """Both stations, subscribed and not yet started: starting and stopping the broker is the caller's, `lanes.aclose()` before its stop."""
    metrics = metrics or metrics_of(settings)
    async with AsyncExitStack() as held:
        memory = await _until_there(partial(Memory.connect, database_url), what="database")
        held.push_async_callback(memory.close)
        await asyncio.to_thread(expectations.prepare)
        # two, so that a question does not wait behind what the inboxes bring
        sequencer, quick = Sequencer(kafka), Sequencer(kafka)
        held.push_async_callback(sequencer.stop)
        held.push_async_callback(quick.stop)
        worker = _subscribed(settings, kafka, memory=memory, sequencer=sequencer, quick=quick, metrics=metrics)
        await _until_there(sequencer.start, what="kafka")
        deadlines = asyncio.create_task(Deadlines(memory, quick, owned=worker.owned_partitions).watch())
        held.callback(deadlines.cancel)
        yield worker


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
) -> Worker:
    broker, prefix = kafka_broker(kafka), settings.group_prefix
    reception, casework = Reception(desk_of(settings)), Casework(memory, told=Telling(metrics))
    lanes = Lanes(kafka, group=f"{prefix}.casework", work=casework, observer=Watch(metrics), limits=_limits_of(settings))
    subscribe_inboxes(
        broker, group=f"{prefix}.reception", sequence=reception.sequence, refused=reception.refused_by_broker,
        sequencer=sequencer, pattern=inbox_pattern(settings.register().vendors),
    )
    subscribe_portal(
        broker, group=f"{prefix}.portal", sequence=reception.sequence, refused=reception.refused_by_broker, sequencer=quick,
    )
    subscribe_casework(broker, lanes, topic=SEQUENCED.name, group=lanes.group)
    return Worker(broker, lanes, memory, metrics)


def _limits_of(settings: Settings) -> LaneLimits:
    timeout = settings.transaction_timeout_ms / 1000
    return LaneLimits(
        max_records=settings.lane_max_records, max_bytes=settings.lane_max_bytes, transaction_timeout=timeout,
        wire_timeout=_WIRE_SHARE * timeout,
    )


class Telling:
    """What casework decided, as metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def __call__(self, entry: Entry, decision: Decision) -> None:
        """One decision that memory has kept."""
        vendor = entry.origin.vendor
        code = decision.failure.code if decision.failure else None
        self._metrics.message(vendor=vendor, process=getattr(entry, "process", None), outcome=decision.outcome, code=code)
        if decision.outcome is Outcome.DUPLICATE:
            self._metrics.duplicate(vendor=vendor)
        for kind in _notices(entry, decision):
            self._metrics.notice(kind.id)
        if decision.letter:
            self._metrics.letter(fault=decision.letter.fault)
        self._metrics.delivered_after(datetime.fromtimestamp(time.time(), UTC) - entry.origin.received_at)


def _notices(entry: Entry, decision: Decision) -> Iterator[Rule]:
    if isinstance(entry, Read) and decision.outcome is Outcome.DELIVERED:
        yield from (Rule[failure.rule] for failure in entry.notices)
    if decision.note == Claimed.OTHER_CONTENT.value:
        yield Rule.MSG_ID_USED_TWICE

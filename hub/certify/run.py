"""One run: send the traffic while harm is done, EPJs, portal and operators at work; wait until nothing follows any more; read it all."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from checker.facts import Facts
from checker.terms import Terms
from consumers.aiokafka_private import offsets_of
from contracts.topics import COMMANDS, INBOX, OUTBOX, PARTIES, SEQUENCED, SYNC, of_vendor
from hub.certify import database, epj
from hub.certify.commands import RECEIPT_WITHIN
from hub.certify.correspondent import Correspondent, patient_producer, send
from hub.certify.fleet import Fleet
from hub.certify.ground import Ground
from hub.certify.harming import Done, Harming
from hub.certify.numbered import OFFICES, VENDORS, Letter
from hub.certify.operators import Operators
from hub.certify.portal import LISTENS_TO, Portal
from hub.certify.reading import has_read, names_of, read_all
from hub.certify.schedule import Harm, Scale, What, schedule
from hub.certify.traffic import Amounts, traffic
from hub.certify.waiting import NotInTime, last, until, until_second

Say = Callable[[str], None]
AT_ONCE: Final = 20
"""Letters handed to the producer between two looks at the clock."""
WORKERS: Final = 3
RESENDS: Final = 0.05
TRANSACTION_TIMEOUT: Final = timedelta(seconds=5)
"""Short, so that one can expire within a run."""
DEATHS: Final = 2
"""Few, so that a message that kills has its letter within a run."""
TOLD_EVERY: Final = 15.0
"""Seconds between two words about how far the sending is."""
RATE: Final[dict[Scale, float]] = {"small": 40.0, "large": 220.0}
"""Records a second, without those that follow."""
CASES: Final[dict[Scale, int]] = {"small": 240, "large": 3_000}
MINUTES: Final[dict[tuple[Scale, int], float]] = {("small", 1): 1.35, ("small", 3): 1.9, ("large", 1): 20.0, ("large", 3): 24.0}
"""How long is sent where nobody says: long enough for every kind of harm."""
SETTLES_WITHIN: Final[dict[Scale, float]] = {"small": 300.0, "large": 1_800.0}
TERMS: Final = Terms({office.her_ids[1]: office.vendor for office in OFFICES}, RECEIPT_WITHIN)
_SHARES: Final = {"pushes": 0.74, "questions": 0.18, "bookings": 0.08}


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked to do."""

    minutes: float
    seed: int
    scale: Scale
    nodes: int

    @property
    def amounts(self) -> Amounts:
        """How much is sent. What is booked is receipted, answered or overdue when the last question is."""
        records, seconds = RATE[self.scale] * self.minutes * 60, self.minutes * 60
        waits = RECEIPT_WITHIN.total_seconds() + 5
        return Amounts(**{name: round(records * share) for name, share in _SHARES.items()}, booked_before=max(0.2, 1 - waits / seconds))

    @property
    def harms(self) -> tuple[Harm, ...]:
        """When which harm is done; without those that this machine cannot do."""
        planned = schedule(seed=self.seed, minutes=self.minutes, scale=self.scale, nodes=self.nodes)
        return tuple(harm for harm in planned if database.CAN_BE_FULL or harm.what is not What.FULL)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run that has ended: what it left, and what was done to it."""

    facts: Facts
    harms: tuple[Done, ...]
    ended: tuple[int, ...]
    """Exit codes of the workers that ended before they were asked to."""
    stopped: tuple[int, ...]
    """Of those that were asked when all was well."""
    unready: tuple[str, ...] = ()
    """What workers still missed when the harm was over."""
    hindered: tuple[Done, ...] = ()
    """Harm that could not be done, or not to its end."""


async def run(order: Order, ground: Ground, say: Say) -> Outcome:
    """All of it. Raises HubError where the run itself cannot go on; what the hub got wrong is in the outcome."""
    fleet = Fleet(WORKERS, ground.environment | _settings(), ground.folder)
    operators = Operators({**ground.environment, **_settings()}, ground.database_url)
    harming = Harming(ground, fleet, operators, CASES[order.scale], random.Random(order.seed))  # noqa: S311  a run that can be done again
    fleet.start()
    try:
        going = Run(order, ground, harming, say)
        await going.carry_out()
        say("reading what is left")
        facts = Facts(await read_all(ground.brokers.bootstrap, VENDORS), TERMS, await database.letters(ground.database_url))
    finally:
        fleet.kill_all()
    return Outcome(facts, tuple(harming.done), tuple(fleet.ended), tuple(fleet.stopped), tuple(going.unready), tuple(harming.hindered))


def _settings() -> dict[str, str]:
    return {
        "HUB_RECEIPT_WITHIN_MINUTES": str(RECEIPT_WITHIN // timedelta(minutes=1)),
        "HUB_TRANSACTION_TIMEOUT_MS": str(TRANSACTION_TIMEOUT // timedelta(milliseconds=1)),
        "HUB_DEATHS_OF_ONE_MESSAGE": str(DEATHS),
    }


@dataclass(slots=True)
class Run:
    """`harming`'s fleet must have been started."""

    order: Order
    ground: Ground
    harming: Harming
    say: Say
    began: float = 0.0
    sent: int = 0
    unready: list[str] = field(default_factory=list)
    """What the workers miss that were not ready when the harm was over."""

    async def carry_out(self) -> None:
        """Send while harm is done; return when nothing follows any more, or not in time. What is not there by then, the verdict tells."""
        fleet, portal, within = self.harming.fleet, Portal(), SETTLES_WITHIN[self.order.scale]
        keeping = asyncio.create_task(fleet.keep_running())
        bootstrap = self.ground.brokers.bootstrap
        try:
            async with (
                Correspondent(bootstrap, names_of(OUTBOX.name, VENDORS), epj.answers) as epjs,
                Correspondent(bootstrap, LISTENS_TO, portal.hear) as listening,
            ):
                await until(fleet.are_ready, what="every worker ready", within=90)
                self.began = time.monotonic()
                telling = asyncio.create_task(self._tell_throughput((epjs, listening)))
                try:
                    await self._send_and_harm(portal)
                finally:
                    telling.cancel()
                await asyncio.to_thread(self.ground.brokers.start_those_that_ended)
                await self._settle(partial(self._is_settled, portal, (epjs, listening)), within=within)
            await self._recover(fleet, within=within)
        finally:
            keeping.cancel()
        await fleet.stop()

    async def _recover(self, fleet: Fleet, *, within: float) -> None:
        """Every worker is to be ready again when the harm is over."""
        try:
            await until(fleet.are_ready, what="every worker ready again", within=within)
        except NotInTime as late:
            self.unready = await fleet.unready()
            self._tell(f"{late} {'; '.join(self.unready)}")

    def _tell(self, words: str) -> None:
        self.say(f"+{time.monotonic() - self.began:6.1f} s  {words}")

    async def _tell_throughput(self, others: Sequence[Correspondent]) -> None:
        """Now and then, until cancelled."""
        before = 0
        while True:
            await last(TOLD_EVERY)
            heard = sum(other.heard for other in others)
            self._tell(f"{self.sent} records sent; {(heard - before) / TOLD_EVERY:.0f} records a second leave the hub")
            before = heard

    async def _send_and_harm(self, portal: Portal) -> None:
        amounts = self.order.amounts
        letters = traffic(
            amounts, cases=CASES[self.order.scale], resends=RESENDS, seed=self.order.seed, now=partial(datetime.now, UTC),
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(self._send(letters, portal))
            for harm in self.order.harms:
                group.create_task(self._harm(harm))

    async def _send(self, letters: Iterable[Letter], portal: Portal) -> None:
        producer = patient_producer(self.ground.brokers.bootstrap)
        await producer.start()
        try:
            futures = await self._paced(producer, letters, portal)
            for future in futures:
                await future
        finally:
            await producer.stop()
        self._tell(f"sent {len(futures)} records")

    async def _paced(self, producer: AIOKafkaProducer, letters: Iterable[Letter], portal: Portal) -> list[Any]:
        futures, rate = [], RATE[self.order.scale]
        for at, letter in enumerate(letters):
            if at % AT_ONCE == 0:
                await until_second(at / rate, began=self.began)
            self.sent = at
            if letter.is_command:
                portal.asks(letter)
            futures.append(await send(producer, letter))
        return futures

    async def _harm(self, harm: Harm) -> None:
        await until_second(harm.at, began=self.began)
        self._tell(f"{harm.what.value}{f', for {harm.seconds:g} s' if harm.seconds else ''}")
        self._tell(f"{harm.what.value}: {await self.harming.do(harm)}")

    async def _settle(self, settled: Callable[[], Awaitable[bool]], *, within: float) -> None:
        ended = time.monotonic()
        try:
            await until(settled, what="nothing follows any more", within=within, every=0.3)
        except NotInTime as unsettled:
            self._tell(str(unsettled))
        else:
            self._tell(f"nothing follows {time.monotonic() - ended:.1f} s after the end of the harm")

    async def _is_settled(self, portal: Portal, others: Sequence[Correspondent]) -> bool:
        """No letter and no command waits, all groups have committed all there is, and nobody has sent anything meanwhile."""
        before = sum(other.sent for other in others)
        try:
            if await self._letters_wait() or portal.waits_for:
                return False
            unread = [await self._has_unread(group, topics) for group, topics in _groups().items()]
            idle = [await other.is_idle() for other in others]
        except (KafkaError, OSError, asyncpg.PostgresError):
            return False
        return not any(unread) and all(idle) and before == sum(other.sent for other in others)

    async def _letters_wait(self) -> bool:
        if not await database.waiting(self.ground.database_url):
            return False
        await self.harming.mend()
        return True

    async def _has_unread(self, group: str, topics: Iterable[str]) -> bool:
        """Something stands behind what the group has committed. Not told by offsets: a transaction's end has one too."""
        consumer = AIOKafkaConsumer(*topics, bootstrap_servers=list(self.ground.brokers.bootstrap), isolation_level="read_committed")
        await consumer.start()
        try:
            committed = await self._committed(group)
            for source in consumer.assignment():
                consumer.seek(source, committed.get(source, 0))
            return await _reads_something(consumer)
        finally:
            await consumer.stop()

    async def _committed(self, group: str) -> dict[TopicPartition, int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=list(self.ground.brokers.bootstrap))
        await admin.start()
        try:
            return await offsets_of(admin, group)
        finally:
            await admin.close()


async def _reads_something(consumer: AIOKafkaConsumer) -> bool:
    ends = await consumer.end_offsets(consumer.assignment())
    while not await has_read(consumer, ends):
        if await consumer.getmany(timeout_ms=200):
            return True
    return False


def _groups() -> dict[str, list[str]]:
    """The hub's groups, and what each of them reads in a run."""
    inboxes = [of_vendor(INBOX, vendor) for vendor in VENDORS]
    quick = [COMMANDS.name, PARTIES.name, *(of_vendor(SYNC, vendor) for vendor in VENDORS)]
    return {"hub.reception": inboxes, "hub.portal": quick, "hub.casework": [SEQUENCED.name]}

"""Doing harm: each kind is one function here, done when the schedule says so, and noted with its times. Never decides when."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import ClassVar, Final

from checker.terms import DEADLY, HarmTime
from contracts.topics import SEQUENCED
from hub.certify import database
from hub.certify.brokers import OFFSETS, TRANSACTIONS, coordinator_partition
from hub.certify.correspondent import patient_producer, send
from hub.certify.fleet import Fleet
from hub.certify.ground import Ground
from hub.certify.numbered import Letter, poison
from hub.certify.operators import Operators
from hub.certify.schedule import Harm, What
from hub.certify.signs import CLOCK, MENDED
from hub.certify.waiting import NotInTime, last, until

AT_A_TIME: Final = 6
"""Messages that are marked to fail, of as many cases."""
JUMP: Final = 7_200
"""Seconds by which the workers' clocks go wrong; forward and back in turn."""
OTHER_SETTINGS: Final = ({"HUB_LANE_MAX_RECORDS": "60", "HUB_COMBINATION_RULE": "tolerant"}, {"HUB_LANE_MAX_RECORDS": "500"})
"""What the workers come back with in a rolling change, in turn."""
CASEWORK: Final = "hub.casework"
RECOVERS_WITHIN: Final = 3.0
SET_ASIDE_WITHIN: Final = 12.0
EVERYTHING: Final = 1 << 31
"""A number above every message's."""


@dataclass(frozen=True, slots=True)
class Done:
    """A harm that was done. `told`: what there is to say of it."""

    harm: Harm
    began_ms: int
    ended_ms: int
    told: str

    @property
    def time(self) -> HarmTime:
        """As the checker takes it."""
        return HarmTime(self.harm.what.value, self.began_ms, self.ended_ms)


@dataclass(slots=True)
class Harming:
    """One run's. `done`: all that was done, in the order of its beginning."""

    ground: Ground
    fleet: Fleet
    operators: Operators
    cases: int
    chance: random.Random
    marked: int = 0
    """Messages that were marked to fail."""
    hindered: list[Done] = field(default_factory=list)
    """What could not be done, or not to its end: one harm may meet the ruins of another in any way."""
    _done: list[Done] = field(default_factory=list)
    _at_brokers: asyncio.Lock = field(default_factory=asyncio.Lock)
    _turn: Iterator[int] = field(default_factory=count)

    @property
    def done(self) -> list[Done]:
        """In the order of its beginning."""
        return sorted(self._done, key=lambda done: done.began_ms)

    async def do(self, harm: Harm) -> str:
        """Do it and note it. What fails in doing is noted too, as hindered: the run goes on, and the verdict stands on what happened."""
        began = int(time.time() * 1000)
        try:
            told, noted = await self._HOW[harm.what](self, harm), self._done
        except Exception as ruins:  # noqa: BLE001  another harm's ruins raise anything; a certificate names the type
            told, noted = f"hindered by another harm ({type(ruins).__name__})", self.hindered
        noted.append(Done(harm, began, int(time.time() * 1000), told))
        return told

    async def mend(self) -> None:
        """Nothing fails any more; what waits is dealt with as far as that goes."""
        self.fleet.signs.put(MENDED, EVERYTHING)
        await self.operators.replay()
        await self.operators.discard()

    # workers

    async def _kill(self, harm: Harm) -> str:
        return self.fleet.kill(harm.pick)

    async def _pause(self, harm: Harm) -> str:
        return await self.fleet.pause(harm.pick, harm.seconds)

    async def _crash(self, _harm: Harm) -> str:
        return self.fleet.crash()

    async def _expire(self, harm: Harm) -> str:
        return await self.fleet.stop_inside(harm.seconds)

    async def _rebalance(self, harm: Harm) -> str:
        return await self.fleet.join_and_leave(harm.pick, harm.seconds)

    async def _change_version(self, _harm: Harm) -> str:
        return await self.fleet.roll(OTHER_SETTINGS[next(self._turn) % len(OTHER_SETTINGS)])

    async def _jump(self, harm: Harm) -> str:
        seconds = JUMP if harm.pick % 2 else -JUMP
        self.fleet.signs.put(CLOCK, seconds)
        try:
            await last(harm.seconds)
        finally:
            self.fleet.signs.put(CLOCK, 0)
        return f"{seconds:+d} s and back"

    # brokers

    async def _break_first(self, harm: Harm) -> str:
        return await self._break((0,), harm)

    async def _break_leader(self, harm: Harm) -> str:
        return await self._break_leading(SEQUENCED.name, harm.pick % SEQUENCED.partitions, harm)

    async def _break_group(self, harm: Harm) -> str:
        return await self._break_leading(OFFSETS, coordinator_partition(CASEWORK), harm)

    async def _break_transaction(self, harm: Harm) -> str:
        name = f"{CASEWORK}.{SEQUENCED.name}.{harm.pick % SEQUENCED.partitions}"
        return await self._break_leading(TRANSACTIONS, coordinator_partition(name), harm)

    async def _lose_quorum(self, harm: Harm) -> str:
        count = len(self.ground.brokers.nodes)
        return await self._break(tuple((harm.pick + at) % count for at in range(count - 1)), harm)

    async def _break_leading(self, topic: str, partition: int, harm: Harm) -> str:
        async with self._at_brokers:
            return await self._break_held((await self.ground.brokers.leader(topic, partition),), harm)

    async def _break(self, places: tuple[int, ...], harm: Harm) -> str:
        async with self._at_brokers:
            return await self._break_held(places, harm)

    async def _break_held(self, places: tuple[int, ...], harm: Harm) -> str:
        """One harm to brokers at a time: on a slow machine the next would kill what the one before is starting."""
        await asyncio.to_thread(self.ground.brokers.kill, *places)
        try:
            await last(harm.seconds)
        finally:
            await asyncio.to_thread(self.ground.brokers.start_again, *places)
        return f"node {', '.join(str(at + 1) for at in places)} back"

    # database

    async def _stop_database(self, harm: Harm) -> str:
        await asyncio.to_thread(self.ground.postgres.stop, "immediate")
        try:
            await last(harm.seconds)
        finally:
            await asyncio.to_thread(self.ground.postgres.start)
        return "answers again"

    async def _freeze_database(self, harm: Harm) -> str:
        return await database.freeze(self.ground.postgres, harm.seconds)

    async def _crowd_database(self, harm: Harm) -> str:
        return await database.crowd(self.ground.database_url, harm.seconds)

    async def _fill_disk(self, harm: Harm) -> str:
        told = await database.fill_disk(self.ground.postgres, harm.seconds)
        with suppress(NotInTime):
            await until(partial(database.answers, self.ground.database_url), what="it has recovered", within=RECOVERS_WITHIN)
            return told
        await asyncio.to_thread(self._start_database_that_fell)
        return f"went down, {told}"

    def _start_database_that_fell(self) -> None:
        self.ground.postgres.stop("immediate")
        self.ground.postgres.start()

    # messages

    async def _poison(self, _harm: Harm) -> str:
        letters = [poison(self.marked + at, self.chance.randrange(self.cases), self.chance) for at in range(AT_A_TIME)]
        self.marked += len(letters)
        await self._send([*letters, *(letter.sent_again(aside=at % 2) for at, letter in enumerate(letters))])
        return f"{len(letters)} messages, each sent twice"

    async def _kill_by_message(self, _harm: Harm) -> str:
        """Whoever decides it dies, until the hub knows it and sets it aside; beside it another of the same case, which waits for it."""
        case = self.chance.randrange(self.cases)
        letters = [poison(self.marked, case, self.chance, kind=DEADLY), poison(self.marked + 1, case, self.chance)]
        self.marked += len(letters)
        await self._send(letters)
        return "one message"

    async def _replay(self, _harm: Harm) -> str:
        with suppress(NotInTime):
            await until(self._many_wait, what="most of what was marked is set aside", within=SET_ASIDE_WITHIN, every=0.5)
        self.fleet.signs.put(MENDED, self.marked)
        return await self.operators.replay()

    async def _discard(self, _harm: Harm) -> str:
        return await self.operators.discard()

    async def _many_wait(self) -> bool:
        url = self.ground.database_url
        return await database.answers(url) and len(await database.waiting(url)) > AT_A_TIME // 2

    async def _send(self, letters: list[Letter]) -> None:
        producer = patient_producer(self.ground.brokers.bootstrap)
        await producer.start()
        try:
            for future in [await send(producer, letter) for letter in letters]:
                await future
        finally:
            await producer.stop()

    _HOW: ClassVar[Mapping[What, Callable[["Harming", Harm], Awaitable[str]]]] = {
        What.KILL: _kill, What.PAUSE: _pause, What.CRASH: _crash, What.EXPIRED: _expire,
        What.REBALANCE: _rebalance, What.VERSION: _change_version, What.CLOCK: _jump,
        What.BROKER: _break_first, What.LEADER: _break_leader, What.GROUP: _break_group,
        What.TRANSACTION: _break_transaction, What.QUORUM: _lose_quorum, What.DATABASE: _stop_database,
        What.SLOW: _freeze_database, What.CROWDED: _crowd_database, What.FULL: _fill_disk,
        What.POISON: _poison, What.DEADLY: _kill_by_message, What.REPLAY: _replay, What.DISCARD: _discard,
    }

"""The demo: offices send by themselves, the portal asks, example EPJs answer, and the hub works between them.

Every part of it lives in this process, and speaks to the others by Kafka alone. It prints nothing: what becomes of each step,
`hub/ways.py` finds on the topics.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final
from uuid import uuid4

from contracts.topics import JOURNAL
from examples import portal
from examples.epj import ExampleEpj, Step, heard, put
from examples.exchanges import Exchange, exchanges
from examples.made_up import PARTIES
from examples.portal import Asked, ExamplePortal
from examples.scenario import scenario
from examples.subscriber import Record, hear, records
from hub.errors import HubError
from hub.ground import Ground
from hub.settings import Settings
from hub.ways import EVENTS, Way, Ways

PAUSE: Final = 1.0
"""Seconds between two steps when somebody watches."""
WITHIN: Final = 30.0
"""Seconds that a step may take."""


class DemoIncomplete(HubError):
    """A step of the scenario did not come to its end in time."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Who plays, and how long the pauses are."""

    bootstrap: str
    ways: Ways
    pause: float
    portal: ExamplePortal = field(default_factory=ExamplePortal)
    epjs: dict[str, ExampleEpj] = field(
        default_factory=lambda: {office.her_id: ExampleEpj(office, run=uuid4().hex) for office in PARTIES if office.vendor},
    )
    """By their office's HER-id."""

    async def round(self, send: Callable[[Asked], Awaitable[None]]) -> None:
        """The whole scenario once, in fresh ids. Raises DemoIncomplete."""
        today, run = date.today(), uuid4().hex  # noqa: DTZ011  the office's own day
        begun = [await self._send(step) for step in scenario(today, run=run)]
        for exchange in exchanges(today, run=run):
            await self._exchange(exchange, send)
        for way in begun:
            await ended(way)

    async def _send(self, step: Step) -> Way:
        """What an office sends by itself. The next message does not wait for what becomes of it."""
        way = self.ways.sending(step)
        [source] = await put(self.bootstrap, [step])
        self.ways.sent(way, source)
        await asyncio.sleep(self.pause)
        return way

    async def _exchange(self, exchange: Exchange, send: Callable[[Asked], Awaitable[None]]) -> None:
        """What the portal asks. The next one may need what this one brings, and waits for its end."""
        asked = self.portal.ask(exchange.command(self.portal, datetime.now(UTC)))
        if exchange.answer:
            self.epjs[exchange.office.her_id].script[asked.id] = exchange.answer
        way = self.ways.asking(exchange, asked.id)
        await send(asked)
        await ended(way)
        await asyncio.sleep(self.pause)

    def others(self, settings: Settings) -> Iterator[Coroutine[Any, Any, None]]:
        """All who work while the scenario is played, and never end: two who watch, and the EPJs."""
        yield self._watch(records(self.bootstrap, JOURNAL.name, *EVENTS))
        yield self._watch(heard(self.bootstrap, *settings.register().vendors))
        for epj in self.epjs.values():
            yield epj.work(self.bootstrap, answering=self.ways.answering)

    async def _watch(self, source: AsyncGenerator[Record, None]) -> None:
        async with aclosing(source) as told:
            async for record in told:
                if record.topic in EVENTS:
                    self.portal.take(hear(record))
                self.ways.hear(record)


async def play(settings: Settings, ground: Ground, *, ways: Ways, once: bool) -> None:
    """Run the hub, the portal and the EPJs: the scenario once, or again and again until cancelled. Raises DemoIncomplete."""
    from hub.worker import worker_on  # what draws the table starts before the stations are loaded

    stage = Stage(",".join(ground.kafka.bootstrap), ways, pause=0 if once else PAUSE)
    async with AsyncExitStack() as held:
        worker = await held.enter_async_context(worker_on(settings, kafka=ground.kafka, database_url=ground.database_url))
        await held.enter_async_context(worker.working())
        tasks = [asyncio.create_task(each) for each in (_rounds(stage, once=once), *stage.others(settings))]
        held.callback(lambda: [task.cancel() for task in tasks])
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # the rounds alone come to an end: whoever else has, failed


async def _rounds(stage: Stage, *, once: bool) -> None:
    async with portal.producing(stage.bootstrap) as producer:
        send = partial(portal.send, producer)
        await stage.round(send)
        while not once:
            await stage.round(send)


async def ended(way: Way) -> None:
    """Wait until a step has come to its end. Raises DemoIncomplete with its name and what is missing."""
    try:
        await asyncio.wait_for(way.complete.wait(), WITHIN)
    except TimeoutError as late:
        raise DemoIncomplete(f"'{way.name}' did not come to its end within {WITHIN:.0f} s. Missing: {', '.join(way.missing)}") from late

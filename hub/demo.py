"""The demo: an example EPJ sends, the hub works, and each message's way is put together from what stands on the topics.

It watches as any subscriber would, on the outside: journal, portal, notification, outboxes and errors. It prints nothing.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import uuid4

from contracts.events import JournalLine, TransportError
from contracts.topics import ACCESS, APPOINTMENT_STATUS, APPOINTMENTS, DELIVERIES, JOURNAL, NOTIFICATIONS
from examples.epj import Step, heard, put
from examples.scenario import scenario
from examples.subscriber import Record, records
from hub.errors import HubError
from hub.ground import Ground
from hub.settings import Settings

EVENTS: Final = tuple(topic.name for topic in (APPOINTMENTS, APPOINTMENT_STATUS, ACCESS, DELIVERIES, NOTIFICATIONS))
_ACCEPTED: Final = "AppRec OK"
_NOT_ACCEPTED: Final = "AppRec no"
PAUSE: Final = 1.0
"""Seconds between two messages when somebody watches."""
WITHIN: Final = 60.0
"""Seconds that the whole scenario may take."""


class DemoIncomplete(HubError):
    """A message of the scenario came to no outcome in time."""


@dataclass(slots=True)
class Way:
    """One message and what became of it."""

    step: Step
    source: str | None = None
    outcome: str | None = None
    failure: str | None = None
    events: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    """Receipts, errors, and where it was handed on to."""
    milliseconds: int | None = None
    """From the inbox's append to the log's."""

    @property
    def told(self) -> list[str]:
        """The answers, with the reason beside a no. The reason comes by another topic, sooner or later."""
        return [f"AppRec {self.failure or 'no'}" if answer is _NOT_ACCEPTED else answer for answer in self.answers]


class Ways:
    """Every message that was sent, and what the topics told of it so far."""

    def __init__(self) -> None:
        self.ways: list[Way] = []
        self.complete = asyncio.Event()
        self._told: dict[str, list[Mapping[str, Any]]] = {}
        """What was told of a place on an inbox, perhaps before its sender heard where its message lies."""

    @property
    def is_complete(self) -> bool:
        """Every message has its outcome, and every answer that must come has come."""
        return all(way.outcome and (way.answers or way.outcome == "duplicate") for way in self.ways)

    def sending(self, step: Step) -> Way:
        """A message is on its way to its inbox."""
        self.complete.clear()
        self.ways.append(Way(step))
        return self.ways[-1]

    def sent(self, way: Way, source: object) -> None:
        """It lies there now."""
        way.source = str(source)
        self._place(way)

    def hear(self, record: Record) -> None:
        """A record of any topic. What belongs to no message of ours is passed over."""
        if record.value is None:
            return
        if record.type in (*JournalLine.family.types, *TransportError.family.types):
            self._placed(json.loads(record.value))
        elif record.type:
            self._event(record)
        else:
            self._xml(record.topic, record.value)
        if self.is_complete:
            self.complete.set()

    def _placed(self, told: Mapping[str, Any]) -> None:
        self._told.setdefault(told["source"], []).append(told)
        for way in self.ways:
            if way.source == told["source"]:
                self._place(way)

    def _place(self, way: Way) -> None:
        for told in self._told.pop(way.source or "", ()):
            if "condition" in told:
                way.answers.append(told["condition"])
            else:
                way.outcome, way.failure, way.milliseconds = told["outcome"], told.get("failure_code"), _milliseconds(told)
        if self.is_complete:
            self.complete.set()

    def _event(self, record: Record) -> None:
        way = next((way for way in self.ways if way.step.msg_id == record.headers.get("ce_cause")), None)
        name = (record.type or "").removeprefix("hub.").removesuffix(".v1")
        if way and name not in way.events and record.topic in EVENTS:
            way.events.append(name)

    def _xml(self, topic: str, value: bytes) -> None:
        """A message that was handed on, or the AppRec of one. Of two that are the same, the first one's."""
        for way in self.ways:
            if value == way.step.body:
                return way.answers.append(f"handed on to {topic}")
        for way in self.ways:
            if way.step.msg_id.encode() in value:
                return way.answers.append(_ACCEPTED if b'<Status V="1"' in value else _NOT_ACCEPTED)
        return None


def _milliseconds(line: Mapping[str, Any]) -> int:
    told = JournalLine.model_validate(dict(line))
    return round((told.decided_at - told.received_at).total_seconds() * 1000)


async def play(settings: Settings, ground: Ground, *, ways: Ways, once: bool, changed: Callable[[], None]) -> None:
    """Run the hub and the example EPJ: the scenario once, or again and again until cancelled. Raises DemoIncomplete."""
    from hub.worker import worker_on  # what draws the table starts before the stations are loaded

    bootstrap = ",".join(ground.kafka.bootstrap)
    async with AsyncExitStack() as held:
        worker = await held.enter_async_context(worker_on(settings, kafka=ground.kafka, database_url=ground.database_url))
        await worker.broker.start()
        held.push_async_callback(worker.broker.stop)
        held.push_async_callback(worker.lanes.aclose)
        watching = [asyncio.create_task(_watch(source, ways, changed)) for source in _topics(bootstrap, settings)]
        held.callback(lambda: [task.cancel() for task in watching])
        await _send(bootstrap, ways, pause=0 if once else PAUSE, changed=changed)
        while not once:
            await _send(bootstrap, ways, pause=PAUSE, changed=changed)
        await _until_complete(ways)


def _topics(bootstrap: str, settings: Settings) -> tuple[AsyncIterator[Record], ...]:
    return records(bootstrap, JOURNAL.name, *EVENTS), heard(bootstrap, *settings.register().vendors)


async def _watch(source: AsyncIterator[Record], ways: Ways, changed: Callable[[], None]) -> None:
    async with aclosing(source) as told:  # type: ignore[type-var]  # an async generator, behind its narrower name
        async for record in told:
            ways.hear(record)
            changed()


async def _send(bootstrap: str, ways: Ways, *, pause: float, changed: Callable[[], None]) -> None:
    for step in scenario(date.today(), run=uuid4().hex):  # noqa: DTZ011  the office's own day
        way = ways.sending(step)
        [source] = await put(bootstrap, [step])
        ways.sent(way, source)
        changed()
        await asyncio.sleep(pause)


async def _until_complete(ways: Ways) -> None:
    try:
        await asyncio.wait_for(ways.complete.wait(), WITHIN)
    except TimeoutError as late:
        missing = ", ".join(way.step.name for way in ways.ways if not way.outcome) or "an answer"
        raise DemoIncomplete(f"After {WITHIN:.0f} s there is no outcome of: {missing}") from late

"""A portal as an outsider would write it: of the hub it knows the topics' names and what is published.

It asks by the published models of commands, and reads tolerantly (`json`, not our models): fields and event types that it does not know
pass by. Nothing here decides by the order in which records of different topics arrive: the revision does. Never asks again by itself.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from contracts.commands import Command, Question, WantedSlot
from contracts.topics import ACCESS, APPOINTMENT_STATUS, APPOINTMENTS, COMMANDS, DELIVERIES, NOTIFICATIONS, REPLIES
from examples.subscriber import Data, Heard, hear, records

TOPICS: Final = tuple(topic.name for topic in (APPOINTMENTS, APPOINTMENT_STATUS, ACCESS, DELIVERIES, REPLIES, NOTIFICATIONS))
PATIENCE: Final = timedelta(seconds=2)
"""How long after a question's deadline the portal still waits for the reply: then the hub itself is away."""


@dataclass(slots=True)
class Asked:
    """One command, and what the portal has been told of it."""

    command: Command
    id: str = field(default_factory=lambda: str(uuid4()))
    """A UUID: the command's id, under which everything about it is told."""
    reply: Heard | None = None
    """To a question."""
    story: dict[str, Heard] = field(default_factory=dict)
    """Of any other command: sent, accepted, answered ... Its steps may come in any order."""
    replied: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def headers(self) -> Mapping[str, str]:
        """CloudEvents 1.0, binary mode: what it is stands in the headers."""
        return {
            "ce_specversion": "1.0", "ce_id": self.id, "ce_source": "urn:example-portal", "ce_type": self.command.family.type,
            "content-type": "application/json",
        }

    @property
    def value(self) -> bytes:
        """The data. What has no value is left out, never null."""
        return self.command.model_dump_json(exclude_none=True).encode()


@dataclass(slots=True)
class ExamplePortal:
    """What the citizens see: how each appointment stands, which services take no messages from them, and what became of their requests."""

    appointments: dict[str, Data] = field(default_factory=dict, repr=False)
    """By appointment id, the highest revision."""
    blocked: dict[str, Data] = field(default_factory=dict, repr=False)
    """By key: patient, office and service."""
    asked: dict[str, Asked] = field(default_factory=dict)
    """By the command's id."""

    def ask(self, command: Command) -> Asked:
        """Remember a command before it is sent: what is told of it may come at once."""
        asked = Asked(command)
        self.asked[asked.id] = asked
        return asked

    async def reply_to(self, asked: Asked, *, patience: timedelta = PATIENCE) -> Heard | None:
        """The one reply to a question, which may say that there is none. None: not even that came, some time after the deadline."""
        if not isinstance(asked.command, Question):
            raise TypeError("only a question has a reply")
        left = asked.command.deadline + patience - datetime.now(UTC)
        try:
            await asyncio.wait_for(asked.replied.wait(), max(0, left.total_seconds()))
        except TimeoutError:
            return None
        return asked.reply

    async def listen(self, bootstrap: str) -> None:
        """Take everything that a portal is told, until cancelled."""
        async with aclosing(subscribe(bootstrap)) as events:
            async for heard in events:
                self.take(heard)

    def take(self, heard: Heard) -> None:
        """Take one event; one that says nothing new, or that is not for us, changes nothing."""
        if heard.topic == APPOINTMENT_STATUS.name:
            self._take_status(heard)
        elif heard.topic == ACCESS.name:
            self._take_access(heard)
        elif heard.topic in (REPLIES.name, DELIVERIES.name) and heard.key in self.asked:
            self._take_answer(self.asked[heard.key], heard)

    def _take_status(self, heard: Heard) -> None:
        if heard.data is None:
            self.appointments.pop(heard.key, None)
            return
        appointment = heard.data["appointment"]
        known = self.appointments.get(heard.key)
        if known is None or appointment["revision"] > known["revision"]:
            self.appointments[heard.key] = appointment

    def _take_access(self, heard: Heard) -> None:
        if heard.data is not None and heard.data["blocked"]:
            self.blocked[heard.key] = heard.data
        else:
            self.blocked.pop(heard.key, None)

    def _take_answer(self, asked: Asked, heard: Heard) -> None:
        if heard.topic == DELIVERIES.name:
            asked.story[heard.kind.removeprefix("delivery.")] = heard
        else:
            asked.reply = heard
            asked.replied.set()


def wanted(slot: Data) -> WantedSlot:
    """A free slot of a reply, as a booking repeats it: the fields that both know."""
    return WantedSlot.model_validate({name: slot[name] for name in WantedSlot.model_fields if name in slot})


# Kafka

@asynccontextmanager
async def producing(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer as a portal needs it: what the broker has not confirmed is not asked, and nothing is asked twice."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
        yield producer


async def send(producer: AIOKafkaProducer, asked: Asked) -> None:
    """Put a command on its topic, and wait until the broker has it. The key is the portal's own: nobody reads it."""
    headers = [(name, value.encode()) for name, value in asked.headers.items()]
    await producer.send_and_wait(COMMANDS.name, asked.value, key=asked.id.encode(), headers=headers)


async def reply_of(bootstrap: str, question: Command) -> Heard | None:
    """Ask one question and wait for its reply. A portal at work listens all the time; this is for a script."""
    portal = ExamplePortal()
    asked = portal.ask(question)
    listening = asyncio.create_task(portal.listen(bootstrap))
    try:
        async with producing(bootstrap) as producer:
            await send(producer, asked)
        return await portal.reply_to(asked)
    finally:
        listening.cancel()


async def subscribe(bootstrap: str, *topics: str) -> AsyncGenerator[Heard, None]:
    """Every event of these topics, without any all that a portal reads; for as long as it is asked for (`contextlib.aclosing`)."""
    async with aclosing(records(bootstrap, *(topics or TOPICS))) as told:
        async for record in told:
            yield hear(record)

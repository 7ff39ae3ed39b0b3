"""A portal and a notification service as outsiders would write them: of the hub they know the topics' names and what is published.

They read tolerantly (`json`, not our models): fields and event types that they do not know pass by. Nothing here decides by the order
in which records of different topics arrive: the revision does.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from contracts.topics import ACCESS, APPOINTMENT_STATUS, APPOINTMENTS, DELIVERIES, NOTIFICATIONS
from examples.subscriber import Record, records

TOPICS: Final = tuple(topic.name for topic in (APPOINTMENTS, APPOINTMENT_STATUS, ACCESS, DELIVERIES, NOTIFICATIONS))
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """One event."""

    topic: str
    key: str
    headers: Mapping[str, str]
    data: Data | None = field(repr=False)
    """May hold a person's data; None: a tombstone."""

    @property
    def kind(self) -> str:
        """The CloudEvents type without its system and version: `appointment.confirmed`. Empty for a tombstone."""
        return self.headers.get("ce_type", "").removeprefix("hub.").rpartition(".v")[0]


async def subscribe(bootstrap: str, *topics: str) -> AsyncGenerator[Heard, None]:
    """Every event of these topics, without any all that a portal reads; for as long as it is asked for (`contextlib.aclosing`)."""
    async with aclosing(records(bootstrap, *(topics or TOPICS))) as told:
        async for record in told:
            yield hear(record)


def hear(record: Record) -> Heard:
    """The event of a record."""
    return Heard(record.topic, record.key, record.headers, json.loads(record.value) if record.value is not None else None)


@dataclass(slots=True)
class ExamplePortal:
    """What the citizens see: how each appointment stands, and which services take no messages from them."""

    appointments: dict[str, Data] = field(default_factory=dict, repr=False)
    """By appointment id, the highest revision."""
    blocked: dict[str, Data] = field(default_factory=dict, repr=False)
    """By key: patient, office and service."""

    def take(self, heard: Heard) -> None:
        """Take one event; one that says nothing new, or that is not for us, changes nothing."""
        if heard.topic == APPOINTMENT_STATUS.name:
            self._take_status(heard)
        elif heard.topic == ACCESS.name:
            self._take_access(heard)

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


@dataclass(slots=True)
class ExampleNotifier:
    """What is still to be told, and when. It knows no person: only that there is something new about an appointment."""

    waiting: dict[str, list[Heard]] = field(default_factory=dict)
    """By appointment id, all of one revision: the news, and a reminder beside it."""

    def take(self, heard: Heard) -> None:
        """Take one request; a higher revision withdraws everything that waits, a lower one comes too late."""
        if heard.topic != NOTIFICATIONS.name or heard.data is None:
            return
        appointment, revision = heard.data["appointment_id"], heard.data["revision"]
        waiting = self.waiting.get(appointment, [])
        newest = max((_revision(other) for other in waiting), default=0)
        if revision > newest:
            self.waiting[appointment] = [heard]
        elif revision == newest:
            waiting.append(heard)


def _revision(heard: Heard) -> int:
    return int((heard.data or {})["revision"])

"""The way of each step of the demo, put together from what stands on the topics. It watches as any subscriber would, on the outside.

Two kinds of steps: an office sends a message by itself, and the portal asks an office, there and back. Never sends, never prints.
"""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from contracts.events import JournalLine, TransportError
from contracts.topics import ACCESS, APPOINTMENT_STATUS, APPOINTMENTS, DELIVERIES, NOTIFICATIONS, REPLIES
from examples.epj import Step
from examples.exchanges import Exchange
from examples.outbox import Receipt, Request, read
from examples.subscriber import Heard, Record, hear

EVENTS: Final = tuple(topic.name for topic in (APPOINTMENTS, APPOINTMENT_STATUS, ACCESS, DELIVERIES, REPLIES, NOTIFICATIONS))
_ACCEPTED: Final = "AppRec OK"
_NOT_ACCEPTED: Final = "AppRec no"
_NO_REPLY: Final = "reply.none."
_STORY: Final = ("answered", "rejected", "not-sent", "overdue", "accepted", "sent")
"""What tells most of how a command stands, first: the steps of its story come in any order."""


@dataclass(slots=True)
class Way(ABC):
    """One step, and what became of it."""

    name: str
    sender: str
    """The vendor, or the portal."""
    ids: set[str]
    """MsgIds of what was sent: what leaves because of it names one of them as its cause."""
    told: dict[str, str] = field(default_factory=dict)
    """What the portal was told, by kind, with a few words more."""
    got: list[str] = field(default_factory=list)
    """What the EPJ got: requests, receipts, errors, and where its message was handed on to."""
    lines: list[JournalLine] = field(default_factory=list)
    """What the hub has decided."""
    complete: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    @abstractmethod
    def outcome(self) -> str | None:
        """How it stands, in a word."""

    @property
    @abstractmethod
    def missing(self) -> tuple[str, ...]:
        """What has to come and has not."""

    @property
    def answers(self) -> list[str]:
        """What the EPJ got, with the reason beside a no. The reason comes by another topic, sooner or later."""
        failure = next((line.failure_code for line in self.lines if line.failure_code), "no")
        return [f"AppRec {failure}" if answer is _NOT_ACCEPTED else answer for answer in self.got]

    @property
    def milliseconds(self) -> int | None:
        """From the first record's append to the last one's in the log: of an exchange with the office's time to think."""
        if not self.lines:
            return None
        began, ended = min(line.received_at for line in self.lines), max(line.decided_at for line in self.lines)
        return round((ended - began).total_seconds() * 1000)


@dataclass(slots=True)
class OfMessage(Way):
    """An office's message that nobody asked for."""

    body: bytes = field(default=b"", repr=False)
    """It may be handed on."""
    source: str | None = None
    """Where it lies."""

    @property
    def outcome(self) -> str | None:
        """As the journal has it."""
        return self.lines[-1].outcome if self.lines else None

    @property
    def missing(self) -> tuple[str, ...]:
        """An outcome, and the answer that each message gets but a duplicate."""
        if self.outcome is None:
            return ("an outcome",)
        return () if self.got or self.outcome == "duplicate" else ("an answer",)


@dataclass(slots=True)
class OfExchange(Way):
    """What the portal asks, there and back."""

    ends: tuple[str, ...] = ()
    """All that must come."""

    @property
    def outcome(self) -> str | None:
        """By its reply, else by its command's story."""
        for kind in self.told:
            if kind.startswith("reply."):
                return kind.removeprefix(_NO_REPLY) if kind.startswith(_NO_REPLY) else "answered"
        return next((what for what in _STORY if f"delivery.{what}" in self.told), None)

    @property
    def missing(self) -> tuple[str, ...]:
        """What the exchange ends with."""
        return tuple(sorted({*self.ends} - {*self.told, *self.got}))


class Ways:
    """Every step that was begun, and what the topics told of it so far."""

    def __init__(self) -> None:
        self.ways: list[Way] = []
        self._early: dict[str, list[Mapping[str, Any]]] = {}
        """What was told of a place on an inbox before its sender heard where its message lies."""

    # what is begun

    def sending(self, step: Step) -> OfMessage:
        """An office's message is on its way to its inbox."""
        self.ways.append(way := OfMessage(step.name, step.vendor, {step.msg_id}, body=step.body))
        return way

    def sent(self, way: OfMessage, source: object) -> None:
        """It lies there now."""
        way.source = str(source)
        for told in self._early.pop(way.source, ()):
            self._place(way, told)
        self._look(way)

    def asking(self, exchange: Exchange, command_id: str) -> OfExchange:
        """The portal's command is on its way to its topic."""
        self.ways.append(way := OfExchange(exchange.name, "portal", {command_id}, ends=exchange.ends))
        return way

    def answering(self, request: Request, step: Step) -> None:
        """An EPJ is about to send this for that request."""
        for way in self._of(request.msg_id):
            way.ids.add(step.msg_id)

    # what is heard

    def hear(self, record: Record) -> None:
        """A record of any topic. What belongs to no step of ours is passed over."""
        if record.value is None:
            return
        if record.type in (*JournalLine.family.types, *TransportError.family.types):
            self._hear_of_place(json.loads(record.value))
        elif record.type:
            self._hear_event(hear(record))
        else:
            self._hear_xml(record.topic, record.value)

    def _hear_of_place(self, told: Mapping[str, Any]) -> None:
        """A line of the journal, or an error: of an exchange by its ids, of a message by where it lies."""
        ids = {told.get("msg_id"), told.get("original_message_id")}
        exchanges: list[Way] = [way for way in self.ways if isinstance(way, OfExchange) and way.ids & ids]
        placed = exchanges or [way for way in self.ways if isinstance(way, OfMessage) and way.source == told["source"]]
        if not placed:
            self._early.setdefault(told["source"], []).append(told)
        for way in placed:
            self._place(way, told)
            self._look(way)

    def _place(self, way: Way, told: Mapping[str, Any]) -> None:
        if "condition" in told:
            way.got.append(told["condition"])
        else:
            way.lines.append(JournalLine.model_validate(told))

    def _hear_event(self, heard: Heard) -> None:
        if heard.topic not in EVENTS:
            return
        for way in self._of(heard.headers.get("ce_cause", "")):
            way.told[heard.kind] = _more(heard)
            self._look(way)

    def _hear_xml(self, topic: str, xml: bytes) -> None:
        """A message that was handed on, one that asks, or an AppRec."""
        handed_on = next((way for way in self.ways if isinstance(way, OfMessage) and way.body == xml), None)
        if handed_on:
            handed_on.got.append(f"handed on to {topic}")
            return self._look(handed_on)
        came = read(xml)
        for way in self._of(came.answers if isinstance(came, Receipt) else came.msg_id):
            way.got += _words(came)
            self._look(way)
        return None

    # what is kept

    def _of(self, msg_id: str) -> Iterable[Way]:
        """The step with this message. Of two that are the same, the first one's."""
        return [way for way in self.ways if msg_id in way.ids][:1]

    def _look(self, way: Way) -> None:
        if not way.missing:
            way.complete.set()


def _words(came: Request | Receipt) -> Iterator[str]:
    """What the EPJ got, in a few words."""
    if isinstance(came, Receipt):
        yield _ACCEPTED if came.is_accepted else _NOT_ACCEPTED
        return
    yield came.code
    if came.relation:
        yield f"on behalf: {came.relation}"


def _more(heard: Heard) -> str:
    """What an event says beside its kind: how many were found, or why not."""
    data = heard.data or {}
    if heard.topic == REPLIES.name:
        counted = [f"{len(data[found])} {found}" for found in ("slots", "visits", "practitioners") if found in data]
        return counted[0] if counted else data.get("code", "")
    if heard.topic == DELIVERIES.name:
        why = [data["reason"]["code"]] if "reason" in data else [error["code"] for error in data["errors"]]
        return ", ".join(why) or data.get("code", "")
    return ""

"""Somebody who reads topics and sends because of what stands there, at once or later: the EPJs of a run, and its portal.

Reads committed, from the beginning, by offsets of its own; keeps what it has to send through any outage. Never decides what is said.
"""

import asyncio
import heapq
import time
from asyncio import Future
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from checker.facts import Seen
from hub.certify.epj import Posted
from hub.certify.numbered import Letter
from hub.certify.reading import has_read, partitions_of, seen

Hear = Callable[[Seen], Iterable[Posted]]
PATIENT: Final = 600_000
"""Milliseconds: an outage of the broker is the hub's trial, not the sender's; longer than any of a schedule."""
_LOOK_EVERY: Final = 50
"""Milliseconds."""


def patient_producer(bootstrap: Sequence[str]) -> AIOKafkaProducer:
    """One that outlasts every outage."""
    return AIOKafkaProducer(
        bootstrap_servers=list(bootstrap), enable_idempotence=True, linger_ms=5, request_timeout_ms=PATIENT,
    )


async def send(producer: AIOKafkaProducer, letter: Letter) -> Future[Any]:
    """Hand it over; the future ends when the broker has it."""
    future: Future[Any] = await producer.send(letter.topic, letter.body, partition=letter.partition, headers=list(letter.headers))
    return future


@dataclass(slots=True)
class Correspondent:
    """Use it as a context: it works while that lasts. `sent`: how many letters so far; `heard`: how many records."""

    bootstrap: Sequence[str]
    topics: Sequence[str]
    hear: Hear
    sent: int = 0
    heard: int = 0
    _agenda: list[tuple[float, int, Letter]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _on_the_way: set[Future[Any]] = field(default_factory=set)
    _consumer: AIOKafkaConsumer = field(init=False)
    _producer: AIOKafkaProducer = field(init=False)
    _working: asyncio.Task[None] = field(init=False)

    async def __aenter__(self) -> Self:
        """Begin at the beginning."""
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=list(self.bootstrap), isolation_level="read_committed", auto_offset_reset="earliest",
        )
        self._producer = patient_producer(self.bootstrap)
        await self._consumer.start()
        await self._producer.start()
        self._consumer.assign([TopicPartition(name, at) for name in self.topics for at in await partitions_of(self._consumer, name)])
        self._working = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, *_: object) -> None:
        """End. An error of its own is raised here."""
        if not self._working.done():
            self._working.cancel()
        await asyncio.wait([self._working])
        await self._producer.stop()
        await self._consumer.stop()
        if not self._working.cancelled():
            self._working.result()

    async def is_idle(self) -> bool:
        """It has read all there is, and has nothing to send. Raises what ended it."""
        if self._working.done():
            self._working.result()
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        return await has_read(self._consumer, ends) and not self._agenda and not self._on_the_way

    async def _work(self) -> None:
        while True:
            for records in (await self._consumer.getmany(timeout_ms=_LOOK_EVERY)).values():
                for record in records:
                    self._listen(seen(record))
            await self._send_what_is_due()

    def _listen(self, record: Seen) -> None:
        self.heard += 1
        for posted in self.hear(record):
            heapq.heappush(self._agenda, (time.monotonic() + posted.after, next(self._numbers), posted.letter))

    async def _send_what_is_due(self) -> None:
        while self._agenda and self._agenda[0][0] <= time.monotonic():
            future = await send(self._producer, heapq.heappop(self._agenda)[2])
            self._on_the_way.add(future)
            self.sent += 1
        arrived = {future for future in self._on_the_way if future.done()}
        self._on_the_way -= arrived
        for future in arrived:
            future.result()

"""The register as a worker has it: read from its topic to the end, and current from then on without a restart.

Never stops a worker: what is no register is told in one line and a metric, and the last good one stays in force.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from consumers.compacted import CompactedTopic
from contracts.kafka_connection import KafkaConnection
from contracts.topics import PARTIES
from hub.logs import get
from hub.parties import Register
from hub.register import EMPTY, Change, fold
from producers.backing_off import back_off

log = get("register")

Taken = Callable[[Register], None]
"""Told the register that is in force from now on. Must not raise."""


class LiveRegister:
    """What is in force now. `refused`: called for each change that is not taken."""

    def __init__(self, *, refused: Callable[[], None] = lambda: None) -> None:
        self._in_force, self._refused = EMPTY, refused
        self._listeners: list[Taken] = []

    @property
    def current(self) -> Register:
        """The last good register of the topic; one without parties before the first."""
        return self._in_force.register

    def on_change(self, taken: Taken) -> None:
        """Tell of the current register at once, and of every later one."""
        self._listeners.append(taken)
        taken(self.current)

    def take(self, changes: Sequence[Change]) -> None:
        """What was appended to the topic."""
        before, self._in_force = self.current, fold(self._in_force, changes)
        if self._in_force.refused:
            log.error("register_refused", reason=self._in_force.refused, count=len(changes))
            self._refused()
        elif self.current != before:
            log.info("register_taken", count=len(self.current.party))
            for taken in self._listeners:
                taken(self.current)


@asynccontextmanager
async def followed(connection: KafkaConnection, *, refused: Callable[[], None]) -> AsyncIterator[LiveRegister]:
    """The register, read to the end of what stands on its topic, and followed as long as one is inside. Waits for an outage to end."""
    live = LiveRegister(refused=refused)
    topic = CompactedTopic(connection, PARTIES.name, take=live.take, back_off=back_off)
    following = asyncio.create_task(topic.follow())
    try:
        await topic.reached.wait()
        if not live.current.party:
            # no inbox is read until the first party comes: nobody could be answered
            log.warning("register_empty")
        yield live
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

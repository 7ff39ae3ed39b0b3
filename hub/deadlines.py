"""When a deadline comes, whoever owns its lane writes so into the log, where it meets what may have come meanwhile: the first one wins.

At least once: memory tells what is due and not met, and a second record of one deadline leaves no trace. Never decides what it means that
nothing came, and never writes for a lane that is not ours: its owner does. Never asks a worker's own clock: one that is wrong would give
questions up before their time.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final, Protocol

from contracts.records import PORTAL, Outgoing, Source
from contracts.topics import SEQUENCED
from hub.case.deadlines import What
from hub.case.entries import Due, Origin
from hub.errors import HubError
from hub.log_record import to_log
from hub.logs import get
from hub.memory.rows import Overdue
from hub.reading import Sequenced

log = get("deadlines")
EVERY: Final = 0.2
"""Seconds between two looks: so much later than its deadline a reply may come."""
AGAIN_AFTER: Final = 5.0
"""Seconds after which one that was written and is still not met is written once more: its record may have been lost with its worker."""
AT_ONCE: Final = 500


class Sender(Protocol):
    """Who writes into the log, in order."""

    async def send(self, outgoing: Sequence[Outgoing]) -> None:
        """Returns when the broker has all."""


class Knows(Protocol):
    """Memory, as far as it is asked here."""

    async def now(self) -> datetime:
        """What time it is."""

    async def overdue(self, partitions: Sequence[int], *, at: datetime, limit: int) -> list[Overdue]:
        """What is due in these lanes and not met."""


class Deadlines:
    """One worker's watch over the lanes it owns."""

    def __init__(self, memory: Knows, sender: Sender, *, owned: Callable[[], Collection[int]]) -> None:
        self._memory, self._sender, self._owned = memory, sender, owned
        self._written: dict[tuple[str, str], float] = {}

    async def watch(self) -> None:
        """Until cancelled. An outage of the database delays it, and nothing else."""
        while True:
            try:
                await self.look(await self._memory.now())
            except HubError as away:
                log.warning("deadlines_wait", reason=type(away).__name__)
            await asyncio.sleep(EVERY)

    async def look(self, now: datetime) -> int:
        """Write what is due at this moment into the log. How many that were."""
        partitions = sorted(self._owned())
        if not partitions:
            return 0
        clock = time.monotonic()
        self._written = {each: at for each, at in self._written.items() if clock - at < AGAIN_AFTER}
        overdue = await self._memory.overdue(partitions, at=now, limit=AT_ONCE)
        due = [row for row in overdue if (row.command_id, row.what) not in self._written]
        if due:
            await self._sender.send([record_of(row) for row in due])
            self._written |= {(row.command_id, row.what): clock for row in due}
        return len(due)


def record_of(row: Overdue) -> Outgoing:
    """The record for the log, under the coordinates of the one that set the deadline: the same however often it is written."""
    origin = Origin(Source(SEQUENCED.name, row.partition, row.offset), PORTAL, row.due_at, b"")
    return to_log(Sequenced(row.case_key, Due(origin, row.command_id, What(row.what))), None)

"""Processor time by whom: a system, the broker, the database, this program, and everything else on the machine."""

from contextlib import suppress
from dataclasses import dataclass

import psutil

from benchmarks.ground import Ground
from benchmarks.systems import Running


@dataclass(frozen=True, slots=True)
class Reading:
    """Seconds of processor time so far."""

    client: float
    broker: float
    database: float
    own: float
    machine: float


class Gauge:
    """Reads them all."""

    def __init__(self, ground: Ground, alive: Running) -> None:
        self._ground, self._alive = ground, alive
        self._database: dict[int, float] = {}

    def read(self) -> Reading:
        """Now."""
        everything = psutil.cpu_times()
        return Reading(
            client=self._alive.seconds(), broker=_seconds(self._ground.broker), database=self._database_seconds(),
            own=_seconds(psutil.Process()), machine=sum(everything) - everything.idle - getattr(everything, "iowait", 0.0),
        )

    def _database_seconds(self) -> float:
        for process in (self._ground.postgres, *self._ground.postgres.children()):
            with suppress(psutil.Error):
                self._database[process.pid] = _seconds(process)
        return sum(self._database.values())


def foreign(before: Reading, after: Reading, seconds: float) -> float:
    """Processors that somebody else used meanwhile."""
    ours = (after.client - before.client) + (after.broker - before.broker) + (after.database - before.database) + (after.own - before.own)
    return max(0.0, (after.machine - before.machine - ours) / seconds)


def _seconds(process: psutil.Process) -> float:
    return float(sum(process.cpu_times()[:2]))

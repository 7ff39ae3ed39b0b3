"""The workers of a run: processes of their own, started again when they end. Ends only what it started, by its id."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final

from hub.certify.signs import CRASH, STOP, STOPPED, Signs
from hub.certify.waiting import NotInTime, last, until
from hub.local.ports import free_pair

STOP_WITHIN: Final = 20.0
_MAIN: Final = "hub.certify.worker_main"
_LOOK_EVERY: Final = 0.3
_NOTICED_WITHIN: Final = 15.0
"""Seconds until a worker has done what a sign asks of it."""
_READY_WITHIN: Final = 20.0
READY: Final = "ready"

Worker = subprocess.Popen[bytes]


@dataclass(slots=True)
class Fleet:
    """`size` workers. Exit codes: `ended`, of all that ended before they were asked to; `left`, of those that were asked amid harm;
    `stopped`, of those that were asked when all was well."""

    size: int
    environment: Mapping[str, str]
    folder: Path
    ended: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)
    _workers: list[Worker] = field(default_factory=list)
    _ports: dict[int, int] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """What all of them wrote."""
        return self.folder / "workers.log"

    @property
    def signs(self) -> Signs:
        """What they are told while they run."""
        return Signs(self.folder)

    def start(self) -> None:
        """All of them."""
        self._workers = [self._spawn() for _ in range(self.size)]

    # harm

    def kill(self, pick: int) -> str:
        """kill -9 for one of them."""
        self._picked(pick).kill()
        return "killed"

    async def pause(self, pick: int, seconds: float) -> str:
        """One of them stands still for so long, and is woken."""
        return await self._hold(self._picked(pick), seconds)

    async def stop_inside(self, seconds: float) -> str:
        """One of them stands still with its transaction open."""
        self.signs.put(STOP)
        try:
            await until(lambda: self._stopped_inside() is not None, what="a worker stands still", within=_NOTICED_WITHIN)
        except NotInTime:
            return "nobody had a transaction" if self.signs.take(STOP) else "nobody stood still"
        worker = self._stopped_inside()
        self.signs.take(STOPPED)
        return await self._hold(worker, seconds) if worker else "nobody stood still"

    def crash(self) -> str:
        """The next of them that can dies between the commits."""
        self.signs.put(CRASH)
        return "sign is up"

    async def join_and_leave(self, pick: int, seconds: float) -> str:
        """One more comes; after a while another goes, as it should."""
        joined = self._spawn()
        self._workers.append(joined)
        await last(seconds)
        await self._leave(self._picked(pick))
        return "one came, one went"

    async def roll(self, environment: Mapping[str, str]) -> str:
        """One by one they go as they should, and come back with other settings."""
        self.environment = {**self.environment, **environment}
        for worker in list(self._workers):
            if worker not in self._workers:
                continue  # it has ended meanwhile, and the one in its place has the new settings
            self._workers.append(fresh := self._spawn())
            await self._leave(worker)
            with suppress(NotInTime):
                await self._until_ready(fresh)
        return f"{len(self._workers)} workers"

    # life

    async def keep_running(self) -> None:
        """Until cancelled: who ended is started again."""
        while True:
            for worker in [worker for worker in self._workers if worker.poll() is not None]:
                self.ended.append(worker.returncode)
                _close(worker)
                self._workers[self._workers.index(worker)] = self._spawn()
            await last(_LOOK_EVERY)

    async def are_ready(self) -> bool:
        """Every worker says that it has all it needs."""
        return not await self.unready()

    async def unready(self) -> list[str]:
        """What those say that have not."""
        told = await asyncio.gather(*(asyncio.to_thread(_says, self._ports[worker.pid]) for worker in self._workers))
        return [words for words in told if words != READY]

    async def stop(self) -> None:
        """SIGTERM for all; who does not end in time is killed."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.terminate()
        self.stopped += await asyncio.gather(*(asyncio.to_thread(_ended, worker) for worker in workers))

    def kill_all(self) -> None:
        """Whatever is still there."""
        for worker in self._workers:
            with suppress(ProcessLookupError):
                worker.kill()
            worker.wait()
            _close(worker)

    def _picked(self, pick: int) -> Worker:
        return self._workers[pick % len(self._workers)]

    async def _leave(self, worker: Worker) -> None:
        if worker not in self._workers:
            return  # it has ended meanwhile, and another is in its place
        # out of the list first: who goes as it should is not started again
        self._workers.remove(worker)
        worker.terminate()
        self.left.append(await asyncio.to_thread(_ended, worker))

    async def _hold(self, worker: Worker, seconds: float) -> str:
        worker.send_signal(signal.SIGSTOP)
        try:
            await last(seconds)
        finally:
            worker.send_signal(signal.SIGCONT)
        return f"woken after {seconds:g} s"

    def _stopped_inside(self) -> Worker | None:
        # by its own word: another may stand still for a reason of its own
        stopped = self.signs.number(STOPPED)
        return next((worker for worker in self._workers if worker.pid == stopped), None)

    async def _until_ready(self, worker: Worker) -> None:
        await until(lambda: self._is_ready(worker), what="it is ready", within=_READY_WITHIN)

    async def _is_ready(self, worker: Worker) -> bool:
        return await asyncio.to_thread(_says, self._ports[worker.pid]) == READY

    def _spawn(self) -> Worker:
        port = free_pair()
        with self.log.open("ab") as log:
            worker = subprocess.Popen(  # noqa: S603  our own command
                [sys.executable, "-m", _MAIN, str(self.folder)], stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
                env={**plain_environment(), **self.environment, "HUB_HTTP_PORT": str(port)},
            )
        self._ports[worker.pid] = port
        return worker


def plain_environment() -> dict[str, str]:
    """This process's, without the hub's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}


def _says(port: int) -> str:
    """`READY`, or what is missing."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=3) as answer:
            return READY if answer.status == HTTPStatus.OK else "says nothing known"
    except urllib.error.HTTPError as no:
        return ", ".join(f"no {name}" for name, there in json.loads(no.read())["checks"].items() if not there)
    except OSError:
        return "does not answer"


def _ended(worker: Worker) -> int:
    try:
        worker.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
    _close(worker)
    return worker.returncode


def _close(worker: Worker) -> None:
    if worker.stdin:
        worker.stdin.close()

"""The workers of a run: processes of their own, started again when they end. Ends only what it started, by its id."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final

import psutil

from hub.local.ports import free_pair
from tests.chaos.waiting import last

ROOT: Final = Path(__file__).resolve().parent.parent.parent
STOP_WITHIN: Final = 20.0
_LOOK_EVERY: Final = 0.3


@dataclass(slots=True)
class Fleet:
    """`size` workers. `ended`: exit codes of all that ended before they were asked to; `stopped`: of those that were asked."""

    size: int
    environment: Mapping[str, str]
    folder: Path
    chance: random.Random
    ended: list[int] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)
    _workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _ports: dict[int, int] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """What all of them wrote."""
        return self.folder / "workers.log"

    @property
    def flag(self) -> Path:
        """While it is there, the next worker that can dies between the commits."""
        return self.folder / "crash-between-the-commits"

    def start(self) -> None:
        """All of them."""
        self._workers = [self._spawn() for _ in range(self.size)]

    def kill(self) -> str:
        """kill -9 for one of them."""
        worker = self.chance.choice(self._workers)
        worker.kill()
        return f"pid {worker.pid}"

    async def pause(self, seconds: float) -> str:
        """One of them stands still for so long, and is woken."""
        worker = self.chance.choice(self._workers)
        worker.send_signal(signal.SIGSTOP)
        try:
            await last(seconds)
        finally:
            worker.send_signal(signal.SIGCONT)
        return f"pid {worker.pid} woken"

    def crash(self) -> str:
        """Put up the flag."""
        self.flag.touch()
        return "flag is up"

    async def keep_running(self) -> None:
        """Until cancelled: who ended is started again."""
        while True:
            for at, worker in enumerate(self._workers):
                if worker.poll() is not None:
                    self.ended.append(worker.returncode)
                    _close(worker)
                    self._workers[at] = self._spawn()
            await last(_LOOK_EVERY)

    async def are_ready(self) -> bool:
        """Every worker says that it has all it needs."""
        ports = [self._ports[worker.pid] for worker in self._workers]
        return all(await asyncio.gather(*(asyncio.to_thread(_is_ready, port) for port in ports)))

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

    def _spawn(self) -> subprocess.Popen[bytes]:
        port = free_pair()
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.worker_main", str(self.flag)], cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log,
                env={**plain_environment(), **self.environment, "HUB_HTTP_PORT": str(port)},
            )
        self._ports[worker.pid] = port
        return worker


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=3) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


@contextmanager
def running(module: str, *words: str, environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m module words` with these settings and both outputs in `log`. Ends with the block, with all it started."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words], cwd=ROOT, stdout=out, stderr=out,
            env={**plain_environment(), "HUB_HTTP_PORT": str(free_pair()), **environment},
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            _end_with_children(process)


def _end_with_children(process: subprocess.Popen[bytes]) -> None:
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.kill()


def plain_environment() -> dict[str, str]:
    """This process's, without the hub's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | {"PYTHONPATH": str(ROOT)}


def _ended(worker: subprocess.Popen[bytes]) -> int:
    try:
        worker.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
    _close(worker)
    return worker.returncode


def _close(worker: subprocess.Popen[bytes]) -> None:
    if worker.stdin:
        worker.stdin.close()

"""What is measured: each system's processes, where its input goes, and how one knows that it has done it all. Starts and stops them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

import psutil

from benchmarks.ground import (
    PLAIN_EVENTS,
    PLAIN_INBOX,
    PLAIN_RECEIPTS,
    READ_ONLY,
    RELAY_COMMANDS,
    RELAY_EVENTS,
    RELAY_INBOX,
    RELAY_OUTBOX,
    RELAY_REPLIES,
    Ground,
)
from benchmarks.messages import PARTIES_FILE, Message
from contracts.topics import APPOINTMENTS, COMMANDS, INBOX, OUTBOX, REPLIES, SEQUENCED, SYNC, of_vendor
from hub.local.ports import free_pair
from hub.parties import read_register

GROUP: Final = "hub"
PLAIN_GROUP: Final = "plain"
RELAY_GROUP: Final = "relay"
VENDORS: Final = read_register(PARTIES_FILE).vendors
STOP_WITHIN: Final = 40.0


@dataclass(frozen=True, slots=True)
class Station:
    """A consumer group and its input."""

    group: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """Where questions go in and come out, and where their answers do."""

    commands: str
    outboxes: tuple[str, ...]
    inbox_of: Callable[[str], str]
    """The topic that a vendor's answers go to."""
    replies: str


@dataclass(frozen=True, slots=True)
class System:
    """One way to do the work."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    """One a process; `BOOTSTRAP` stands for the broker's address."""
    stations: tuple[Station, ...]
    """All done when the last one has nothing left, and those before it neither."""
    inbox_of: Callable[[Message], str]
    events: tuple[str, ...]
    receipts: tuple[str, ...]
    keeps_copies: bool = False
    """A copy becomes an event a second time."""
    ways: Ways | None = None
    """Only of a system that carries questions."""

    @property
    def inboxes(self) -> tuple[str, ...]:
        """The topics of the first station."""
        return self.stations[0].topics


def _vendors_inbox(message: Message) -> str:
    return of_vendor(INBOX, message.vendor)


def _plain_inbox(_message: Message) -> str:
    return PLAIN_INBOX


def _relay_inbox(_message: object) -> str:
    return RELAY_INBOX


_RECEPTION: Final = Station(f"{GROUP}.reception", tuple(of_vendor(INBOX, vendor) for vendor in VENDORS))
_CASEWORK: Final = Station(f"{GROUP}.casework", (SEQUENCED.name,))
_OUTBOXES: Final = tuple(of_vendor(OUTBOX, vendor) for vendor in VENDORS)


def plain(processes: int) -> System:
    """The plain loop, so many processes of it."""
    command = ("-m", "benchmarks.plain_loop", "BOOTSTRAP", PLAIN_INBOX, PLAIN_EVENTS, PLAIN_RECEIPTS, PLAIN_GROUP)
    return System(
        f"plain loop, {processes}", tuple((*command, str(number)) for number in range(processes)),
        (Station(PLAIN_GROUP, (PLAIN_INBOX,)),), _plain_inbox, (PLAIN_EVENTS,), (PLAIN_RECEIPTS,), keeps_copies=True,
    )


def hub(workers: int) -> System:
    """The whole hub: `hub run`."""
    return System(
        f"hub, {workers}", (("-m", "hub", "run", "--workers", str(workers)),), (_RECEPTION, _CASEWORK), _vendors_inbox,
        (APPOINTMENTS.name,), _OUTBOXES, ways=Ways(COMMANDS.name, _OUTBOXES, partial(of_vendor, SYNC), REPLIES.name),
    )


def relay() -> System:
    """The anchor of the questions: bytes in, bytes out."""
    topics = (RELAY_COMMANDS, RELAY_INBOX, RELAY_OUTBOX, RELAY_REPLIES, RELAY_EVENTS)
    return System(
        "relay, 1", (("-m", "benchmarks.relay", "BOOTSTRAP", *topics, RELAY_GROUP),),
        (Station(RELAY_GROUP, (RELAY_COMMANDS, RELAY_INBOX)),), _relay_inbox, (RELAY_EVENTS,), (), keeps_copies=True,
        ways=Ways(RELAY_COMMANDS, (RELAY_OUTBOX,), _relay_inbox, RELAY_REPLIES),
    )


def reception_alone() -> System:
    """The first station: the hub's own, with its output turned aside."""
    return System(
        "reception alone, 1", (("-m", "benchmarks.reception_alone", "BOOTSTRAP", READ_ONLY),), (_RECEPTION,), _vendors_inbox,
        (READ_ONLY,), (), keeps_copies=True,
    )


class Running:
    """A system's processes, alive."""

    def __init__(self, processes: Iterable[psutil.Popen]) -> None:
        self._started = list(processes)
        self._times: dict[int, float] = {}

    def all(self) -> list[psutil.Process]:
        """They and their children."""
        return [process for started in self._started for process in (started, *_children(started))]

    def seconds(self) -> float:
        """Processor time of all, those that have ended included."""
        for process in self.all():
            with suppress(psutil.Error):
                self._times[process.pid] = sum(process.cpu_times()[:2])
        return sum(self._times.values())

    def resident(self) -> list[int]:
        """Bytes of memory of each."""
        sizes = []
        for process in self.all():
            with suppress(psutil.Error):
                sizes.append(process.memory_info().rss)
        return sizes

    def check(self) -> None:
        """RuntimeError when one has ended."""
        for process in self._started:
            if process.poll() is not None:
                raise RuntimeError(f"a process ended by itself: {process.returncode}")

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Stopped while the input is laid out; shorter than a group's patience."""
        stopped = self.all()
        for process in stopped:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in stopped:
                process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """As an operator would; killed only when that takes too long."""
        everybody = self.all()
        for process in self._started:
            with suppress(psutil.Error):
                process.terminate()
        for late in psutil.wait_procs(everybody, timeout=STOP_WITHIN)[1]:
            late.kill()


@contextmanager
def running(system: System, ground: Ground) -> Iterator[Running]:
    """Started; stopped at the end."""
    log = (ground.folder / f"{system.name.replace(', ', '-').replace(' ', '-')}.log").open("ab")
    with log:
        started = Running(_start(system, ground, log.fileno()))
        try:
            yield started
        finally:
            started.stop()


def _start(system: System, ground: Ground, log: int) -> list[psutil.Popen]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | {
        "HUB_KAFKA_BOOTSTRAP_SERVERS": ground.bootstrap, "HUB_DATABASE_URL": ground.database_url, "HUB_GROUP_PREFIX": GROUP,
        "HUB_PARTIES_FILE": str(PARTIES_FILE), "HUB_PSEUDONYM_KEY": "a key for benchmarks alone, 32 bytes",
        "HUB_HTTP_PORT": str(free_pair()), "HUB_LOG_LEVEL": "warning",
    }
    return [
        psutil.Popen([sys.executable, *(ground.bootstrap if word == "BOOTSTRAP" else word for word in command)],
                     env=environment, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        for command in system.commands
    ]


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []

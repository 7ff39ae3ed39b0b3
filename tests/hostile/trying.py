"""`python -m tests.hostile.trying`: tries hostile inputs, each in a child of its own that may use so much and no more.

A name a line on standard input, what became of it as JSON on standard output. The child reads and decides as the hub does (`tests.story`).
The limits are the kernel's: a child that takes `CPU_SECONDS` is killed; its address space is bounded; what it grew by is told. A file that
is watched and a port that is listened on tell whether anything followed an address. Linux alone has all of these.
"""

import ctypes
import json
import os
import resource
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from schemas import expectations
from tests import mail
from tests.canaries import NAME, songs
from tests.hostile.corpus import CORPUS
from tests.story import Hub, Told

CPU_SECONDS: Final = 1
TIMES_INPUT: Final = 10
CONSTANT: Final = 32 * 1024 * 1024
"""Bytes that even a small message may cost: schemas and explainers at work, Python's own pools."""
_GUARD: Final = 1024 * 1024 * 1024
"""Address space beyond what is asserted, so that what grows without end ends."""
_OPENED: Final = 0x20 | 0x1
"""inotify's IN_OPEN and IN_ACCESS."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one input."""

    outcome: str
    """`delivered`, `rejected RULE` ..., or the signal that ended the child."""
    songs: list[str] = field(default_factory=list)
    """Where a canary was heard."""
    touched: list[str] = field(default_factory=list)
    """`file`, `socket`, or what Python itself was asked to open."""
    grown: int = 0
    """Bytes by which the child's memory grew at most."""
    allowed: int = 0
    """Bytes by which it may."""
    seconds: float = 0.0
    """Processor time, to be looked at; what is too much, the kernel decides."""


class Trap:
    """A file that is watched and a port that is listened on."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "trap.txt"
        self.file.write_text(NAME)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._watch = self._libc.inotify_init1(os.O_NONBLOCK)
        self._libc.inotify_add_watch(self._watch, os.fsencode(self.file), _OPENED)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]

    def sprung(self) -> list[str]:
        """What was touched since the last time."""
        return [*self._opened(), *self._called()]

    def _opened(self) -> list[str]:
        try:
            return ["file"] if os.read(self._watch, 65_536) else []
        except BlockingIOError:
            return []

    def _called(self) -> list[str]:
        try:
            self._listener.accept()[0].close()
        except BlockingIOError:
            return []
        return ["socket"]


def decided(body: bytes) -> Told:
    """As reception reads it and casework decides, through the log."""
    return Hub().send(body)


def _hang(_body: bytes) -> Told:
    while True:
        pass


def _grow(body: bytes) -> Told:
    held = [b"x" * 1024 * 1024 for _ in range(64)]
    return decided(body if held else b"")


def _follow(body: bytes) -> Told:
    from lxml import etree

    etree.fromstring(body, etree.XMLParser(resolve_entities=True, no_network=False))
    return decided(body)


def _call(body: bytes) -> Told:
    port = int(body.partition(b"127.0.0.1:")[2].partition(b"/")[0])
    socket.create_connection(("127.0.0.1", port)).close()
    return decided(body)


def _die(_body: bytes) -> Told:
    os.abort()


def _raise(body: bytes) -> Told:
    raise ValueError(body)


PLANTED: Final[dict[str, tuple[str, Callable[[bytes], Told]]]] = {
    "hangs": ("a DOCTYPE and nothing else", _hang),
    "grows": ("a DOCTYPE and nothing else", _grow),
    "follows": ("an external entity in a file", _follow),
    "calls": ("an external entity over http", _call),
    "dies": ("a DOCTYPE and nothing else", _die),
    "raises": ("a DOCTYPE and nothing else", _raise),
}
"""Faults planted to show that the trial bites: the input, and what takes the place of the hub."""


def tried(name: str, trap: Trap) -> Tried:
    """One input in a child of its own."""
    planted = PLANTED.get(name)
    case, work = (planted[0], planted[1]) if planted else (name, decided)
    body = _baited(CORPUS[case].make(), trap)
    trap.sprung()
    told, status = in_a_child(lambda: tried_within(work, body))
    if os.WIFSIGNALED(status):
        return Tried(f"signal {os.WTERMSIG(status)}", touched=trap.sprung())
    found = json.loads(told)
    return Tried(**found | {"touched": [*found["touched"], *trap.sprung()]})


def _baited(body: bytes, trap: Trap) -> bytes:
    return body.replace(b"{trap}", os.fsencode(trap.file)).replace(b"{port}", str(trap.port).encode())


def in_a_child(work: Callable[[], Tried]) -> tuple[bytes, int]:
    """What a child of its own tells of it as JSON, and how the child ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps(asdict(work())).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answers:
        told = answers.read()
    return told, os.waitpid(child, 0)[1]


def tried_within(work: Callable[[bytes], Told | str], body: bytes) -> Tried:
    """Done in this process, under the limits, which it keeps. `work` gives what was told, or its outcome alone."""
    allowed, before, opened = TIMES_INPUT * len(body) + CONSTANT, _pages(1), _heard()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (_pages(0) + allowed + _GUARD,) * 2)
    try:
        told = work(body)
    except Exception as escaped:  # noqa: BLE001 - whatever escapes is what is looked for
        return Tried(f"{type(escaped).__name__} escaped")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    seconds = time.process_time()
    if isinstance(told, str):
        return Tried(told, [], list(opened), grown, allowed, seconds)
    return Tried(_outcome(told), songs(told), list(opened), grown, allowed, seconds)


def _outcome(told: Told) -> str:
    failure = getattr(told.entry, "failure", None)
    return f"{told.decision.outcome} {failure.rule}" if failure else str(told.decision.outcome)


def _pages(which: int) -> int:
    """Bytes of address space (0) or of memory (1) that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[which]) * resource.getpagesize()


def _heard() -> list[str]:
    """What Python itself is asked to open or to connect to from now on; the libraries in C are the trap's."""
    events: list[str] = []

    def hear(event: str, given: tuple[Any, ...]) -> None:
        if event.startswith("socket.") or (event == "open" and not str(given[0]).startswith("/proc/")):
            events.append(event)

    sys.addaudithook(hear)
    return events


def warm() -> None:
    """Do once what no message is to be charged for."""
    # what is read from disk and compiled once a process is no message's fault
    expectations.prepare()
    Hub().send_all([mail.push("05", number=1), mail.push("05", number=2).replace(b"<Patient>", b"<Patient><a/>")])


if __name__ == "__main__":
    warm()
    with tempfile.TemporaryDirectory() as folder:
        set_up = Trap(Path(folder))
        for line in sys.stdin:
            sys.stdout.write(json.dumps(asdict(tried(line.rstrip("\n"), set_up))) + "\n")
            sys.stdout.flush()

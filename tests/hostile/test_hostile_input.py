"""Whatever is put on an inbox: it gets its designed answer, costs a second and ten times its size at most, and nothing is followed."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.hostile.corpus import CORPUS
from tests.hostile.trying import CPU_SECONDS, PLANTED, Tried
from tests.rules.house import ROOT

Try = Callable[[str], Tried]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits and the watch on files are Linux's")


@pytest.fixture(scope="module")
def attempt() -> Iterator[Try]:
    """Tries an input by its name, in a process that is warm."""
    command = [sys.executable, "-m", "tests.hostile.trying"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, told = process.stdin, process.stdout

        def attempt(name: str) -> Tried:
            asked.write(f"{name}\n")
            asked.flush()
            return Tried(**json.loads(told.readline()))

        yield attempt


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_input_gets_its_designed_answer_and_costs_little(attempt: Try, name: str) -> None:
    """The outcome and rule of the corpus; killed if it takes a second; no file, socket or canary; memory within ten times its size."""
    found = attempt(name)
    assert (found.outcome, found.touched, found.songs) == (CORPUS[name].designed, [], [])
    assert found.grown <= found.allowed


@pytest.mark.parametrize(("planted", "seen"), [
    ("hangs", lambda found: found.outcome == "signal 24" and CPU_SECONDS == 1),
    ("grows", lambda found: found.grown > found.allowed),
    ("follows", lambda found: found.touched == ["file"]),
    ("calls", lambda found: {"socket", "socket.connect"} <= set(found.touched)),
    ("dies", lambda found: found.outcome == "signal 6"),
    ("raises", lambda found: found.outcome == "ValueError escaped"),
])
def test_a_planted_fault_is_seen(attempt: Try, planted: str, seen: Callable[[Tried], bool]) -> None:
    """A hub that hangs, grows, follows an address, opens a socket, dies or raises: each is told by its own sign."""
    found = attempt(planted)
    assert seen(found), found


def test_every_planted_fault_is_looked_for() -> None:
    """Orphans in neither direction."""
    assert set(PLANTED) == {"hangs", "grows", "follows", "calls", "dies", "raises"}

"""The proof: 20,000 numbered messages through workers that are killed, stopped and crashed, a broker and a database that go away.

It prints what it does and one RESULT line. `make chaos` runs it alone; it is part of `make test` as well.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.chaos.numbered import VENDORS, letters
from tests.chaos.run import Action, Ground, Run, fleet_on, standing
from tests.chaos.verdict import verdict

pytestmark = [pytest.mark.chaos, pytest.mark.broker, pytest.mark.database]

MESSAGES: Final = 20_000
WORKERS: Final = 3
RATE: Final = 210.0
"""Records a second: sending lasts as long as the plan."""
RESENDS: Final = 0.05
SEED: Final = 20_260_115
PLAN: Final = (
    Action(5, "kill"),
    Action(12, "kill"),
    Action(19, "pause", 9),
    Action(31, "crash"),
    Action(36, "kill"),
    Action(43, "broker", 1),
    Action(62, "database", 20),
    Action(86, "kill"),
    Action(93, "kill"),
)
LONGEST_GAP: Final = 60.0
"""Seconds: the database's outage, and what it takes to stand up again beside the others on a slow machine."""
KILLS: Final = sum(action.what in ("kill", "crash") for action in PLAN)


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """A broker and a database of its own."""
    with standing() as ground:
        yield ground


async def test_nothing_is_lost_doubled_or_out_of_order_whatever_breaks(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    """Every message has one event in its case's order and one AppRec, every revision rises by one; and every worker stops when asked."""

    def say(words: str) -> None:
        with capsys.disabled():
            print(words, flush=True)  # noqa: T201  a run of minutes shows that it lives

    fleet = fleet_on(ground, size=WORKERS, seed=SEED)
    say(f"\nchaos: {MESSAGES} messages at {RATE:.0f}/s, {WORKERS} workers")
    fleet.start()
    try:
        run = Run(ground, fleet, say)
        sent = letters(MESSAGES, cases=400, resends=RESENDS, seed=SEED)
        await run.carry_out(sent, PLAN, rate=RATE, within=90)
        found = verdict(await run.read(), vendors=VENDORS)
    finally:
        fleet.kill_all()
    say(f"{found.line()} kills={len(fleet.ended)} stopped={fleet.stopped}")
    assert found.faults == {}
    assert found.messages == found.events == MESSAGES
    assert found.longest_gap < LONGEST_GAP
    # one that is started into an outage of the broker may say so and end: its supervisor starts it again
    assert set(fleet.ended) <= {-9, 1}, "a worker ended by itself"
    assert fleet.ended.count(-9) == KILLS
    assert fleet.stopped == [0] * WORKERS
    _crashed_between_the_commits(fleet.log)


def _crashed_between_the_commits(log: Path) -> None:
    words = log.read_text()
    assert words.count("CRASH between the commits") == 1
    assert "Traceback" not in words

"""The proof: 50,000 records both ways through workers that are killed, stopped and crashed, a broker and a database that go away.

Offices push, a portal asks, books and cancels, EPJs answer: at once, late, broken, twice or never. It prints what it does and one RESULT
line. `make chaos` runs it alone; it is part of `make test` as well.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from checker.verdict import Verdict, verdict
from hub.certify.numbered import VENDORS
from hub.certify.traffic import Amounts, traffic
from tests.broker.ground import Action, Ground, Run, fleet_on, standing

pytestmark = [pytest.mark.chaos, pytest.mark.broker, pytest.mark.database]

RECORDS: Final = 50_000
"""At least so many on the inboxes and the portal's topic; what follows from a question depends on what breaks."""
AMOUNTS: Final = Amounts(pushes=27_000, questions=6_500, bookings=3_000)
WORKERS: Final = 3
RATE: Final = 180.0
"""Records a second, without those that follow: sending lasts as long as the plan."""
RESENDS: Final = 0.05
SEED: Final = 20_260_115
PLAN: Final = (
    Action(8, "kill"),
    Action(20, "kill"),
    Action(32, "pause", 9),
    Action(52, "crash"),
    Action(60, "kill"),
    Action(72, "broker", 1),
    Action(108, "database", 20),
    Action(145, "kill"),
    Action(157, "pause", 9),
    Action(175, "crash"),
    Action(186, "kill"),
    Action(197, "kill"),
)
LONGEST_GAP: Final = 60.0
"""Seconds: the database's outage, and what it takes to stand up again beside the others on a slow machine."""
KILLS: Final = sum(action.what in ("kill", "crash") for action in PLAN)
CRASHES: Final = sum(action.what == "crash" for action in PLAN)
HAPPENED: Final = {
    "accepted", "answered", "broken", "connected", "free-slots", "not-sent", "overdue", "practitioners", "rejected", "sent", "timed-out",
}
"""What a run must have tried for its verdict to mean something."""


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """A broker and a database of its own."""
    with standing() as ground:
        yield ground


async def test_nothing_is_lost_doubled_or_out_of_order_whatever_breaks(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    """Every message has its event and its AppRec, every question one reply, every command one story; and every worker stops when asked."""

    def say(words: str) -> None:
        with capsys.disabled():
            print(words, flush=True)  # noqa: T201  a run of minutes shows that it lives

    fleet = fleet_on(ground, size=WORKERS, seed=SEED)
    say(f"\nchaos: {AMOUNTS} at {RATE:.0f}/s, and what follows from them; {WORKERS} workers")
    fleet.start()
    try:
        run = Run(ground, fleet, say)
        sent = traffic(AMOUNTS, cases=600, resends=RESENDS, seed=SEED, now=partial(datetime.now, UTC))
        await run.carry_out(sent, PLAN, rate=RATE, within=90)
        found = verdict(await run.read(), vendors=VENDORS)
    finally:
        fleet.kill_all()
    say(f"{found.line()} kills={len(fleet.ended)} stopped={fleet.stopped}")
    assert found.faults == {}
    _tried_what_was_meant(found)
    assert found.longest_gap < LONGEST_GAP
    # one that is started into an outage of the broker may say so and end: its supervisor starts it again
    assert set(fleet.ended) <= {-9, 1}, "a worker ended by itself"
    assert fleet.ended.count(-9) == KILLS
    assert fleet.stopped == [0] * WORKERS
    _crashed_between_the_commits(fleet.log)


def _tried_what_was_meant(found: Verdict) -> None:
    assert found.records >= RECORDS
    assert found.questions == AMOUNTS.questions
    assert found.commands > AMOUNTS.questions + AMOUNTS.bookings, "nothing was cancelled"
    assert found.became.keys() >= HAPPENED


def _crashed_between_the_commits(log: Path) -> None:
    words = log.read_text()
    assert words.count("CRASH between the commits") == CRASHES
    assert "Traceback" not in words

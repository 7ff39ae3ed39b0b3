"""`python -m benchmarks`: measure in interleaved rounds, check that every result is exact, and write the README's table.

    python -m benchmarks [--quick] [--rounds N] [--only pure,throughput,delay,questions,calm,memory]

Starts its own broker and database in a folder that goes away, and stops by itself: about a quarter of an hour with three rounds.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from benchmarks import pure, runs
from benchmarks.ground import Ground, standing
from benchmarks.messages import Load
from benchmarks.questions import CALM, FULL, Pace, questions
from benchmarks.report import faults, keep, machine, tables
from benchmarks.runs import QUICK, Figures, Size
from benchmarks.systems import System, hub, plain, reception_alone, relay

KINDS: Final = ("pure", "throughput", "delay", "questions", "calm", "memory")
DISTURBED: Final = 0.8
"""Processors that others may use meanwhile; above it a run is done once more."""
Run = Callable[[Ground, System, Load, Size], Figures]


def main() -> int:
    """1 when a result was not exact."""
    asked = _asked()
    results: dict[str, Any] = {"machine": machine(), "rounds": asked.rounds, "quick": asked.quick}
    if "pure" in asked.only:
        _say("pure path")
        results["pure"] = pure.steps(repetitions=2 if asked.quick else pure.REPETITIONS)
    if set(asked.only) - {"pure"}:
        with standing() as ground:
            results |= EndToEnd(ground, QUICK if asked.quick else Size(), asked.rounds).all(asked.only)
    print("\n".join(tables(results)))
    if not asked.quick and set(asked.only) == set(KINDS):
        keep(results)
    inexact = faults(results)
    print("\n".join(inexact) or "every result is exact", flush=True)
    return int(bool(inexact))


class EndToEnd:
    """All rows on one ground. Each system has a load of its own: what one was sent, another knows nothing of."""

    def __init__(self, ground: Ground, size: Size, rounds: int) -> None:
        self._ground, self._size, self._rounds = ground, size, rounds
        self._loads = {family: Load(now=datetime.now(UTC), seed=seed) for seed, family in enumerate(("plain", "hub", "reception", "relay"))}

    def all(self, kinds: list[str]) -> dict[str, Any]:
        """Every row of these kinds: first the rounds, interleaved, then memory."""
        taken: dict[str, Any] = {}
        for number in range(1, self._rounds + 1):
            for kind, run, systems in _ROWS:
                for system in systems if kind in kinds else ():
                    _say(f"round {number}: {kind}: {system.name}")
                    taken.setdefault(kind, {}).setdefault(system.name, []).append(self._undisturbed(run, system))
        if "memory" in kinds:
            _say("memory")
            taken["memory"] = {hub(1).name: [self._once(runs.memory, hub(1))]}
        return taken

    def _undisturbed(self, run: Run, system: System) -> Figures:
        figures = self._once(run, system)
        return figures if figures["foreign"] <= DISTURBED else self._once(run, system)

    def _once(self, run: Run, system: System) -> Figures:
        figures = run(self._ground, system, self._loads[system.name.split()[0].rstrip(",")], self._size)
        _say("    " + ", ".join(f"{name} {value}" for name, value in figures.items() if name != "samples"))
        return figures


def _at(pace: Pace) -> Run:
    def run(ground: Ground, system: System, load: Load, size: Size) -> Figures:
        return questions(ground, system, load, replace(pace, seconds=size.paced_seconds, warm=size.warm))

    return run


_ROWS: Final[tuple[tuple[str, Run, tuple[System, ...]], ...]] = (
    ("throughput", runs.throughput, (plain(1), reception_alone(), hub(1), plain(2), hub(2))),
    ("delay", runs.delay, (plain(1), hub(1))),
    ("questions", _at(FULL), (relay(), hub(1), hub(2))),
    ("calm", _at(CALM), (relay(), hub(1))),
)


def _asked() -> Any:
    asking = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, and print ratios.")
    asking.add_argument("--quick", action="store_true", help="small and short: to see that it works, not to be believed")
    asking.add_argument("--rounds", type=int, default=3, help="interleaved rounds, of which the median counts")
    asking.add_argument("--only", type=lambda given: given.split(","), default=list(KINDS), help=f"some of {','.join(KINDS)}")
    asked = asking.parse_args()
    if unknown := set(asked.only) - set(KINDS):
        asking.error(f"--only: {', '.join(sorted(unknown))}: there is no such row")
    if asked.quick and asked.rounds == asking.get_default("rounds"):
        asked.rounds = 1
    return asked


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

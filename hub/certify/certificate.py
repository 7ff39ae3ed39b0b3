"""The certificate: what a run says of the hub, as data. Names no machine, no path, no person; its counts are the checker's alone."""

import os
import platform
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psutil

from checker.delays import Delays, Flow, began_ms, delays, flow, stalls
from checker.verdict import COUNTED, Verdict, verdict
from hub.certify.harming import Done
from hub.certify.run import WORKERS, Order, Outcome
from hub.certify.schedule import kinds

EXAMPLES: Final = 5
"""Ids of each kind of fault that a certificate names."""
_HONEST: Final = (
    "The brokers, the database and the workers ran on one machine, and the database without fsync: a machine's fall was not tried.",
    "A rolling change of the version: there is no older build beside a checkout, so the workers were exchanged one by one for the same "
    "code with other settings.",
    "A full disk: no file of the database could grow (EFBIG in the place of ENOSPC), which any user can bring about.",
    "Clock jumps: the workers' own clocks, two hours forward or back. The brokers' and the database's went on.",
    "A process that died inside a transaction, and poison, are planted in the workers' own process, beside production's code.",
)
"""What a reader must know to take a certificate for what it is."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Everything that is written, and that the page shows."""

    order: Order
    verdict: Verdict
    delays: Delays
    flow: Sequence[Flow]
    harms: Sequence[Done]
    stalls: Sequence[float]
    began_ms: int
    ended: Sequence[int]
    stopped: Sequence[int]
    unready: Sequence[str]
    hindered: Sequence[Done]
    made_at: datetime
    commit: str

    @property
    def messages(self) -> int:
        """Messages and commands, each once however often it was sent."""
        return self.verdict.messages + self.verdict.commands

    @property
    def workers_wrong(self) -> list[str]:
        """What no harm explains: an end by itself, unless it started into an outage and said so; one that does not stop or recover."""
        ended = [f"ended with {code}" for code in self.ended if code not in (-signal.SIGKILL, 1)]
        return [*ended, *(f"stopped with {code}" for code in self.stopped if code), *self.unready]

    @property
    def is_clean(self) -> bool:
        """Every count is zero."""
        return not any(self.verdict.counts.values()) and not self.workers_wrong

    @property
    def left_out(self) -> dict[str, str]:
        """Harms that were not done, and why."""
        done = {harm.harm.what for harm in self.harms}
        why = "there was no time for it, or another harm hindered it"
        return {what.value: why for what in kinds(self.order.nodes) if what not in done}


def certificate(order: Order, outcome: Outcome) -> Certificate:
    """What the run shows."""
    facts = outcome.facts
    return Certificate(
        order, verdict(facts), delays(facts), flow(facts), outcome.harms, stalls(facts, [done.time for done in outcome.harms]),
        began_ms(facts), outcome.ended, outcome.stopped, outcome.unready, outcome.hindered,
        datetime.now(UTC).replace(microsecond=0), commit(),
    )


def document(made: Certificate) -> dict[str, Any]:
    """As it is written: the counts first."""
    judged, order = made.verdict, made.order
    return {
        "messages": made.messages, "harms": len(made.harms), **judged.counts,
        "result": result(made), "version": version("epj-hub"), "commit": made.commit, "made_at": made.made_at.isoformat(),
        "seed": order.seed, "scale": order.scale, "nodes": order.nodes, "minutes": order.minutes, "workers": WORKERS,
        "sent": {
            "records": judged.records, "messages": judged.messages, "commands": judged.commands, "questions": judged.questions,
            "sent_again": judged.records - made.messages,
        },
        "events": judged.events, "set_aside": judged.set_aside, "parked": judged.parked, "discarded": judged.discarded,
        "delay_seconds": {name: round(value, 3) for name, value in asdict(made.delays).items()},
        "harm_done": [_harm(made, done, stall) for done, stall in zip(made.harms, made.stalls, strict=True)],
        "left_out": made.left_out, "hindered": {done.harm.what.value: done.told for done in made.hindered},
        "workers_ended": sorted(made.ended), "workers_wrong": made.workers_wrong,
        "became": dict(sorted(judged.became.items())),
        "found": {name: found[:EXAMPLES] for name, found in judged.faults.items()},
        "counted": {name: list(lists) for name, lists in COUNTED.items()},
        "honest": list(_HONEST), "machine": machine(),
    }


def result(made: Certificate) -> str:
    """PASS or FAIL."""
    return "PASS" if made.is_clean else "FAIL"


def line(made: Certificate) -> str:
    """One line for people and for the log of a run."""
    counts = " ".join(f"{name}={count}" for name, count in made.verdict.counts.items())
    waited = f"p50={made.delays.p50:.2f}s p99={made.delays.p99:.2f}s max={made.delays.longest:.2f}s"
    longest = max(made.stalls, default=0.0)
    return f"RESULT {result(made)} messages={made.messages} harms={len(made.harms)} {counts} {waited} longest_stall={longest:.1f}s"


def machine() -> Mapping[str, Any]:
    """What ran it, without its name."""
    return {
        "cores": os.cpu_count(), "memory_gib": round(psutil.virtual_memory().total / 2**30), "system": platform.system(),
        "processor": platform.machine(), "python": platform.python_version(),
    }


def commit() -> str:
    """The checkout's; `unknown` where there is none."""
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],  # noqa: S607  git is found where it is
        cwd=Path(__file__).parent, capture_output=True, text=True, check=False,
    )
    return asked.stdout.strip() or "unknown"


def harm_seconds(made: Certificate, done: Done) -> tuple[float, float]:
    """When it began and ended, in seconds after the first record."""
    return (done.began_ms - made.began_ms) / 1000, (done.ended_ms - made.began_ms) / 1000


def _harm(made: Certificate, done: Done, stall: float) -> dict[str, Any]:
    began, ended = harm_seconds(made, done)
    return {
        "what": done.harm.what.value, "at_seconds": round(began, 1), "lasted_seconds": round(ended - began, 1),
        "longest_stall_seconds": round(stall, 1), "told": done.told,
    }

"""From the rounds to medians, ratios and the table of the README. Only ratios compare: machines differ, and so do their quiet hours."""

import json
import os
import platform
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from benchmarks.runs import Figures

FOLDER: Final = Path(__file__).parent
RESULTS: Final = FOLDER / "results.json"
README: Final = FOLDER / "README.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
_LIBRARIES: Final = ("aiokafka", "asyncpg", "confluent-kafka", "faststream", "lxml", "msgspec", "pydantic")


def medians(rounds: Sequence[Figures]) -> Figures:
    """The median of every figure over the rounds."""
    return {
        name: statistics.median(figures[name] for figures in rounds)
        for name, value in rounds[0].items() if isinstance(value, int | float)
    }


def ratio(figures: Mapping[str, Any], anchor: Mapping[str, Any], name: str) -> float:
    """How many times the anchor's figure."""
    return float(round(figures[name] / anchor[name], 2))


def faults(results: Mapping[str, Any]) -> list[str]:
    """Everything that was not exact, over all rounds."""
    return [fault for kind in ("throughput", "delay", "questions", "calm", "memory") for rounds in results.get(kind, {}).values()
            for figures in rounds for fault in figures["faults"]]


def machine() -> dict[str, str]:
    """What it was measured on; no names."""
    return {"processors": str(os.cpu_count()), "architecture": platform.machine(), "python": platform.python_version(),
            **{library: version(library) for library in _LIBRARIES}}


def keep(results: Mapping[str, Any]) -> None:
    """Write the results, and the table into the README."""
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    README.write_text(between(README.read_text("utf-8"), "\n".join(tables(results))), "utf-8")


def between(text: str, figures: str) -> str:
    """The text with these figures between its marks."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{figures}\n\n{END}{rest.partition(END)[2]}"


def tables(results: Mapping[str, Any]) -> Iterable[str]:
    """Every table that there are results for."""
    for kind, lines in _TABLES.items():
        if results.get(kind):
            yield from (*lines(results[kind]), "")
    yield "Measured on: " + ", ".join(f"{name} {value}" for name, value in results["machine"].items()) + "."


def _pure(steps: Mapping[str, float]) -> Iterable[str]:
    whole = steps["plain loop, whole"]
    yield from ("The pure path, one core:", "", "| Step | µs a message | of the plain loop's work |", "|---|---|---|")
    for name, taken in steps.items():
        yield f"| {name} | {taken:.1f} | {taken / whole:.2f} |"


def _throughput(systems: Mapping[str, Sequence[Figures]]) -> Iterable[str]:
    yield from ("A full inbox, preloaded, real broker and database; processes behind the comma:", "")
    yield "| | rate, of the plain loop's | client CPU, of the plain loop's | messages/s | client µs | broker µs | database µs | MiB |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, rounds in systems.items():
        figures, anchor = medians(rounds), medians(systems.get(_anchor_of(name), rounds))
        yield (
            f"| {name} | {ratio(figures, anchor, 'per_second'):.2f} | {ratio(figures, anchor, 'client_us'):.2f} "
            f"| {figures['per_second']:.0f} | {figures['client_us']:.0f} "
            f"| {figures['broker_us']:.0f} | {figures['database_us']:.0f} | {figures['mib']:.0f} |"
        )


def _delay(systems: Mapping[str, Sequence[Figures]]) -> Iterable[str]:
    yield from ("Delay at a steady 200 messages a second, inbox to event:", "")
    yield from ("| | p50 ms | p99 ms | p50, of the plain loop's |", "|---|---|---|---|")
    for name, rounds in systems.items():
        figures, anchor = medians(rounds), medians(systems.get(_anchor_of(name), rounds))
        yield f"| {name} | {figures['p50_ms']:.1f} | {figures['p99_ms']:.1f} | {ratio(figures, anchor, 'p50_ms'):.2f} |"


def _questions(systems: Mapping[str, Sequence[Figures]]) -> Iterable[str]:
    yield from ("100 questions a second while 1,000 messages a second flow: what is added to a question, ms. There: command in to XML out;",
                "back: answer in to reply out:", "")
    yield from _ways(systems)


def _calm(systems: Mapping[str, Sequence[Figures]]) -> Iterable[str]:
    yield from ("The same with 20 questions and 200 messages a second:", "")
    yield from _ways(systems)


def _ways(systems: Mapping[str, Sequence[Figures]]) -> Iterable[str]:
    yield "| | there p50 / p99 | back p50 / p99 | both p50 / p99 | both p50, of the relay's | messages taken /s | client processors |"
    yield "|---|---|---|---|---|---|---|"
    for name, rounds in systems.items():
        figures, anchor = medians(rounds), medians(systems.get("relay, 1", rounds))
        spreads = " | ".join(f"{figures[f'{way}_p50_ms']:.1f} / {figures[f'{way}_p99_ms']:.1f}" for way in ("there", "back", "both"))
        beside = f"{figures['pushes_per_s']:.0f} | {figures['client']:.2f}"
        yield f"| {name} | {spreads} | {ratio(figures, anchor, 'both_p50_ms'):.1f} | {beside} |"


def _memory(systems: Mapping[str, Sequence[Figures]]) -> Iterable[str]:
    for name, rounds in systems.items():
        for figures in rounds:
            done = figures["samples"][-1][0]
            yield (f"Memory of {name} over {done:,} messages: at most {figures['peak_mib']:.0f} MiB; behind the first third "
                   f"{figures['slope_mib_per_10000']:+.2f} MiB for every 10,000 messages.")


def _anchor_of(name: str) -> str:
    return f"plain loop, {name.rpartition(', ')[2]}"


_TABLES: Final[Mapping[str, Callable[[Any], Iterable[str]]]] = {
    "pure": _pure, "throughput": _throughput, "delay": _delay, "questions": _questions, "calm": _calm, "memory": _memory,
}

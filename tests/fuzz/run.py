"""`python -m tests.fuzz.run`: a fuzz run, and what came of it; `--help` has what can be asked for.

libFuzzer searches with our packages instrumented, which makes them several times slower. What it takes for too slow or too large is tried
again without, under the limits of the hostile inputs (`tests.hostile.trying`): only what breaks those is a finding. Afterwards the whole
corpus goes through the same limits. Exit 0: nothing found; 1: findings; 3: no atheris here.
"""

import argparse
import hashlib
import importlib.metadata
import importlib.util
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.fuzz.mutator import seeds

CORPUS: Final = Path(__file__).with_name("corpus")
RECORD: Final = Path(__file__).resolve().parents[2] / "docs" / "reliability" / "fuzz.json"
_ROOT: Final = RECORD.parents[2]
MAX_LEN: Final = 32_768
KEPT_BYTES: Final = 1_000_000
"""All of the corpus in the repository; the smallest inputs are kept first."""
_TIMEOUT: Final = 10
_RSS_MB: Final = 1_024
_KEPT_UNIT: Final = 16_384
_COVERAGE: Final = re.compile(r"cov: (\d+) ft: (\d+)")
_STAT: Final = re.compile(r"stat::(\w+):\s+(\d+)")
NO_ATHERIS: Final = 3


@dataclass(slots=True)
class Run:
    """What came of a run."""

    version: str
    """The hub's."""
    atheris: str
    seed: int
    seconds: int
    executions: int = 0
    coverage: int = 0
    """Edges of our code, of lxml's nothing."""
    features: int = 0
    corpus: int = 0
    """Inputs in the corpus after the run, the golden cases among them."""
    slowest_seconds: float = 0.0
    """Processor time of the slowest input of the corpus, not instrumented."""
    peak_memory: int = 0
    """Bytes by which the hub grew at most over one input of the corpus."""
    peak_times_input: float = 0.0
    """The same, less the constant of the hostile inputs, as a multiple of the input."""
    findings: list[str] = field(default_factory=list)
    """What libFuzzer or the limits said, and the SHA-1 of the input."""


def is_there() -> bool:
    """Whether atheris is installed: it has wheels for Linux on x86-64 and some versions of Python alone."""
    return importlib.util.find_spec("atheris") is not None


def fuzz(seconds: int, *, seed: int, planted: str | None = None, keep: bool = False, artifacts: Path | None = None) -> Run:
    """One run in processes of its own. `keep`: what it finds new is merged into the corpus of the repository."""
    run = Run(_version(), importlib.metadata.version("atheris"), seed, seconds)
    with tempfile.TemporaryDirectory() as folder:
        given, grown, faults = (_made(Path(folder) / name) for name in ("given", "grown", "faults"))
        # a planted fault is to be searched for, not to be met in what was kept
        _put(given, [*seeds(), *(() if planted else kept())])
        run.findings = _searched_for(run, [grown, given], faults, planted)
        inputs = sorted({*_bodies(given), *_bodies(grown)}, key=len)
        run.corpus = len(inputs)
        golden = frozenset(() if keep else seeds())  # they are tried by tests of their own
        run.findings += _measured(run, [body for body in inputs if body not in golden])
        if artifacts:
            _put(artifacts, _bodies(faults))
        if keep:
            _keep(_minimal(inputs, Path(folder), seed))
    return run


def kept() -> Iterator[bytes]:
    """The corpus of the repository."""
    return _bodies(CORPUS)


def name_of(body: bytes) -> str:
    """What an input is called: it says nothing of what is in it."""
    return hashlib.sha1(body, usedforsecurity=False).hexdigest()


def record(run: Run) -> None:
    """Write `docs/reliability/fuzz.json`."""
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(asdict(run), indent=1) + "\n", "utf-8")


def _searched_for(run: Run, folders: Sequence[Path], faults: Path, planted: str | None) -> list[str]:
    """Search until the time is over or something is found. What only a busy machine made slow ends libFuzzer, and not the search."""
    until, findings = time.monotonic() + run.seconds, list[str]()
    while not findings and (left := math.ceil(until - time.monotonic())) > 0:
        said = _searched(folders, faults, left, run.seed + run.executions, planted)
        _read(run, said)
        findings = list(_findings(faults, said, planted))
        if not any(faults.iterdir()):
            break
    return findings


def _searched(folders: Sequence[Path], faults: Path, seconds: int, seed: int, planted: str | None) -> str:
    limits = [f"-max_total_time={seconds}", f"-timeout={_TIMEOUT}", "-report_slow_units=1", f"-rss_limit_mb={_RSS_MB}"]
    return _harness([*(["--planted", planted] if planted else []), *map(str, folders), *limits, f"-max_len={MAX_LEN}", f"-seed={seed}",
                     "-print_final_stats=1", "-reload=0", f"-artifact_prefix={faults}/"])


def _harness(arguments: Sequence[str]) -> str:
    command = [sys.executable, "-m", "tests.fuzz.harness", *arguments]
    # the order of a set must not differ between two runs of one seed
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, errors="replace", check=False)
    return done.stderr + done.stdout


def _read(run: Run, said: str) -> None:
    stats = {name: int(value) for name, value in _STAT.findall(said)}
    run.executions += stats.get("number_of_executed_units", 0)
    if covered := _COVERAGE.findall(said):
        run.coverage, run.features = map(int, covered[-1])


def _findings(faults: Path, said: str, planted: str | None) -> Iterator[str]:
    """A crash is one; what was slow or large under instrumentation is one if it breaks the limits without."""
    for path in sorted(faults.iterdir()):
        kind, _, name = path.name.partition("-")
        if kind not in ("timeout", "oom", "slow"):
            yield f"{_fault(said)} {name}"
        elif broken := next(_limited([path.read_bytes()], planted))["broken"]:
            yield f"{kind}: {broken} {name}"


def _fault(said: str) -> str:
    lines = said.partition("Uncaught Python exception")[2].splitlines()
    return next((line.strip() for line in lines[1:2]), "the process ended")


def _measured(run: Run, inputs: Sequence[bytes]) -> Iterator[str]:
    for body, told in zip(inputs, _limited(inputs), strict=True):
        run.slowest_seconds = max(run.slowest_seconds, round(told["seconds"], 3))
        run.peak_memory = max(run.peak_memory, told["grown"])
        run.peak_times_input = max(run.peak_times_input, round(told["times_input"], 2))
        if told["broken"]:
            yield f"{told['broken']} {name_of(body)}"


def _limited(inputs: Sequence[bytes], planted: str | None = None) -> Iterator[dict[str, Any]]:
    """Each input under the limits of the hostile ones, not instrumented."""
    with tempfile.TemporaryDirectory() as folder:
        for number, body in enumerate(inputs):
            (Path(folder) / f"{number:06}").write_bytes(body)
        command = [sys.executable, "-m", "tests.fuzz.limited", folder, *([planted] if planted else [])]
        done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=True)
    yield from map(json.loads, done.stdout.splitlines())


def _minimal(inputs: Iterable[bytes], folder: Path, seed: int) -> Iterator[bytes]:
    """What libFuzzer's merge keeps beside the golden cases: the smallest inputs that together cover the same."""
    golden, rest, merged = (_made(folder / name) for name in ("golden", "rest", "merged"))
    known = set(seeds())
    _put(golden, known)
    _put(rest, (body for body in inputs if body not in known and len(body) <= _KEPT_UNIT))
    _put(merged, known)
    _harness(["-merge=1", str(merged), str(rest), f"-seed={seed}", f"-max_len={MAX_LEN}", f"-timeout={_TIMEOUT}",
              f"-artifact_prefix={_made(folder / 'skipped')}/"])
    return (body for body in _bodies(merged) if body not in known)


def _keep(bodies: Iterable[bytes]) -> None:
    for old in CORPUS.iterdir() if CORPUS.is_dir() else ():
        old.unlink()
    CORPUS.mkdir(exist_ok=True)
    size = 0
    for body in sorted(bodies, key=len):
        size += len(body)
        if size > KEPT_BYTES:
            return
        (CORPUS / f"{name_of(body)}.xml").write_bytes(body)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _put(folder: Path, bodies: Iterable[bytes]) -> None:
    for body in bodies:
        (_made(folder) / name_of(body)).write_bytes(body)


def _bodies(folder: Path) -> Iterator[bytes]:
    return (path.read_bytes() for path in sorted(folder.iterdir())) if folder.is_dir() else iter(())


def _version() -> str:
    return str(tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def main(given: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description="Coverage-guided fuzzing of reception.")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--planted", choices=("crash", "hang", "memory"), help="put a fault into the reader: the run must find it")
    parser.add_argument("--keep", action="store_true", help="merge what is new into tests/fuzz/corpus")
    parser.add_argument("--record", action="store_true", help="write docs/reliability/fuzz.json")
    parser.add_argument("--artifacts", type=Path, help="a folder for the inputs that were found")
    asked = parser.parse_args(given)
    if not is_there():
        sys.stderr.write("There is no atheris for this Python and platform: Linux on x86-64 with Python 3.11 to 3.13 has it.\n")
        return NO_ATHERIS
    run = fuzz(asked.seconds, seed=asked.seed, planted=asked.planted, keep=asked.keep, artifacts=asked.artifacts)
    if asked.record:
        record(run)
    sys.stdout.write(json.dumps(asdict(run), indent=1) + "\n")
    return 1 if run.findings else 0


if __name__ == "__main__":
    sys.exit(main())

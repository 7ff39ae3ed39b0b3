"""Thirty seconds of fuzzing in each run of the tests, what was kept before, and that the search finds planted faults."""

import os

import pytest

from tests.fuzz import run
from tests.fuzz.mutator import mutated, seeds
from tests.fuzz.planted import PLANTED
from tests.fuzz.target import Broken, check
from tests.story import Hub

pytestmark = pytest.mark.fuzz
SECONDS = 30


@pytest.fixture
def _atheris() -> None:
    """Skips where there is no atheris; where tests decide what lands, that is a failure."""
    if run.is_there():
        return
    words = "atheris has wheels for Linux on x86-64 and Python 3.11 to 3.13 alone: nothing is fuzzed here"
    if os.environ.get("CI"):
        pytest.fail(words)
    pytest.skip(words)


@pytest.mark.usefixtures("_atheris")
def test_half_a_minute_of_fuzzing_finds_nothing() -> None:
    """From the kept corpus and the golden cases on, by a seed: no crash, no second too much, no memory over ten times the input."""
    found = run.fuzz(SECONDS, seed=2026)
    assert found.findings == []
    assert found.executions > len(seeds()), "it never came past the seeds"
    assert found.coverage > 1_000, "our code was not instrumented"


@pytest.mark.usefixtures("_atheris")
@pytest.mark.parametrize(("planted", "said"), [("crash", "Broken: KeyError"), ("hang", "timeout: signal 24"), ("memory", "oom: ")])
def test_a_planted_fault_is_found(planted: str, said: str) -> None:
    """A reader that raises, hangs or grows on a message with two MsgIds: no seed is one, the search makes one."""
    assert set(PLANTED) == {"crash", "hang", "memory"}
    found = run.fuzz(120, seed=1, planted=planted)
    assert [finding for finding in found.findings if finding.startswith(said)]


def test_what_was_kept_is_synthetic_small_and_named_by_its_sum() -> None:
    """The file's name says nothing of what is in it, and a whole clone does not grow by it."""
    kept = {path.name: path.read_bytes() for path in run.CORPUS.iterdir() if path.suffix == ".xml"}
    assert len(kept) == len(list(run.CORPUS.iterdir()))
    assert kept
    assert [name for name, body in kept.items() if name != f"{run.name_of(body)}.xml"] == []
    assert sum(map(len, kept.values())) <= run.KEPT_BYTES


def test_what_was_kept_holds_without_the_search_too() -> None:
    """On every platform: each input that was worth keeping still ends in a designed outcome."""
    for body in run.kept():
        check(body)


def test_a_change_is_drawn_from_its_seed_alone() -> None:
    """A finding can be made again."""
    body = seeds()[0]
    assert [mutated(body, 10_000, seed) for seed in range(50)] == [mutated(body, 10_000, seed) for seed in range(50)]
    assert len({mutated(body, 10_000, seed) for seed in range(50)}) > 25
    assert max(len(mutated(body, 100, seed)) for seed in range(50)) <= 100


def test_an_outcome_that_nothing_designed_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set aside means a fault of ours, in reading or in deciding."""
    def fails(*_: object, **__: object) -> None:
        raise KeyError

    with monkeypatch.context() as patched:
        patched.setattr("hub.reception.read", fails)
        with pytest.raises(Broken, match="KeyError"):
            check(seeds()[-1])
    send = Hub.send
    monkeypatch.setattr(Hub, "send", lambda hub, body, **given: send(hub, body, condemned=True, **given))
    with pytest.raises(Broken, match="set aside"):
        check(next(body for body in seeds() if b"<MsgHead" in body))

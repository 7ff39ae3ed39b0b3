"""What is written for people holds: generated pages are fresh, links lead somewhere, paths exist, decisions are whole."""

import re
from pathlib import Path

import pytest

from contracts.failures import Rule
from hub.cli import docs
from schemas.leniencies import Leniency
from tests.docs.pages import anchors, dead_links, pages, spans
from tests.rules.house import ROOT

_PARTS = ("Status:", "## Context", "## Decision", "## Consequences", "Alternatives:")
_OUR_PATH = re.compile(r"(?:contracts|schemas|translators|consumers|producers|hub|examples|tests|docs|benchmarks)/[\w./-]*")
_EXAMPLES = ("docs/adding-a-message-type.md", "CONTRIBUTING.md")
"""Pages that name files which their reader is to make."""
ADRS = sorted((ROOT / "docs" / "adr").glob("*.md"))


def unfinished(adr: str) -> list[str]:
    """The parts that a decision lacks."""
    return [part for part in _PARTS if part not in adr]


def missing_paths(text: str) -> list[str]:
    """Paths of ours in backquotes that lead nowhere."""
    named = [span for span in spans(text) if _OUR_PATH.fullmatch(span)]
    return [path for path in named if not (ROOT / path).exists()]


def test_the_generated_pages_are_what_the_code_says() -> None:
    """A rule, a row or a setting that changes changes its page: python -m hub.cli.docs."""
    assert docs.stale() == []


def test_a_stale_page_is_named(tmp_path: Path) -> None:
    """Missing, and then differing by a letter."""
    assert docs.stale(tmp_path) == list(docs.pages())
    docs.write(tmp_path)
    assert docs.stale(tmp_path) == []
    (tmp_path / "settings.md").write_text("other", "utf-8")
    assert docs.stale(tmp_path) == ["settings.md"]


def test_checking_writes_nothing_and_says_yes(capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` is for a machine: 0 and no words when all is fresh."""
    assert docs.main(["--check"]) == 0
    assert capsys.readouterr() == ("", "")


def test_checking_names_the_page_that_is_stale(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """1, and what to run."""
    monkeypatch.setattr(docs, "stale", lambda: ["settings.md"])
    assert docs.main(["--check"]) == 1
    assert "python -m hub.cli.docs" in capsys.readouterr().err


def test_every_rule_and_leniency_has_an_anchor() -> None:
    """A stable id is a place that can be linked to."""
    found = anchors(docs.pages()["failure-codes.md"])
    assert {rule.id for rule in Rule} | {leniency.id for leniency in Leniency} <= found


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    """Files and anchors of the repository."""
    assert list(dead_links(page)) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    """A file that is not there, and an anchor that is not there; not one in a fence."""
    page = tmp_path / "a.md"
    page.write_text("# One thing\n[a](b.md) [c](#one-thing) [d](#two) [e](a.md#one-thing)\n```\n[f](g.md)\n```\n", "utf-8")
    assert list(dead_links(page)) == ["b.md", "#two"]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_path_of_ours_exists(page: Path) -> None:
    """A file that moves takes its words with it."""
    if page.relative_to(ROOT).as_posix() in _EXAMPLES:
        return
    assert missing_paths(page.read_text("utf-8")) == []


def test_a_path_that_is_not_there_is_found() -> None:
    """The rule above, fed what it must refuse."""
    assert missing_paths("`hub/nowhere.py` `hub/reading.py` `read_committed`") == ["hub/nowhere.py"]


@pytest.mark.parametrize("adr", ADRS, ids=lambda adr: adr.stem)
def test_a_decision_has_its_parts(adr: Path) -> None:
    """Status, context, decision, consequences, and what else was considered."""
    assert unfinished(adr.read_text("utf-8")) == []


def test_a_decision_without_alternatives_is_refused() -> None:
    """The rule above, fed what it must refuse."""
    assert unfinished("# 1\n\nStatus: accepted\n\n## Context\n\n## Decision\n\n## Consequences\n") == ["Alternatives:"]


def test_decisions_are_numbered_without_gaps() -> None:
    """By file name and by title."""
    assert [adr.name[:4] for adr in ADRS] == [f"{number:04}" for number in range(1, len(ADRS) + 1)]
    assert all(adr.read_text("utf-8").startswith(f"# {int(adr.name[:4])}. ") for adr in ADRS)

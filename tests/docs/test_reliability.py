"""`docs/reliability.md` names a test for each promise: each is there, and says what the page says it shows."""

import re
from pathlib import Path
from typing import Final

from tests.rules.house import ROOT

PAGE: Final = ROOT / "docs" / "reliability.md"
_SHOWN: Final = re.compile(r"\| `(tests/[^`]+\.py)`([^|]*)\|$", re.MULTILINE)
_TEST: Final = re.compile(r"^(?:async )?def test_(\w+)\(", re.MULTILINE)


def missing(text: str, root: Path = ROOT) -> list[str]:
    """What the page names and nobody has written."""
    return [f"{file} {sentence.strip()}".strip() for file, sentence in _SHOWN.findall(text) if not _is_there(root / file, sentence.strip())]


def _is_there(file: Path, sentence: str) -> bool:
    if not file.exists():
        return False
    sentences = [name.replace("_", " ") for name in _TEST.findall(file.read_text("utf-8"))]
    return sentence in sentences if sentence else bool(sentences)


def test_every_promise_names_a_test_that_is_there() -> None:
    """By file and sentence."""
    text = PAGE.read_text("utf-8")
    assert len(_SHOWN.findall(text)) > 30
    assert missing(text) == []


def test_every_row_of_a_promise_names_one() -> None:
    """No promise without a test."""
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ") and not line.startswith(("| Promise", "|---"))]
    assert [row for row in rows if not _SHOWN.search(row)] == []


def test_a_test_that_is_not_there_is_noticed() -> None:
    """A file that is not, and a sentence that nobody wrote."""
    text = "| a | b | `tests/docs/test_nothing.py` |\n| a | b | `tests/docs/test_reliability.py` it is wonderful |\n"
    assert missing(text) == ["tests/docs/test_nothing.py", "tests/docs/test_reliability.py it is wonderful"]

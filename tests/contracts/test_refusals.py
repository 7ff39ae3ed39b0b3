"""Every reason why a command is not sent, in words that a citizen can be shown."""

import re
from string import Formatter

import pytest

from contracts.refusals import Refusal
from hub.cli import docs
from tests.docs.pages import anchors

every_refusal = pytest.mark.parametrize("refusal", Refusal, ids=lambda refusal: refusal.code)


@every_refusal
def test_a_refusal_has_words_in_both_languages(refusal: Refusal) -> None:
    """Whole sentences, and not the same ones."""
    reason = refusal.reason(4)
    assert reason.nb.endswith(".")
    assert reason.en.endswith(".")
    assert reason.nb != reason.en


@every_refusal
def test_a_code_is_a_word_that_no_language_changes(refusal: Refusal) -> None:
    """Kebab-case, in ASCII."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", refusal.code)


def test_no_two_refusals_have_one_code() -> None:
    """An enum takes two equal rows for one, and would hide the second: the names are counted too."""
    codes = [refusal.code for refusal in Refusal]
    assert len(set(codes)) == len(codes) == len(Refusal.__members__)


@every_refusal
def test_a_limit_is_the_only_thing_a_refusal_fills_in(refusal: Refusal) -> None:
    """A number of ours, in both languages or in none; nothing of the command has a place to stand."""
    assert placeholders(refusal.nb) == placeholders(refusal.en)
    assert placeholders(refusal.nb) <= {"limit"}


def test_a_limit_is_told_where_it_belongs() -> None:
    """And a refusal without one is told as it stands."""
    assert Refusal.TEXT_TOO_LONG.reason(50).en == "The text is too long. Write at most 50 characters."
    assert Refusal.TEXT_TOO_LONG.reason(50).nb == "Teksten er for lang. Skriv høyst 50 tegn."
    assert Refusal.MUST_CALL.reason().en == Refusal.MUST_CALL.en


def test_every_refusal_has_its_place_on_the_page() -> None:
    """A stable code can be linked to, and the page says when it is told."""
    assert {refusal.code for refusal in Refusal} <= anchors(docs.pages()["refusals.md"])


def placeholders(words: str) -> set[str]:
    """What would be filled in."""
    return {name for _, name, _, _ in Formatter().parse(words) if name is not None}

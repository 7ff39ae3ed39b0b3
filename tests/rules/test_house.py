"""Every house rule holds for the repository, and is shown to refuse one planted offence."""

from pathlib import Path

import pytest

from tests.rules import house
from tests.rules.house import MARKUP, ROOT, RULES, Tree, copies, tracked
from tests.spec import spec_dir

_A_TEST = 'def {name}() -> None:\n    """{words}"""\n    {body}\n'

OFFENCES: dict[str, Tree] = {
    "no_nameless_module": {"hub/utils.py": b"", "schemas/common/a.py": b""},
    "only_table_1_spells_a_topic": {"hub/a.py": b'NAME = "hub.' b'sequenced.v1"', "hub/b.py": b'NAME = "epj.fjord.inbox"'},
    "only_table_2_spells_a_namespace": {"schemas/a.py": b'NS = "http://www.kith' b'.no/xmlstds/x"'},
    "only_kodeverk_spells_an_oid": {"translators/a.py": b'OID = "2.16.578' b'.1.12.4.1.1.7602"'},
    "every_test_says_what_it_shows": {"tests/test_a.py": b"def test_one_is_one_always() -> None:\n    pass\n"},
    "every_test_is_a_sentence": {"tests/test_a.py": _A_TEST.format(name="test_it", words="x", body="pass").encode()},
    "no_test_sleeps": {"tests/test_a.py": b"import time\ntime.sle" b"ep(1)\n", "tests/b.py": b"await asyncio.sle" b"ep(0.1)\n"},
    "nothing_is_left_for_later": {"docs/a.md": b"TO" b"DO: more"},
    "no_path_of_a_machine": {"docs/a.md": b"see /ho" b"me/me/x", "a.sh": b"cd /wo" b"rk/main", "b.toml": b'"/ro' b'ot/x"'},
    "no_registry_is_named": {"requirements.lock": b"--index-url https://pypi" b".org/simple"},
    "every_exemption_has_its_reason": {"hub/a.py": b"x = 1  # no" b"qa: E501\n", "hub/b.py": b"x = 1  # no" b"qa\n"},
    "the_checker_stands_on_the_contracts_alone": {
        "checker/a.py": b"from hub import parties\n", "checker/b.py": b"import json, rich.table\n", "checker/c.py": b"from . import a\n",
    },
    "every_event_logged_is_a_constant": {
        "hub/a.py": b'log.info(f"read {name}")', "hub/b.py": b"self._log.error(words)", "hub/c.py": b'log.info("read", name)',
    },
}


@pytest.fixture(scope="module")
def repository() -> Tree:
    """What is tracked."""
    return tracked()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_repository_keeps_the_rule(rule: house.Rule, repository: Tree) -> None:
    """No offence in any tracked file."""
    assert rule(repository) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_refuses_each_planted_offence(rule: house.Rule) -> None:
    """A rule that cannot say no is no rule."""
    planted = OFFENCES[rule.__name__]
    assert {offence.split(":")[0] for offence in rule(planted)} == set(planted)


def test_no_offence_is_planted_for_a_rule_that_is_not_there() -> None:
    """Orphans in neither direction."""
    assert set(OFFENCES) == {rule.__name__ for rule in RULES}


def test_what_the_rules_allow_is_not_refused() -> None:
    """The one place of each, a docstring that names a thing, a constant event, a reason on its line, giving way once."""
    allowed: Tree = {
        "contracts/topics.py": b'NAME = "hub.' b'sequenced.v1"',
        "schemas/formats.py": b'NS = "http://www.kith' b'.no/x"',
        "schemas/kodeverk/a.py": b'OID = "2.16.578' b'.1"',
        "hub/a.py": b'"""Reads hub.' b'sequenced.v1."""\nlog.info("read", partition=1)\nx = 1  # no' b"qa: E501 - because\n",
        "checker/a.py": b"import json\nfrom contracts.topics import INBOX\nfrom checker import facts\n",
        "tests/test_a.py": b"await asyncio.sle" b"ep(0)\n",
    }
    assert [offence for rule in RULES for offence in rule(allowed)] == []


def test_nothing_of_the_published_specification_is_in_the_repository(repository: Tree) -> None:
    """No file of it, and no long run of its text."""
    assert copies(repository, _published()) == []


@pytest.mark.parametrize("part", ["whole", "run"])
def test_a_planted_copy_is_found(part: str) -> None:
    """A whole file under another name, and a passage of it amid other words with other line breaks."""
    published = _published()
    longest = max(published.values(), key=len)
    passage = b"own words " * 50 + b"".join(longest[3000 : 3000 + 3 * MARKUP].splitlines()) + b" own words" * 50
    planted = longest if part == "whole" else passage
    assert copies({"docs/ours.md": planted, "tests/ours.xml": planted}, published) == ["docs/ours.md", "tests/ours.xml"]


def test_a_short_phrase_in_common_is_no_copy() -> None:
    """Names, codes and a standard's sentence may stand in both."""
    published = _published()
    longest = max(published.values(), key=len)
    assert copies({"docs/ours.md": b"own words " * 50 + longest[3000:3090]}, published) == []


def test_a_tree_that_is_tracked_holds_this_file(repository: Tree) -> None:
    """The rules look at the repository and not at nothing."""
    assert str(Path(__file__).relative_to(ROOT)) in repository


def _published() -> Tree:
    folder = spec_dir()
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

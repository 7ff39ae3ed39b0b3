"""README's snippets are run, its tables are complete, and what it says of names is the code's."""

import re
import subprocess
import sys

import typer
from aiokafka import TopicPartition

from consumers.fetching import Fetching
from contracts.rights import OPERATOR_PRINCIPAL, hub_principal
from contracts.topics import MAX_INBOX_BYTES, MAX_MESSAGE_BYTES, PARTIES, SEQUENCED
from hub.cli import app
from hub.settings import PREFIX, Settings
from producers.opening import transactional_id
from tests.docs.pages import blocks, spans
from tests.rules.house import ROOT

README = (ROOT / "README.md").read_text("utf-8")
_COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group


def _named(text: str) -> set[str]:
    """The subcommands of `hub` that a text names."""
    lines = [line for block in blocks(text) for line in block.splitlines()] + spans(text)
    return {line.split()[1] for line in lines if line.startswith("hub ")}


def test_every_command_is_in_the_table_and_none_that_is_not_there() -> None:
    """Orphans in neither direction."""
    table = README.partition("## Commands")[2].partition("\n## ")[0]
    shown = {line.split("`")[1].split()[1] for line in table.splitlines() if line.startswith("| `hub ")}
    assert shown == {name for name, command in _COMMANDS.items() if not command.hidden}


def test_no_page_names_a_command_that_is_not_there() -> None:
    """Also in prose and in snippets."""
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    assert {name for page in pages for name in _named(page.read_text("utf-8"))} <= set(_COMMANDS)


def test_the_check_that_is_shown_gives_what_is_shown() -> None:
    """The snippet is run, and its output is the next block."""
    shown = blocks(README)
    at = next(index for index, block in enumerate(shown) if block.startswith("hub check "))
    told = subprocess.run([sys.executable, "-m", *shown[at].split()], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (told.stdout, told.returncode) == (shown[at + 1], 0)


def test_every_variable_that_is_named_is_a_setting() -> None:
    """And the one that only tests read."""
    pages = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"))
    text = "".join(page.read_text("utf-8") for page in pages)
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+", text))
    assert named - {"HUB_SPEC_DIR"} <= {PREFIX + name.upper() for name in Settings.model_fields}


def test_the_limits_that_are_named_are_the_codes() -> None:
    """Sizes of messages, and the isolation level that we use ourselves."""
    assert f"{MAX_INBOX_BYTES:,}" in README
    assert f"{MAX_MESSAGE_BYTES:,}" in README
    assert Fetching().subscriber_settings()["isolation_level"] == "read_committed"


def test_the_rights_of_the_hub_fit_the_ids_that_are_used() -> None:
    """Groups and transactional ids by the default prefix, and the register's publication by who may publish."""
    prefix = Settings.model_fields["group_prefix"].default
    lane = transactional_id(f"{prefix}.casework", TopicPartition(SEQUENCED.name, 0))
    assert hub_principal(prefix).may("WRITE", "transactional id", lane)
    assert hub_principal(prefix).may("READ", "group", f"{prefix}.reception")
    assert OPERATOR_PRINCIPAL.may("WRITE", "transactional id", PARTIES.name)

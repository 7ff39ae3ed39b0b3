"""Each import contract is shown to bite: a small tree of our packages' names, with one import that it must refuse."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.house import ROOT

CONFIG = ROOT / ".importlinter"
PLANTED = {
    "direction": ("schemas/planted.py", "import hub"),
    "siblings": ("consumers/planted.py", "import producers"),
    "xml": ("hub/planted.py", "import lxml"),
    "sql": ("consumers/planted.py", "import asyncpg"),
    "hub-sql": ("hub/planted.py", "import sqlalchemy"),
    "pure": ("hub/case/planted.py", "import asyncio"),
    "kafka": ("translators/planted.py", "import aiokafka"),
    "checker": ("checker/planted.py", "import hub"),
    "beside": ("checker/planted.py", "import psutil"),
    "outsiders": ("examples/planted.py", "import schemas"),
}
_ALSO_IN = {"siblings": "direction", "beside": "checker"}
"""Two offences against one contract."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Our packages' names and nothing in them, with our contracts."""
    for name in _our_modules():
        _make(tmp_path, name)
    shutil.copy(CONFIG, tmp_path)
    return tmp_path


def test_the_empty_tree_keeps_every_contract(tree: Path) -> None:
    """What bites below is the planted import alone."""
    assert _broken(tree) == set()


@pytest.mark.parametrize("planted", sorted(PLANTED))
def test_a_planted_import_breaks_its_contract(tree: Path, planted: str) -> None:
    """By name, so that a contract that never applies is found."""
    path, line = PLANTED[planted]
    (tree / path).write_text(line + "\n")
    assert _name(_ALSO_IN.get(planted, planted)) in _broken(tree)


def test_every_contract_has_a_planted_import() -> None:
    """A new contract must be shown to bite too."""
    contracts = {section.rpartition(":")[2] for section in _config().sections() if ":contract:" in section}
    assert contracts == {_ALSO_IN.get(planted, planted) for planted in PLANTED}


def _broken(tree: Path) -> set[str]:
    told = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache", "--no-logo"],
        cwd=tree, env=os.environ | {"PYTHONPATH": str(tree), "COLUMNS": "200"}, capture_output=True, text=True, check=False,
    )
    assert "Contracts:" in told.stdout, told.stdout + told.stderr
    return {line.removesuffix(" BROKEN") for line in told.stdout.splitlines() if line.endswith(" BROKEN")}


def _name(contract: str) -> str:
    return _config()[f"importlinter:contract:{contract}"]["name"]


def _config() -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.read(CONFIG)
    return config


def _our_modules() -> set[str]:
    config = _config()
    roots = set(config["importlinter"]["root_packages"].split())
    keys = ("source_modules", "forbidden_modules")
    named = {name for section in config.values() for key in keys for name in section.get(key, "").split()}
    return roots | {name for name in named if name.partition(".")[0] in roots}


def _make(tree: Path, name: str) -> None:
    folder = tree
    for part in name.split("."):
        folder /= part
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()

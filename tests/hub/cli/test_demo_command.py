"""The demo on a broker and a database of its own, and README's lines through a hub that works."""

import asyncio
import os
import subprocess
import sys
from tempfile import TemporaryDirectory

import pytest

from contracts.kafka_connection import KafkaConnection
from examples.epj import ExampleEpj
from examples.exchanges import exchanges
from examples.made_up import FJORD
from examples.scenario import scenario
from hub.settings import PREFIX
from tests.docs.pages import blocks
from tests.examples.played import TODAY
from tests.hub.cli.conftest import Hub, Working
from tests.rules.house import ROOT

LOCAL = "127.0.0.1:19092"
"""Where the demo's broker is, as README has it."""

pytestmark = [pytest.mark.broker, pytest.mark.database]


def test_the_demo_plays_once_and_ends_well() -> None:
    """Every step stands in the table, with what became of it; a step without an end would exit with 1."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    # short, since the database's socket lies in it; and not pytest's, which another run of it shuts
    with TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True) as folder:
        told = subprocess.run(
            [sys.executable, "-m", "hub", "demo", "--once"], cwd=ROOT, env=clean | {"HUB_DATA_DIR": folder, "COLUMNS": "140"},
            capture_output=True, text=True, timeout=300, check=False,
        )
    assert told.returncode == 0, told.stderr
    rows = [" ".join(line.split()) for line in told.stdout.splitlines()]
    for name in [*(step.name for step in scenario(TODAY)), *(exchange.name for exchange in exchanges(TODAY))]:
        assert any(row.startswith(name) for row in rows), name
    assert any(row.startswith("find free slots portal answered delivery.sent, reply.free-slots (4 slots) HLT") for row in rows)
    assert "…" not in told.stdout


async def test_readmes_lines_ask_an_office_and_print_its_answer(working: Working, cluster_named: KafkaConnection) -> None:
    """The snippet is run, and its output is the next block."""
    shown = blocks((ROOT / "README.md").read_text("utf-8"))
    at = next(index for index, block in enumerate(shown) if "reply_of" in block)
    (bootstrap,) = cluster_named.bootstrap
    assert LOCAL in shown[at]
    async with working():
        answering = asyncio.create_task(ExampleEpj(FJORD, run="readme").work(bootstrap))
        asking = await asyncio.create_subprocess_exec(
            sys.executable, "-c", shown[at].replace(LOCAL, bootstrap), cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await asking.communicate()
        answering.cancel()
    assert (told.decode(), asking.returncode) == (shown[at + 1], 0)


def test_the_demo_never_uses_a_cluster_of_somebodys_own(hub: Hub, cluster_named: KafkaConnection) -> None:
    """It would write synthetic appointments there."""
    said = hub("demo", "--once")
    assert said.code == 2
    assert "HUB_KAFKA_BOOTSTRAP_SERVERS" in said.err

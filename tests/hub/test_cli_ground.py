"""The command line's ground: one clear line for a fault, 2 for wrong use, and the commands that stand on the broker alone."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from contracts.topics import TOPICS
from hub import cli
from hub.errors import HubError
from hub.local.ports import free_pair
from hub.settings import PREFIX

CANARY = "Kanari 13097248022"
KEY = "k" * 40


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HUB_DATA_DIR", str(tmp_path))


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, kafka_bootstrap: str) -> str:
    """The session's broker as a cluster of one's own."""
    monkeypatch.setenv("HUB_KAFKA_BOOTSTRAP_SERVERS", kafka_bootstrap)
    monkeypatch.setenv("HUB_PSEUDONYM_KEY", KEY)
    return kafka_bootstrap


def _exit_code(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["hub", *words])
    return cli.run()


@pytest.fixture
def fault() -> Iterator[list[Exception]]:
    """Adds a command that raises what the list holds."""
    faults: list[Exception] = []

    @cli.app.command("explode", hidden=True)
    def explode() -> None:
        raise faults[0]

    yield faults
    cli.app.registered_commands.pop()


def test_our_own_fault_is_one_line_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: list[Exception]
) -> None:
    """What we know how to say is said, without a traceback."""
    fault.append(HubError("The broker [is] away."))
    assert _exit_code(monkeypatch, "explode") == 1
    assert capsys.readouterr().err == "The broker [is] away.\n"


def test_an_unexpected_fault_tells_its_type_and_never_its_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: list[Exception]
) -> None:
    """A library's words may quote a message."""
    fault.append(RuntimeError(CANARY))
    assert _exit_code(monkeypatch, "explode") == 70
    told = capsys.readouterr().err
    assert "RuntimeError" in told
    assert "Kanari" not in told
    assert "Traceback" not in told


@pytest.mark.parametrize("words", [["no-such-command"], ["kafka", "--port", "x"], ["topics", "create", "--nope"]])
def test_wrong_use_exits_with_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    """As a shell expects."""
    assert _exit_code(monkeypatch, *words) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_wrong_setting_exits_with_2_and_its_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is started."""
    monkeypatch.setenv("HUB_HTTP_PORT", CANARY)
    assert _exit_code(monkeypatch, "topics", "check") == 2
    told = capsys.readouterr().err
    assert "HUB_HTTP_PORT" in told
    assert "Kanari" not in told


def test_a_register_that_cannot_be_read_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One line with the file."""
    monkeypatch.setenv("HUB_PARTIES_FILE", str(tmp_path / "none.toml"))
    assert _exit_code(monkeypatch, "topics", "check") == 2
    assert "none.toml" in capsys.readouterr().err


def test_every_command_has_help_with_an_example() -> None:
    """Commands and subcommands alike."""
    assert [name for name, words in _help(cli.app) if "Example" not in words] == []


def test_table_1_is_shown_for_people_and_as_json() -> None:
    """Every topic in both."""
    shown = CliRunner().invoke(cli.app, ["topics"], env={"COLUMNS": "300"}).output
    told = json.loads(CliRunner().invoke(cli.app, ["topics", "--json"]).output)
    assert [row["name"] for row in told] == [topic.name for topic in TOPICS]
    assert all(topic.name in shown for topic in TOPICS)


def test_a_cluster_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The library's own complaints are not shown beside it."""
    monkeypatch.setenv("HUB_KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{free_pair()}")
    monkeypatch.setenv("HUB_PSEUDONYM_KEY", KEY)
    assert _exit_code(monkeypatch, "topics", "check", "--vendor", "x") == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.broker
def test_topics_are_checked_created_and_checked_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cluster: str
) -> None:
    """1 with the differences, 0 after creating; creating twice is safe."""
    vendor = ("--vendor", "cli-ground")
    assert _exit_code(monkeypatch, "topics", "check", "--json", *vendor) == 1
    assert any("cli-ground" in one["topic"] for one in json.loads(capsys.readouterr().out))
    assert _exit_code(monkeypatch, "topics", "create", *vendor) == 0
    assert _exit_code(monkeypatch, "topics", "create", *vendor) == 0
    assert "0 created" in capsys.readouterr().out
    assert _exit_code(monkeypatch, "topics", "check", *vendor) == 0


@pytest.mark.broker
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_local_broker_runs_in_the_foreground_until_it_is_told_to_stop(tmp_path: Path, ending: signal.Signals) -> None:
    """It prints where it answers; Ctrl-C or an orderly end stop it, with exit code 0."""
    command = [sys.executable, "-c", "from hub.cli import main; main()", "kafka", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"HUB_DATA_DIR": str(tmp_path)}) as running:
        assert running.stdout is not None
        told = next(line for line in running.stdout if "answers" in line)
        assert re.search(r"127\.0\.0\.1:\d+", told)
        running.send_signal(ending)
        assert "Stopped." in running.stdout.read()
    assert running.returncode == 0


def _help(app: typer.Typer, before: str = "") -> Iterator[tuple[str, str]]:
    for command in app.registered_commands:
        yield f"{before}{command.name or command.callback}", (command.callback and command.callback.__doc__) or ""
    for group in app.registered_groups:
        inner = group.typer_instance
        assert inner is not None
        callback = inner.registered_callback
        if callback:
            yield f"{before}{group.name}", (callback.callback and callback.callback.__doc__) or ""
        yield from _help(inner, f"{before}{group.name} ")

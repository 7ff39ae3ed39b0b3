"""`hub contracts`: writes, and says no with a clear line and exit code 1."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from contracts.compatibility import Side
from hub.cli import app
from hub.cli.contracts import PUBLISHED, BreaksPromise, breaking, stale

STATUS = "appointment.status.v1.json"
BOOK = "command.book.v1.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is published, to be tampered with."""
    return Path(shutil.copytree(PUBLISHED, tmp_path / "published"))


def run(*arguments: str) -> Result:
    """The command's words and exit code."""
    return CliRunner().invoke(app, ["contracts", *arguments])


def test_what_is_committed_passes() -> None:
    """Not stale, and breaks nobody: this is what fails the build."""
    result = run("check")
    assert (result.exit_code, result.output) == (0, "What is published is what the code promises, and breaks nobody.\n")


def test_a_stale_file_is_named_with_what_to_do(folder: Path) -> None:
    """Different, missing and left over: a line each."""
    (folder / "asyncapi.yaml").write_text("asyncapi: 3.0.0\n")
    (folder / "schemas" / STATUS).unlink()
    (folder / "schemas" / "forgotten.v1.json").write_text("{}")
    result = run("check", "--folder", str(folder))
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"stale: schemas/{STATUS} is missing; run: hub contracts publish",
        "stale: asyncapi.yaml is not what the code promises; run: hub contracts publish",
        "stale: schemas/forgotten.v1.json is of nothing that is promised; run: hub contracts publish",
    ]


def test_publishing_mends_what_is_stale(folder: Path) -> None:
    """What is left over goes, what a person wrote (examples, baseline) stays."""
    (folder / "asyncapi.yaml").unlink()
    (folder / "schemas" / "forgotten.v1.json").write_text("{}")
    before = {path.name: path.read_bytes() for part in ("examples", "baseline") for path in (folder / part).iterdir()}
    assert run("publish", "--folder", str(folder)).exit_code == 0
    assert stale(folder) == []
    assert {path.name: path.read_bytes() for part in ("examples", "baseline") for path in (folder / part).iterdir()} == before


def test_publishing_into_an_empty_folder_writes_everything_but_the_baseline(tmp_path: Path) -> None:
    """A release is a decision of its own; until then the check says what is missing."""
    assert run("publish", "--folder", str(tmp_path)).exit_code == 0
    assert stale(tmp_path) == []
    assert all(line.startswith("unreleased: ") for line in breaking(tmp_path))
    assert run("publish", "--release", "--folder", str(tmp_path)).exit_code == 0
    assert breaking(tmp_path) == []


def test_a_change_that_breaks_subscribers_fails_the_check(folder: Path) -> None:
    """Seen from a release that promised more than the code does now: a field, an event type, a whole family."""
    in_baseline(folder, STATUS, lambda old: old["properties"].update(promised={"type": "string"}))
    in_baseline(folder, "notification.v1.json", lambda old: old["x-types"].append("hub.notification.sung.v1"))
    (folder / "baseline" / "withdrawn.v1.json").write_text('{"type": "object"}')
    result = run("check", "--folder", str(folder))
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"breaking: withdrawn.v1.json: /: the schema is gone; {Side.READERS.value}",
        f"breaking: {STATUS}: /promised: the field is gone; {Side.READERS.value}",
        f"breaking: notification.v1.json: /: an event type is gone: hub.notification.sung.v1; {Side.READERS.value}",
    ]


def test_a_closed_list_that_grew_fails_the_check(folder: Path) -> None:
    """A state more would meet readers who have no case for it."""
    in_baseline(folder, STATUS, lambda old: old["$defs"]["AppointmentState"]["enum"].remove("no-show"))
    result = run("check", "--folder", str(folder))
    assert (result.exit_code, result.output) == (
        1, f"breaking: {STATUS}: /appointment/state: the closed list gained 'no-show'; {Side.READERS.value}\n",
    )


def test_a_change_that_breaks_whoever_writes_fails_the_check(folder: Path) -> None:
    """Seen from a release that took more than the code does now: a longer text, a field left out, a record of the register."""
    in_baseline(folder, BOOK, lambda old: old["properties"]["about"].update(maxLength=80))
    in_baseline(folder, BOOK, lambda old: old["required"].remove("slot"))
    in_baseline(folder, "party.v1.json", lambda old: old["properties"].update(fax={"type": "string"}))
    result = run("check", "--folder", str(folder))
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"breaking: {BOOK}: /slot: is required, and could be left out; {Side.WRITERS.value}",
        f"breaking: {BOOK}: /about: maxLength was 80, and is 50; {Side.WRITERS.value}",
        f"breaking: party.v1.json: /fax: the field is gone, and would be refused; {Side.WRITERS.value}",
    ]


@pytest.mark.parametrize("name", [STATUS, BOOK])
def test_what_breaks_somebody_is_not_released(folder: Path, name: str) -> None:
    """The baseline is not moved over them, whether they read or write."""
    in_baseline(folder, name, lambda old: old["properties"].update(promised={"type": "string"}))
    before = (folder / "baseline" / name).read_bytes()
    result = run("publish", "--release", "--folder", str(folder))
    assert isinstance(result.exception, BreaksPromise)
    assert result.exception.exit_code == 1
    assert "/promised: the field is gone" in str(result.exception)
    assert (folder / "baseline" / name).read_bytes() == before


@pytest.mark.parametrize("held", [None, "not json"])
def test_wrong_use_is_told_in_one_line(folder: Path, held: str | None) -> None:
    """No such folder, or a baseline nobody can read: exit 2."""
    target = folder / "nowhere" if held is None else folder
    if held:
        (folder / "baseline" / STATUS).write_text(held)
    error: Any = run("check", "--folder", str(target)).exception
    assert error.exit_code == 2
    assert "\n" not in str(error)


def in_baseline(folder: Path, name: str, change: Callable[[Any], object]) -> None:
    """Change what was released."""
    path = folder / "baseline" / name
    old = json.loads(path.read_text("utf-8"))
    change(old)
    path.write_text(json.dumps(old), "utf-8")

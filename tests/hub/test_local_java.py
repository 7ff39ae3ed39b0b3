"""Which Java runs the broker."""

from pathlib import Path

import pytest

from hub.local.java import OLDEST, find_java, major_version


def _java(folder: Path, version: str) -> Path:
    made = folder / "java"
    made.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    made.chmod(0o755)
    return made


def test_a_new_enough_java_on_the_path_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own Java comes first."""
    own = _java(tmp_path, "21.0.4")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_java() == own


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.2"])
def test_an_old_java_on_the_path_gives_way_to_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """Kafka 4 needs 17: an older one is not tried."""
    _java(tmp_path, version)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_java()
    assert found.parent != tmp_path
    assert major_version(found) >= OLDEST


def test_a_java_that_cannot_say_its_version_is_no_java(tmp_path: Path) -> None:
    """macOS has a `java` that only asks for an installation."""
    stub = tmp_path / "java"
    stub.write_text("#!/bin/sh\necho 'Unable to locate a Java Runtime.' >&2\nexit 1\n")
    stub.chmod(0o755)
    assert major_version(stub) == 0
    assert major_version(tmp_path / "none") == 0

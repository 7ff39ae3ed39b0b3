"""The broker's jars are the ones the lock names, or they are not run."""

from pathlib import Path

import pytest

from hub.local.jars import JarsDiffer, compare, read_lock, sums


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    """A jar of one byte."""
    made = tmp_path / "a.jar"
    made.write_bytes(b"a")
    return made


def test_a_jar_that_was_changed_is_refused_by_name(jar: Path) -> None:
    """One byte of difference stops the start."""
    locked = sums((jar,))
    jar.write_bytes(b"b")
    with pytest.raises(JarsDiffer, match=r"a\.jar"):
        compare((jar,), locked=locked)


def test_a_jar_the_lock_does_not_name_is_refused(jar: Path) -> None:
    """A dependency that crept in is not run."""
    with pytest.raises(JarsDiffer, match=r"a\.jar"):
        compare((jar,), locked={})


def test_a_jar_that_is_missing_is_named(jar: Path) -> None:
    """An incomplete class path is told before Java tells it."""
    with pytest.raises(JarsDiffer, match=r"b\.jar"):
        compare((jar,), locked=sums((jar,)) | {"b.jar": "0" * 64})


def test_the_lock_names_every_jar_once_with_a_sha256() -> None:
    """The committed lock is whole."""
    locked = read_lock()
    assert len(locked) == 46
    assert all(name.endswith(".jar") and len(digest) == 64 for name, digest in locked.items())

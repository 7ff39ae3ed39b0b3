"""Secrets in files of their own."""

from pathlib import Path

import pytest

from hub.secret_files import SecretNotWritten, write_secret


def test_a_secret_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    """The file and the folder that is made for it."""
    file = tmp_path / "made" / "secret"
    write_secret(file, "word")
    assert file.read_text("utf-8") == "word"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_secret_is_never_overwritten(tmp_path: Path) -> None:
    """Neither a file nor what a link leads to; what was to be written is not told."""
    file, link = tmp_path / "secret", tmp_path / "link"
    file.write_text("old", "utf-8")
    link.symlink_to(tmp_path / "elsewhere")
    for taken in (file, link):
        with pytest.raises(SecretNotWritten) as told:
            write_secret(taken, "word")
        assert "word" not in str(told.value)
    assert file.read_text("utf-8") == "old"
    assert not (tmp_path / "elsewhere").exists()


def test_a_place_that_takes_no_file_is_one_clear_line(tmp_path: Path) -> None:
    """A file where a folder should be."""
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(SecretNotWritten, match="cannot be written"):
        write_secret(tmp_path / "file" / "secret", "word")

"""One party more in the register's file."""

from pathlib import Path

import pytest

from contracts.party import ActiveProcess, Party
from hub.doors.register_file import append, stands_in
from hub.parties import RegisterUnreadable, read_register
from hub.settings import DEMO_REGISTER

TEST = ActiveProcess(process="Test", version="1.1")
NEW = Party(her_id="1", level_1="2", name='Et "godt" [kontor] \\ Ås', vendor="ny", processes=(TEST,))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The demo's register, as a person would keep it."""
    file = tmp_path / "parties.toml"
    file.write_text(DEMO_REGISTER.read_text("utf-8"), "utf-8")
    file.chmod(0o640)
    return file


def test_a_party_is_appended_and_what_stood_there_stays(file: Path) -> None:
    """Comments, order, and who may read it; the party is read as it was meant."""
    assert not stands_in(file, NEW)
    register = append(file, NEW)
    assert stands_in(file, NEW)
    assert file.read_text("utf-8").startswith(DEMO_REGISTER.read_text("utf-8").rstrip())
    assert file.stat().st_mode & 0o777 == 0o640
    assert read_register(file) == register
    assert register.party[-1] == NEW
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_a_party_that_makes_no_register_is_not_written(file: Path) -> None:
    """The file is what it was."""
    with pytest.raises(RegisterUnreadable, match="more than one vendor"):
        append(file, NEW.model_copy(update={"level_1": "8100100"}))
    assert file.read_text("utf-8") == DEMO_REGISTER.read_text("utf-8")

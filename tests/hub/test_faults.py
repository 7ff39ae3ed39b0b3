"""A fault of ours, as letters and logs tell it."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from contracts.events import Notification
from hub.faults import LONGEST, fault_of
from hub.memory.schema import letters


def test_a_fault_inside_a_library_is_told_by_our_own_line() -> None:
    """An environment below our folder is no code of ours; here only the test is on the way, and it is none either."""
    with pytest.raises(ValidationError) as caught:
        Notification.model_validate({})
    assert fault_of(caught.value) == "ValidationError"


def test_a_fault_is_told_by_the_innermost_line_of_ours(tmp_path: Path) -> None:
    """The file below our folder, and its line."""
    from hub.parties import RegisterUnreadable, read_register

    with pytest.raises(RegisterUnreadable) as caught:
        read_register(tmp_path / "nothing.toml")
    assert fault_of(caught.value).startswith("RegisterUnreadable at hub/parties.py:")


def test_a_letter_has_room_for_every_fault() -> None:
    """The database would refuse a longer one, and with it the letter: its lane would stand still for ever."""
    long = type("AnExceptionWithANameThatSomebodyThoughtAboutForAVeryLongTimeIndeed", (Exception,), {})()
    assert len(fault_of(long)) == LONGEST == vars(letters.c.rule.type)["length"]

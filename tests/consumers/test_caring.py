"""What stands beside a committed offset."""

import pytest

from consumers.caring import deaths_of, died, trying


@pytest.mark.parametrize(("note", "deaths"), [
    ("", 0), (trying(0), 1), (trying(2), 3), (died(2), 2), (died(0), 0), ("trying x", 0), ("else", 0),
])
def test_a_note_says_how_many_died(note: str, deaths: int) -> None:
    """Who was trying has died; who wrote that down has not yet; what is not ours says nothing."""
    assert deaths_of(note) == deaths

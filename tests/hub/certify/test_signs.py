"""Signs: what a run tells its workers while they run."""

from pathlib import Path

from hub.certify.signs import CLOCK, CRASH, Signs


def test_a_sign_is_taken_once(tmp_path: Path) -> None:
    """Of several workers that look, one has it."""
    signs = Signs(tmp_path)
    signs.put(CRASH)
    assert [signs.take(CRASH) for _ in range(3)] == [True, False, False]


def test_a_number_stands_until_another_does(tmp_path: Path) -> None:
    """And is nothing where there is no sign."""
    signs = Signs(tmp_path)
    assert signs.number(CLOCK) == 0
    signs.put(CLOCK, -7200)
    assert [signs.number(CLOCK), signs.number(CLOCK)] == [-7200, -7200]
    signs.put(CLOCK, 3)
    assert signs.number(CLOCK) == 3

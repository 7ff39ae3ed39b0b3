"""A national id shows nothing, and knows which series it is of."""

import copy
import pickle

import pytest

from schemas.national_id import NationalId, Series
from tests import messages


@pytest.mark.parametrize(
    ("day", "added", "series"),
    [
        (12, 0, Series.FNR), (52, 0, Series.DNR), (12, 40, Series.SYNTHETIC_40), (12, 65, Series.SYNTHETIC_65),
        (12, 80, Series.SYNTHETIC_80), (52, 80, Series.SYNTHETIC_80),
    ],
)
def test_each_series_is_known(day: int, added: int, series: Series) -> None:
    """Ordinary, D-numbers and the three synthetic series. The first two are of 1885: nobody living."""
    assert NationalId(messages.national_id(day, 3, individual=500, added=added)).series is series


@pytest.mark.parametrize("change", [lambda n: n[:-1] + str((int(n[-1]) + 1) % 10), lambda n: n[:-1], lambda n: n + "0", lambda n: "x" * 11])
def test_a_number_that_cannot_be_right_has_no_series(change: object) -> None:
    """A wrong control digit, a wrong length, no digits."""
    assert NationalId(change(messages.national_id())).series is None  # type: ignore[operator]


@pytest.mark.parametrize(("day", "added"), [(12, 0), (12, 80), (31, 40)])
def test_a_d_number_is_known_in_every_series(day: int, added: int) -> None:
    """A synthetic D-number too: its series tells what was added to the month, not to the day."""
    assert not NationalId(messages.national_id(day, 3, individual=500, added=added)).is_d_number
    assert NationalId(messages.national_id(day + 40, 3, individual=500, added=added)).is_d_number
    assert not NationalId("").is_d_number


def test_it_shows_nothing_in_any_rendering() -> None:
    """repr, str, format, in containers and in errors: only `reveal` tells."""
    digits = messages.national_id()
    number = NationalId(digits)
    said = f"{number} {number!r} {[number]} {number:>20} {({'id': number})} {number!s}"
    assert digits not in said
    assert number.reveal() == digits


def test_it_is_not_pickled() -> None:
    """Neither pickle nor a deep copy takes it anywhere by accident."""
    with pytest.raises(TypeError):
        pickle.dumps(NationalId(messages.national_id()))
    with pytest.raises(TypeError):
        copy.deepcopy(NationalId(messages.national_id()))


def test_equal_digits_are_the_same_id() -> None:
    """Compared and hashed by the digits."""
    digits = messages.national_id()
    assert {NationalId(digits)} == {NationalId(digits)}
    assert NationalId(digits) != NationalId(messages.national_id(13))

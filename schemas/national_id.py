"""A national id that shows nothing: it can be compared, hashed, checked and, where a contract says so, revealed. Never printed."""

from calendar import monthrange
from enum import StrEnum
from typing import Final, NoReturn


class Series(StrEnum):
    """Which series a number is of. The synthetic ones add to the month and never belong to a living person."""

    FNR = "fnr"
    DNR = "dnr"
    SYNTHETIC_40 = "synthetic +40"
    SYNTHETIC_65 = "synthetic +65"
    SYNTHETIC_80 = "synthetic +80"


_SYNTHETIC: Final = ((80, Series.SYNTHETIC_80), (65, Series.SYNTHETIC_65), (40, Series.SYNTHETIC_40))
_FIRST_WEIGHTS: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND_WEIGHTS: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_LEAP_YEAR: Final = 2000


class NationalId:
    """An FNR or D-number as given, right or wrong. `series` is None for a number that cannot be right."""

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        self._digits = digits

    def reveal(self) -> str:
        """The digits, for a contract that promises them. Never for a log, key, header or error."""
        return self._digits

    @property
    def series(self) -> Series | None:
        """The series, or None when date or control digits are impossible."""
        digits = self._digits
        if len(digits) != 11 or not (digits.isascii() and digits.isdigit()):
            return None
        return _series(int(digits[:2]), int(digits[2:4])) if _control_digits_hold([int(d) for d in digits]) else None

    @property
    def is_d_number(self) -> bool:
        """Whether it is written as a D-number, synthetic or not: 40 is added to the day."""
        return self._digits[:1] in {"4", "5", "6", "7"}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NationalId) and self._digits == other._digits

    def __hash__(self) -> int:
        return hash(self._digits)

    def __repr__(self) -> str:
        return "NationalId(…)"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a national id is not pickled")


def _control_digits_hold(digits: list[int]) -> bool:
    first = sum(w * d for w, d in zip(_FIRST_WEIGHTS, digits, strict=False)) + digits[9]
    second = sum(w * d for w, d in zip(_SECOND_WEIGHTS, digits, strict=False)) + digits[10]
    return first % 11 == 0 and second % 11 == 0


def _series(day: int, month: int) -> Series | None:
    series = Series.FNR
    if day > 40:  # a D-number adds 40 to the day
        day, series = day - 40, Series.DNR
    for added, synthetic in _SYNTHETIC:
        if month > added:
            month, series = month - added, synthetic
            break
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(_LEAP_YEAR, month)[1]:
        return None
    return series

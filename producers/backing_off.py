"""How long to wait before the next try. Pure but for the jitter; never waits itself."""

import random

MOST = 5.0
"""Seconds: longer only delays the end of an outage."""


def back_off(failures: int, *, first: float = 0.02, most: float = MOST) -> float:
    """Seconds to wait after so many failures in a row: doubled each time up to `most`, then half of it by chance.

    The chance spreads the workers that an outage has brought into step.
    """
    longest: float = min(first * 2.0 ** min(failures, 16), most)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  spreads retries, guards nothing

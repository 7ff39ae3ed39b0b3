"""How long to wait."""

from hypothesis import given
from hypothesis import strategies as st

from producers.backing_off import MOST, back_off


@given(st.integers(min_value=0, max_value=100_000))
def test_a_wait_doubles_up_to_its_most(failures: int) -> None:
    """After any number of failures: between half of what the doubling gives and all of it, never more than the most."""
    longest = min(0.1 * 2 ** min(failures, 30), MOST)
    assert longest / 2 <= back_off(failures, first=0.1) <= longest


def test_waits_differ() -> None:
    """Workers that failed together do not come back together."""
    assert len({back_off(5) for _ in range(20)}) > 1

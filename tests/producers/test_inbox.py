"""The records a lane has in hand."""

from hypothesis import given
from hypothesis import strategies as st

from producers.inbox import Inbox
from tests.producers.records import record

MANY = 10**9


def offsets(inbox: Inbox, **limits: int) -> list[int]:
    """Take some and say which."""
    return [r.offset for r in inbox.take(**({"most": MANY, "max_bytes": MANY} | limits))]


@given(st.lists(st.lists(st.integers(0, 60), min_size=1, unique=True).map(sorted)), st.integers(0, 20))
def test_each_record_is_taken_in_once_and_in_order(offers: list[list[int]], first: int) -> None:
    """Batches overlapping, stale, with gaps: what is taken only rises, begins at the first, and nothing offered beyond is lost."""
    inbox = Inbox(first)
    expected: list[int] = []
    for offer in offers:
        fresh = [offset for offset in offer if offset >= max([first, *(o + 1 for o in expected)])]
        expected += fresh
        assert inbox.offer([record(offset) for offset in offer]) is bool(fresh)
    assert inbox.size == len(expected)
    assert offsets(inbox) == expected
    assert inbox.size == 0


def test_a_batch_ends_by_count_or_by_bytes() -> None:
    """It ends with the record that reaches the bytes, so that the largest record passes (rule 12)."""
    inbox = Inbox(0)
    inbox.offer([record(n, b"x" * 10) for n in range(10)])
    assert offsets(inbox, most=3) == [0, 1, 2]
    assert offsets(inbox, max_bytes=15) == [3, 4]
    assert offsets(inbox, max_bytes=1) == [5]


def test_what_was_put_back_comes_first() -> None:
    """In its order, before what arrived meanwhile."""
    inbox = Inbox(0)
    inbox.offer([record(n) for n in range(6)])
    taken = inbox.take(most=4, max_bytes=MANY)
    inbox.put_back(taken[1:])
    assert (inbox.next_offset, len(inbox), inbox.size) == (1, 5, 5)
    assert offsets(inbox) == [1, 2, 3, 4, 5]


def test_a_cleared_inbox_holds_nothing() -> None:
    """The records belong to the next owner; an empty one weighs nothing, a tombstone neither."""
    inbox = Inbox(0)
    inbox.offer([record(0), record(1, None)])
    inbox.clear()
    assert (len(inbox), inbox.size, offsets(inbox)) == (0, 0, [])

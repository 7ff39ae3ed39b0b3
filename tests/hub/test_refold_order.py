"""In which order the log's lanes are folded once more, and which records may go together."""

from dataclasses import replace
from datetime import UTC, datetime

from contracts.records import Source
from hub.case.entries import CitizenTold, Discard, Entry, Origin, Unread
from hub.items import decoded
from hub.log_record import to_log
from hub.reading import Sequenced
from hub.rebuilding.order import Merged, together
from producers.work import Record

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)


def record(partition: int, offset: int, at: int, entry: Entry | None = None) -> Record:
    """One of the log, appended at that millisecond."""
    made = to_log(Sequenced("k", entry or Unread(origin(offset, partition), "F")), None)
    return Record("log", partition, offset, at, b"k", None, made.headers)


def origin(offset: int, partition: int = 0) -> Origin:
    """Of a record that came in so."""
    return Origin(Source("in", partition, offset), "fjord", AT, b"d")


def count(*records: Record) -> int:
    """How many of these go together."""
    items, error = decoded(records, {})
    assert error is None
    return together(items)


def taken(merged: Merged, *over: int) -> list[tuple[int, int]]:
    """What can be given out."""
    return [(one.partition, one.offset) for one in merged.take(over=over)]


def test_records_come_in_the_order_in_which_the_log_took_them() -> None:
    """Those of one lane always in their own, whatever their times say."""
    merged = Merged()
    merged.begin((0, 1))
    merged.add(0, [record(0, 0, 10), record(0, 1, 30), record(0, 2, 29)])
    merged.add(1, [record(1, 5, 20), record(1, 6, 40)])
    assert taken(merged, 0, 1) == [(0, 0), (1, 5), (0, 1), (0, 2), (1, 6)]


def test_a_lane_that_may_still_bring_something_earlier_is_waited_for() -> None:
    """Unless it is over."""
    merged = Merged()
    merged.begin((0, 1))
    merged.add(0, [record(0, 0, 10), record(0, 1, 30)])
    assert taken(merged) == []
    merged.add(1, [record(1, 5, 20)])
    assert taken(merged) == [(0, 0), (1, 5)]
    assert merged.hungry(below=1) == {1}
    merged.ended(1)
    assert taken(merged, 1) == [(0, 1)]


def test_what_touches_nothing_in_common_goes_together() -> None:
    """However many lanes there are."""
    assert count(record(0, 0, 1), record(1, 0, 2), record(2, 0, 3)) == 3


def test_two_lanes_that_ask_for_one_thing_do_not_go_together() -> None:
    """One citizen, or one source: the second is folded when the first is settled. In one lane they may."""
    told = CitizenTold(origin(1), "1.p", active=True)
    asked = replace(told, origin=origin(2), active=False)
    assert count(record(0, 0, 1, told), record(0, 1, 2, asked), record(1, 0, 3, asked)) == 2
    same = Unread(origin(7), "F")
    assert count(record(0, 0, 1, same), record(1, 0, 2, same)) == 1


def test_a_decision_about_a_letter_is_folded_alone() -> None:
    """It may set free whatever waits behind the letter."""
    discard = Discard(replace(origin(1), letter_id="0b7c1a5e-0f64-5c3e-9d52-6f1f0a7b1c01"), "asked")
    assert count(record(0, 0, 1), record(1, 0, 2, discard), record(2, 0, 3)) == 1
    assert count(record(1, 0, 2, discard), record(2, 0, 3)) == 1

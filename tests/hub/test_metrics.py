"""The counters: every label from our own tables."""

from datetime import timedelta

import pytest

from contracts.failures import Outcome
from contracts.topics import INBOX, SEQUENCED, of_vendor
from hub.metrics import LANE_STATES, Metrics

CANARY = "Kanari 13097248022"


@pytest.fixture
def metrics() -> Metrics:
    """A set with one vendor, one process and one kind of notice."""
    return Metrics(vendors=["fjord"], processes=["Timereservasjon"], notices=["same-id"])


def test_a_message_is_counted_by_vendor_process_outcome_and_code(metrics: Metrics) -> None:
    """Two of a kind are one line with a two."""
    for _ in range(2):
        metrics.message(vendor="fjord", process="Timereservasjon", outcome=Outcome.REJECTED, code="T02")
    assert _value(metrics, "hub_messages_total", vendor="fjord", process="Timereservasjon", outcome="rejected", code="T02") == 2


def test_what_is_not_in_our_tables_is_unknown(metrics: Metrics) -> None:
    """A value from a message never becomes a label."""
    metrics.message(vendor=CANARY, process=CANARY, outcome=Outcome.REFUSED, code=CANARY)
    metrics.duplicate(vendor=CANARY)
    metrics.letter(fault=CANARY)
    metrics.notice(CANARY)
    metrics.log_dropped(CANARY)
    metrics.lag(CANARY, partition=0, records=1)
    metrics.lane_state(0, CANARY)
    assert "Kanari" not in metrics.text().decode()
    assert _value(metrics, "hub_messages_total", vendor="unknown", process="unknown", outcome="refused", code="unknown") == 1


def test_what_the_portal_is_told_is_counted_by_kind(metrics: Metrics) -> None:
    """Replies and steps of stories by their names in the contract; an AppRec to nothing by its vendor; the portal stands as a vendor."""
    metrics.reply("timed-out")
    metrics.reply("free-slots")
    metrics.story("overdue")
    metrics.unmatched(vendor="fjord")
    metrics.message(vendor="portal", process="Timereservasjon", outcome=Outcome.DELIVERED)
    assert _value(metrics, "hub_replies_total", kind="timed-out") == _value(metrics, "hub_replies_total", kind="free-slots") == 1
    assert _value(metrics, "hub_stories_total", step="overdue") == _value(metrics, "hub_receipts_unmatched_total", vendor="fjord") == 1
    assert _value(metrics, "hub_messages_total", vendor="portal", process="Timereservasjon", outcome="delivered", code="none") == 1


def test_a_message_without_process_and_code_has_none(metrics: Metrics) -> None:
    """None is something else than unknown."""
    metrics.message(vendor="fjord", process=None, outcome=Outcome.DELIVERED)
    assert _value(metrics, "hub_messages_total", vendor="fjord", process="none", outcome="delivered", code="none") == 1


def test_a_lane_is_in_one_state_at_a_time(metrics: Metrics) -> None:
    """The new state is 1, all others 0."""
    metrics.lane_state(3, "opening")
    metrics.lane_state(3, "open")
    states = {state: _value(metrics, "hub_lane_state", partition="3", state=state) for state in LANE_STATES}
    assert states == {state: float(state == "open") for state in LANE_STATES}


def test_lag_is_known_for_our_own_and_the_vendors_topics(metrics: Metrics) -> None:
    """The names come from table 1 and the register."""
    for topic in (SEQUENCED.name, of_vendor(INBOX, "fjord")):
        metrics.lag(topic, partition=1, records=7)
        assert _value(metrics, "hub_lag_records", topic=topic, partition="1") == 7


def test_a_vendor_that_comes_later_gets_its_labels(metrics: Metrics) -> None:
    """The register may change while the worker runs; who was there keeps what was counted."""
    metrics.duplicate(vendor="fjord")
    metrics.duplicate(vendor="ny")
    metrics.know_vendors(["ny"])
    metrics.duplicate(vendor="fjord")
    metrics.duplicate(vendor="ny")
    metrics.lag(of_vendor(INBOX, "ny"), partition=0, records=3)
    assert [_value(metrics, "hub_duplicates_total", vendor=vendor) for vendor in ("fjord", "ny", "unknown")] == [2, 1, 1]
    assert _value(metrics, "hub_lag_records", topic=of_vendor(INBOX, "ny"), partition="0") == 3


def test_a_register_that_is_refused_is_counted(metrics: Metrics) -> None:
    """From nought."""
    metrics.register_refused()
    assert _value(metrics, "hub_register_refused_total") == 1


def test_a_delay_is_never_negative(metrics: Metrics) -> None:
    """Two machines' clocks may differ."""
    metrics.delivered_after(timedelta(seconds=-5))
    assert _value(metrics, "hub_delay_seconds_sum") == 0
    assert _value(metrics, "hub_delay_seconds_count") == 1


def test_two_sets_do_not_share_a_registry(metrics: Metrics) -> None:
    """Nothing is registered globally: tests and workers stand side by side."""
    metrics.transaction(0.1)
    metrics.database(0.1)
    assert _value(Metrics(), "hub_transaction_seconds_count") == 0


def _value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)

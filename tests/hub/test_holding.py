"""What is told of a hold."""

from collections.abc import MutableMapping
from typing import Any

import pytest
import structlog

from hub import holding
from hub.holding import AGAIN_EVERY, Holds, waits_for
from hub.metrics import Metrics


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[MutableMapping[str, Any]]:
    """The lines."""
    capture = structlog.testing.LogCapture()
    monkeypatch.setattr(holding, "log", structlog.wrap_logger(None, processors=[capture]))
    return capture.entries


def test_a_hold_is_told_when_it_begins_once_a_minute_and_when_it_ends(told: list[MutableMapping[str, Any]]) -> None:
    """However often it is tried: with what is waited for, and at the end how long it took."""
    seconds = [0.0]
    metrics = Metrics()
    holds = Holds(metrics, clock=lambda: seconds[0])
    for at in (0.0, 1.0, AGAIN_EVERY + 1, AGAIN_EVERY + 2):
        seconds[0] = at
        holds.begun(3, "DatabaseAway")
    holds.ended(3)
    holds.ended(3)
    assert [(line["event"], line["lane"], line["reason"]) for line in told] == [
        ("holds", 3, "database"), ("still_holds", 3, "database"), ("goes_on", 3, "database"),
    ]
    assert told[-1]["seconds"] == AGAIN_EVERY + 2
    assert b'hub_holds_total{reason="database"} 1.0' in metrics.text()
    assert b'hub_hold_seconds_total{reason="database"} 62.0' in metrics.text()


def test_a_station_tells_its_own_holds(told: list[MutableMapping[str, Any]]) -> None:
    """A reason, and nothing when it goes on."""
    tell = Holds(Metrics()).of("inboxes")
    for reason in (None, "KafkaConnectionError", None):
        tell(reason)
    assert [(line["event"], line["state"], line["reason"]) for line in told] == [
        ("holds", "inboxes", "broker"), ("goes_on", "inboxes", "broker"),
    ]


@pytest.mark.parametrize(("reason", "what"), [
    ("DatabaseAway", "database"), ("SchemaUnfit", "database"), ("KafkaConnectionError", "broker"), ("topic_missing", "topic"),
    ("ProducerFenced", "owner"), ("OSError", "machine"), ("cannot_be_set_aside", "ours"), ("TimeoutError", "broker"),
])
def test_what_is_waited_for_is_one_of_a_few_words(reason: str, what: str) -> None:
    """Made of an exception's name, never of its words."""
    assert waits_for(reason) == what

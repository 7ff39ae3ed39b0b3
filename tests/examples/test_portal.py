"""The example portal and notifier: the highest revision wins, whatever arrives first."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest

from contracts.records import Outgoing
from contracts.topics import APPOINTMENT_STATUS, NOTIFICATIONS
from examples.epj import scenario
from examples.portal import TOPICS, ExampleNotifier, ExamplePortal, Heard, hear
from examples.subscriber import Record
from tests.examples.decided import Decided, decided

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@cache
def _told() -> list[Decided]:
    return decided(scenario(date(2026, 3, 2)), at=NOW)


def heard(*names: str) -> list[Heard]:
    """What a portal hears of these steps, all when none is named."""
    sent = [record for one in _told() if not names or one.step.name in names for record in one.decision.outgoing]
    return [hear(as_record(record)) for record in sent if record.topic in TOPICS]


def as_record(outgoing: Outgoing) -> Record:
    """What leaves, as a subscriber meets it."""
    headers = {name: value.decode() for name, value in outgoing.headers}
    return Record(outgoing.topic, (outgoing.key or b"").decode(), headers, outgoing.value)


def test_the_portal_shows_how_each_appointment_stands() -> None:
    """After the whole scenario: one cancelled, one nobody came to, one confirmed; one service blocked."""
    portal = ExamplePortal()
    for event in heard():
        portal.take(event)
    assert sorted(appointment["state"] for appointment in portal.appointments.values()) == ["cancelled", "confirmed", "no-show"]
    assert [access["service"] for access in portal.blocked.values()] == ["Timereservasjon"]


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_arrival_decides_nothing(seed: int) -> None:
    """The same events, shuffled: the same picture, and the same things left to tell."""
    events = heard()
    in_order, shuffled = _pictures(events), _pictures(random.Random(seed).sample(events, len(events)))
    assert shuffled == in_order


def test_reading_everything_again_changes_nothing() -> None:
    """A subscriber that starts from the beginning ends where it was."""
    events = heard()
    assert _pictures(events + [event for event in events if event.topic == APPOINTMENT_STATUS.name])[0] == _pictures(events)[0]


def test_a_tombstone_takes_an_appointment_off_the_list() -> None:
    """It proved to be another one."""
    portal, events = ExamplePortal(), [event for event in heard("new appointment") if event.topic == APPOINTMENT_STATUS.name]
    for event in (*events, hear(Record(APPOINTMENT_STATUS.name, events[0].key, {}, None))):
        portal.take(event)
    assert portal.appointments == {}


def test_a_service_that_is_opened_again_is_no_longer_blocked() -> None:
    """The newest record of the key says how it is."""
    portal, (blocked,) = ExamplePortal(), heard("service blocked")
    portal.take(blocked)
    portal.take(replace(blocked, data={**(blocked.data or {}), "blocked": False}))
    assert portal.blocked == {}


def test_a_cancellation_leaves_nothing_to_remind_of() -> None:
    """The reminder of the appointment as it was is withdrawn with everything else of a lower revision."""
    notifier = ExampleNotifier()
    for event in heard("new appointment", "changed appointment", "cancelled appointment"):
        notifier.take(event)
    assert [[waiting.kind for waiting in all_of_one] for all_of_one in notifier.waiting.values()] == [["notification.cancelled"]]


def test_news_and_a_reminder_of_the_same_revision_wait_side_by_side() -> None:
    """Neither withdraws the other; what comes too late is not told."""
    notifier, changed, late = ExampleNotifier(), heard("changed appointment"), heard("new appointment")
    for event in changed + late:
        notifier.take(event)
    assert [[waiting.kind for waiting in all_of_one] for all_of_one in notifier.waiting.values()] == [
        ["notification.changed", "notification.reminder"],
    ]


def test_a_notification_holds_nothing_of_a_person() -> None:
    """Ids, a pseudonym and two times."""
    for event in heard():
        if event.topic == NOTIFICATIONS.name:
            assert set(event.data or {}) == {"appointment_id", "revision", "case", "deliver_from", "deliver_until"}


def test_an_event_of_an_unknown_type_and_an_unknown_field_pass_by() -> None:
    """What is added later breaks no reader of today."""
    portal, notifier = ExamplePortal(), ExampleNotifier()
    for event in heard():
        newer = replace(event, data={**(event.data or {}), "added": "later"})
        for reader in (portal, notifier):
            reader.take(newer)
            reader.take(Heard("some-other-topic", "k", {"ce_type": "hub.unheard-of.v1"}, {}))
    assert len(portal.appointments) == 3


def _pictures(events: list[Heard]) -> tuple[object, object, object]:
    portal, notifier = ExamplePortal(), ExampleNotifier()
    for event in events:
        portal.take(event)
        notifier.take(event)
    waiting = {one: sorted(event.headers["ce_id"] for event in all_of_one) for one, all_of_one in notifier.waiting.items()}
    return portal.appointments, portal.blocked, waiting

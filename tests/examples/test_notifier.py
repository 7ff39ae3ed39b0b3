"""The example notifier: a higher revision withdraws all that waits, and nobody is known by name."""

from contracts.topics import NOTIFICATIONS
from examples.notifier import ExampleNotifier
from tests.examples.decided import heard


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

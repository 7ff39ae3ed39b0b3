"""Each count of a certificate is shown to rise: one fault of each kind, planted in a run that was without any."""

from collections.abc import Callable
from dataclasses import MISSING, fields

import pytest

from checker.verdict import COUNTED, Verdict
from contracts.topics import APPOINTMENT_STATUS, APPOINTMENTS, DEAD_LETTERS, NOTIFICATIONS, REPLIES
from tests.checker.planting import (
    OUTBOX_OF_FIRST,
    World,
    a_document,
    a_push,
    an_apprec,
    anything,
    judged,
    planted,
    swapped,
    told_twice,
    without,
)

PLANTED: dict[str, Callable[[World], Verdict]] = {
    "lost": lambda honest: planted(honest, APPOINTMENTS.name, without(a_push)),
    "doubled": lambda honest: planted(honest, APPOINTMENTS.name, told_twice(a_push)),
    "disordered": lambda honest: planted(honest, OUTBOX_OF_FIRST, lambda records: swapped(records, a_document)),
    "receipts_missing": lambda honest: planted(honest, OUTBOX_OF_FIRST, without(an_apprec)),
    "receipts_doubled": lambda honest: planted(honest, OUTBOX_OF_FIRST, told_twice(an_apprec)),
    "notifications_wrong": lambda honest: planted(honest, NOTIFICATIONS.name, told_twice(anything)),
    "replies_wrong": lambda honest: planted(honest, REPLIES.name, without(anything)),
    "status_wrong": lambda honest: planted(honest, APPOINTMENT_STATUS.name, without(anything)),
    "letters_wrong": lambda honest: planted(honest, DEAD_LETTERS.name, without(anything)),
}


def test_an_undisturbed_run_counts_nothing(honest: World) -> None:
    """Every count is there, and zero."""
    assert judged(honest).counts == dict.fromkeys(PLANTED, 0)


@pytest.mark.parametrize("count", list(PLANTED))
def test_a_planted_fault_is_counted(honest: World, count: str) -> None:
    """Where it belongs; a doubled event may break more than one promise."""
    assert PLANTED[count](honest).counts[count] >= 1


def test_every_list_of_a_verdict_is_counted_once() -> None:
    """A fault that is found and counted nowhere would pass."""
    lists = sorted(each.name for each in fields(Verdict) if each.default_factory is not MISSING and each.name != "became")
    assert sorted(name for counted in COUNTED.values() for name in counted) == lists

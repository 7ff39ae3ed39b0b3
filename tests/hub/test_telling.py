"""What casework decided, counted: the portal's replies and stories, and AppRecs that answer nothing."""

from datetime import date, timedelta

import pytest

from contracts.commands import FindFreeSlots, Person
from hub.metrics import Metrics
from hub.telling import Telling
from tests import mail, messages
from tests.story import START, Hub, Told
from tests.test_golden import GOLDEN

KAJA = Person(national_id=mail.KAJA, family_name="Myrstad", given_name="Kaja")
QUESTION = FindFreeSlots(
    receiver=mail.OFFICE[1], patient=KAJA, from_date=date(2026, 6, 2), to_date=date(2026, 6, 9), deadline=START + timedelta(seconds=10),
)


@pytest.fixture
def metrics() -> Metrics:
    """As a worker has them."""
    return Metrics(vendors=["fjord", "vidde"], processes=["Timereservasjon"])


def counted(metrics: Metrics, *told: Told) -> Metrics:
    """These decisions were told."""
    for each in told:
        Telling(metrics)(each.entry, each.decision)
    return metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """A counter's value."""
    return metrics.registry.get_sample_value(name, labels)


def test_a_question_and_its_reply_are_counted(metrics: Metrics) -> None:
    """A step of its story when it is sent, and its reply by what it was."""
    hub = Hub()
    counted(metrics, hub.command(QUESTION, messages.msg_id(901), at=START), hub.fall_due())
    assert value(metrics, "hub_stories_total", step="sent") == value(metrics, "hub_replies_total", kind="timed-out") == 1


def test_an_apprec_that_answers_nothing_is_counted_by_its_vendor(metrics: Metrics) -> None:
    """Whatever it says."""
    body = (GOLDEN / "AppRec" / "1-accepted" / "in.xml").read_bytes()
    counted(metrics, Hub().send(body))
    assert value(metrics, "hub_receipts_unmatched_total", vendor="fjord") == 1

"""Every step that offices send by themselves gives what its name claims, and the parties are those of the demo's register."""

from datetime import UTC, date, datetime

import pytest

from contracts.failures import Outcome
from contracts.topics import ERRORS, OUTBOX, of_vendor
from examples.made_up import PARTIES, Party, synthetic_national_id
from examples.scenario import scenario
from schemas.national_id import NationalId, Series
from tests.examples.decided import NOW, REGISTER, TODAY, Decided, decided

CLAIMS: dict[str, tuple[Outcome, str | None, list[str]]] = {
    "new appointment": (Outcome.DELIVERED, None, [
        "hub.appointment.confirmed.v1", "hub.appointment.status.v1", "hub.notification.new.v1", "hub.notification.reminder.v1",
    ]),
    "the same again": (Outcome.DUPLICATE, None, []),
    "changed appointment": (Outcome.DELIVERED, None, [
        "hub.appointment.changed.v1", "hub.appointment.status.v1", "hub.notification.changed.v1", "hub.notification.reminder.v1",
    ]),
    "cancelled appointment": (Outcome.DELIVERED, None, [
        "hub.appointment.cancelled.v1", "hub.appointment.status.v1", "hub.notification.cancelled.v1",
    ]),
    "patient did not come": (Outcome.DELIVERED, None, ["hub.appointment.no-show.v1", "hub.appointment.status.v1"]),
    "service blocked": (Outcome.DELIVERED, None, ["hub.access.blocked.v1"]),
    "booking request": (Outcome.DELIVERED, None, ["hub.appointment.requested.v1"]),
    "receipt of the request": (Outcome.DELIVERED, None, ["hub.delivery.accepted.v1"]),
    "answer to the request": (Outcome.DELIVERED, None, [
        "hub.appointment.confirmed.v1", "hub.appointment.status.v1", "hub.notification.new.v1", "hub.notification.reminder.v1",
    ]),
    "broken date": (Outcome.REJECTED, "T02", []),
    "unknown process": (Outcome.REFUSED, "transport:unsupported-message", []),
}
RECEIPTED = {"new appointment", "changed appointment", "cancelled appointment", "patient did not come", "service blocked", "broken date"}
HANDED_ON = {"booking request": "fjord", "receipt of the request": "vidde", "answer to the request": "vidde"}


@pytest.fixture(scope="module")
def told() -> dict[str, Decided]:
    """The whole scenario, decided."""
    return {one.step.name: one for one in decided(scenario(TODAY), at=NOW)}


def test_the_claims_below_are_of_every_step_and_no_other(told: dict[str, Decided]) -> None:
    """In the scenario's order; names are unique."""
    assert list(told) == list(CLAIMS)
    assert len(scenario(TODAY)) == len(CLAIMS)


@pytest.mark.parametrize("name", CLAIMS)
def test_a_step_gives_the_outcome_and_the_events_it_claims(told: dict[str, Decided], name: str) -> None:
    """By the two pure functions alone, the ones that production calls."""
    outcome, code, events = CLAIMS[name]
    decision = told[name].decision
    assert decision.outcome is outcome
    assert (decision.failure.code if decision.failure else None) == code
    assert _types(told[name], "portal.", "notification.") == events


@pytest.mark.parametrize("name", CLAIMS)
def test_a_step_is_read_without_any_leniency_or_notice(told: dict[str, Decided], name: str) -> None:
    """The example writes by the standard, where it is not meant to be refused."""
    entry = told[name].sequenced.entry
    assert getattr(entry, "leniencies", ()) == ()
    assert getattr(entry, "notices", ()) == ()


@pytest.mark.parametrize("name", CLAIMS)
def test_a_step_is_receipted_where_we_owe_it_and_handed_on_where_another_does(told: dict[str, Decided], name: str) -> None:
    """One XML on one outbox at most: our AppRec, or the message itself, byte for byte."""
    one = told[name]
    sent = {record.topic: record.value for record in one.decision.outgoing if record.topic.endswith(".outbox")}
    vendor = "fjord" if name in RECEIPTED else HANDED_ON.get(name)
    assert sent.keys() == ({of_vendor(OUTBOX, vendor)} if vendor else set())
    assert [value == one.step.body for value in sent.values()] == ([name in HANDED_ON] if vendor else [])


def test_what_is_refused_at_the_door_is_told_on_the_errors_topic(told: dict[str, Decided]) -> None:
    """And nowhere else."""
    refused = [name for name, one in told.items() if any(r.topic == of_vendor(ERRORS, one.step.vendor) for r in one.decision.outgoing)]
    assert refused == ["unknown process"]


def test_no_key_of_a_step_and_no_key_that_leaves_is_a_number_of_the_patient(told: dict[str, Decided]) -> None:
    """Keys are read by whoever runs the cluster."""
    for one in told.values():
        keys = [one.step.key.encode(), *(record.key or b"" for record in one.decision.outgoing)]
        assert not any(len(part) == 11 and part.isdigit() for key in keys for part in key.replace(b"/", b".").split(b"."))


@pytest.mark.parametrize("party", PARTIES, ids=lambda party: party.unit)
def test_a_party_of_the_examples_is_one_of_the_demos_register(party: Party) -> None:
    """HER-ids and vendor; examples know no register, so this test does."""
    row = REGISTER.find(party.her_id)
    assert row is not None
    assert (row.her_id, row.level_1, row.vendor) == (party.her_id, party.level_1, party.vendor)


def test_another_run_is_another_set_of_messages() -> None:
    """So that the demo can go round: nothing of a second round is a duplicate of the first."""
    first, second = decided(scenario(TODAY, run="a"), at=NOW), decided(scenario(TODAY, run="b"), at=NOW)
    assert not {one.step.msg_id for one in first} & {one.step.msg_id for one in second}
    assert not _cases(first) & _cases(second)


def test_the_same_run_is_the_same_bytes() -> None:
    """A scenario is made of its arguments alone."""
    assert scenario(TODAY, run="a") == scenario(TODAY, run="a")


@pytest.mark.parametrize("today", [date(2026, 3, 28), date(2026, 10, 25), date(2028, 2, 29), date(2026, 12, 31)])
def test_the_scenario_holds_on_any_day(today: date) -> None:
    """Over the changes of the clock, a leap day and the end of a year."""
    at = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    assert [one.decision.outcome for one in decided(scenario(today), at=at)] == [outcome for outcome, _code, _events in CLAIMS.values()]


def test_made_up_numbers_are_of_the_synthetic_series() -> None:
    """Month +80 and control digits that hold, whatever the seed."""
    assert {NationalId(synthetic_national_id(str(seed))).series for seed in range(500)} == {Series.SYNTHETIC_80}


def _types(one: Decided, *topics: str) -> list[str]:
    return [dict(record.headers)["ce_type"].decode() for record in one.decision.outgoing if record.topic.startswith(topics)]


def _cases(told: list[Decided]) -> set[str]:
    return {one.sequenced.key for one in told if one.decision.outcome is Outcome.DELIVERED and one.step.name != "receipt of the request"}

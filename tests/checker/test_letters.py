"""The checker is shown to find every fault of letters: each planted in a run where some were set aside, replayed and discarded."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from checker.facts import Seen
from checker.terms import LetterRow, is_marked
from contracts.topics import APPOINTMENTS, DEAD_LETTERS, JOURNAL
from tests.checker.planting import Change, Meant, World, a_marked_one, instead, judged, of, planted, swapped, told_twice, with_data, without


def of_ours(*whats: str) -> Meant:
    """What is told of a letter whose fault is ours."""
    return lambda record: record.what in whats and record.data["fault"] == "hub"


def kept(honest: World, change: Callable[[LetterRow], LetterRow], is_meant: Callable[[LetterRow], bool]) -> list[str]:
    """What is found when the first letter that is meant is another one in the database."""
    at = next(at for at, row in enumerate(honest.letters) if is_meant(row))
    rows = [*honest.letters[:at], change(honest.letters[at]), *honest.letters[at + 1:]]
    return judged(World(honest, rows)).letters


def is_ours(row: LetterRow) -> bool:
    """It was set aside."""
    return row.fault == "hub" and not row.is_parked


def test_the_run_has_letters_of_every_kind(honest: World) -> None:
    """Replayed, discarded and released, or a fault planted in it would prove little."""
    assert {(row.fault, row.resolved) for row in honest.letters} == {
        ("sender", None), ("hub", "replayed"), ("hub", "discarded"), ("hub", "released"),
    }


@pytest.mark.parametrize("what", ["written", "replayed", "discarded"])
@pytest.mark.parametrize("plant", [without, told_twice])
def test_a_letter_that_is_told_too_rarely_or_too_often_is_found(honest: World, plant: Callable[[Meant], Change], what: str) -> None:
    """Each letter is written once and dealt with once."""
    assert planted(honest, DEAD_LETTERS.name, plant(of_ours(what))).letters


def test_a_letter_for_a_message_that_was_not_marked_is_found(honest: World) -> None:
    """No outage and no crash sets a message aside."""
    innocent = next(event.cause for event in honest[APPOINTMENTS.name] if not is_marked(event.cause))
    assert innocent in planted(honest, DEAD_LETTERS.name, instead(of_ours("written"), with_data(msg_id=innocent))).letters


def test_a_letter_that_still_waits_is_found(honest: World) -> None:
    """Nobody has dealt with it."""
    assert len(kept(honest, lambda row: replace(row, resolved=None), is_ours)) == 1


def test_a_message_that_is_still_parked_is_found(honest: World) -> None:
    """What it waited for is over."""
    assert len(kept(honest, lambda row: replace(row, resolved=None), lambda row: row.is_parked)) == 1


def test_a_letter_that_only_the_database_knows_is_found(honest: World) -> None:
    """It was never announced."""
    stray = LetterRow("a letter", "hub", "5b0e0000-0000-4000-8000-000000000001", "an inbox/0/1", is_parked=False, resolved="replayed")
    assert len(judged(World(honest, [*honest.letters, stray])).letters) == 1


def test_a_letter_that_the_database_has_lost_is_found(honest: World) -> None:
    """Its bytes would be gone."""
    assert len(judged(World(honest, [row for row in honest.letters if row != next(filter(is_ours, honest.letters))])).letters) == 1


def test_an_innocent_message_that_was_discarded_is_found(honest: World) -> None:
    """An operator decides about what was set aside, and about nothing else."""
    found = kept(honest, lambda row: replace(row, resolved="discarded"), lambda row: row.is_parked)
    assert len(found) == 1


def test_an_event_of_a_discarded_message_is_found(honest: World) -> None:
    """Its sender was told no."""
    discarded = next(row.msg_id for row in honest.letters if row.resolved == "discarded")
    told = instead(a_marked_one, lambda record: record._replace(headers=tuple(
        (name, discarded.encode() if name == "ce_cause" else value) for name, value in record.headers
    )))
    assert discarded in planted(honest, APPOINTMENTS.name, told).strange


def test_a_message_that_overtook_the_one_it_was_parked_behind_is_found(honest: World) -> None:
    """It was sent later, and is told first."""
    parked = {row.msg_id for row in honest.letters if row.is_parked}
    found = planted(honest, APPOINTMENTS.name, lambda records: swapped(
        records, lambda record: record.cause in parked or a_marked_one(record),
    ))
    assert found.counts["disordered"]


def test_a_line_that_sets_an_innocent_message_aside_is_found(honest: World) -> None:
    """The journal alone may say it."""
    def is_meant(line: Seen) -> bool:
        return bool(line.data["outcome"] == "parked")

    assert planted(honest, JOURNAL.name, instead(is_meant, with_data(outcome="set aside"))).journal


def test_an_outcome_that_an_operator_did_not_choose_is_found(honest: World) -> None:
    """Discarded, and delivered all the same."""
    discarded = next(row.msg_id for row in honest.letters if row.resolved == "discarded")

    def is_meant(line: Seen) -> bool:
        return line.data.get("msg_id") == discarded and bool(line.data["outcome"] == "rejected")

    assert planted(honest, JOURNAL.name, instead(is_meant, with_data(outcome="delivered"))).journal


def test_a_letter_at_the_door_is_found(honest: World) -> None:
    """No message of a run is refused there."""
    assert planted(honest, DEAD_LETTERS.name, instead(of("written"), with_data(fault="door"))).letters

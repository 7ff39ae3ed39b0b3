"""The traffic of a run: so many of each kind, commands that can be sent, and re-sends that are the same bytes."""

from collections import Counter
from datetime import UTC, datetime
from typing import Final

import pytest

from contracts.commands import COMMAND_FAMILIES, Book, Cancel
from contracts.records import PORTAL, Received, Source
from contracts.refusals import Refusal
from contracts.topics import COMMANDS
from hub.case.entries import Commanded, Declined, Entry
from hub.certify.commands import cancellation, is_late, is_slot, slot_uid
from hub.certify.numbered import Letter, write_register
from hub.certify.traffic import Amounts, traffic
from hub.parties import read_register
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk, read

NOW: Final = datetime(2026, 11, 1, 8, tzinfo=UTC)
AMOUNTS: Final = Amounts(pushes=400, questions=100, bookings=50)
APPOINTMENT: Final = {"uid": slot_uid(7, 3), "party": "8300101", "appointment_id": "c0ffee00-1111-4222-8333-444455556666"}


def made(resends: float = 0.0) -> list[Letter]:
    """All of it."""
    return list(traffic(AMOUNTS, cases=30, resends=resends, seed=1, now=lambda: NOW))


def kind_of(letter: Letter) -> str:
    """The command's type; of what a vendor sends, none."""
    return dict(letter.headers).get("ce_type", b"").decode()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Reception's, with the register of a run."""
    path = write_register(tmp_path_factory.mktemp("register") / "parties.toml")
    return Desk(Pseudonyms(b"k" * 32), read_register(path))


def test_each_kind_comes_as_often_as_asked_for() -> None:
    """Under ids that are all different."""
    kinds = Counter(map(kind_of, made()))
    assert (kinds[""], kinds[Book.family.type], sum(kinds.values())) == (400, 50, 550)
    assert len({letter.msg_id for letter in made()}) == 550


def test_the_same_seed_gives_the_same_traffic() -> None:
    """So that a run can be tried again."""
    assert made(0.1) == made(0.1)


def test_nothing_is_booked_in_the_last_part() -> None:
    """What was booked is receipted or overdue when the last question is."""
    letters = made()
    booked = [at for at, letter in enumerate(letters) if kind_of(letter) == Book.family.type]
    assert max(booked) < AMOUNTS.booked_before * 400 + AMOUNTS.booked_before * 100 + 50


def test_a_command_that_is_sent_again_is_the_same_bytes_under_the_same_id() -> None:
    """Some by another partition."""
    sent, asides = {letter.msg_id: letter for letter in made(0.3) if not letter.again}, 0
    for again in (letter for letter in made(0.3) if letter.again and letter.is_command):
        first = sent[again.msg_id]
        assert (again.topic, again.body, again.headers) == (COMMANDS.name, first.body, first.headers)
        asides += again.partition != first.partition
    assert asides > 3


def entry_of(letter: Letter, desk: Desk) -> Entry:
    """What reception makes of a command that it gets at once."""
    received = Received(Source(letter.topic, letter.partition, 0), PORTAL, NOW, letter.body, headers=letter.headers)
    return read(received, desk).entry


def test_every_command_of_the_traffic_can_be_sent_but_the_questions_that_come_too_late(desk: Desk) -> None:
    """Read as reception reads it; a cancellation too."""
    letters = [letter for letter in made() if letter.is_command] + [cancellation(APPOINTMENT)]
    for letter in letters:
        entry = entry_of(letter, desk)
        is_booking = kind_of(letter) in {Book.family.type, Cancel.family.type}
        is_refused = isinstance(entry, Declined) and entry.refusal == Refusal.DEADLINE_PASSED.name
        assert is_refused if is_late(letter.number) and not is_booking else isinstance(entry, Commanded)
    sendable = {family.type for family in COMMAND_FAMILIES if family.name != "find-planned-visits"}
    assert {kind_of(letter) for letter in letters} == sendable


def test_a_slot_names_its_case() -> None:
    """By which the portal finds its person again."""
    assert is_slot(APPOINTMENT["uid"])
    assert not is_slot("c0ffee00-1111-4222-8333-444455556666")
    assert not is_slot(None)
    assert cancellation(APPOINTMENT).partition == 3

"""The generator: every message is a good one, of its own number, and re-sends are the same bytes."""

from collections import Counter

from checker.terms import DEADLY, is_marked
from contracts.topics import INBOX
from hub.certify.numbered import OFFICES, OFFICES_A_VENDOR, VENDORS, letters, msg_id, number_of, patient_of
from hub.certify.run import CASES
from schemas.message import open_message


def test_every_number_comes_once_and_some_come_again() -> None:
    """In order, with about the share of re-sends asked for; the same seed gives the same letters."""
    made = list(letters(1000, cases=60, resends=0.05, seed=3))
    first = [letter.number for letter in made if not letter.again]
    assert first == list(range(1000))
    assert 20 < len(made) - len(first) < 90
    assert made == list(letters(1000, cases=60, resends=0.05, seed=3))


def test_a_resend_is_the_same_bytes_and_half_of_them_go_another_way() -> None:
    """The same vendor's inbox; another partition for about half."""
    made = list(letters(2000, cases=60, resends=0.2, seed=4))
    sent = {letter.number: letter for letter in made if not letter.again}
    again = [letter for letter in made if letter.again]
    assert all(letter.body == sent[letter.number].body and letter.topic == sent[letter.number].topic for letter in again)
    aside = sum(letter.partition != sent[letter.number].partition for letter in again)
    assert 0.4 < aside / len(again) < 0.6


def test_all_vendors_and_partitions_are_used() -> None:
    """Six vendors with three partitions each, two offices of each, and no two cases have one patient."""
    made = list(letters(2000, cases=300, resends=0, seed=5))
    ways = Counter((letter.topic, letter.partition) for letter in made)
    assert len(ways) == len(VENDORS) * INBOX.partitions
    assert len(OFFICES) == len(VENDORS) * OFFICES_A_VENDOR
    assert len({patient_of(case) for case in range(max(CASES.values()))}) == max(CASES.values())


def test_a_numbered_message_can_be_opened() -> None:
    """It is a whole MsgHead with a calendar, valid by our schemas."""
    for letter in letters(30, cases=30, resends=0, seed=6):
        found = open_message(letter.body).hodemelding()
        assert number_of(found.msg_info.msg_id) == letter.number
        assert found.icalendar is not None


def test_an_id_that_was_hashed_is_never_marked() -> None:
    """Of a hundred thousand documents some begin with the bits of a mark: they are as good as any, and must not end a worker for ever."""
    assert is_marked(msg_id(7, kind=DEADLY))
    assert not is_marked("dead2ab8-f895-53f3-ad21-4250ba6429a3")

"""The EPJ's AppRec of a command: passed on to the command's case, and told to the journal once for each record that came in."""

from datetime import timedelta
from typing import Any

from contracts.commands import Book, Person, WantedSlot
from contracts.topics import JOURNAL
from schemas.message import open_message
from schemas.writing.apprec import receipt_for, write_apprec
from tests import mail
from tests.messages import msg_id
from tests.story import START, Hub, data_of

COMMAND, RECEIPT = msg_id(1), msg_id(2)
BOOKING = Book(
    receiver=mail.OFFICE[1], patient=Person(national_id=mail.KAJA, family_name="Myrstad", given_name="Kaja"),
    slot=WantedSlot(uid=mail.uid(1), starts_at=START + timedelta(days=9)),
)


def booked() -> tuple[Hub, bytes]:
    """A hub that has sent a booking, and the AppRec that accepts it."""
    hub = Hub()
    (sent,) = hub.command(BOOKING, COMMAND).written
    info = open_message(sent.value or b"").hodemelding().msg_info
    return hub, write_apprec(receipt_for(info, receipt_id=RECEIPT, at=START))


def lines(hub: Hub, msg_id: str) -> list[Any]:
    """What the journal says of one message."""
    told = [data_of(out) for outgoing in hub.outgoing for out in outgoing if out.topic == JOURNAL.name]
    return [line for line in told if line["msg_id"] == msg_id]


def test_a_receipt_that_comes_again_has_its_own_line_and_changes_nothing() -> None:
    """Accepted once; two records, two lines, each at its own place."""
    hub, receipt = booked()
    hub.send_all([receipt, receipt])
    assert [line["outcome"] for line in lines(hub, RECEIPT)] == ["delivered", "duplicate"]
    assert len({line["source"] for line in lines(hub, RECEIPT)}) == 2
    assert [what for told in hub.told for what in told.whats].count("hub.delivery.accepted.v1") == 1


def test_a_receipt_that_is_set_aside_has_a_line() -> None:
    """It waits in a letter, and is passed on to nobody yet."""
    hub, receipt = booked()
    hub.send(receipt, condemned=True)
    assert [line["outcome"] for line in lines(hub, RECEIPT)] == ["set aside"]


def test_a_receipt_that_is_replayed_is_told_and_its_letter_is_resolved() -> None:
    """Nothing waits any more, and the operators are told so."""
    hub, receipt = booked()
    hub.send(receipt, condemned=True)
    (letter,) = hub.ledger.letters
    replayed = len(hub.told)
    hub.replay(str(letter.letter_id), receipt)
    assert [what for told in hub.told[replayed:] for what in told.whats] == ["hub.letter.replayed.v1", "hub.delivery.accepted.v1"]
    assert [row.letter_id for row in hub.ledger.resolutions] == [letter.letter_id]

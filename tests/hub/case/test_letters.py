"""Claims and letters: what comes twice, what is set aside, replayed or discarded. One AppRec for each MsgId, whatever happens."""

import pytest
from lxml import etree

from contracts.failures import Outcome
from contracts.records import Received, Source
from hub.case.entries import Read, Rejected, Unread
from hub.parties import Register
from hub.reading import Desk
from hub.reception import Reception
from schemas.documents import MsgInfo
from tests import asking, mail
from tests import messages as m
from tests.story import DESK, START, Hub, Told, data_of


def set_aside(body: bytes | None = None) -> tuple[Hub, Told, str]:
    """A hub in which one message was set aside, and its letter."""
    hub = Hub()
    told = hub.send(body or mail.push("05", number=1), condemned=True)
    return hub, told, str(hub.ledger.letters[-1].letter_id)


def info_of(told: Told) -> MsgInfo:
    """The envelope of what was read."""
    assert isinstance(told.entry, Read)
    return told.entry.message.msg_info


def test_a_message_that_is_set_aside_waits_in_a_letter_and_its_sender_hears_nothing() -> None:
    """The fault is ours: no event, no receipt, a letter at the hub's charge."""
    _, told, letter = set_aside()
    assert (told.decision.outcome, told.whats, told.receipts) == (Outcome.SET_ASIDE, ["hub.letter.written.v1"], [])
    assert (data_of(told.events[0])["fault"], data_of(told.events[0])["letter_id"]) == ("hub", letter)
    assert [held.letter for held in told.decision.case.held_up] == [letter]


def test_a_replayed_letter_is_delivered_and_receipted_once() -> None:
    """The cause was mended: the same bytes give what they would have given, and the letter is resolved."""
    hub, _, letter = set_aside()
    told = hub.replay(letter, mail.push("05", number=1))
    assert (told.decision.outcome, len(told.receipts)) == (Outcome.DELIVERED, 1)
    assert {"hub.appointment.confirmed.v1", "hub.letter.replayed.v1"} <= set(told.whats)
    assert told.decision.case.held_up == ()


def test_a_letter_is_replayed_once_only() -> None:
    """An operator who presses the button twice changes nothing."""
    hub, _, letter = set_aside()
    hub.replay(letter, mail.push("05", number=1))
    again = hub.replay(letter, mail.push("05", number=1))
    assert (again.decision.outcome, again.whats, again.receipts) == (Outcome.DUPLICATE, [], [])


@pytest.mark.parametrize("anew", [False, True])
def test_a_letter_and_its_replay_may_be_done_again_in_one_batch(anew: bool) -> None:
    """A crash before Kafka's commit, after the operator has read the letter: the replay is heard as it was the first time."""
    hub, _, letter = set_aside()
    hub.replay(letter, mail.push("05", number=1))
    before = hub.run_again(0, anew=anew)
    assert hub.outgoing == before


def test_a_re_send_that_reception_wrote_twice_is_told_once() -> None:
    """The notice about a MsgId used twice goes out once."""
    hub = Hub()
    hub.send(mail.push("05", number=1))
    other = hub.send(mail.push("05", mail.slot(day=20), number=1))
    assert other.whats == ["hub.transport.notice.v1"]
    assert hub.send(other.body, source=other.entry.origin.source).outgoing == []


def test_a_replay_that_fails_again_makes_a_new_letter() -> None:
    """The old one is resolved, the new one can be replayed."""
    hub, _, letter = set_aside()
    source = hub.ledger.letters[0].source
    told = hub.send(mail.push("05", number=1), source=source, letter=letter, condemned=True)
    assert (told.decision.outcome, told.decision.resolved) == (Outcome.SET_ASIDE, (letter, "replayed"))
    renewed = hub.replay(str(hub.ledger.letters[-1].letter_id), mail.push("05", number=1))
    assert renewed.decision.outcome is Outcome.DELIVERED


def test_a_re_send_of_what_is_set_aside_is_a_duplicate() -> None:
    """The letter is the message: it must not overtake itself."""
    hub, _, _ = set_aside()
    told = hub.send(mail.push("05", number=1))
    assert (told.decision.outcome, told.whats) == (Outcome.DUPLICATE, [])


def test_a_discarded_letter_is_told_to_its_sender_by_a_negative_receipt() -> None:
    """X99, once; and the letter can no longer be replayed."""
    hub, aside, letter = set_aside()
    told = hub.discard(letter, key=hub.log[0].key.decode() if hub.log[0].key else "", msg_info=info_of(aside))
    receipt = etree.fromstring(told.receipts[0].value or b"")
    assert [error.get("V") for error in receipt.findall("{*}Error")] == ["X99"]
    assert hub.replay(letter, mail.push("05", number=1)).decision.outcome is Outcome.DUPLICATE


def test_a_discarded_command_is_told_to_nobody_again() -> None:
    """The portal was told when it was set aside; a topic of errors it has not, and writing to one would stop the lane."""
    hub = Hub()
    aside = hub.command(asking.book(), m.msg_id(900), condemned=True)
    assert aside.whats == ["hub.delivery.not-sent.v1", "hub.letter.written.v1"]
    told = hub.discard(str(hub.ledger.letters[0].letter_id), key=hub.ledger.letters[0].case_key or "", msg_info=None)
    assert (told.whats, told.decision.case.held_up) == (["hub.letter.discarded.v1"], ())


def test_a_discard_without_an_envelope_is_told_by_a_transport_error() -> None:
    """Nothing could be read, so no AppRec can be addressed."""
    hub, _, letter = set_aside()
    told = hub.discard(letter, key="epj.fjord.inbox/0", msg_info=None)
    assert (told.receipts, told.whats) == ([], ["hub.transport.error.v1", "hub.letter.discarded.v1"])


def test_a_rejected_letter_is_never_replayed() -> None:
    """The message is at fault: its sender has been told and sends anew."""
    hub = Hub()
    body = mail.push("05", number=1).replace(b"dtstart>", b"dtstarts>")
    assert hub.send(body).decision.outcome is Outcome.REJECTED
    told = hub.replay(str(hub.ledger.letters[0].letter_id), body)
    assert (told.decision.outcome, told.receipts) == (Outcome.DUPLICATE, [])


def test_a_rejection_claims_its_msg_id() -> None:
    """The mended message needs a new MsgId; with the old one it is told that it was not dealt with."""
    hub = Hub()
    hub.send(mail.push("05", mail.slot(None), number=1).replace(b"dtstart>", b"dtstarts>"))
    told = hub.send(mail.push("05", number=1))
    assert (told.decision.outcome, told.whats) == (Outcome.DUPLICATE, ["hub.transport.notice.v1"])
    assert hub.send(mail.push("05", number=2)).decision.outcome is Outcome.DELIVERED


def test_a_refusal_at_the_door_claims_nothing() -> None:
    """Not carried, spoofed, empty: the corrected message may have the same MsgId."""
    hub = Hub()
    assert hub.send(mail.push("05", number=1), vendor="vidde").decision.outcome is Outcome.REFUSED
    assert hub.send(mail.push("05", number=1)).decision.outcome is Outcome.DELIVERED


def test_two_senders_may_use_the_same_msg_id() -> None:
    """A MsgId is its sender's."""
    hub = Hub()
    hub.send(mail.request("RT", number=7), vendor="vidde")
    assert hub.send(mail.push("05", mail.slot(2, day=14), number=7)).decision.outcome is Outcome.DELIVERED


def test_a_record_that_reception_wrote_twice_leaves_no_trace() -> None:
    """Same source coordinates: not even a line in the journal."""
    hub = Hub()
    first = hub.send(mail.push("05", number=1))
    again = hub.send(mail.push("05", number=1), source=first.entry.origin.source)
    assert (again.outgoing, again.decision.case) == ([], first.decision.case)


def test_what_explodes_in_reading_is_set_aside_and_can_be_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reception never stops for a message; once the fault is mended the letter is read like any other."""
    hub = Hub()
    with monkeypatch.context() as patch:
        patch.setattr(Register, "find", _explode)
        told = hub.send(mail.push("05", number=1))
    assert isinstance(told.entry, Unread)
    assert (told.decision.outcome, told.receipts) == (Outcome.SET_ASIDE, [])
    letter = str(hub.ledger.letters[0].letter_id)
    assert hub.replay(letter, mail.push("05", number=1)).decision.outcome is Outcome.DELIVERED


def test_a_record_that_the_broker_would_not_take_is_told_without_its_bytes() -> None:
    """Too large with what was read: refused, its letter says where the bytes are."""
    received = Received(Source("epj.fjord.inbox", 0, 7), "fjord", START, mail.push("05", number=1))
    hub = Hub()
    told = hub.append(Reception(DESK).refused_by_broker(received, ValueError("never shown")), at=START)
    assert (hub.log[0].value, told.decision.failure and told.decision.failure.rule) == (None, "TOO_LARGE")
    assert data_of(told.events[-1])["source"] == "epj.fjord.inbox/0/7"


def test_a_message_for_which_no_receipt_is_wanted_gets_none_even_when_rejected() -> None:
    """`Ack` N: a transport error tells it instead."""
    told = Hub().send(mail.push("05", number=1, ack="N").replace(b"dtstart>", b"dtstarts>"))
    assert isinstance(told.entry, Rejected)
    assert (told.receipts, told.whats) == ([], ["hub.transport.error.v1", "hub.letter.written.v1"])


def test_a_letter_names_the_message_where_it_could_be_read() -> None:
    """An operator finds the vendor's message by its MsgId."""
    _, told, _ = set_aside()
    assert data_of(told.events[0])["msg_id"] == info_of(told).msg_id


def test_without_a_register_no_party_is_checked_and_nothing_is_handed_on() -> None:
    """`hub check` without a vendor."""
    told = Hub(Desk(DESK.pseudonyms)).send(mail.request("RT", number=900), vendor="anybody")
    assert (told.decision.outcome, told.handed_on, len(told.receipts)) == (Outcome.DELIVERED, [], 1)


def _explode(*_: object) -> None:
    raise RuntimeError("made by the test")


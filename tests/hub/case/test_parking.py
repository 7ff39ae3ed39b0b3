"""What waits behind a letter: nothing of a case is overtaken in its direction, whatever was set aside, replayed or discarded."""

from datetime import timedelta
from typing import cast

import pytest
from lxml import etree

from contracts.failures import Outcome, Rule
from contracts.topics import APPOINTMENTS, NOTIFICATIONS, REPLIES
from hub import reading
from hub.case.entries import Read, Unread
from hub.faults import FailsInTurn
from hub.reading import Desk
from tests import asking, mail
from tests import messages as m
from tests.story import DESK, Hub, Told, data_of


def held_up(*later: bytes, vendor: str = "fjord") -> tuple[Hub, str]:
    """A hub in which the first message of a case is set aside, with these behind it; and the letter."""
    hub = Hub()
    hub.send(mail.push("05", number=1), condemned=True)
    hub.send_all(later, vendor=vendor)
    return hub, letter_of(hub)


def letter_of(hub: Hub) -> str:
    """The letter that waits."""
    (letter,) = hub.ledger.open_letters()
    return str(letter.letter_id)


def replayed(hub: Hub, *, condemned: bool = False) -> Told:
    """The letter that waits, sent on."""
    (letter,) = hub.ledger.open_letters()
    return hub.replay(str(letter.letter_id), letter.body or b"", condemned=condemned)


def discarded(hub: Hub, *, reason: str = "the office has phoned") -> Told:
    """The letter that waits, decided against."""
    (letter,) = hub.ledger.open_letters()
    aside = next(told for told in hub.told if told.decision.letter and told.decision.letter.letter_id == letter.letter_id)
    info = aside.entry.message.msg_info if isinstance(aside.entry, Read) else None
    return hub.discard(str(letter.letter_id), key=letter.case_key or "", msg_info=info, reason=reason)


def answered(told: Told) -> list[str]:
    """MsgIds that have got their AppRec, in its order."""
    return [etree.fromstring(out.value or b"").findtext("{*}OriginalMsgId/{*}Id") or "" for out in told.receipts]


def states(told: Told) -> list[str]:
    """What is told of appointments, in its order."""
    return [data_of(out)["appointment"]["state"] for out in told.events if out.topic == APPOINTMENTS.name]


def outcomes(told: Told) -> list[Outcome]:
    """Of the record, and of what had its turn with it."""
    return [decision.outcome for _, decision in told.decided]


def test_a_later_message_of_the_case_is_parked_and_its_sender_hears_nothing_yet() -> None:
    """It may change what the one that is set aside has said: no event, no AppRec, a line in the journal, and its bytes are kept."""
    hub, letter = held_up(mail.push("08", number=2, at=1))
    told = hub.told[-1]
    assert (told.decision.outcome, told.whats, told.receipts) == (Outcome.PARKED, [], [])
    assert told.decision.note == f"behind {letter}"
    assert (hub.ledger.letters[-1].behind, hub.ledger.letters[-1].body) == (hub.ledger.letters[0].letter_id, told.body)


def test_other_cases_and_the_other_direction_flow_on() -> None:
    """Another patient of the same office, and what others ask of this office for the same patient."""
    hub, _ = held_up()
    assert hub.send(mail.push("05", number=2, who=1)).decision.outcome is Outcome.DELIVERED
    asked = hub.send(mail.request("RT", number=3), vendor="vidde")
    assert (asked.decision.outcome, len(asked.handed_on)) == (Outcome.DELIVERED, 1)


def test_what_is_asked_of_an_office_waits_behind_what_was_asked_before() -> None:
    """The other direction has its own order: both are handed on when the first can be, byte for byte, first come first."""
    hub, bodies = Hub(), [mail.request("RT", number=1), mail.request("ART", number=2, at=1)]
    hub.send(bodies[0], vendor="vidde", condemned=True)
    assert hub.send(bodies[1], vendor="vidde").decision.outcome is Outcome.PARKED
    assert hub.send(mail.push("05", number=3)).decision.outcome is Outcome.DELIVERED
    (letter,) = hub.ledger.open_letters()
    told = hub.replay(str(letter.letter_id), bodies[0], vendor="vidde")
    assert [out.value for out in told.outgoing if out.value in bodies] == bodies


def test_a_replay_takes_those_behind_it_along_in_their_order() -> None:
    """One step: the appointment is confirmed, moved and cancelled; each has its AppRec, and the case is free."""
    hub, _ = held_up(mail.push("07", mail.slot(day=13), number=2, at=1), mail.push("08", number=3, at=2))
    told = replayed(hub)
    assert outcomes(told) == [Outcome.DELIVERED] * 3
    assert states(told) == ["confirmed", "confirmed", "cancelled"]
    assert answered(told) == [m.msg_id(1), m.msg_id(2), m.msg_id(3)]
    assert told.decision.case.held_up == ()
    assert hub.send(mail.push("05", mail.slot(2), number=4, at=3)).decision.outcome is Outcome.DELIVERED


def test_what_leaves_when_parked_messages_have_their_turn_has_ids_of_its_own() -> None:
    """Several messages are decided at one place of the log, and one of them had a line in the journal before."""
    hub, _ = held_up(mail.push("07", mail.slot(day=13), number=2, at=1), mail.push("08", number=3, at=2))
    replayed(hub)
    ids = [dict(out.headers)["ce_id"] for told in hub.told for out in told.outgoing if "ce_id" in dict(out.headers)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("offset", range(5))
def test_parking_and_release_may_be_done_again_from_anywhere(offset: int, anew: bool) -> None:
    """A crash between the two commits: the same bytes, also where one batch holds now what came in several."""
    hub, _ = held_up(mail.push("07", mail.slot(day=13), number=2, at=1), mail.push("08", number=3, at=2))
    replayed(hub)
    hub.send(mail.push("05", mail.slot(2), number=4, at=3))
    kept = [(row.letter_id, row.behind, row.body) for row in hub.ledger.letters], hub.ledger.resolutions
    before = hub.run_again(offset, anew=anew)
    assert hub.outgoing[len(hub.outgoing) - len(before):] == before
    assert ([(row.letter_id, row.behind, row.body) for row in hub.ledger.letters], hub.ledger.resolutions) == kept


def test_a_discard_is_told_to_its_sender_with_the_reason_and_frees_those_behind() -> None:
    """X99 with the operator's words in `OT`; what was parked is delivered as if the discarded one had never been sent."""
    hub, _ = held_up(mail.push("05", mail.slot(2, day=20), number=2, at=1))
    told = discarded(hub, reason="the office has phoned")
    assert answered(told) == [m.msg_id(1), m.msg_id(2)]
    error = etree.fromstring(told.receipts[0].value or b"").find("{*}Error")
    assert error is not None
    assert error.get("V") == "X99"
    assert "the office has phoned" in (error.get("OT") or "")
    assert (outcomes(told), states(told)) == ([Outcome.REJECTED, Outcome.DELIVERED], ["confirmed"])


def test_a_replay_that_fails_again_keeps_those_behind_it_waiting() -> None:
    """They wait for the new letter; when that is sent on, all have their turn."""
    hub, before = held_up(mail.push("08", number=2, at=1))
    failed = replayed(hub, condemned=True)
    assert (outcomes(failed), failed.receipts) == ([Outcome.SET_ASIDE], [])
    assert letter_of(hub) != before
    assert hub.send(mail.push("05", mail.slot(2), number=3, at=2)).decision.outcome is Outcome.PARKED
    assert answered(replayed(hub)) == [m.msg_id(1), m.msg_id(2), m.msg_id(3)]


def test_a_parked_message_that_fails_in_its_turn_is_what_the_others_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is delivered, the second is the new letter, the third stays parked; a later replay takes both."""
    hub, _ = held_up(mail.push("07", mail.slot(day=13), number=2, at=1), mail.push("08", number=3, at=2))
    with monkeypatch.context() as patch:
        patch.setattr("hub.case.appointments.is_more_than_words", _explode_the_second_time())
        told = replayed(hub)
    assert outcomes(told) == [Outcome.DELIVERED, Outcome.SET_ASIDE]
    assert answered(told) == [m.msg_id(1)]
    assert [(held.letter, held.parked) for held in told.decision.case.held_up] == [(letter_of(hub), 1)]
    assert hub.ledger.open_letters()[0].body == mail.push("07", mail.slot(day=13), number=2, at=1)
    assert answered(replayed(hub)) == [m.msg_id(2), m.msg_id(3)]


def _explode_the_second_time() -> object:
    times = iter(range(9))

    def explode(*_: object) -> bool:
        if next(times) == 1:
            raise RuntimeError("made by the test")
        return True

    return explode


def test_a_discard_that_the_broker_refuses_because_of_what_follows_sets_the_next_one_aside() -> None:
    """Nobody is stuck for ever: the letter is discarded, and the first that is parked is the letter now, untried."""
    hub, _ = held_up(mail.push("08", number=2, at=1), mail.push("05", mail.slot(2), number=3, at=2))
    hub.condemn_next()
    told = discarded(hub)
    assert (outcomes(told), answered(told)) == ([Outcome.REJECTED, Outcome.SET_ASIDE], [m.msg_id(1)])
    assert answered(replayed(hub)) == [m.msg_id(2), m.msg_id(3)]


def test_a_rebuilt_case_waits_for_the_one_that_failed_in_its_turn_then() -> None:
    """Folded again without the fault, the third is set aside where it was, by what is known from its letter: nothing is untold."""
    hub, _ = held_up(*(mail.push("07", mail.slot(day=12 + nth), number=1 + nth, at=nth) for nth in (1, 2, 3)))
    hub.condemn_next(FailsInTurn(2))
    told = replayed(hub)
    assert (outcomes(told), answered(told)) == ([Outcome.DELIVERED, Outcome.DELIVERED, Outcome.SET_ASIDE], [m.msg_id(1), m.msg_id(2)])
    assert hub.ledger.letters[-1].rule.startswith("FailsInTurn")
    assert answered(replayed(hub)) == [m.msg_id(3), m.msg_id(4)]


def test_a_rejected_message_of_the_case_is_answered_at_once() -> None:
    """It would be rejected in any order."""
    hub, _ = held_up()
    told = hub.send(mail.push("05", number=2, at=1).replace(b"dtstart>", b"dtstarts>"))
    assert (told.decision.outcome, answered(told)) == (Outcome.REJECTED, [m.msg_id(2)])


def test_a_question_and_its_answer_are_never_parked() -> None:
    """Somebody waits, and neither changes what stands."""
    hub, _ = held_up()
    until = hub.now + timedelta(minutes=5)
    assert hub.command(asking.free_slots(until=until), m.msg_id(950)).decision.outcome is Outcome.DELIVERED
    told = hub.send(mail.answer("04", number=2, parent=950, ack="N"))
    assert (told.decision.outcome, [out.topic for out in told.events]) == (Outcome.DELIVERED, [REPLIES.name])


def test_an_app_rec_is_never_parked() -> None:
    """The portal's command to an office whose message is set aside has its story."""
    hub, _ = held_up()
    hub.command(asking.book(), m.msg_id(951))
    hub.send(asking.receipt(951, number=2))
    assert [what for told in hub.told[-3:] for what in told.whats if "delivery" in what] == [
        "hub.delivery.sent.v1", "hub.delivery.accepted.v1",
    ]


def test_what_is_parked_and_sent_again_is_a_duplicate() -> None:
    """It waits already: its AppRec comes once, in its turn."""
    hub, _ = held_up(mail.push("08", number=2, at=1))
    assert hub.send(mail.push("08", number=2, at=1)).decision.outcome is Outcome.DUPLICATE
    assert answered(replayed(hub)) == [m.msg_id(1), m.msg_id(2)]


def test_what_newer_words_have_made_moot_is_delivered_in_order_and_notifies_nobody() -> None:
    """The vendor sent a correction with an older GenDate behind a newer one: heard, receipted, nobody is told twice."""
    hub, _ = held_up(mail.push("07", mail.slot(day=14), number=2, at=9), mail.push("07", mail.slot(day=13), number=3, at=1))
    told = replayed(hub)
    assert outcomes(told) == [Outcome.DELIVERED] * 3
    assert answered(told) == [m.msg_id(1), m.msg_id(2), m.msg_id(3)]
    assert told.decision.released[-1].decision.note == "older"
    assert not [out for out in told.decision.released[-1].decision.outgoing if out.topic in (APPOINTMENTS.name, NOTIFICATIONS.name)]


def test_a_parked_message_cannot_be_replayed_past_its_letter() -> None:
    """It is no letter: whoever tries changes nothing."""
    hub, _ = held_up(mail.push("08", number=2, at=1))
    parked = hub.ledger.letters[-1]
    told = hub.replay(str(parked.letter_id), parked.body or b"")
    assert (told.decision.outcome, told.receipts) == (Outcome.DUPLICATE, [])
    assert answered(replayed(hub)) == [m.msg_id(1), m.msg_id(2)]


def test_a_message_whose_reading_failed_holds_up_its_case_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its envelope and code could be read all the same: what comes after it waits, and the mended reading frees it."""
    hub = Hub()
    with monkeypatch.context() as patch:
        patch.setattr(reading, "_checked", _explode)
        told = hub.send(mail.push("05", number=1))
    assert isinstance(told.entry, Unread)
    assert told.decision.outcome is Outcome.SET_ASIDE
    assert hub.send(mail.push("08", number=2, at=1)).decision.outcome is Outcome.PARKED
    assert hub.send(mail.push("05", number=3, who=1)).decision.outcome is Outcome.DELIVERED
    assert answered(replayed(hub)) == [m.msg_id(1), m.msg_id(2)]


def test_nobody_holds_up_a_case_of_another_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be refused at the door is of no case, whatever fails on it."""
    hub = Hub()
    with monkeypatch.context() as patch:
        patch.setattr(reading, "_document", _explode)
        told = hub.send(mail.push("05", number=1), vendor="vidde")
    assert (told.decision.outcome, told.decision.case.held_up) == (Outcome.SET_ASIDE, ())
    assert hub.send(mail.push("08", number=2, at=1)).decision.outcome is Outcome.DELIVERED


def test_a_message_that_is_rejected_when_read_anew_frees_its_case() -> None:
    """The mended rule says no: its sender is told, and what waited behind it is delivered by a record of its own."""
    hub, _ = held_up(mail.push("05", mail.slot(2, day=20), number=2, at=1))
    hub.desk = Desk(hub.desk.pseudonyms, hub.desk.register, max_bytes=10)
    (letter,) = hub.ledger.open_letters()
    told = hub.replay(str(letter.letter_id), letter.body or b"")
    assert (told.decision.failure and told.decision.failure.rule) == Rule.TOO_LARGE.name
    freed = hub.told[-1]
    assert (outcomes(freed), answered(freed)) == ([Outcome.DELIVERED, Outcome.DELIVERED], [m.msg_id(2)])
    assert hub.case(letter.case_key or "").held_up == ()


def test_a_message_that_cannot_even_be_read_any_more_still_holds_up_its_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replayed by a hub that is worse than before, it loses its case, and the case does not lose it."""
    hub, _ = held_up(mail.push("08", number=2, at=1))
    with monkeypatch.context() as patch:
        patch.setattr(reading, "open_message", _explode)
        replayed(hub)
    (letter,) = hub.ledger.open_letters()
    assert [held.letter for held in hub.case(letter.case_key or "").held_up] == [str(letter.letter_id)]
    assert hub.send(mail.push("05", mail.slot(2), number=3, at=2)).decision.outcome is Outcome.PARKED
    assert answered(replayed(hub)) == [m.msg_id(1), m.msg_id(2), m.msg_id(3)]


def test_a_command_that_is_set_aside_holds_up_nobody() -> None:
    """The portal was told that it was not sent, and nothing waits for it."""
    hub = Hub()
    aside = hub.command(asking.book(), m.msg_id(951), condemned=True)
    assert aside.decision.case.held_up == ()
    assert hub.command(asking.book(2), m.msg_id(952)).decision.outcome is Outcome.DELIVERED


def test_reception_names_no_case_for_what_it_can_read_nothing_of() -> None:
    """Not XML at all: its letter is of its inbox alone."""
    hub = Hub(Desk(DESK.pseudonyms, max_bytes=cast("int", None)))  # raises at whatever it reads
    told = hub.send(b"<")
    assert isinstance(told.entry, Unread)
    assert told.entry.way is None


def _explode(*_: object, **__: object) -> None:
    raise RuntimeError("made by the test")

"""A question and its one reply: answered, refused, broken, timed out, or not sent. The first in the log wins."""

from datetime import timedelta

import pytest

from contracts.commands import Command
from contracts.records import Outgoing
from contracts.topics import OUTBOX, of_vendor
from hub.case.entries import Broken
from hub.case.state import Case
from tests import asking, mail
from tests import messages as m
from tests.asking import asked, replies_to
from tests.story import START, Hub, Told, data_of

PRACTITIONERS = mail.answer("20", number=1, parent=900, process="BEHANDLEROVERSIKT", ack="N").replace(
    b"</MsgHead>", m.document(m.helsepersonel_liste()).encode() + b"</MsgHead>",
)
TESTED = m.message(
    type_v="DIALOG_INNBYGGER_TEST", ack="N", conversation=m.conversation(m.msg_id(900), m.msg_id(900)), patient="", msg_id=m.msg_id(1),
    dialog=m.dialogmelding('<Notat><TemaKodet V="RKT" S="2.16.578.1.12.4.1.1.7603" DN="-"/></Notat>'),
    gen_date=mail.gen_date(0), sender=m.office(mail.OFFICE), receiver=m.portal(mail.PORTAL),
)
QUESTIONS: dict[str, tuple[Command, bytes]] = {
    "free-slots": (asking.free_slots(), mail.answer("03", mail.slot(), number=1, parent=900, ack="N")),
    "planned-visits": (asking.planned_visits(), mail.answer("01", mail.slot(), number=1, parent=900, ack="N")),
    "practitioners": (asking.practitioners(), PRACTITIONERS),
    "connected": (asking.connection(), TESTED),
}
HLT, SLOTS = QUESTIONS["free-slots"]
BROKEN = mail.answer("03", number=1, parent=900, ack="N")
"""Slots without a calendar."""


def fails(told: Told) -> str | None:
    """The rule by which it failed."""
    return told.decision.failure.rule if told.decision.failure else None


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_is_the_reply_to_its_question(name: str) -> None:
    """Under the command's id; and nobody is receipted for an answer at once."""
    question, answer = QUESTIONS[name]
    hub = asked(question)
    told = hub.send(answer)
    assert (told.whats, told.receipts) == ([f"hub.reply.{name}.v1"], [])
    assert replies_to(hub) == [name]


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_that_is_not_answered_has_timed_out(name: str) -> None:
    """At its deadline, by the record of the log that says so."""
    hub = asked(QUESTIONS[name][0])
    told = hub.fall_due()
    assert (told.whats, data_of(told.events[0])["at"]) == (["hub.reply.none.timed-out.v1"], "2026-06-01T08:00:15Z")
    assert hub.ledger.open_deadlines() == []


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_late_answer_is_a_line_in_the_journal_and_nothing_else(name: str) -> None:
    """Somebody has been told that there is none."""
    question, answer = QUESTIONS[name]
    hub = asked(question)
    hub.fall_due()
    told = hub.send(answer)
    assert (told.events, told.decision.note, len(told.outgoing)) == ([], "late", 1)
    assert replies_to(hub) == ["none.timed-out"]


def test_a_deadline_after_the_answer_says_nothing() -> None:
    """Its record was on its way already: no reply, and no line in the journal, for nothing came in."""
    hub = asked(HLT)
    row = hub.ledger.open_deadlines()[0]
    hub.send(SLOTS)
    assert hub.ledger.open_deadlines() == []
    hub.ledger.deadlines, hub.ledger.met = [row], []
    assert hub.fall_due().outgoing == []
    assert replies_to(hub) == ["free-slots"]


def test_a_deadline_that_is_written_twice_is_told_once() -> None:
    """At least once by whoever owns the lane; the second leaves no trace."""
    hub = asked(HLT)
    hub.fall_due()
    hub.ledger.met = []
    assert hub.fall_due().outgoing == []
    assert replies_to(hub) == ["none.timed-out"]


def test_a_deadline_that_fails_is_not_written_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours: a letter tells the operators, and the deadline counts as met."""
    def explode(*_given: object) -> None:
        raise KeyError("made by the test")

    monkeypatch.setattr("hub.case.asking.due", explode)
    hub = asked(HLT)
    assert (hub.fall_due().whats, hub.ledger.open_deadlines()) == (["hub.letter.written.v1"], [])


def test_a_second_answer_is_late() -> None:
    """The first has been passed on."""
    hub = asked(HLT)
    hub.send(SLOTS)
    told = hub.send(mail.answer("04", number=2, parent=900, ack="N"))
    assert (told.whats, told.decision.note) == ([], "late")


@pytest.mark.parametrize("code", ["26", "31", "33"])
def test_a_refusal_is_the_reply_with_the_offices_words(code: str) -> None:
    """What the office says no with; nothing is told of an appointment or a delivery."""
    hub = asked(HLT)
    told = hub.send(mail.answer(code, number=1, parent=900, ack="N", text="Ring oss."))
    assert told.whats == ["hub.reply.none.refused.v1"]
    assert (data_of(told.events[0])["code"], data_of(told.events[0])["text"]) == (code, "Ring oss.")


def test_a_block_is_told_of_access_and_to_whoever_waits() -> None:
    """Code 30: the service is closed to the citizen, and this question has its reply."""
    hub = asked(HLT)
    told = hub.send(mail.answer("30", number=1, parent=900, ack="N"))
    assert told.whats == ["hub.access.blocked.v1", "hub.reply.none.refused.v1"]


def test_an_answer_at_once_opens_the_service_again() -> None:
    """Whoever is shown free slots is not blocked."""
    hub = asked(HLT)
    hub.send(mail.answer("30", number=1, parent=900, ack="N"))
    asked(asking.free_slots(until=START + timedelta(minutes=2, seconds=5)), 901, hub=hub)
    told = hub.send(mail.answer("04", number=2, parent=901, at=3, ack="N"))
    assert told.whats == ["hub.access.opened.v1", "hub.reply.free-slots.v1"]


@pytest.mark.parametrize(("question", "answer"), [
    ("free-slots", "planned-visits"), ("planned-visits", "free-slots"), ("free-slots", "practitioners"), ("practitioners", "free-slots"),
])
def test_an_answer_of_another_kind_is_a_broken_reply(question: str, answer: str) -> None:
    """Visits for slots: whoever waits need not wait longer."""
    hub = asked(QUESTIONS[question][0])
    told = hub.send(QUESTIONS[answer][1])
    assert (told.whats, told.decision.note) == (["hub.reply.none.broken.v1"], "answer unfit")


@pytest.mark.parametrize("code", ["05", "06", "08", "09", "34"])
def test_an_answer_to_a_booking_is_none_to_a_question(code: str) -> None:
    """One reply, that it is broken, also where two times are told; what is said of appointments is told as well."""
    hub = asked(HLT)
    told = hub.send(mail.answer(code, mail.slot(1), mail.slot(2, day=13), number=1, parent=900))
    assert replies_to(hub) == ["none.broken"]
    assert len([what for what in told.whats if what.startswith("hub.appointment.") and "status" not in what]) == 2
    assert hub.ledger.open_deadlines() == []


def test_an_answer_to_nothing_that_tells_no_time_says_nothing_of_an_appointment() -> None:
    """06 to a question, without a calendar: there is none that could have been refused."""
    hub = asked(HLT)
    assert hub.send(mail.answer("06", number=1, parent=900)).whats == ["hub.reply.none.broken.v1"]


def test_a_broken_answer_is_told_to_its_sender_and_to_whoever_waits() -> None:
    """A transport error, a letter, and in the lane of the case the reply at once."""
    hub = asked(HLT)
    told = hub.send(BROKEN)
    assert (told.whats, fails(told)) == (["hub.transport.error.v1", "hub.letter.written.v1"], "MISSING")
    assert isinstance(hub.told[-1].entry, Broken)
    assert replies_to(hub) == ["none.broken"]
    assert hub.ledger.open_deadlines() == []


def test_a_broken_answer_after_the_deadline_says_nothing_to_the_portal() -> None:
    """It has its reply; the vendor is told all the same."""
    hub = asked(HLT)
    hub.fall_due()
    assert "hub.transport.error.v1" in hub.send(BROKEN).whats
    assert replies_to(hub) == ["none.timed-out"]


def test_a_good_answer_after_a_broken_one_is_late() -> None:
    """One reply, and the first stands."""
    hub = asked(HLT)
    hub.send(BROKEN)
    assert hub.send(mail.answer("04", number=2, parent=900, ack="N")).decision.note == "late"
    assert replies_to(hub) == ["none.broken"]


def test_nobody_answers_what_another_was_asked() -> None:
    """Another vendor's broken message, another office's answer, another patient's: the question waits on."""
    hub = asked(HLT)
    ours = m.office(mail.OFFICE).encode()
    theirs = m.organisation("Vidde", m.ident(mail.OTHER[0]), m.organisation("Vidde", m.ident(mail.OTHER[1]))).encode()
    for number, (body, vendor) in enumerate((
        (BROKEN.replace(ours, theirs), "vidde"),
        (mail.answer("04", number=2, parent=900, ack="N").replace(ours, theirs), "vidde"),
        (mail.answer("04", number=3, parent=900, ack="N", who=1), "fjord"),
    )):
        hub.send(body, vendor=vendor)
        assert (number, replies_to(hub)) == (number, [])
    assert len(hub.ledger.open_deadlines()) == 1


def test_a_receipt_of_a_question_says_nothing() -> None:
    """There is none for what is answered at once: a vendor who sends it all the same changes nothing."""
    hub = asked(HLT)
    hub.send(asking.receipt(900, number=1, error="T02"))
    assert (hub.told[-1].events, hub.told[-1].decision.note) == ([], "answers nothing")
    hub.send(mail.answer("04", number=2, parent=900, ack="N"))
    assert replies_to(hub) == ["free-slots"]


def test_a_question_whose_time_is_up_in_the_log_is_not_sent() -> None:
    """It lay before our door for too long: the office would be asked for nobody."""
    hub = Hub()
    command = asking.free_slots(until=START + timedelta(seconds=5))
    hub.command(command, m.msg_id(900), at=START)
    record = hub.log.pop()
    hub = Hub()
    told = hub.append(Outgoing(record.topic, record.key, record.value, tuple(record.headers)), at=START + timedelta(seconds=6))
    assert (told.written, told.whats) == ([], ["hub.delivery.not-sent.v1", "hub.reply.none.not-sent.v1"])
    assert hub.ledger.deadlines == []


@pytest.mark.parametrize("end", ["answered", "refused", "broken", "timed out"])
def test_whom_a_question_was_about_is_forgotten_with_its_end(end: str) -> None:
    """While it waits the number rests in the case; then no more, however it ends."""
    hub = asked(HLT)
    key = hub.ledger.cases[-1].case_key
    assert mail.KAJA.encode() in hub.ledger.cases[-1].state
    ends = {"answered": SLOTS, "refused": mail.answer("26", number=1, parent=900, ack="N"), "broken": BROKEN}
    if end in ends:
        hub.send(ends[end])
    else:
        hub.fall_due()
    assert mail.KAJA.encode() not in [row.state for row in hub.ledger.cases if row.case_key == key][-1]


def test_a_question_leaves_no_appointment_behind() -> None:
    """Free slots are nobody's, and nothing is told of them."""
    hub = asked(HLT)
    hub.send(SLOTS)
    assert hub.case(hub.ledger.cases[-1].case_key).appointments == Case().appointments


def test_a_test_of_an_epj_is_answered_at_once() -> None:
    """KT to the portal: RKT goes to the sender's outbox, sender and receiver have changed places, and nobody is told."""
    kt = m.message(
        type_v="DIALOG_INNBYGGER_TEST", ack="N", patient="", msg_id=m.msg_id(5), gen_date=mail.gen_date(0),
        dialog=m.foresporsel("KT", system="2.16.578.1.12.4.1.1.7603"), sender=m.office(mail.OFFICE), receiver=m.portal(mail.PORTAL),
    )
    told = Hub().send(kt)
    (answer,) = told.written
    assert (answer.topic, told.events, told.receipts) == (of_vendor(OUTBOX, "fjord"), [], [])
    assert f"<RefToParent>{m.msg_id(5)}</RefToParent>".encode() in (answer.value or b"")

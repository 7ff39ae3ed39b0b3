"""The story of a command that waits for no reply at once: sent or not, accepted, rejected or overdue, answered or unanswered."""

import pytest

from contracts.commands import Command
from contracts.events.appointment import AppointmentState as State
from contracts.records import Outgoing
from hub.case.entries import Commanded
from tests import asking, mail
from tests import messages as m
from tests.asking import appointment_of, asked, story_of
from tests.story import START, Hub, Told, data_of, is_xml, type_of

BOOKED = mail.answer("05", mail.slot(), number=2, parent=900, at=2)
ACCEPTED, REJECTED = asking.receipt(900, number=11, at=1), asking.receipt(900, number=12, at=1, error="E35")
STEPS = {
    "accepted": ACCEPTED, "rejected": REJECTED, "05": BOOKED, "06": mail.answer("06", mail.slot(), number=3, parent=900, at=2),
    "26": mail.answer("26", number=4, parent=900, at=2),
}
"""What may come of a booking; `due`: the next deadline."""


def told_by(*steps: str) -> Hub:
    """A booking, and what came of it."""
    hub = asked(asking.book())
    for step in steps:
        if step == "due":
            hub.fall_due()
        else:
            hub.send(STEPS[step])
    return hub


def state_of(hub: Hub) -> State:
    """How the one appointment stands."""
    (appointment,) = hub.case(hub.ledger.cases[-1].case_key).appointments
    return appointment.state


@pytest.mark.parametrize(("steps", "story", "state"), [
    ((), ["sent"], State.REQUESTED),
    (("accepted",), ["sent", "accepted"], State.REQUESTED),
    (("accepted", "05"), ["sent", "accepted", "answered"], State.CONFIRMED),
    (("accepted", "06"), ["sent", "accepted", "answered"], State.NOT_BOOKED),
    (("accepted", "26"), ["sent", "accepted", "answered"], State.NOT_BOOKED),
    (("accepted", "due"), ["sent", "accepted", "unanswered"], State.REQUESTED),
    (("accepted", "due", "05"), ["sent", "accepted", "unanswered", "answered"], State.CONFIRMED),
    (("rejected",), ["sent", "rejected"], State.NOT_BOOKED),
    (("rejected", "05"), ["sent", "rejected"], State.CONFIRMED),
    (("due",), ["sent", "overdue"], State.REQUESTED),
    (("due", "accepted"), ["sent", "overdue", "accepted"], State.REQUESTED),
    (("due", "rejected"), ["sent", "overdue", "rejected"], State.NOT_BOOKED),
    (("due", "due"), ["sent", "overdue", "unanswered"], State.REQUESTED),
    (("due", "due", "accepted", "05"), ["sent", "overdue", "unanswered", "accepted", "answered"], State.CONFIRMED),
    (("05",), ["sent", "answered"], State.CONFIRMED),
    (("05", "accepted"), ["sent", "answered", "accepted"], State.CONFIRMED),
    (("05", "rejected"), ["sent", "answered", "rejected"], State.CONFIRMED),
    (("accepted", "rejected"), ["sent", "accepted"], State.REQUESTED),
    (("rejected", "accepted"), ["sent", "rejected"], State.NOT_BOOKED),
    (("accepted", "accepted"), ["sent", "accepted"], State.REQUESTED),
    (("accepted", "05", "06"), ["sent", "accepted", "answered"], State.NOT_BOOKED),
], ids=lambda given: "-".join(given) if isinstance(given, tuple) else "")
def test_a_booking_has_one_story_whatever_comes_of_it(steps: tuple[str, ...], story: list[str], state: State) -> None:
    """Each step once; what came too late, twice or after the end adds none. The appointment stands as the office last said."""
    hub = told_by(*steps)
    assert (story_of(hub), state_of(hub)) == (story, state)


@pytest.mark.parametrize("steps", [("rejected",), ("accepted", "05"), ("due", "due"), ("05", "accepted")], ids="-".join)
def test_nothing_is_waited_for_after_the_end(steps: tuple[str, ...]) -> None:
    """Each deadline is met, by what came or by its time."""
    assert told_by(*steps).ledger.open_deadlines() == []


@pytest.mark.parametrize(("steps", "waits"), [
    ((), ["receipt", "word"]), (("accepted",), ["word"]), (("due",), ["word"]), (("due", "accepted"), ["word"]),
], ids=str)
def test_what_is_still_waited_for_is_known(steps: tuple[str, ...], waits: list[str]) -> None:
    """The receipt for hours, the office's word for days."""
    assert [row.what for row in told_by(*steps).ledger.open_deadlines()] == waits


def test_a_command_is_never_sent_again_by_itself() -> None:
    """Overdue and unanswered are told, and nothing leaves for the office."""
    hub = told_by("due", "due")
    assert len([out for told in hub.told for out in told.outgoing if is_xml(out)]) == 1


def test_the_same_command_again_leaves_no_trace_but_its_line() -> None:
    """The same bytes under the same id are sent once."""
    hub = asked(asking.book())
    told = hub.command(asking.book(), m.msg_id(900))
    assert (told.events, told.written, told.decision.note) == ([], [], "duplicate")
    assert story_of(hub) == ["sent"]


def test_another_command_under_the_same_id_is_told_and_not_sent() -> None:
    """Its story stays the first one's: that there was a second is told with where it lies."""
    hub = asked(asking.book())
    told = hub.command(asking.book(2), m.msg_id(900))
    assert (told.written, told.whats) == ([], ["hub.delivery.not-sent.v1"])
    said = data_of(told.events[0])
    assert (said["reason"]["code"], said["source"], "path" in said) == ("command-id-used-twice", str(told.entry.origin.source), False)
    assert len(hub.ledger.deadlines) == 2


def test_a_command_that_reception_wrote_twice_is_sent_once() -> None:
    """The same coordinates: nothing at all happens, not even a line in the journal."""
    hub = asked(asking.book())
    hub.append(_as_written(hub, 0), at=START)
    assert hub.told[-1].outgoing == []


def test_a_rejection_says_why_in_codes_of_the_list() -> None:
    """And the appointment that was asked for is not booked: the citizen is told by the generic text."""
    hub = told_by("rejected")
    events = [out for told in hub.told for out in told.events if type_of(out) == "hub.delivery.rejected.v1"]
    assert [error["code"] for error in data_of(events[0])["errors"]] == ["E35"]
    assert "hub.notification.refused.v1" in [what for told in hub.told for what in told.whats]


@pytest.mark.parametrize("code", ["26", "31", "33"])
def test_nobody_else_refuses_a_command(code: str) -> None:
    """A refusal about another patient, in answer to this command: nothing is told of it, and its own office is still waited for."""
    hub = asked(asking.book())
    told = hub.send(mail.answer(code, number=13, parent=900, who=1))
    assert (told.events, told.decision.note) == ([], "answers nothing")
    assert len(hub.ledger.open_deadlines()) == 2


@pytest.mark.parametrize("step", ["accepted", "rejected"])
def test_nobody_else_receipts_a_command(step: str) -> None:
    """Another vendor's AppRec is a line in the journal: nothing is told of the command, and its receipt is waited for."""
    hub = asked(asking.book())
    told = hub.send(asking.receipt(900, number=13, error="T01" if step == "rejected" else None, sender=mail.OTHER), vendor="vidde")
    assert (told.events, told.decision.note) == ([], "answers nothing")
    assert len(hub.ledger.open_deadlines()) == 2


def test_an_apprec_that_comes_twice_has_two_lines_in_the_journal_and_one_step() -> None:
    """Whatever comes in has its line; the second is a duplicate."""
    hub = told_by("accepted", "accepted")
    assert hub.told[-1].decision.note == "duplicate"
    assert len(hub.told[-1].outgoing) == 1


@pytest.mark.parametrize("code", ["02", "04"])
def test_an_answer_to_a_question_is_none_to_a_booking(code: str) -> None:
    """It is a line in the journal, and the office's word is waited for."""
    hub = told_by("accepted")
    told = hub.send(mail.answer(code, number=5, parent=900, at=2, ack="N"))
    assert (told.events, told.decision.note) == ([], "answers nothing")
    assert [row.what for row in hub.ledger.open_deadlines()] == ["word"]
    hub.send(BOOKED)
    assert story_of(hub) == ["sent", "accepted", "answered"]


def test_what_was_said_before_a_command_was_sent_is_no_answer_to_it() -> None:
    """An answer that names an id which nobody had used: the command of that id begins its own story."""
    hub = Hub()
    hub.send(mail.answer("26", number=1, parent=900))
    asked(asking.book(), hub=hub)
    assert [row.what for row in hub.ledger.open_deadlines()] == ["receipt", "word"]
    hub.send(BOOKED)
    assert story_of(hub) == ["refused", "sent", "answered"]


def test_a_receipt_that_was_set_aside_is_heard_when_it_is_replayed() -> None:
    """Its letter is resolved where it is read, and what it says comes to the case as if nothing had been."""
    hub = asked(asking.book())
    hub.send(ACCEPTED, condemned=True)
    letter = str(hub.ledger.letters[0].letter_id)
    hub.replay(letter, ACCEPTED)
    assert story_of(hub) == ["sent", "accepted"]
    assert [row.what for row in hub.ledger.resolutions] == ["replayed"]


def test_a_broken_answer_that_was_set_aside_is_told_when_it_is_replayed() -> None:
    """Whoever waits has its reply, though the answer is a letter of the sender's now."""
    broken = mail.answer("03", number=1, parent=900, ack="N")
    hub = asked(asking.free_slots())
    hub.send(broken, condemned=True)
    hub.replay(str(hub.ledger.letters[0].letter_id), broken)
    assert asking.replies_to(hub) == ["none.broken"]


def cancelled_by(command: Command, *bodies: bytes) -> Hub:
    """An appointment of the office's, a cancellation, and what came of it."""
    hub = Hub()
    hub.send(mail.push("05", mail.slot(1, also=101), number=1))
    asked(command, hub=hub)
    for body in bodies:
        hub.send(body)
    return hub


def the_appointment() -> str:
    """Our id of it, which is derived and so always the same."""
    return appointment_of(Hub().send(mail.push("05", mail.slot(1, also=101), number=1)))


@pytest.mark.parametrize(("body", "story", "state"), [
    (None, ["sent"], State.CANCELLATION_REQUESTED),
    (mail.answer("08", number=2, parent=900, at=2), ["sent", "answered"], State.CANCELLED),
    (mail.answer("09", number=2, parent=900, at=2), ["sent", "answered"], State.CONFIRMED),
    (mail.answer("26", number=2, parent=900, at=2), ["sent", "answered"], State.CONFIRMED),
    (mail.answer("30", number=2, parent=900, at=2), ["sent", "answered"], State.CONFIRMED),
    (asking.receipt(900, number=11, at=2, error="T02"), ["sent", "rejected"], State.CONFIRMED),
], ids=["nothing", "08", "09", "26", "30", "rejected"])
def test_a_cancellation_is_asked_for_until_the_office_says_so(body: bytes | None, story: list[str], state: State) -> None:
    """Confirmed, it is cancelled; refused in any way, the appointment stands."""
    hub = cancelled_by(asking.cancel(the_appointment()), *([body] if body else []))
    assert (story_of(hub), state_of(hub)) == (story, state)


def test_a_cancellation_repeats_the_ids_as_the_office_last_told_them() -> None:
    """`uid`, `related-to` and times are the hub's to fill in."""
    hub = cancelled_by(asking.cancel(the_appointment()))
    entry = hub.told[-1].entry
    assert isinstance(entry, Commanded)
    assert entry.message.icalendar is None
    sent = (hub.told[-1].written[0].value or b"").decode()
    for part in (f"<uid><text>{mail.uid(1)}</text></uid>", f"<related-to><uri>{mail.uid(101)}</uri></related-to>", mail.OFFICE[1],
                 "<date-time>2026-06-12T09:15:00</date-time>", "<date-time>2026-06-12T09:30:00</date-time>"):
        assert part in sent


def test_a_second_cancellation_that_is_refused_does_not_undo_the_first() -> None:
    """08 to the one and 09 to the other: what is cancelled is cancelled."""
    hub = cancelled_by(asking.cancel(the_appointment()))
    asked(asking.cancel(the_appointment()), 901, hub=hub)
    hub.send(mail.answer("08", number=2, parent=900, at=2))
    told = hub.send(mail.answer("09", number=3, parent=901, at=3))
    assert (state_of(hub), "hub.appointment.cancellation-refused.v1" in told.whats) == (State.CANCELLED, False)
    assert (story_of(hub, 900), story_of(hub, 901)) == (["sent", "answered"], ["sent", "refused", "answered"])


@pytest.mark.parametrize(("bodies", "code"), [
    ((), "appointment-unknown"), ((mail.push("08", mail.slot(), number=2, at=2),), "appointment-over"),
    ((mail.push("11", mail.slot(), number=2, at=2),), "appointment-over"),
    ((mail.push("MOA", mail.slot(status="COMPLETED"), number=2, at=2),), "appointment-over"),
], ids=["unknown", "cancelled", "no-show", "completed"])
def test_only_what_is_open_can_be_cancelled(bodies: tuple[bytes, ...], code: str) -> None:
    """The case says so; nothing is sent, and nothing is remembered."""
    hub = Hub()
    hub.send_all([mail.push("05", mail.slot(), number=1, who=0 if bodies else 1), *bodies])
    appointment = appointment_of(hub.told[0])
    told = hub.command(asking.cancel(appointment), m.msg_id(900))
    assert (told.written, told.whats) == ([], ["hub.delivery.not-sent.v1"])
    assert data_of(told.events[0])["reason"]["code"] == code
    assert hub.ledger.deadlines == []


def test_an_appointment_whose_time_was_never_told_cannot_be_cancelled() -> None:
    """The office could not know which one is meant."""
    hub = Hub()
    told = hub.send(mail.answer("09", number=1, parent=950))
    refused = hub.command(asking.cancel(appointment_of(told)), m.msg_id(900))
    assert data_of(refused.events[0])["reason"]["code"] == "appointment-unknown"


def words_of(told: Told) -> str | None:
    """The office's words, as the appointment has them."""
    happening = next(out for out in told.events if (type_of(out) or "").startswith("hub.appointment."))
    text: str | None = data_of(happening)["appointment"].get("text")
    return text


@pytest.mark.parametrize("code", ["08", "09", "26", "30"])
@pytest.mark.parametrize("slots", [(), (mail.slot(),)], ids=["without a calendar", "with one"])
def test_the_offices_words_reach_the_citizen_with_or_without_a_calendar(code: str, slots: tuple[str, ...]) -> None:
    """Not those of the message before it."""
    hub = cancelled_by(asking.cancel(the_appointment()))
    assert words_of(hub.send(mail.answer(code, *slots, number=2, parent=900, at=2, text="Ring oss."))) == "Ring oss."


@pytest.mark.parametrize("end", ["05", "06", "26", "rejected"])
def test_whom_a_request_was_about_is_forgotten_with_its_end(end: str) -> None:
    """While it is open the number rests in the case, for a receipt names no patient; then no more."""
    hub = asked(asking.book())
    assert mail.KAJA.encode() in hub.ledger.cases[-1].state
    hub.send(STEPS[end])
    assert mail.KAJA.encode() not in hub.ledger.cases[-1].state


def _as_written(hub: Hub, offset: int) -> Outgoing:
    record = hub.log[offset]
    return Outgoing(record.topic, record.key, record.value, tuple(record.headers))

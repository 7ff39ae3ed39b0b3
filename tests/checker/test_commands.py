"""The checker is shown to find every fault of commands: replies, stories and documents, each planted in a run that was without any."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from checker.facts import Seen
from contracts.topics import COMMANDS, DELIVERIES, JOURNAL, REPLIES
from tests.checker.offline import BEGAN
from tests.checker.planting import (
    OUTBOX_OF_FIRST,
    Change,
    Meant,
    World,
    a_document,
    anything,
    instead,
    moved,
    of,
    planted,
    retold,
    swapped,
    told_twice,
    with_data,
    without,
)


@pytest.mark.parametrize("what", ["free-slots", "practitioners", "connected", "timed-out", "broken", "not-sent"])
def test_a_missing_reply_is_found(honest: World, what: str) -> None:
    """Somebody would wait for it."""
    assert len(planted(honest, REPLIES.name, without(of(what))).replies_missing) == 1


def test_a_doubled_reply_is_found(honest: World) -> None:
    """Exactly one, also where both say the same."""
    assert len(planted(honest, REPLIES.name, told_twice(anything)).replies_doubled) == 1


@pytest.mark.parametrize(
    ("what", "told"),
    [("free-slots", "timed-out"), ("timed-out", "broken"), ("broken", "timed-out"), ("timed-out", "free-slots"), ("broken", "not-sent"),
     ("not-sent", "timed-out")],
)
def test_a_reply_that_is_not_what_was_decided_is_found(honest: World, what: str, told: str) -> None:
    """An answer was taken, or none was; a broken one was sent, or none."""
    reason = {"reason": {"code": "deadline-passed"}}
    assert planted(honest, REPLIES.name, instead(of(what), lambda record: with_data(**reason)(retold(told)(record)))).replies_wrong


def test_a_reply_before_its_time_is_found(honest: World) -> None:
    """Nobody may give up before the deadline."""
    early = instead(of("timed-out"), with_data(at=BEGAN.isoformat()))
    assert len(planted(honest, REPLIES.name, early).replies_wrong) == 1


def test_an_answer_that_was_taken_for_late_in_its_time_is_found(honest: World) -> None:
    """It stood in the log before the deadline, and the deadline was told."""
    def is_meant(line: Seen) -> bool:
        return line.data.get("note") == "late" and is_of_timed_out(honest, line)

    early = instead(is_meant, with_data(decided_at=BEGAN.isoformat()))
    assert len(planted(honest, JOURNAL.name, early).replies_wrong) == 1


def is_of_timed_out(honest: World, line: Seen) -> bool:
    """The answer of this line is one to a question that was told as timed out."""
    return any(reply.what == "timed-out" and reply.data["command"] == line.data["answers"] for reply in honest[REPLIES.name])


@pytest.mark.parametrize("what", ["free-slots", "practitioners"])
def test_a_reply_with_another_answers_words_is_found(honest: World, what: str) -> None:
    """Each answer says which it is."""
    assert len(planted(honest, REPLIES.name, instead(of(what), with_data(text="svar til en annen"))).replies_wrong) == 1


def test_a_reply_to_nobodys_question_is_found(honest: World) -> None:
    """A booking has none."""
    booked = next(step.data["request"] for step in honest[DELIVERIES.name] if step.what == "answered")
    stray = instead(of("timed-out"), lambda record: with_data(command=booked)(record)._replace(key=booked.encode()))
    found = planted(honest, REPLIES.name, stray)
    assert found.replies_wrong == [booked]
    assert len(found.replies_missing) == 1


@pytest.mark.parametrize("what", ["sent", "not-sent", "accepted", "rejected", "answered", "overdue"])
@pytest.mark.parametrize("plant", [without, told_twice])
def test_a_story_with_a_step_too_few_or_too_many_is_found(honest: World, plant: Callable[[Meant], Change], what: str) -> None:
    """Each step once, as the office gave cause for it."""
    assert len(planted(honest, DELIVERIES.name, plant(of(what))).stories_wrong) == 1


@pytest.mark.parametrize(
    ("what", "told"), [("accepted", "rejected"), ("answered", "unanswered"), ("sent", "not-sent"), ("overdue", "refused")],
)
def test_a_story_with_a_wrong_step_is_found(honest: World, what: str, told: str) -> None:
    """It says what nobody has said."""
    wrong = instead(of(what), lambda record: with_data(reason={"code": "deadline-passed"})(retold(told)(record)))
    assert len(planted(honest, DELIVERIES.name, wrong).stories_wrong) == 1


def test_a_story_that_goes_on_after_a_command_was_not_sent_is_found(honest: World) -> None:
    """It ends before it has begun."""
    def refuse(records: list[Seen]) -> list[Seen]:
        went_on = {step.data["request"] for step in records if step.what == "accepted"}
        return [retold("not-sent")(step) if step.what == "sent" and step.data["request"] in went_on else step for step in records]

    assert planted(honest, DELIVERIES.name, refuse).stories_wrong


def test_a_command_that_was_overdue_before_its_time_is_found(honest: World) -> None:
    """An AppRec has its time."""
    assert len(planted(honest, DELIVERIES.name, instead(of("overdue"), with_data(at=BEGAN.isoformat()))).stories_wrong) == 1


def test_a_command_that_was_overdue_after_its_answer_is_found(honest: World) -> None:
    """Nothing is waited for any more."""
    def tell_late(records: list[Seen]) -> list[Seen]:
        answered = next(step for step in records if step.what == "answered")
        late = with_data(at=(BEGAN + timedelta(days=1)).isoformat())(retold("overdue")(answered))
        return [*records, late._replace(offset=records[-1].offset + 1)]

    assert len(planted(honest, DELIVERIES.name, tell_late).stories_wrong) == 1


def test_a_document_that_is_missing_is_found(honest: World) -> None:
    """Told as sent, and no office has it."""
    assert len(planted(honest, OUTBOX_OF_FIRST, without(a_document)).sent_missing) == 1


def test_a_document_that_stands_twice_is_found(honest: World) -> None:
    """The office would be asked twice."""
    assert len(planted(honest, OUTBOX_OF_FIRST, told_twice(a_document)).sent_doubled) == 1


def test_a_document_in_another_vendors_outbox_is_found(honest: World) -> None:
    """Missing where it belongs, strange where it stands."""
    found = moved(honest, a_document)
    assert (len(found.sent_missing), len(found.strange)) == (1, 1)


def test_two_documents_of_a_case_that_changed_places_are_found(honest: World) -> None:
    """What was asked first is to be read first."""
    found = planted(honest, OUTBOX_OF_FIRST, lambda records: swapped(records, a_document))
    assert found.out_of_order
    assert not found.sent_missing


def test_a_command_that_nobody_gave_is_found(honest: World) -> None:
    """Its record is gone; its document, its story and its reply stand."""
    booked = next(record for record in honest[COMMANDS.name] if record.what == "book")
    found = planted(honest, COMMANDS.name, lambda records: [record for record in records if record.headers != booked.headers])
    assert (len(found.stories_wrong), len(found.strange) > 0) == (1, True)

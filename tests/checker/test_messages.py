"""The checker is shown to find what it is there for: each fault is planted in a run that was without any. Here: of messages."""

import json
from collections.abc import Callable

import pytest

from checker.facts import Seen
from contracts.topics import (
    APPOINTMENT_STATUS,
    APPOINTMENTS,
    DEAD_LETTERS,
    INBOX,
    JOURNAL,
    NOTIFICATIONS,
    TOPICS,
)
from hub.certify.numbered import VENDORS, number_of
from tests.checker.planting import (
    OUTBOX_OF_FIRST,
    Change,
    Meant,
    World,
    a_push,
    an_apprec,
    anything,
    instead,
    judged,
    moved,
    of,
    of_appointment,
    planted,
    retold,
    swapped,
    told_twice,
    with_data,
    with_value,
    without,
)


def of_broken(record: Seen) -> bool:
    """A letter at its sender's charge."""
    return bool(record.data["fault"] == "sender")


def test_an_undisturbed_run_is_without_fault(honest: World) -> None:
    """Every message and command once, re-sends included; also what was set aside, waited, was replayed or discarded."""
    found = judged(honest)
    assert found.faults == {}
    assert (found.questions, found.commands > 210, found.records > 850) == (150, True, True)
    assert (found.set_aside, found.parked, found.discarded) == (6, 5, 2)


def test_an_undisturbed_run_holds_everything_that_can_become_of_a_command(honest: World) -> None:
    """Or a fault planted in it would prove little."""
    assert judged(honest).became.keys() == {
        "accepted", "answered", "broken", "connected", "free-slots", "not-sent", "overdue", "practitioners", "rejected", "sent",
        "timed-out",
    }


# appointments

def test_a_lost_event_is_found(honest: World) -> None:
    """By its MsgId."""
    found = planted(honest, APPOINTMENTS.name, without(a_push))
    assert [number_of(msg_id) for msg_id in found.lost] == [304]
    assert found.counts["lost"] == 1


@pytest.mark.parametrize("what", ["requested", "cancellation-requested", "confirmed", "not-booked", "cancellation-refused"])
def test_a_lost_event_of_a_command_is_found(honest: World, what: str) -> None:
    """What the citizen asked for, and what the office said to it."""
    assert len(planted(honest, APPOINTMENTS.name, without(of_appointment(what))).lost) == 1


def test_a_doubled_event_is_found(honest: World) -> None:
    """Also as a revision that does not rise, and as out of order."""
    found = planted(honest, APPOINTMENTS.name, told_twice(a_push))
    assert [number_of(msg_id) for msg_id in found.doubled] == [304]
    assert found.revisions


def test_two_events_of_a_case_that_changed_places_are_found(honest: World) -> None:
    """Though nothing is lost or doubled."""
    found = planted(honest, APPOINTMENTS.name, lambda records: swapped(records, a_push))
    assert found.out_of_order
    assert not found.lost
    assert not found.doubled


def test_an_event_with_another_messages_content_is_found(honest: World) -> None:
    """Its number is not its MsgId's."""
    assert len(planted(honest, APPOINTMENTS.name, instead(a_push, lambda record: with_value(record, about="nr 7"))).strange) == 1


def test_an_event_of_another_appointment_than_was_asked_for_is_found(honest: World) -> None:
    """Somebody else's slot."""
    stray = instead(of("requested"), lambda record: with_value(record, uid="b00c0000-0000-4000-8000-00ff00000000"))
    assert len(planted(honest, APPOINTMENTS.name, stray).strange) == 1


def test_an_event_that_says_other_than_the_office_did_is_found(honest: World) -> None:
    """It was confirmed, and is told as cancelled."""
    assert len(planted(honest, APPOINTMENTS.name, instead(of_appointment("confirmed"), retold("cancelled"))).strange) == 1


def test_a_revision_that_jumps_is_found(honest: World) -> None:
    """Rising is not enough: it rises by one."""
    assert planted(honest, APPOINTMENTS.name, instead(anything, lambda record: with_value(record, revision=99))).revisions


def test_a_status_behind_its_events_is_found(honest: World) -> None:
    """Whoever reads only the compacted topic would show an old time."""
    assert len(planted(honest, APPOINTMENT_STATUS.name, without(anything)).status) == 1


def test_a_status_of_what_was_never_given_is_found(honest: World) -> None:
    """It was asked for and refused: no citizen has it."""
    refused = next(record for record in reversed(honest[APPOINTMENTS.name]) if record.what == "not-booked")
    told = refused.data["appointment"]
    given = Seen(APPOINTMENT_STATUS.name, 0, 9_999, 0, told["appointment_id"].encode(), json.dumps({"appointment": told}).encode(), ())
    assert len(planted(honest, APPOINTMENT_STATUS.name, lambda records: [*records, given]).status) == 1


def test_a_status_that_falls_back_is_found(honest: World) -> None:
    """After compaction it would stay."""
    assert planted(honest, APPOINTMENT_STATUS.name, told_twice(lambda record: record.data["appointment"]["revision"] > 1)).status


def test_a_second_notification_for_one_revision_is_found(honest: World) -> None:
    """A citizen would be told twice."""
    assert len(planted(honest, NOTIFICATIONS.name, told_twice(anything)).notifications) == 1


def test_a_message_that_nobody_sent_is_found(honest: World) -> None:
    """Its inbox record is gone; its event stands."""
    told = next(event for event in reversed(honest[APPOINTMENTS.name]) if a_push(event))
    inboxes = {topic: records for topic, records in honest.items() if topic.endswith(INBOX.name.rpartition(".")[2])}
    inbox = next(topic for topic, records in inboxes.items() if any(is_of(told.cause, record) for record in records))
    assert planted(honest, inbox, without(lambda record: is_of(told.cause, record))).strange == [told.cause]


def is_of(msg_id: str, record: Seen) -> bool:
    """The message with this id."""
    return msg_id.encode() in (record.value or b"")


def test_a_notification_for_nothing_is_found(honest: World) -> None:
    """Of a revision that brought no news."""
    def change(records: list[Seen]) -> list[Seen]:
        return [*records, with_data(revision=99)(records[-1])._replace(offset=records[-1].offset + 1)]

    assert len(planted(honest, NOTIFICATIONS.name, change).notifications) == 1


def test_a_notification_that_says_something_else_is_found(honest: World) -> None:
    """For nothing, and what was owed is missing."""
    assert len(planted(honest, NOTIFICATIONS.name, instead(of("changed"), retold("cancelled"))).notifications) == 2


@pytest.mark.parametrize("what", ["new", "changed", "cancelled", "refused"])
def test_a_missing_notification_is_found(honest: World, what: str) -> None:
    """The citizen would never hear of it."""
    assert len(planted(honest, NOTIFICATIONS.name, without(of(what))).notifications) == 1


# senders

def test_a_missing_receipt_is_found(honest: World) -> None:
    """The vendor would wait for it."""
    assert len(planted(honest, OUTBOX_OF_FIRST, without(an_apprec)).receipts_missing) == 1


def test_a_doubled_receipt_is_found(honest: World) -> None:
    """One AppRec per MsgId, whatever happens."""
    assert len(planted(honest, OUTBOX_OF_FIRST, told_twice(an_apprec)).receipts_doubled) == 1


def test_a_negative_receipt_is_found(honest: World) -> None:
    """Every message of the run that asks for one is good."""
    def refuse(record: Seen) -> Seen:
        return record._replace(value=(record.value or b"").replace(b'<Status V="1"', b'<Status V="2"'))

    assert len(planted(honest, OUTBOX_OF_FIRST, instead(an_apprec, refuse)).receipts_wrong) == 1


def test_a_receipt_in_another_vendors_outbox_is_found(honest: World) -> None:
    """It would be somebody else's mail."""
    found = moved(honest, an_apprec)
    assert len(found.receipts_wrong) == 1
    assert not found.receipts_missing


@pytest.mark.parametrize("plant", [without, told_twice])
@pytest.mark.parametrize("note", [None, "late", "duplicate", "timed out", "overdue"])
def test_a_record_without_one_line_in_the_journal_is_found(honest: World, plant: Callable[[Meant], Change], note: str | None) -> None:
    """None, or two; of a deadline too."""
    assert planted(honest, JOURNAL.name, plant(lambda record: record.data.get("note") == note)).journal


@pytest.mark.parametrize("note", [None, "late"])
def test_an_answer_that_is_taken_for_one_to_nothing_is_found(honest: World, note: str | None) -> None:
    """Every AppRec and answer of the run answers something that was sent."""
    stray = instead(lambda record: "answers" in record.data and record.data.get("note") == note, with_data(note="answers nothing"))
    assert planted(honest, JOURNAL.name, stray).journal


@pytest.mark.parametrize("topic", [topic.name.replace("<vendor>", VENDORS[0]) for topic in TOPICS if topic.name.endswith("errors")])
def test_a_word_on_an_errors_topic_that_is_owed_to_nobody_is_found(honest: World, topic: str) -> None:
    """A notice, say: no message of such a run deserves one."""
    word = Seen(topic, 0, 9_999, 0, None, b"{}", (("ce_type", b"hub.transport.notice.v1"),))
    assert len(judged(honest.but({topic: [*honest.get(topic, []), word]})).letters) == 1


@pytest.mark.parametrize("plant", [without, told_twice])
def test_a_broken_answer_without_one_letter_is_found(honest: World, plant: Callable[[Meant], Change]) -> None:
    """None, or two."""
    assert planted(honest, DEAD_LETTERS.name, plant(of_broken)).counts["letters_wrong"]

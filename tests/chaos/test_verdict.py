"""The checker is shown to find what it is there for: each fault is planted in a run that was without any."""

import json
from collections.abc import Callable

import pytest

from contracts.topics import APPOINTMENT_STATUS, APPOINTMENTS, INBOX, JOURNAL, NOTIFICATIONS, OUTBOX, TOPICS, of_vendor
from hub.parties import read_register
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk
from tests.chaos.numbered import VENDORS, letters, number_of, write_register
from tests.chaos.offline import Offline
from tests.chaos.verdict import Seen, Verdict, longest_gap, verdict

World = dict[str, list[Seen]]
OUTBOX_OF_FIRST = of_vendor(OUTBOX, VENDORS[0])


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> World:
    """What 300 messages with re-sends leave behind when nothing goes wrong."""
    register = read_register(write_register(tmp_path_factory.mktemp("register") / "parties.toml"))
    offline = Offline(Desk(Pseudonyms(b"k" * 32), register))
    offline.take(letters(300, cases=25, resends=0.1, seed=1))
    return dict(offline.topics)


def judged(world: World) -> Verdict:
    """The verdict on it."""
    return verdict(world, vendors=VENDORS)


def planted(honest: World, topic: str, change: Callable[[list[Seen]], list[Seen]]) -> Verdict:
    """The verdict with one topic changed."""
    return judged(honest | {topic: change(list(honest[topic]))})


def told_twice(records: list[Seen]) -> list[Seen]:
    """The last record once more."""
    return [*records, records[-1]._replace(offset=records[-1].offset + 1)]


def without_last(records: list[Seen]) -> list[Seen]:
    """All but the last record."""
    return records[:-1]


def with_value(record: Seen, **appointment: object) -> Seen:
    """The record with other data of its appointment."""
    data = record.data
    data["appointment"] |= appointment
    return record._replace(value=json.dumps(data).encode())


def swapped(records: list[Seen]) -> list[Seen]:
    """The last two events of one case change places."""
    last = records[-1]
    other = next(record for record in reversed(records[:-1]) if record.key == last.key)
    moved = {last.offset: other.offset, other.offset: last.offset}
    return [record._replace(offset=moved.get(record.offset, record.offset)) for record in records]


def test_an_undisturbed_run_is_without_fault(honest: World) -> None:
    """Every message once, re-sends included, and the line says so."""
    found = judged(honest)
    assert found.faults == {}
    assert (found.messages, found.events) == (300, 300)
    assert found.records > 310
    assert found.line().startswith("RESULT PASS records=")


def test_a_lost_event_is_found(honest: World) -> None:
    """By its MsgId."""
    found = planted(honest, APPOINTMENTS.name, without_last)
    assert [number_of(msg_id) for msg_id in found.lost] == [299]
    assert found.line().startswith("RESULT FAIL")


def test_a_doubled_event_is_found(honest: World) -> None:
    """Also as a revision that does not rise, and as out of order."""
    found = planted(honest, APPOINTMENTS.name, told_twice)
    assert [number_of(msg_id) for msg_id in found.doubled] == [299]
    assert found.revisions


def test_two_events_of_a_case_that_changed_places_are_found(honest: World) -> None:
    """Though nothing is lost or doubled."""
    found = planted(honest, APPOINTMENTS.name, swapped)
    assert found.out_of_order
    assert not found.lost
    assert not found.doubled


def test_an_event_with_another_messages_content_is_found(honest: World) -> None:
    """Its number is not its MsgId's."""
    found = planted(honest, APPOINTMENTS.name, lambda records: [*records[:-1], with_value(records[-1], about="nr 7")])
    assert len(found.strange) == 1


def test_a_revision_that_jumps_is_found(honest: World) -> None:
    """Rising is not enough: it rises by one."""
    found = planted(honest, APPOINTMENTS.name, lambda records: [*records[:-1], with_value(records[-1], revision=99)])
    assert len(found.revisions) == 1


def test_a_missing_receipt_is_found(honest: World) -> None:
    """The vendor would wait for it."""
    assert len(planted(honest, OUTBOX_OF_FIRST, without_last).receipts_missing) == 1


def test_a_doubled_receipt_is_found(honest: World) -> None:
    """One AppRec per MsgId, whatever happens."""
    assert len(planted(honest, OUTBOX_OF_FIRST, told_twice).receipts_doubled) == 1


def test_a_negative_receipt_is_found(honest: World) -> None:
    """Every message of the run is good."""
    def refuse(records: list[Seen]) -> list[Seen]:
        return [*records[:-1], records[-1]._replace(value=(records[-1].value or b"").replace(b'<Status V="1"', b'<Status V="2"'))]

    assert len(planted(honest, OUTBOX_OF_FIRST, refuse).receipts_wrong) == 1


def test_a_receipt_in_another_vendors_outbox_is_found(honest: World) -> None:
    """It would be somebody else's mail."""
    stray = honest[OUTBOX_OF_FIRST][-1]._replace(topic=of_vendor(OUTBOX, VENDORS[1]), offset=9_999)
    found = judged(honest | {OUTBOX_OF_FIRST: honest[OUTBOX_OF_FIRST][:-1], stray.topic: [*honest[stray.topic], stray]})
    assert len(found.receipts_wrong) == 1
    assert not found.receipts_missing


def test_a_status_behind_its_events_is_found(honest: World) -> None:
    """Whoever reads only the compacted topic would show an old time."""
    assert len(planted(honest, APPOINTMENT_STATUS.name, without_last).status) == 1


def test_a_status_that_falls_back_is_found(honest: World) -> None:
    """After compaction it would stay."""
    def fall(records: list[Seen]) -> list[Seen]:
        older = next(record for record in records if record.data["appointment"]["revision"] > 1)
        return [*records, older._replace(offset=records[-1].offset + 1)]

    assert planted(honest, APPOINTMENT_STATUS.name, fall).status


@pytest.mark.parametrize("plant", [without_last, told_twice])
def test_a_record_without_one_line_in_the_journal_is_found(honest: World, plant: Callable[[list[Seen]], list[Seen]]) -> None:
    """None, or two."""
    assert planted(honest, JOURNAL.name, plant).journal


def test_a_second_notification_for_one_revision_is_found(honest: World) -> None:
    """A citizen would be told twice."""
    assert len(planted(honest, NOTIFICATIONS.name, told_twice).notified_twice) == 1


@pytest.mark.parametrize("topic", [topic.name.replace("<vendor>", VENDORS[0]) for topic in TOPICS if topic.name.endswith("errors")])
def test_a_word_on_an_errors_topic_is_found(honest: World, topic: str) -> None:
    """Nobody did anything wrong in such a run."""
    assert len(judged(honest | {topic: [Seen(topic, 0, 0, 0, None, b"{}", ())]}).letters) == 1


def test_a_message_that_nobody_sent_is_found(honest: World) -> None:
    """Its inbox record is gone; its event stands."""
    inbox = of_vendor(INBOX, VENDORS[0])
    assert planted(honest, inbox, lambda records: records[1:]).strange


def test_the_longest_gap_is_told_with_its_beginning() -> None:
    """In seconds, whatever the order of the records."""
    events = [Seen("t", 0, at, ms, None, None, ()) for at, ms in enumerate((9_500, 1_000, 1_500, 4_000))]
    assert longest_gap(events) == (5.5, 3.0)
    assert longest_gap([]) == (0.0, 0.0)

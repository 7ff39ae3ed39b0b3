"""What stands on the topics against what would be told now: each kind of difference, one of each, and what is none."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from contracts.records import Outgoing
from contracts.topics import ACCESS, APPOINTMENTS, SEQUENCED
from hub.rebuilding.proof import (
    ID,
    Compared,
    Covered,
    Expected,
    Stands,
    is_told,
    of_appointments,
    of_compacted,
    of_topic,
)

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
TOPIC = APPOINTMENTS.name
ALL = Covered({(TOPIC, 0): 0}, LONG_AGO)
IDS = [uuid.UUID(int=n) for n in range(10)]


def out(n: int, *, topic: str = TOPIC, key: bytes = b"k") -> Outgoing:
    """An event with this id."""
    return Outgoing(topic, key, b"{}", ((ID, str(IDS[n]).encode()),))


def expected(*numbers: int, topic: str = TOPIC, lane: int = 0) -> Expected:
    """Of one lane."""
    made = Expected({TOPIC: 1, ACCESS.name: 1})
    made.hear(lane, [out(n, topic=topic) for n in numbers])
    return made


def stands(*numbers: int, topic: str = TOPIC, at: datetime = NOW) -> list[Stands]:
    """On the topic."""
    return [Stands(topic, 0, b"k", IDS[n].bytes, at) for n in numbers]


@pytest.mark.parametrize(("told", "ours", "missing", "extra"), [
    ((1, 2, 3), (1, 2, 3), 0, 0), ((3, 1, 2), (1, 2, 3), 0, 0), ((1, 3), (1, 2, 3), 1, 0), ((1, 2, 3, 4), (1, 2, 3), 0, 1), ((), (), 0, 0),
])
def test_each_that_would_leave_must_stand_there_and_no_other(
    told: tuple[int, ...], ours: tuple[int, ...], missing: int, extra: int,
) -> None:
    """By ids: order within a lane is the producer's."""
    assert of_topic(TOPIC, stands(*told), expected(*ours), ALL) == Compared(TOPIC, len(ours), missing, extra)


def test_what_retention_has_taken_is_the_oldest_of_a_lane_and_nothing_else() -> None:
    """Where the topic has lost its beginning the first may be gone; one amid others may not."""
    begun = Covered({(TOPIC, 0): 7}, LONG_AGO)
    assert of_topic(TOPIC, stands(2, 3), expected(1, 2, 3), begun).is_equal
    assert of_topic(TOPIC, stands(1, 3), expected(1, 2, 3), begun).missing == 1
    assert of_topic(TOPIC, [], expected(1, 2), begun).is_equal
    assert of_topic(TOPIC, [], expected(1, 2), ALL).missing == 2


def test_what_was_told_before_the_log_was_folded_again_is_not_judged() -> None:
    """When only a part was folded, or the log has lost its beginning."""
    assert of_topic(TOPIC, stands(1, 2), expected(2), Covered({}, None)).is_equal
    later = Covered({}, NOW)
    assert of_topic(TOPIC, [*stands(1, at=NOW - timedelta(days=1)), *stands(2)], expected(2), later).is_equal
    assert of_topic(TOPIC, stands(1, 2), expected(2), later).extra == 1


def test_of_a_compacted_topic_the_newest_of_each_key_counts() -> None:
    """The older ones are gone, or will be."""
    name = ACCESS.name
    assert of_compacted(name, stands(1, 2, topic=name), expected(1, 2, topic=name), ALL).is_equal
    assert of_compacted(name, stands(2, 1, topic=name), expected(1, 2, topic=name), ALL).missing == 1
    assert of_compacted(name, stands(1, topic=name), expected(), ALL).extra == 1


def test_what_is_no_event_is_known_by_its_bytes() -> None:
    """XML on an outbox has derived ids inside."""
    made = Expected({TOPIC: 1})
    made.hear(0, [Outgoing(TOPIC, b"k", b"<a/>"), Outgoing(TOPIC, b"k", b"<b/>")])
    one = Expected({TOPIC: 1})
    one.hear(0, [Outgoing(TOPIC, b"k", b"<b/>")])
    assert bytes(made.records[TOPIC, 0][0])[16:] == bytes(one.records[TOPIC, 0][0])


def test_an_appointment_that_stands_otherwise_than_it_was_told_is_found() -> None:
    """Another revision or state, one that is missing, one too many; what is forgotten by age is passed over."""
    told = {"a": ((2, "confirmed"), NOW), "old": ((1, "cancelled"), NOW - timedelta(days=500))}

    def differences(**here: tuple[int, str]) -> tuple[int, int]:
        judged = of_appointments(here, told, now=NOW, forgotten_after=timedelta(days=400))
        return judged.missing, judged.extra

    assert differences(a=(2, "confirmed")) == (0, 0)
    assert differences(a=(1, "confirmed")) == differences(a=(2, "cancelled")) == differences() == (1, 0)
    assert differences(a=(2, "confirmed"), b=(1, "confirmed")) == (0, 1)
    assert differences(a=(2, "confirmed"), old=(2, "cancelled")) == (1, 0)


def test_what_casework_alone_writes_is_compared() -> None:
    """Neither what others write, nor the log itself."""
    told = [TOPIC, "epj.fjord.outbox", "epj.fjord.errors"]
    assert all(is_told(name) for name in told)
    assert not any(is_told(name) for name in (SEQUENCED.name, "epj.fjord.inbox", "epj.fjord.sync", "somebody.elses"))

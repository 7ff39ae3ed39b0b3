"""Who is to blame for a transaction that failed."""

import pytest
from aiokafka import errors as kafka

from contracts.records import Outgoing
from producers.backing_off import MOST
from producers.blame import REFUSED_TRIES, SendFailed, Trouble, cause_of
from producers.work import Hold
from tests.producers.records import record

TOO_LARGE = kafka.MessageSizeTooLargeError()


def failed_send(error: Exception) -> SendFailed:
    """A send that failed for this."""
    failure = SendFailed()
    failure.__cause__ = error
    return failure


def test_a_batch_that_is_refused_travels_alone_next() -> None:
    """Nobody is blamed yet: below its end every record travels alone."""
    trouble = Trouble()
    trouble.failed(failed_send(TOO_LARGE), first=5, end=9, count=4)
    assert (trouble.single_until, trouble.condemned) == (9, {})


def test_a_record_refused_alone_is_condemned() -> None:
    """Only after it was refused alone so often, and with what Kafka said."""
    trouble = Trouble()
    for tries in range(REFUSED_TRIES):
        assert trouble.condemned_among([record(7)]) == {}, tries
        trouble.failed(failed_send(TOO_LARGE), first=7, end=8, count=1)
    assert trouble.condemned_among([record(6), record(7)]) == {7: TOO_LARGE}


@pytest.mark.parametrize(
    "error",
    [
        kafka.KafkaConnectionError(),
        kafka.RequestTimedOutError(),
        kafka.NotEnoughReplicasError(),
        kafka.TopicAuthorizationFailedError(),
        kafka.UnknownTopicOrPartitionError(),
        kafka.ProducerFenced(),
        kafka.OutOfOrderSequenceNumber(),
        TimeoutError(),
        OSError(),
        kafka.InvalidTimestampError(),
        kafka.UnknownError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_outage_blames_nobody(error: Exception) -> None:
    """What Kafka says about the cluster, our rights or our topics never counts against a record, however often."""
    trouble = Trouble()
    for _ in range(10):
        trouble.failed(failed_send(error), first=7, end=8, count=1)
    assert (trouble.condemned, trouble.refused, trouble.single_until) == ({}, {}, 0)


def test_an_error_that_says_nothing_blames_only_a_record_without_a_key() -> None:
    """A compacted topic refuses a null key by it; a broker in trouble says it of anything."""
    for key, blamed in ((None, [7]), (b"k", [])):
        trouble = Trouble()
        for _ in range(REFUSED_TRIES):
            trouble.failed(failed_send(kafka.UnknownError()), first=7, end=8, count=1, outgoing=[Outgoing("out", key, b"x")])
        assert list(trouble.condemned) == blamed


def test_holds_in_a_row_grow_longer_and_a_hold_may_say_how_long() -> None:
    """By the lane's own back-off, never all workers in step, up to a bound."""
    trouble = Trouble()
    waits = [trouble.wait_for(Hold()) for _ in range(12)]
    assert waits[0] < waits[4] < waits[9] <= MOST
    assert len({Trouble(holds=20).wait_for(Hold()) for _ in range(10)}) > 1
    assert trouble.wait_for(Hold(7)) == 7


def test_a_trouble_outlives_its_lane() -> None:
    """The back-off of a partition grows over its lanes (rule 9), and a delivery ends it."""
    trouble = Trouble()
    for _ in range(9):
        trouble.failed(TimeoutError(), first=0, end=1, count=1)
    assert trouble.back_off() > 2
    trouble.delivered(1)
    assert trouble.back_off() < 0.1


def test_a_delivery_settles_what_is_below_its_end() -> None:
    """It says how many of those were set aside, and forgets them; what is beyond stays."""
    trouble = Trouble()
    for offset in (3, 8):
        trouble.condemn(offset, TOO_LARGE)
    trouble.refused[9] = 1
    assert trouble.delivered(8) == 1
    assert (list(trouble.condemned), trouble.refused) == ([8], {9: 1})


def test_the_first_reason_stands() -> None:
    """A record that is condemned again keeps the reason that condemned it."""
    trouble = Trouble()
    trouble.condemn(3, TOO_LARGE)
    trouble.condemn(3, KeyError())
    assert trouble.condemned[3] is TOO_LARGE


def test_the_cause_of_a_failed_send_is_what_kafka_said() -> None:
    """And of anything else it is itself."""
    assert cause_of(failed_send(TOO_LARGE)) is TOO_LARGE
    assert cause_of(TOO_LARGE) is TOO_LARGE

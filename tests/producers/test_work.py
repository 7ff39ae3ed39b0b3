"""What a lane shows of a record."""

from aiokafka import ConsumerRecord

from producers.lanes import record_of
from tests.producers.records import record


def raw(headers: tuple[tuple[str, bytes | None], ...] = ()) -> ConsumerRecord:
    """As aiokafka gives it."""
    return ConsumerRecord("in", 2, 7, 1_700_000_000_000, 0, b"key", b"value", None, 3, 5, headers)


def test_a_record_shows_no_content() -> None:
    """Its repr is its coordinates: a value holds a person's words."""
    assert repr(record(7, b"a person's words")) == "Record(in/0/7)"


def test_a_record_is_what_kafka_holds() -> None:
    """Coordinates, time, key and value as they came."""
    assert tuple(record_of(raw())) == ("in", 2, 7, 1_700_000_000_000, b"key", b"value", ())


def test_a_header_without_a_value_has_an_empty_one() -> None:
    """Kafka allows null there; nobody behind a lane has to know."""
    assert record_of(raw((("a", None), ("b", b"\xff")))).headers == (("a", b""), ("b", b"\xff"))

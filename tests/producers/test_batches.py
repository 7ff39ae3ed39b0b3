"""Gathering outgoing records into batches."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.records import Outgoing
from producers.batches import chained, partition_of, place_of

PARTITIONS = {"a": 3, "b": 1}


class Room:
    """A builder with room for so many records, and for one of any size."""

    def __init__(self, room: int = 3) -> None:
        self.room = room
        self.taken: list[bytes | None] = []

    def append(
        self, *, timestamp: int | None, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
    ) -> object | None:
        """None when full."""
        if len(self.taken) == self.room:
            return None
        self.taken.append(value)
        return self


def test_a_key_goes_where_every_kafka_client_sends_it() -> None:
    """Murmur2 as in the Java client: values from its own tests' table."""
    assert partition_of(b"21", 1000) == (-973932308 & 0x7FFFFFFF) % 1000
    assert partition_of(b"foobar", 1000) == (-790332482 & 0x7FFFFFFF) % 1000


def test_a_record_without_a_key_goes_to_the_first_partition() -> None:
    """So that these keep their order too."""
    assert place_of(Outgoing("a", None, b"x"), PARTITIONS) == ("a", 0)


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([b"1", b"2", b"3", b"4", None])), max_size=40))
def test_every_record_is_in_one_batch_in_its_order(shape: list[tuple[str, bytes | None]]) -> None:
    """For any records: each output partition's batches, one after the other, are its records in the order given; none is empty."""
    outgoing = [Outgoing(topic, key, b"%d" % n) for n, (topic, key) in enumerate(shape)]
    chains = chained(outgoing, partitions=PARTITIONS, create=Room)
    for chain in chains:
        place = (chain[0].topic, chain[0].partition)
        held = [value for batch in chain for value in batch.builder.taken]  # type: ignore[attr-defined]
        assert held == [message.value for message in outgoing if place_of(message, PARTITIONS) == place]
        assert all(0 < batch.count <= 3 for batch in chain)
    assert sum(batch.count for chain in chains for batch in chain) == len(outgoing)
    assert len({(chain[0].topic, chain[0].partition) for chain in chains}) == len(chains)

"""What the stations need of aiokafka 0.14.0 and it keeps private; nothing else here does. An upgrade starts with the tests of this module.

The note beside a committed offset (`_coordinator` of a consumer); a group whose coordinator does not know its offsets yet, which is not a
group that has none (also `_send_request` of an admin client); and a header's name that is not UTF-8, which must not cost a record.

Asked for a group's offsets while it still loads them, or no longer has them, a broker answers with an error for the whole group and without
any partition (OffsetFetch from version 2). aiokafka reads the partitions alone: none there, so none committed, so from the beginning.

Kafka's brokers never look into header names; aiokafka decodes them strictly, in the middle of a fetch. The UnicodeDecodeError ends
FastStream's consume loop for all vendors, and `getmany` has moved past what it had gathered of the other partitions: that would be lost.
So such a batch is read once more, slowly, by aiokafka's own pure-Python reader, with U+FFFD for what is not UTF-8. Never touches a value.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka import errors as kafka
from aiokafka.consumer import consumer as consuming
from aiokafka.consumer import fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords, _MemoryRecordsPy


async def committed_of(consumer: AIOKafkaConsumer, source: TopicPartition) -> tuple[int, str]:
    """The group's offset (0: none yet) and what was noted beside it, which aiokafka's own `committed` leaves out. Raises KafkaError."""
    found = (await consumer._coordinator.fetch_committed_offsets([source])).get(source)  # noqa: SLF001  private, and only here
    return (int(found.offset), str(found.metadata or "")) if found else (0, "")


async def offsets_of(admin: Any, group: str) -> dict[TopicPartition, int]:
    """All offsets that the group has committed, for an admin client that is started.

    KafkaError; a `retriable` one while the group is not known to its coordinator, which aiokafka's own question takes for no offsets.
    """
    answer = await admin._send_request(OffsetFetchRequest(group, None), await admin.find_coordinator(group))  # noqa: SLF001  only here
    _require_known(answer)
    return {TopicPartition(topic, partition): offset for topic, partitions in answer.topics for partition, offset, _, _ in partitions}


class HeedfulCoordinator(GroupCoordinator):  # type: ignore[misc]  # aiokafka is untyped
    """Stands in for aiokafka's: what a broker says of the whole group is heard."""

    async def _send_req(self, request: Any) -> Any:
        """Answers as aiokafka's. KafkaError also where the offsets asked for are not known, or not to this broker: aiokafka asks again."""
        answer = await super()._send_req(request)
        if isinstance(request, OffsetFetchRequest):
            try:
                _require_known(answer)
            except kafka.NotCoordinatorForGroupError:
                self.coordinator_dead()
                raise
        return answer


def _require_known(answer: Any) -> None:
    """KafkaError when the answer to a question for offsets is about the whole group."""
    if code := getattr(answer, "error_code", 0):  # not in the oldest versions
        error: kafka.KafkaError = kafka.for_code(code)()
        raise error


class Lenient(bytearray):
    """Bytes whose slices decode whatever they hold."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return Lenient(found) if isinstance(place, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        """Never raises."""
        return bytes(self).decode(encoding, "replace" if errors == "strict" else errors)


class Batch:
    """One of aiokafka's batches, all of its records read at once."""

    def __init__(self, batch: Any, records: list[Any]) -> None:
        self._batch, self._records = batch, iter(records)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def validate_crc(self) -> bool:
        """It was right before the records were read; reading may uncompress in place."""
        return True

    def __iter__(self) -> Iterator[Any]:
        return self._records

    def __next__(self) -> Any:
        return next(self._records)


class TolerantRecords:
    """Stands in for aiokafka's MemoryRecords: the bytes that a fetch brought for one partition."""

    def __init__(self, data: bytes) -> None:
        self._data, self._records, self._taken = data, MemoryRecords(data), 0

    def has_next(self) -> bool:
        """Is there another batch?"""
        return bool(self._records.has_next())

    def size_in_bytes(self) -> int:
        """As aiokafka's."""
        return int(self._records.size_in_bytes())

    def next_batch(self) -> Any:
        """The next batch; what is wrong with it beyond its header names raises what aiokafka raises."""
        batch = self._records.next_batch()
        self._taken += 1
        if batch is None or not batch.validate_crc():
            return batch
        try:
            return Batch(batch, list(batch))
        except UnicodeDecodeError:
            return Batch(batch, list(self._read_leniently()))

    def _read_leniently(self) -> Any:
        slices = _MemoryRecordsPy(self._data)
        for _ in range(self._taken - 1):
            slices._cache_next()  # noqa: SLF001  the batches before
        batch = _DefaultRecordBatchPy(slices._next_slice)  # noqa: SLF001  private, and only here
        batch._maybe_uncompress()  # noqa: SLF001  private, and only here
        batch._buffer = Lenient(batch._buffer)  # noqa: SLF001  private, and only here
        return batch


def heed_the_coordinator() -> None:
    """For every consumer of this process that is in a group. Can be called again."""
    consuming.GroupCoordinator = HeedfulCoordinator


def tolerate_header_names() -> None:
    """For every consumer of this process. Can be called again."""
    fetcher.MemoryRecords = TolerantRecords

"""What aiokafka reads over or stumbles over: a coordinator that knows no offsets yet, and header names that are not UTF-8."""

import asyncio
import struct
from typing import Any, Final

import pytest
from aiokafka import TopicPartition
from aiokafka import errors as kafka
from aiokafka.consumer import consumer as consuming
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.commit import OffsetFetchResponse_v3
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c
from faststream.kafka import KafkaBroker

from consumers.aiokafka_private import HeedfulCoordinator, TolerantRecords, offsets_of
from consumers.fetching import Fetching
from consumers.progress import Progress
from consumers.subscribing import subscribe

SOURCE: Final = TopicPartition("hub.sequenced.v1", 4)
LOADING: Final = OffsetFetchResponse_v3(0, [], kafka.GroupLoadInProgressError.errno)
MOVED: Final = OffsetFetchResponse_v3(0, [], kafka.NotCoordinatorForGroupError.errno)
KNOWN: Final = OffsetFetchResponse_v3(0, [(SOURCE.topic, [(SOURCE.partition, 154, "", 0)])], 0)


class Broker:
    """A client whose broker answers the questions for offsets with these, one after the other."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.asked_for_the_coordinator = 0

    async def send(self, _node: int, _request: Any, **_group: Any) -> Any:
        """The next answer."""
        return self._answers.pop(0)

    async def coordinator_lookup(self, *_what: Any) -> int:
        """Found again at once."""
        self.asked_for_the_coordinator += 1
        return 1

    async def ready(self, *_what: Any, **_group: Any) -> bool:
        """There."""
        return True


def coordinator(kind: Any, broker: Broker) -> Any:
    """One that is in no group and only asks: what aiokafka's starts beside that needs a cluster."""
    made = kind.__new__(kind)
    made._client, made.group_id, made.coordinator_id, made._retry_backoff_ms = broker, "hub.casework", 1, 1
    made._coordinator_lookup_lock, made._closing = asyncio.Lock(), asyncio.get_running_loop().create_future()
    made._coordinator_dead_fut = asyncio.get_running_loop().create_future()
    return made


async def test_aiokafka_itself_takes_a_coordinator_that_is_loading_for_one_without_offsets() -> None:
    """Why that is here: it answers that nothing was ever committed, and the lane would begin at the beginning."""
    assert await coordinator(GroupCoordinator, Broker(LOADING)).fetch_committed_offsets([SOURCE]) == {}


@pytest.mark.parametrize(("said", "looked_up"), [(LOADING, 0), (MOVED, 1)], ids=["loading", "moved"])
async def test_offsets_are_asked_for_until_the_group_is_known(said: Any, looked_up: int) -> None:
    """Again, and of the new coordinator where it has moved; then the offset is there."""
    broker = Broker(said, said, KNOWN)
    found = await coordinator(HeedfulCoordinator, broker).fetch_committed_offsets([SOURCE])
    assert found[SOURCE].offset == 154
    assert broker.asked_for_the_coordinator == 2 * looked_up


class Admin:
    """An admin client whose broker answers so."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def find_coordinator(self, _group: str) -> int:
        """The only node."""
        return 1

    async def _send_request(self, _request: Any, _node: int) -> Any:
        return self._answer


async def test_a_group_that_is_loading_is_not_taken_for_one_without_offsets_by_a_job() -> None:
    """A rebuilding would fold nothing, and call that equal."""
    with pytest.raises(kafka.GroupLoadInProgressError) as loading:
        await offsets_of(Admin(LOADING), "hub.casework")
    assert loading.value.retriable
    assert await offsets_of(Admin(KNOWN), "hub.casework") == {SOURCE: 154}


async def test_a_group_that_is_known_and_has_no_offset_has_none() -> None:
    """As before."""
    none = OffsetFetchResponse_v3(0, [(SOURCE.topic, [(SOURCE.partition, -1, "", 0)])], 0)
    assert await coordinator(HeedfulCoordinator, Broker(none)).fetch_committed_offsets([SOURCE]) == {}


def test_every_consumer_in_a_group_heeds_its_coordinator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Subscribing sees to it."""
    monkeypatch.setattr(consuming, "GroupCoordinator", GroupCoordinator)
    subscribe(KafkaBroker(), SOURCE.topic, group="hub.casework", take=_nobody, listener=Progress(), fetching=Fetching())
    assert consuming.GroupCoordinator is HeedfulCoordinator


async def _nobody(_records: object) -> None:
    """Takes nothing."""


def batch(offset: int, *values: bytes, name: bytes = b"header", codec: int = 0) -> bytes:
    """A record batch as a broker gives it, each record with one header of this name."""
    builder = DefaultRecordBatchBuilder(2, codec, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=0, batch_size=10**6)
    for delta, value in enumerate(values):
        builder.append(delta, 1_700_000_000_000, b"k", value, [("header", b"\xff")])
    found = bytearray(builder.build().replace(b"header", name))
    struct.pack_into(">q", found, 0, offset)
    struct.pack_into(">I", found, 17, calc_crc32c(bytes(found[21:])))
    return bytes(found)


def read(records: Any) -> list[tuple[int, bytes, list[tuple[str, bytes]]]]:
    """All records, as the fetcher goes through them."""
    found = []
    while records.has_next():
        found += [(r.offset, r.value, list(r.headers)) for r in records.next_batch()]
    return found


FETCHED = batch(5, b"a", b"b") + batch(7, b"c", b"d", name=b"\xff\xfeader") + batch(9, b"e")


def test_aiokafka_itself_stumbles_over_such_a_name() -> None:
    """Why this is here: when this one passes no more, the module can go."""
    with pytest.raises(UnicodeDecodeError):
        read(MemoryRecords(FETCHED))


def test_a_name_that_is_not_utf8_costs_no_record() -> None:
    """All records come, in order; only the odd name is shown with replacement characters, and the values are whole."""
    assert read(TolerantRecords(FETCHED)) == [
        (5, b"a", [("header", b"\xff")]),
        (6, b"b", [("header", b"\xff")]),
        (7, b"c", [("��ader", b"\xff")]),
        (8, b"d", [("��ader", b"\xff")]),
        (9, b"e", [("header", b"\xff")]),
    ]


@pytest.mark.parametrize("codec", [0, 1, 2, 3, 4], ids=["plain", "gzip", "snappy", "lz4", "zstd"])
def test_what_is_fine_is_read_as_before(codec: int) -> None:
    """The same batches, offsets and sizes, however compressed; the fetcher's look at the sum passes also after the records were read."""
    fine = batch(5, b"a", b"b", codec=codec) + batch(7, b"c", codec=codec)
    tolerant, plain = TolerantRecords(fine), MemoryRecords(fine)
    assert tolerant.size_in_bytes() == plain.size_in_bytes()
    first = tolerant.next_batch()
    assert first.next_offset == plain.next_batch().next_offset == 7
    assert first.validate_crc()
    assert read(tolerant) == read(plain)


def test_a_damaged_batch_is_left_to_aiokafka() -> None:
    """Its sum is wrong: it comes unread, so that the fetcher refuses it."""
    damaged = bytearray(batch(5, b"a"))
    damaged[-1] ^= 1
    assert not TolerantRecords(bytes(damaged)).next_batch().validate_crc()

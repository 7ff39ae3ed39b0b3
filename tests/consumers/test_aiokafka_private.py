"""Header names that are not UTF-8."""

import struct
from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c

from consumers.aiokafka_private import TolerantRecords


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

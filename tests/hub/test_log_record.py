"""The log's records between two versions of the hub: what a newer one wrote waits, and costs an older one no letter."""

from datetime import UTC, datetime

import msgspec
import pytest

from contracts.records import Source
from hub.case.entries import CitizenTold, Origin
from hub.items import decoded
from hub.log_record import ENTRY, KIND, KindUnknown, NotOurs, from_log, to_log
from hub.reading import Sequenced
from producers.work import Hold, Record
from schemas.wire import encode

ENTRY_MADE = CitizenTold(Origin(Source("in", 0, 1), "portal", datetime(2026, 1, 5, 12, tzinfo=UTC), b"d"), "1.p", active=True)
KNOWN = dict(to_log(Sequenced("1.p", ENTRY_MADE), b"{}").headers)


def record(*headers: tuple[str, bytes], offset: int = 5) -> Record:
    """A record of the log with these headers."""
    return Record("log", 0, offset, 0, b"1.p", b"{}", headers)


def test_fields_that_a_newer_version_added_are_passed_over() -> None:
    """So that it may add one while both run."""
    entry = msgspec.msgpack.decode(encode(ENTRY_MADE)) | {"added_later": {"anything": [1]}}
    entry["origin"]["added_later"] = "here too"
    assert from_log(record((KIND, KNOWN[KIND]), (ENTRY, msgspec.msgpack.encode(entry)))) == ENTRY_MADE


def test_a_kind_that_only_a_newer_version_knows_is_said_so() -> None:
    """It says what it is, in the place where our versions do."""
    with pytest.raises(KindUnknown):
        from_log(record((KIND, b"wish"), (ENTRY, b"\x80")))


@pytest.mark.parametrize("headers", [(), ((KIND, b"read"),), ((ENTRY, b"\x80"),)])
def test_what_no_version_wrote_is_an_outsiders(headers: tuple[tuple[str, bytes], ...]) -> None:
    """One of the two headers is missing: there is nothing to wait for."""
    with pytest.raises(NotOurs):
        from_log(record(*headers))


def test_the_records_before_one_of_a_newer_version_are_decided_and_it_holds_the_lane() -> None:
    """Also when it failed alone before: it is nobody's fault, and never condemned."""
    known, newer = record(*KNOWN.items(), offset=4), record((KIND, b"wish"), (ENTRY, b"\x80"))
    for condemned in ({}, {newer.offset: ValueError()}):
        items, error = decoded([known, newer, known], condemned)
        assert [item.entry for item in items] == [ENTRY_MADE]
        assert isinstance(error, Hold)
        assert str(error) == "KindUnknown"

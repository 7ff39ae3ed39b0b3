"""The watch over deadlines: what is due in the lanes that are ours is written into the log, at least once and not much more often."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from contracts.records import PORTAL, Outgoing
from contracts.topics import SEQUENCED
from hub.case.deadlines import What
from hub.case.entries import Due
from hub.deadlines import AGAIN_AFTER, AT_ONCE, Deadlines, record_of
from hub.errors import HubError
from hub.items import decoded
from hub.log_record import from_log
from hub.memory.rows import Overdue
from producers.work import Record
from tests import messages as m

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


def due(number: int, *, partition: int = 0, what: What = What.ANSWER, at: datetime = NOW) -> Overdue:
    """A deadline of the command with this number."""
    return Overdue(m.msg_id(number), what.value, f"case {number}", at, partition, 40 + number)


@dataclass(slots=True)
class Rows:
    """Memory, as far as it is asked."""

    rows: list[Overdue] = field(default_factory=list)
    asked: int = 0
    is_away: bool = False
    asked_thrice: asyncio.Event = field(default_factory=asyncio.Event)
    clock: datetime = NOW

    async def now(self) -> datetime:
        """Its own time."""
        return self.clock

    async def overdue(self, partitions: Sequence[int], *, at: datetime, limit: int) -> list[Overdue]:
        """What is due in these partitions."""
        self.asked += 1
        if self.asked == 3:
            self.asked_thrice.set()
        if self.is_away:
            raise HubError("away")
        return [row for row in self.rows if row.partition in partitions and row.due_at <= at][:limit]


@dataclass(slots=True)
class Log:
    """The log, and whether it can be written to."""

    written: list[Outgoing] = field(default_factory=list)
    batches: int = 0
    is_away: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, outgoing: Sequence[Outgoing]) -> None:
        """Append."""
        if self.is_away:
            raise HubError("away")
        self.batches += 1
        self.written += outgoing
        self.arrived.set()


@dataclass(slots=True)
class Clock:
    """Seconds that go by when the test says so."""

    at: float = 100.0

    def __call__(self) -> float:
        """The time now."""
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The watch's own clock."""
    clock = Clock()
    monkeypatch.setattr("hub.deadlines.time", SimpleNamespace(monotonic=clock))
    return clock


def entries(log: Log) -> list[Due]:
    """What was written, as casework meets it."""
    return [entry for out in log.written if isinstance(entry := from_log(_record(out)), Due)]


def _record(out: Outgoing, offset: int = 0) -> Record:
    return Record(out.topic, 0, offset, 0, out.key, out.value, out.headers)


async def test_what_is_due_is_written_into_the_log() -> None:
    """One record each, under the key of the case that waits."""
    rows, log = Rows([due(1), due(2, what=What.RECEIPT)]), Log()
    assert await Deadlines(rows, log, owned=lambda: {0}).look(NOW) == 2
    assert [(entry.command_id, entry.what) for entry in entries(log)] == [(m.msg_id(1), What.ANSWER), (m.msg_id(2), What.RECEIPT)]
    assert [(out.topic, out.key, out.value) for out in log.written] == [(SEQUENCED.name, f"case {n}".encode(), None) for n in (1, 2)]
    assert log.batches == 1


async def test_what_is_not_yet_due_waits() -> None:
    """To the moment."""
    rows, log = Rows([due(1, at=NOW + timedelta(milliseconds=1))]), Log()
    watch = Deadlines(rows, log, owned=lambda: {0})
    assert await watch.look(NOW) == 0
    assert await watch.look(NOW + timedelta(milliseconds=1)) == 1


async def test_only_the_lanes_that_are_ours_are_looked_after() -> None:
    """The others' owner sees to theirs; without any, nobody is asked."""
    rows, log, owned = Rows([due(1, partition=0), due(2, partition=3)]), Log(), set[int]()
    watch = Deadlines(rows, log, owned=lambda: owned)
    assert (await watch.look(NOW), rows.asked) == (0, 0)
    owned.add(3)
    assert await watch.look(NOW) == 1
    assert [entry.command_id for entry in entries(log)] == [m.msg_id(2)]
    owned.add(0)
    assert await watch.look(NOW) == 1


async def test_what_was_written_is_not_written_at_every_look(clock: Clock) -> None:
    """It takes a moment until casework has met it; only after a while it counts as lost, and is written once more."""
    rows, log = Rows([due(1)]), Log()
    watch = Deadlines(rows, log, owned=lambda: {0})
    counts = []
    for passed in (0.0, 0.2, AGAIN_AFTER - 0.3, 0.2, 0.2):
        clock.at += passed
        counts.append(await watch.look(NOW))
    assert counts == [1, 0, 0, 1, 0]
    assert log.written[0] == log.written[1]


async def test_two_deadlines_of_one_command_are_two(clock: Clock) -> None:
    """The receipt's and the office's word's."""
    rows, log = Rows([due(1, what=What.RECEIPT)]), Log()
    watch = Deadlines(rows, log, owned=lambda: {0})
    await watch.look(NOW)
    rows.rows.append(due(1, what=What.WORD))
    assert await watch.look(NOW) == 1


async def test_what_could_not_be_written_is_tried_again_at_the_next_look(clock: Clock) -> None:
    """A send that failed does not count as written."""
    rows, log = Rows([due(1)]), Log(is_away=True)
    watch = Deadlines(rows, log, owned=lambda: {0})
    with pytest.raises(HubError):
        await watch.look(NOW)
    log.is_away = False
    assert await watch.look(NOW) == 1


async def test_a_flood_is_written_in_bounded_batches(clock: Clock) -> None:
    """What is over the limit comes when memory has heard of the rest."""
    rows, log = Rows([due(number) for number in range(AT_ONCE + 3)]), Log()
    watch = Deadlines(rows, log, owned=lambda: {0})
    assert await watch.look(NOW) == AT_ONCE
    rows.rows = rows.rows[AT_ONCE:]
    assert await watch.look(NOW) == 3


def test_a_deadlines_record_is_the_same_however_often_it_is_written() -> None:
    """Its coordinates are those of the record that set it, so that the second leaves no trace."""
    out = record_of(due(1, partition=2))
    assert out == record_of(due(1, partition=2))
    entry = from_log(_record(out))
    assert (str(entry.origin.source), entry.origin.vendor, entry.origin.received_at) == (f"{SEQUENCED.name}/2/41", PORTAL, NOW)


def test_two_deadlines_that_one_command_set_make_two_claims() -> None:
    """The same coordinates, and yet neither hides the other."""
    records = [_record(record_of(due(1, what=what)), offset) for offset, what in enumerate((What.RECEIPT, What.WORD))]
    items, failed = decoded(records, {})
    assert failed is None
    assert len({(item.claims[0].scope, item.claims[0].id) for item in items}) == 2
    assert len({item.claims[0].source for item in items}) == 1


async def test_the_watch_goes_by_the_databases_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker's own may be hours fast: what is not due by the one clock that all share is not told."""
    monkeypatch.setattr("hub.deadlines.EVERY", 0)
    rows, log = Rows([due(1, at=NOW), due(2, at=NOW + timedelta(seconds=1))]), Log()
    watching = asyncio.create_task(Deadlines(rows, log, owned=lambda: {0}).watch())
    await rows.asked_thrice.wait()
    watching.cancel()
    assert [entry.command_id for entry in entries(log)] == [m.msg_id(1)]


async def test_an_outage_delays_the_watch_and_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks on until it is cancelled; what fell due meanwhile is written then."""
    monkeypatch.setattr("hub.deadlines.EVERY", 0)
    rows, log = Rows([due(1)], is_away=True), Log()
    watching = asyncio.create_task(Deadlines(rows, log, owned=lambda: {0}).watch())
    await rows.asked_thrice.wait()
    assert log.written == []
    rows.is_away = False
    await log.arrived.wait()
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching

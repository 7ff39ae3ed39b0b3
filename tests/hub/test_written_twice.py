"""What reception writes twice is one record, also when its sender had sent it twice: on the real database, without a broker."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.records import Outgoing, Received, Source
from contracts.topics import ERRORS, INBOX, JOURNAL, OUTBOX, SEQUENCED, of_vendor
from hub.casework import Casework
from hub.certify.numbered import VENDORS, letters, write_register
from hub.memory.memory import Memory
from hub.memory.migrate import migrate
from hub.parties import read_register
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk
from hub.reception import Reception
from producers.work import LaneKey, Record
from tests.checker.offline import BEGAN

pytestmark = pytest.mark.database
LANE = LaneKey(SEQUENCED.name, 0, 1, 0)
INBOX_OF_FIRST, OUTBOX_OF_FIRST, ERRORS_OF_FIRST = (of_vendor(topic, VENDORS[0]) for topic in (INBOX, OUTBOX, ERRORS))


class Log:
    """One partition of the log, and the casework behind it."""

    def __init__(self, memory: Memory, reception: Reception) -> None:
        self._casework, self._reception, self._end = Casework(memory), reception, 0

    async def open(self) -> None:
        """As a lane does."""
        await self._casework.opened(LANE, 0, resumed=False)

    async def take(self, *sources: tuple[int, bytes]) -> list[Outgoing]:
        """One batch of (offset in the inbox, body): everything that leaves."""
        records = [self._record(at, offset, body) for at, (offset, body) in enumerate(sources, start=self._end)]
        self._end += len(records)
        verdicts = await self._casework.decide(LANE, records, condemned={})
        return [outgoing for verdict in verdicts if not isinstance(verdict, Exception) for outgoing in verdict]

    def _record(self, at: int, offset: int, body: bytes) -> Record:
        out = self._reception.sequence(Received(Source(INBOX_OF_FIRST, 0, offset), VENDORS[0], BEGAN, body))
        return Record(out.topic, 0, at, int(BEGAN.timestamp() * 1000), out.key, out.value, out.headers)


@pytest.fixture
async def log(database_url: str, tmp_path: Path) -> AsyncIterator[Log]:
    """Empty, and open."""
    await migrate(database_url)
    memory = await Memory.connect(database_url)
    register = read_register(write_register(tmp_path / "parties.toml"))
    log = Log(memory, Reception(Desk(Pseudonyms(b"k" * 32), register)))
    await log.open()
    yield log
    await memory.close()


def lines(outgoing: list[Outgoing]) -> Counter[tuple[str, str]]:
    """The journal's (source, outcome)."""
    told = [json.loads(record.value or b"") for record in outgoing if record.topic == JOURNAL.name]
    return Counter((line["source"].rpartition("/")[2], line["outcome"]) for line in told)


def one_letter() -> bytes:
    """A message of the first vendor."""
    return next(letter.body for letter in letters(50, cases=4, resends=0, seed=1) if letter.topic == INBOX_OF_FIRST)


@pytest.mark.parametrize("in_one_batch", [True, False], ids=["in one batch", "in batches of its own"])
async def test_a_resend_that_was_written_twice_has_one_line(log: Log, in_one_batch: bool) -> None:
    """Record 7 was sent again as record 9, and reception wrote both twice: one event's worth of lines each."""
    body = one_letter()
    written = [(7, body), (9, body), (9, body), (7, body), (9, body)]
    batches = [written] if in_one_batch else [[record] for record in written]
    outgoing = [record for batch in batches for record in await log.take(*batch)]
    assert lines(outgoing) == {("7", "delivered"): 1, ("9", "duplicate"): 1}
    assert sum(record.topic == OUTBOX_OF_FIRST for record in outgoing) == 1


async def test_one_id_for_two_contents_is_told_once_for_each_record(log: Log) -> None:
    """Reception wrote the other content twice; its sender gets one notice. A third record gets its own."""
    body = one_letter()
    other = body.replace(b"Kontoret", b"Kontor")
    outgoing = await log.take((1, body), (2, other), (2, other), (3, other))
    assert sum(record.topic == ERRORS_OF_FIRST for record in outgoing) == 2
    assert lines(outgoing) == {("1", "delivered"): 1, ("2", "duplicate"): 1, ("3", "duplicate"): 1}

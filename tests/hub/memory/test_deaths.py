"""Who died with what in hand, as the database knows it, and what casework does with a record that kills."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import pytest

from contracts.records import Received, Source
from contracts.topics import DEAD_LETTERS, INBOX, SEQUENCED, of_vendor
from hub import items, log_record, processes
from hub.casework import Casework
from hub.certify.numbered import OFFICES, PORTAL_HER_IDS, write_register
from hub.memory.memory import Memory
from hub.memory.rows import Fence
from hub.parties import read_register
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk
from hub.reception import Reception
from producers.work import LaneKey, Record, Verdict
from schemas.documents import Hodemelding
from tests import messages
from tests.hub.memory.rows_made import NOON
from translators.statements import Statement

pytestmark = pytest.mark.database
HERE: Final = OFFICES[0]
CODE: Final = "11"
DEATHS: Final = 3


class Died(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


def owner(epoch: int) -> Fence:
    """The lane's so-manieth owner."""
    return Fence(0, 7, epoch)


async def test_an_owner_that_marks_nothing_died_of_nothing(memory: Memory) -> None:
    """Opened and opened again, however often: an idle lane knows of no deaths."""
    assert [await memory.open_lane(owner(epoch), committed=5) for epoch in range(1, 6)] == [0] * 5


async def test_only_who_died_with_a_record_in_hand_is_counted(memory: Memory) -> None:
    """A marker that was left is a death; no marker and no step forward says nothing; a step forward forgets."""
    told = []
    for epoch, marks, committed in ((1, True, 5), (2, True, 5), (3, False, 5), (4, True, 5), (5, True, 6), (6, False, 6)):
        told.append(await memory.open_lane(owner(epoch), committed=committed))
        if marks:
            await memory.mark(owner(epoch), offset=committed)
    assert told == [0, 1, 2, 2, 0, 1]


async def test_what_an_owner_survived_is_forgotten(memory: Memory) -> None:
    """The marker goes in the transaction that keeps the decision."""
    await memory.open_lane(owner(1), committed=5)
    await memory.mark(owner(1), offset=5)
    async with memory.batch(owner(1)) as batch:
        await batch.survived()
    assert await memory.open_lane(owner(2), committed=5) == 0


async def test_who_leaves_alive_did_not_die(memory: Memory) -> None:
    """Neither who says so, nor who opens the lane again itself; and nobody can say so for somebody else."""
    await memory.open_lane(owner(1), committed=5)
    await memory.mark(owner(1), offset=5)
    await memory.leave_lane(owner(1))
    assert await memory.open_lane(owner(2), committed=5) == 0
    await memory.mark(owner(2), offset=5)
    assert await memory.open_lane(owner(3), committed=5, former=owner(2)) == 0
    await memory.mark(owner(3), offset=5)
    await memory.leave_lane(owner(2))
    assert await memory.open_lane(owner(4), committed=5) == 1


# casework

Records = Callable[..., list[Record]]


@pytest.fixture
def records_of(tmp_path: Path) -> Records:
    """Makes the log: one message of a case of its own for each code."""
    reception = Reception(Desk(Pseudonyms(b"k" * 32), read_register(write_register(tmp_path / "parties.toml"))))
    return lambda *codes: [_record(reception, offset, code) for offset, code in enumerate(codes)]


def _record(reception: Reception, offset: int, code: str) -> Record:
    body = messages.message(
        dialog=messages.foresporsel(code), msg_id=messages.msg_id(offset), sender=messages.office(HERE.her_ids),
        receiver=messages.portal(PORTAL_HER_IDS), patient=messages.patient(messages.national_id(offset + 1, 3, 41)),
        calendar=messages.icalendar(messages.vevent("2027-03-12T09:15:00", "2027-03-12T09:30:00", contact=HERE.her_ids[1])),
    )
    out = reception.sequence(Received(Source(of_vendor(INBOX, HERE.vendor), 0, offset), HERE.vendor, NOON, body))
    return Record(SEQUENCED.name, 0, offset, int(NOON.timestamp() * 1000), out.key, out.value, out.headers)


def die(_message: Hodemelding) -> tuple[Statement, ...]:
    """The translator of the push that kills."""
    raise Died


@pytest.fixture
def killing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The push `CODE` ends whoever translates it."""
    key = ("Timereservasjon", "Foresporsel", CODE)
    monkeypatch.setitem(processes._BY_KEY, key, replace(processes._BY_KEY[key], translator=die))


class Lane:
    """The log's one lane with owners that come and go: what was delivered is committed."""

    def __init__(self, memory: Memory, log: Sequence[Record]) -> None:
        self.memory, self.log = memory, log
        self.delivered: list[Verdict] = []
        self.epoch = 0

    async def live(self, *, most: int = 50, dies_at: Mapping[int, str] | None = None) -> None:
        """One owner's life: until it has delivered all, or is killed. `dies_at`: first offset of what it has in hand, and when."""
        self.epoch += 1
        casework = Casework(cast("Memory", _Mortal(self.memory, dies_at or {})), deaths=DEATHS)
        lane = LaneKey(SEQUENCED.name, 0, 7, self.epoch)
        suspect = bool(await casework.opened(lane, len(self.delivered), resumed=bool(self.delivered)))
        while left := self.log[len(self.delivered) :]:
            verdicts = await casework.decide(lane, left[: 1 if suspect else most], condemned={})
            if (dies_at or {}).get(len(self.delivered)) == "kept":
                raise Died
            self.delivered += verdicts


class _Mortal:
    """Memory whose caller is killed when the schedule says: before it has marked what it has in hand, or behind that."""

    def __init__(self, memory: Memory, dies_at: Mapping[int, str]) -> None:
        self._memory, self._dies_at = memory, dies_at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._memory, name)

    async def mark(self, fence: Fence, *, offset: int) -> None:
        """Killed in front of it or behind it."""
        if self._dies_at.get(offset) == "early":
            raise Died
        await self._memory.mark(fence, offset=offset)
        if self._dies_at.get(offset) == "in hand":
            raise Died


async def lives(lane: Lane, **how: Any) -> int:
    """Owners come until one has delivered all; how many died."""
    for died in range(40):
        try:
            await lane.live(**how)
        except Died:
            continue
        return died
    raise AssertionError("nobody came through")


def letters(lane: Lane) -> list[int]:
    """The offsets that led to a letter."""
    return [at for at, answer in enumerate(lane.delivered) if any(out.topic == DEAD_LETTERS.name for out in answer)]  # type: ignore[union-attr]


@pytest.mark.usefixtures("killing")
@pytest.mark.parametrize("at", [0, 3, 9])
async def test_a_record_that_kills_is_set_aside_after_so_many_deaths_and_no_other(memory: Memory, records_of: Records, at: int) -> None:
    """First amid a batch, then alone: every other record is delivered once, in its place."""
    lane = Lane(memory, records_of(*(CODE if offset == at else "05" for offset in range(10))))
    assert DEATHS <= await lives(lane) <= DEATHS + 1
    assert (letters(lane), len(lane.delivered)) == ([at], 10)


@pytest.mark.usefixtures("killing")
async def test_two_that_kill_are_two_letters(memory: Memory, records_of: Records) -> None:
    """One behind the other; the deaths of the first are not the second's."""
    lane = Lane(memory, records_of("05", CODE, CODE, "05"))
    assert 2 * DEATHS <= await lives(lane) <= 2 * DEATHS + 2
    assert letters(lane) == [1, 2]


async def test_one_that_kills_even_while_it_is_set_aside_is_not_decoded(
    memory: Memory, records_of: Records, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Decoding ends the process too: after one more death the log's record itself is what the letter keeps."""
    decode = log_record.from_log

    def dying(record: Record) -> Any:
        if record.offset == 1:
            raise Died
        return decode(record)

    monkeypatch.setattr(items, "from_log", dying)
    lane = Lane(memory, records_of("05", "05", "05"))
    assert await lives(lane) >= DEATHS + 1
    (letter,) = await memory.letters()
    assert (letters(lane), letter.rule, letter.source.topic) == ([1], "ProcessKilledAgain", SEQUENCED.name)


@pytest.mark.parametrize("seed", range(5))
async def test_innocents_whose_owners_are_killed_are_never_set_aside(memory: Memory, records_of: Records, seed: int) -> None:
    """Owner after owner is killed -9 at places that chance chooses, each with another record in hand: no letter, and every record once."""
    chance, log = random.Random(seed), records_of(*["05"] * 12)
    lane = Lane(memory, log)
    for _ in range(15):
        place = {chance.randrange(12): chance.choice(("early", "in hand", "kept"))}
        try:
            await lane.live(most=chance.choice((1, 3, 50)), dies_at=place)
        except Died:
            continue
    await lane.live()
    assert (letters(lane), len(lane.delivered)) == ([], 12)

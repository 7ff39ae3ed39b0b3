"""What outlives every worker: the source, the log, what Kafka has committed, and the database. No station, no schedule.

A rule can be taken away by its name, to see what it is for.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

PARTITIONS = 2
CASES = "abcd"

Without = Literal["", "fence", "suffix", "claims", "order", "offset", "resolved", "dues", "passing", "parking", "release", "names"]
"""fence: the database does not ask who writes. suffix: opening a lane deletes nothing. claims: nobody owns an id.
order: a receiver swaps records. offset: the committed offset is read before the former owner is fenced off.
resolved: a replay does not ask whether its letter still waits. dues: nobody owns a deadline.
passing: what is passed on to another lane is written after the transaction and not in it. parking: what comes behind a letter is delivered
before it. release: what had its turn is not remembered as released. names: all letters that one record of the log writes have one name."""

Kind = Literal["push", "question", "request", "answer", "broken", "receipt"]
"""question: it is owed one reply. request: its receipt is waited for. An answer meets its question in the case's own lane; a broken one and
a receipt name no case: they come by any lane, find what they answer in the register of what was sent, and are passed on."""
ASKS: tuple[Kind, ...] = ("question", "request")
"""What the portal asks is never set aside to be replayed: a deadline of its first try could be met before the second. It is told at once
that it was not sent, and nothing is waited for; here our code does not fail on it."""
What = Literal["asked", "replied", "overdue", "receipted"]


class LetterId(NamedTuple):
    """Derived from where the letter was written: a redo gives the same one, and never another message's."""

    partition: int
    offset: int
    nth: int = 0
    """Of what was parked and had its turn there: which of them, from 1. Done again, another of them may fail."""


class Message(NamedTuple):
    """One message of the source."""

    id: str
    case: str
    kind: Kind = "push"
    answers: str = ""


class Entry(NamedTuple):
    """One record of the log: a message as the source holds it at `position`, the replay of a letter, a deadline that has come, or what
    another lane has passed on."""

    message: Message
    position: int
    letter: LetterId | None = None
    due: str = ""
    passed_on: bool = False
    discard: bool = False
    """Of a letter: it is decided against, and not sent on."""


class Delivered(NamedTuple):
    """What a subscriber sees: the message, and how many the hub knew of its case before."""

    message: Message
    knew: int


class Discarded(NamedTuple):
    """What its sender is told of a message that an operator has decided against."""

    message: Message


class Announced(NamedTuple):
    """What an operator is told: a letter was written."""

    letter: LetterId


class Told(NamedTuple):
    """What the portal is told of what it asked."""

    what: What
    asked: Message


class PassedOn(NamedTuple):
    """A record for another lane."""

    entry: Entry


Seen = Delivered | Discarded | Announced | Told


class Row(NamedTuple):
    """A row of the database: who wrote it, and what it says."""

    partition: int
    offset: int
    entry: Entry


def partition_of(case: str) -> int:
    """The partition of a case: always the same one."""
    return ord(case) % PARTITIONS


@dataclass
class Database:
    """Rows are appended, and taken away only as a lane's suffix."""

    fences: list[int] = field(default_factory=lambda: [0] * PARTITIONS)
    claims: dict[str, Row] = field(default_factory=dict)
    versions: dict[str, list[Row]] = field(default_factory=lambda: {case: [] for case in CASES})
    letters: dict[LetterId, Row] = field(default_factory=dict)
    resolutions: dict[LetterId, Row] = field(default_factory=dict)
    parked: list[Row] = field(default_factory=list)
    released: dict[Row, Row] = field(default_factory=dict)
    """What was parked, and the record that it had its turn with."""
    asked: dict[str, Row] = field(default_factory=dict)
    """What was sent, with its deadline."""
    told: dict[str, list[tuple[Row, Told]]] = field(default_factory=dict)
    """What has come of it, or its time."""

    def delete_suffix(self, partition: int, offset: int) -> None:
        """Take away what this partition wrote at or beyond the offset."""

        def stays(row: Row) -> bool:
            return row.partition != partition or row.offset < offset

        self.claims = {key: row for key, row in self.claims.items() if stays(row)}
        self.letters = {key: row for key, row in self.letters.items() if stays(row)}
        self.resolutions = {key: row for key, row in self.resolutions.items() if stays(row)}
        self.versions = {case: [row for row in rows if stays(row)] for case, rows in self.versions.items()}
        self.parked = [row for row in self.parked if stays(row)]
        self.released = {parked: row for parked, row in self.released.items() if stays(row)}
        self.asked = {key: row for key, row in self.asked.items() if stays(row)}
        self.told = {key: [(row, told) for row, told in rows if stays(row)] for key, rows in self.told.items()}

    def waiting(self) -> list[LetterId]:
        """Letters that nobody has dealt with."""
        return [letter for letter in self.letters if letter not in self.resolutions]

    def is_held_up(self, case: str) -> bool:
        """A letter of it waits, of a kind that has an order."""
        waiting = self.waiting()
        return any(self.letters[letter].entry.message.case == case for letter in self.letters_of("push") if letter in waiting)

    def letters_of(self, kind: Kind) -> list[LetterId]:
        """All letters of messages of this kind."""
        return [letter for letter, row in self.letters.items() if row.entry.message.kind == kind]

    def parked_in(self, case: str) -> list[Row]:
        """What waits behind the letter of this case, in order."""
        return [row for row in self.parked if row.entry.message.case == case and row not in self.released]

    def open_deadlines(self) -> list[Row]:
        """Of what was asked and nothing has come of."""
        return [row for asked, row in self.asked.items() if not self.told.get(asked)]

    def has_told(self, asked: str, what: str) -> bool:
        """It has been told of this."""
        return any(told.what == what for _, told in self.told.get(asked, ()))


@dataclass
class World:
    """Everything that stays when workers come and go."""

    source: list[Message]
    without: Without = ""
    log: list[list[Entry]] = field(default_factory=lambda: [[] for _ in range(PARTITIONS)])
    read_to: int = 0
    """Reception's committed offset of the source."""
    committed: list[int] = field(default_factory=lambda: [0] * PARTITIONS)
    epochs: list[int] = field(default_factory=lambda: [0] * PARTITIONS)
    visible: list[Seen] = field(default_factory=list)
    """What was committed in Kafka, as readers of committed records see it."""
    database: Database = field(default_factory=Database)
    broken: set[str] = field(default_factory=set)
    """Messages that our code fails on at the moment."""

    def append(self, entry: Entry) -> None:
        """Write to the log, in the partition of the case."""
        self.log[partition_of(entry.message.case)].append(entry)

    def is_done(self) -> bool:
        """Everything is read, decided and committed; no letter waits, and no deadline."""
        ends = [len(entries) for entries in self.log]
        decided = self.read_to == len(self.source) and self.committed == ends
        waiting = self.database.waiting() or any(map(self.database.parked_in, CASES)) or self.database.open_deadlines()
        return decided and not waiting


def broken_promises(world: World) -> Iterator[str]:
    """What the hub promises, and did not keep."""
    delivered = [seen for seen in world.visible if isinstance(seen, Delivered)]
    yield from _not_exactly_once(world, delivered)
    for case in CASES:
        of_case = [seen for seen in delivered if seen.message.case == case]
        yield from _out_of_order(world, case, of_case)
        yield from _wrong_memory(case, of_case)
    yield from _letters_that_differ(world)
    yield from _asked_and_not_told(world)


def _not_exactly_once(world: World, delivered: list[Delivered]) -> Iterator[str]:
    counted = Counter(seen.message.id for seen in delivered)
    counted.update(seen.message.id for seen in world.visible if isinstance(seen, Discarded))
    for message_id in sorted({message.id for message in world.source}):
        if counted[message_id] != 1:
            yield f"{message_id} was delivered {counted[message_id]} times"


def _out_of_order(world: World, case: str, delivered: list[Delivered]) -> Iterator[str]:
    # Whatever was set aside, no push overtakes it, and no push waits for anything else; an answer or receipt may come late. An id that its
    # sender used for two cases is delivered once, perhaps late: it lost to a claim of another lane that a crash took away, and a copy won.
    aside = [row.entry.message for row in world.database.letters.values()]
    late = {message.id for message in aside if message.kind != "push"} | _used_for_two_cases(world.source)
    in_time = [seen.message for seen in delivered if seen.message.id not in late]
    for pushes in (True, False):
        positions = [world.source.index(message) for message in in_time if (message.kind == "push") is pushes]
        if positions != sorted(positions):
            yield f"case {case} was delivered in the order {positions}"


def _used_for_two_cases(source: list[Message]) -> set[str]:
    uses = Counter(message.id for message in set(source))
    return {message_id for message_id, cases in uses.items() if cases > 1}


def _wrong_memory(case: str, delivered: list[Delivered]) -> Iterator[str]:
    if [seen.knew for seen in delivered] != list(range(len(delivered))):
        yield f"case {case} knew {[seen.knew for seen in delivered]}"


def _letters_that_differ(world: World) -> Iterator[str]:
    announced = sorted(seen.letter for seen in world.visible if isinstance(seen, Announced))
    if announced != sorted(world.database.letters):
        yield f"letters announced {announced}, kept {sorted(world.database.letters)}"
    if world.database.waiting():
        yield "a letter waits for ever"
    if any(map(world.database.parked_in, CASES)):
        yield "a parked message waits for ever"


def _asked_and_not_told(world: World) -> Iterator[str]:
    told = [seen for seen in world.visible if isinstance(seen, Told)]
    receipted = {message.answers for message in world.source if message.kind == "receipt"}
    for asked in dict.fromkeys(seen.asked for seen in told):
        times = Counter(seen.what for seen in told if seen.asked.id == asked.id)
        is_question = asked.kind == "question"
        allowed: dict[What, set[int]] = {
            "replied": {int(is_question)}, "receipted": {int(asked.id in receipted)}, "overdue": {0, int(not is_question)},
        }
        yield from (f"{asked.id} was {what} {times[what]} times" for what, numbers in allowed.items() if times[what] not in numbers)
        if times.keys() == {"asked"}:
            yield f"{asked.id} waits for ever"

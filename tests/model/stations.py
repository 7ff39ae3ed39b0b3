"""Those who come and go: receivers, lanes, operators. Each does one small step at a time, and any step can be its last.

Reception is at least once and in order for each writer; a zombie writes on, but cannot commit. A lane: fence off in Kafka, read the
committed offset, fence off in the database and delete the suffix, then batches: the database first, Kafka second, and the next batch
may be in the database before the one in front of it is in Kafka. Whoever owns a lane, or owned it and sleeps, writes into the log what is
due there: at least once. What one lane passes on to another is written in its Kafka transaction.
"""

from random import Random
from typing import Literal

from tests.model.world import ASKS, Announced, Delivered, Discarded, Entry, LetterId, Message, PassedOn, Row, Seen, Told, What, World

State = Literal["fence", "offset", "clean", "run", "dead"]
Outgoing = Seen | PassedOn
Batch = tuple[list[Outgoing], int]


class Receiver:
    """Reads the source from its committed offset and appends to the log."""

    def __init__(self, world: World, rng: Random) -> None:
        self._world, self._rng = world, rng
        self._at = world.read_to
        self._held: list[Entry] = []
        self.is_zombie = False

    def step(self) -> None:
        """Append one message, and perhaps commit."""
        if self._at < len(self._world.source):
            self._write(Entry(self._world.source[self._at], self._at))
            self._at += 1
        while self._held and self._rng.random() < 0.5:
            self._world.append(self._held.pop())
        if not self.is_zombie and not self._held and self._rng.random() < 0.4:
            self._world.read_to = max(self._world.read_to, self._at)

    def _write(self, entry: Entry) -> None:
        if self._world.without == "order" and self._rng.random() < 0.3:
            self._held.append(entry)
        else:
            self._world.append(entry)


class Lane:
    """One owner, or former owner, of one partition of the log."""

    def __init__(self, world: World, rng: Random, partition: int) -> None:
        self._world, self._rng, self.partition = world, rng, partition
        self.state: State = "offset" if world.without == "offset" else "fence"
        self._epoch = self._at = 0
        self._on_the_wire: list[Batch] = []
        self._to_pass_on: list[Entry] = []

    def step(self) -> None:
        """Do the next thing of the protocol."""
        {"fence": self._fence, "offset": self._read_offset, "clean": self._clean, "run": self._run, "dead": self._rest}[self.state]()

    def _rest(self) -> None:
        """The dead do nothing."""

    def _fence(self) -> None:
        self._world.epochs[self.partition] += 1
        self._epoch = self._world.epochs[self.partition]
        self.state = "clean" if self._world.without == "offset" else "offset"

    def _read_offset(self) -> None:
        self._at = self._world.committed[self.partition]
        self.state = "fence" if self._world.without == "offset" else "clean"

    def _clean(self) -> None:
        database = self._world.database
        if self._world.without != "fence" and database.fences[self.partition] > self._epoch:
            self.state = "dead"
            return
        database.fences[self.partition] = max(database.fences[self.partition], self._epoch)
        if self._world.without != "suffix":
            database.delete_suffix(self.partition, self._at)
        self.state = "run"

    def _run(self) -> None:
        self._look_at_deadlines()
        end = min(len(self._world.log[self.partition]), self._at + self._rng.randint(1, 3))
        commit_first = len(self._on_the_wire) > 1 or self._rng.random() < 0.5 or end == self._at
        if self._on_the_wire and commit_first:
            self._commit_in_kafka()
        elif end > self._at:
            self._commit_in_the_database(end)

    def _commit_in_the_database(self, end: int) -> None:
        if self._world.without != "fence" and self._world.database.fences[self.partition] != self._epoch:
            self.state = "dead"
            return
        entries = self._world.log[self.partition]
        outgoing = [seen for offset in range(self._at, end) for seen in self._decide(Row(self.partition, offset, entries[offset]))]
        self._at = end
        self._on_the_wire.append((outgoing, end))

    def _commit_in_kafka(self) -> None:
        if self._world.epochs[self.partition] != self._epoch:
            self.state = "dead"
            return
        outgoing, end = self._on_the_wire.pop(0)
        self._world.visible += [seen for seen in outgoing if not isinstance(seen, PassedOn)]
        self._to_pass_on += [passed_on.entry for passed_on in outgoing if isinstance(passed_on, PassedOn)]
        self._world.committed[self.partition] = end
        if self._world.without != "passing":
            self._pass_on()

    def _pass_on(self) -> None:
        while self._to_pass_on:
            self._world.append(self._to_pass_on.pop(0))

    def _look_at_deadlines(self) -> None:
        """There is no clock here: any deadline may have come. And what was not written in the transaction is, at some time, written."""
        if self._rng.random() < 0.1:
            self._pass_on()
        for row in self._world.database.open_deadlines():
            if row.partition == self.partition and self._rng.random() < 0.1:
                asked = row.entry.message
                self._world.append(Entry(Message(f"due {asked.id}", asked.case), row.entry.position, due=asked.id))

    def _decide(self, row: Row) -> list[Outgoing]:
        if row.entry.due or row.entry.passed_on:
            return self._hear(row) if self._claims(row) else []
        if not (self._claims(row) if row.entry.letter is None else self._resolves(row, row.entry.letter)):
            return []
        if self._waits(row):
            self._world.database.parked.append(row._replace(entry=row.entry._replace(letter=None)))
            return []
        return [*self._dealt_with(row), *self._released(row)]

    def _dealt_with(self, row: Row, nth: int = 0) -> list[Outgoing]:
        if row.entry.discard:
            return [Discarded(row.entry.message)]
        if row.entry.message.id in self._world.broken and row.entry.message.kind not in ASKS:
            return [self._set_aside(row, 0 if self._world.without == "names" else nth)]
        return [self._deliver(row), *self._of_the_portal(row)]

    def _waits(self, row: Row) -> bool:
        """Behind a letter of its case; what answers, receipts or asks orders nothing, and a decision about a letter is no message."""
        message = row.entry.message
        parks = message.kind == "push" and not row.entry.discard and self._world.without != "parking"
        return parks and self._world.database.is_held_up(message.case)

    def _released(self, row: Row) -> list[Outgoing]:
        """What was parked has its turn with the record that has dealt with its letter, in order, up to the first that fails."""
        database, case = self._world.database, row.entry.message.case
        outgoing: list[Outgoing] = []
        for nth, parked in enumerate(database.parked_in(case) if row.entry.letter else (), 1):
            if database.is_held_up(case):
                break
            if self._world.without != "release":
                database.released[parked] = row
            outgoing += self._dealt_with(row._replace(entry=parked.entry), nth)
        return outgoing

    def _claims(self, row: Row) -> bool:
        owner = self._world.database.claims.setdefault(row.entry.message.id, row)
        return owner is row or self._world.without == "claims" or (self._world.without == "dues" and bool(row.entry.due))

    def _of_the_portal(self, row: Row) -> list[Outgoing]:
        """What is asked is told as asked; what answers is heard here, or passed on to where it was asked."""
        message, database = row.entry.message, self._world.database
        if message.kind in ASKS:
            database.asked[message.id] = row
            return [Told("asked", message)]
        asked = database.asked.get(message.answers)
        if message.kind == "answer":
            return self._hear(row)
        if asked is None:
            return []
        passed_on = message._replace(id=f"passed on {message.id}", case=asked.entry.message.case)
        return [PassedOn(Entry(passed_on, row.entry.position, passed_on=True))]

    def _hear(self, row: Row) -> list[Outgoing]:
        """The first in the log wins: an answer, or the time in which it did not come."""
        asked = self._world.database.asked.get(row.entry.due or row.entry.message.answers)
        if asked is None:
            return []
        message = asked.entry.message
        what: What = "replied"
        if message.kind == "request":
            what = "overdue" if row.entry.due else "receipted"
        if self._world.database.has_told(message.id, "replied" if message.kind == "question" else "receipted"):
            return []
        told = Told(what, message)
        self._world.database.told.setdefault(message.id, []).append((row, told))
        return [told]

    def _resolves(self, row: Row, letter: LetterId) -> bool:
        if self._world.without != "resolved" and letter not in self._world.database.waiting():
            return False
        self._world.database.resolutions[letter] = row
        return True

    def _set_aside(self, row: Row, nth: int) -> Announced:
        letter = LetterId(row.partition, row.offset, nth)
        self._world.database.letters[letter] = row
        return Announced(letter)

    def _deliver(self, row: Row) -> Delivered:
        known = self._world.database.versions[row.entry.message.case]
        known.append(row)
        return Delivered(row.entry.message, len(known) - 1)


def replay(world: World, letter: LetterId) -> None:
    """What an operator does: append the letter's message to the log once more, as a replay."""
    world.append(world.database.letters[letter].entry._replace(letter=letter, discard=False))


def discard(world: World, letter: LetterId) -> None:
    """Or decide against it."""
    world.append(world.database.letters[letter].entry._replace(letter=letter, discard=True))

"""A new pseudonym key: every case gets the name that the new key gives it, so that the old key can be thrown away.

For a log at a standstill. Whose the cases are is read from the log, which holds a year, and from the compacted topics, which hold what
still stands however old it is. A case in neither was not spoken of for longer than the log is kept, and nothing of it stands: it is
forgotten. Never shows a name beside a person, and writes no name before it knows that none clashes.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Final

from aiokafka.errors import KafkaError
from msgspec import DecodeError

from consumers.scanning import Scanned, scan
from contracts.kafka_connection import KafkaConnection
from contracts.records import Outgoing
from contracts.topics import CITIZENS, SEQUENCED
from hub.case.entries import Entry
from hub.errors import WrongUse
from hub.growing import place_of
from hub.log_record import NotOurs, from_log
from hub.memory import moving
from hub.memory.jobs import connected
from hub.memory.moving import Renamed
from hub.renaming import STATEMENTS, Pair, Renaming, Statement, statement_of
from hub.standstill import require_drained, require_nobody
from hub.topic_admin import ClusterUnreachable
from producers.sequencer import Sequencer
from producers.work import Record

Say = Callable[[str], None]
_FOREIGN: Final = (NotOurs, DecodeError, KeyError, ValueError)
"""What a record may be that this version of the hub did not write: nobody can be named by it."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was done, or would be."""

    memory: Renamed
    statements: int
    """Records of the compacted topics that tell an old name."""


@dataclass(slots=True)
class Met:
    """Whom the log and the topics still know, by both names, and where the newest word under each compacted key stands."""

    names: dict[str, str] = field(default_factory=dict)
    newest: dict[tuple[str, bytes], tuple[int, int]] = field(default_factory=dict)


async def rotate(
    connection: KafkaConnection, *, database_url: str, prefix: str, renaming: Renaming, keep: bool = True, say: Say,
) -> Rotated:
    """Rename everything, or only count it (`keep` false). Doing it again after it was stopped ends it.

    Raises StillWorking, NotDrained, NamesClash, LettersWait, WrongUse for two keys of one version, ClusterUnreachable, DatabaseAway.
    """
    if renaming.old.version == renaming.new.version:
        raise WrongUse("HUB_PSEUDONYM_KEY_VERSION: must be another than the previous key's")
    await require_nobody(connection, prefix)
    ends = await require_drained(connection, prefix)
    place = partial(place_of, partitions=ends.partitions)
    try:
        met = await _met(connection, renaming, say)
        async with connected(database_url) as database:
            counted = await moving.rename(database, met.names, place, gone=renaming.gone, keep=False)
            statements = await _told_anew(connection, renaming, met, say, keep=False)
            if keep:
                await moving.arrange(database, place)
                await _told_anew(connection, renaming, met, say)
                await moving.rename(database, met.names, place, gone=renaming.gone)
                await require_drained(connection, prefix)
                await require_nobody(connection, prefix)
                await moving.settle(database, ends.partitions)
    except KafkaError as error:
        raise ClusterUnreachable(f"A topic cannot be read ({type(error).__name__}).") from error
    return Rotated(counted, statements)


async def _met(connection: KafkaConnection, renaming: Renaming, say: Say) -> Met:
    """Everybody, met again: a name for each, and nobody's number is kept."""
    met = Met()
    for topic, name_all in ((SEQUENCED.name, _by_log), (CITIZENS.name, _by_citizens), *((one.name, _by_statement) for one in STATEMENTS)):
        read = 0
        async with aclosing(scan(connection, topic)) as records:
            async for some in records:
                met.names |= chain.from_iterable(_safely(name_all, renaming, topic, record) for record in some)
                read += len(some)
                if topic in _NEWEST_COUNTS:
                    met.newest |= {(topic, record.key or b""): (record.partition, record.offset) for record in some}
        say(f"{topic}: {read} records read, {len(met.names)} names known")
    return met


_NEWEST_COUNTS: Final = frozenset(topic.name for topic in STATEMENTS)


def _safely(name_all: Callable[[Renaming, str, Scanned], Iterable[Pair]], renaming: Renaming, topic: str, record: Scanned) -> list[Pair]:
    try:
        return list(name_all(renaming, topic, record))
    except _FOREIGN:
        return []


def _by_log(renaming: Renaming, topic: str, record: Scanned) -> Iterable[Pair]:
    entry: Entry = from_log(Record(topic, record.partition, record.offset, 0, record.key, None, record.headers))
    return renaming.of_entry(entry, record.value)


def _by_citizens(renaming: Renaming, _topic: str, record: Scanned) -> Iterable[Pair]:
    return renaming.of_citizen(record.value)


def _by_statement(renaming: Renaming, topic: str, record: Scanned) -> Iterable[Pair]:
    if record.value is None:
        return ()
    statement = statement_of(topic, record.value)
    return renaming.of_patient(statement.patient, office=statement.office)


async def _told_anew(connection: KafkaConnection, renaming: Renaming, met: Met, say: Say, *, keep: bool = True) -> int:
    """The newest word under each key of the compacted topics, once more with the new name. How many that are."""
    sequencer, count = Sequencer(connection), 0
    try:
        for topic in _NEWEST_COUNTS:
            async with aclosing(scan(connection, topic)) as records:
                async for some in records:
                    told = [one for record in some if _is_newest(met, topic, record) for one in _anew(renaming, topic, record)]
                    count += sum(out.value is not None for out in told)
                    if keep and told:
                        await sequencer.send(told)
            say(f"{topic}: {count} statements {'told' if keep else 'to tell'} anew so far")
    finally:
        await sequencer.stop()
    return count


def _is_newest(met: Met, topic: str, record: Scanned) -> bool:
    return record.value is not None and met.newest.get((topic, record.key or b"")) == (record.partition, record.offset)


def _anew(renaming: Renaming, topic: str, record: Scanned) -> Sequence[Outgoing]:
    try:
        statement: Statement = statement_of(topic, record.value or b"")
    except _FOREIGN:
        return ()
    place = f"{topic}/{record.partition}/{record.offset}"
    return renaming.renamed(statement, key=record.key or b"", headers=record.headers, place=place)

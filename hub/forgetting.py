"""Forgetting a person: the log decides it, in the order of each case, and what stands behind that decision is then deleted.

A record for each office empties the case and takes down what stands on the compacted topics, exactly once, beside hubs that work. Deleting
comes after Kafka has committed that: nothing that could be done again needs what goes. Never shows the person, and never takes a record out
of a topic: the log and the topics end by their retention.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

from aiokafka.errors import KafkaError

from consumers.scanning import scan
from contracts.kafka_connection import KafkaConnection
from contracts.records import Outgoing, Source
from hub import letters as acts
from hub.case.entries import Forget, Origin
from hub.errors import HubError
from hub.log_record import to_log
from hub.memory import forgetting
from hub.memory.forgetting import Emptied, Found
from hub.memory.jobs import Connection, connected
from hub.memory.memory import Memory
from hub.pseudonyms import Pseudonyms
from hub.reading import Sequenced
from hub.renaming import STATEMENTS, statement_of
from hub.standstill import committed_by
from hub.topic_admin import ClusterUnreachable
from schemas.national_id import NationalId

WITHIN: Final = 30.0
"""Seconds to wait for casework."""
_LOOK_EVERY: Final = 0.1
_ROUNDS: Final = 20
"""So many times letters are discarded that came to wait because others were."""
_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be")
"""In which a message may write a number; inside an attachment nobody looks."""
_OPERATOR: Final = "operator"
_REASON: Final = "the patient is forgotten"


class LettersStillWait(HubError):
    """Letters wait that somebody has to decide about first."""


class NotDecided(HubError):
    """Casework has not decided in time."""


@dataclass(frozen=True, slots=True)
class Whom:
    """A person, and the offices that may know them."""

    patient: NationalId
    offices: frozenset[str]
    pseudonyms: Pseudonyms

    @property
    def person(self) -> str:
        """Their name over all offices."""
        return self.pseudonyms.of_person(self.patient)

    @property
    def words(self) -> tuple[bytes, ...]:
        """Their number, as a letter may hold it."""
        return tuple(self.patient.reveal().encode(encoding) for encoding in _ENCODINGS)


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of them."""

    keys: frozenset[str]
    """Names under which anything is held or stands."""
    statements: Mapping[str, Sequence[tuple[str, str]]]
    """By case: topic and key of what stands on the compacted topics."""
    found: Found
    names: frozenset[str] = field(default=frozenset())
    """Every name they could have here."""

    @property
    def standing(self) -> int:
        """Records on the compacted topics."""
        return sum(map(len, self.statements.values()))


async def look(connection: KafkaConnection, database: Connection, whom: Whom) -> Held:
    """What is known of them now. Reads the compacted topics, which know offices that left the register too. Raises ClusterUnreachable."""
    standing = await _standing(connection, whom)
    offices = whom.offices | {office for office, _ in standing.values()}
    cases = {whom.pseudonyms.of(whom.patient, office=office) for office in offices}
    names = {whom.person} | cases | {case for _, case in standing.values()}
    statements: dict[str, list[tuple[str, str]]] = {}
    for place, (_, case) in standing.items():
        statements.setdefault(case, []).append(place)
    keys = await forgetting.known_of(database, names) | statements.keys()
    return Held(frozenset(keys), statements, await forgetting.found(database, names, whom.words), frozenset(names))


async def forget(
    connection: KafkaConnection, whom: Whom, *, database_url: str, prefix: str, with_letters: bool, within: float = WITHIN,
) -> tuple[Held, Found]:
    """Forget them. What was known, and what is known afterwards: nothing, unless somebody has spoken of them meanwhile.

    Raises LettersStillWait without `with_letters`, NotDecided when no hub works, ClusterUnreachable, DatabaseAway. Doing it again is safe.
    """
    async with connected(database_url) as database:
        held = await look(connection, database, whom)
        await _settle_letters(connection, database, whom, held, database_url=database_url, with_letters=with_letters, within=within)
        held = await look(connection, database, whom)
        emptied = await _decided(connection, database, _records(whom, held), prefix=prefix, within=within)
        await _require_no_letters(database, whom, held)
        await forgetting.delete(database, emptied, await forgetting.letters_of(database, held.names, whom.words))
        return held, await forgetting.found(database, held.names, whom.words)


async def _standing(connection: KafkaConnection, whom: Whom) -> dict[tuple[str, str], tuple[str, str]]:
    """Office and case of all that stands, by topic and key."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    try:
        for topic in STATEMENTS:
            async with aclosing(scan(connection, topic.name)) as records:
                async for some in records:
                    for record in some:
                        place = (topic.name, (record.key or b"").decode())
                        found.pop(place, None)
                        found |= _of_them(place, record.value, whom)
    except KafkaError as error:
        raise ClusterUnreachable(f"A topic cannot be read ({type(error).__name__}).") from error
    return found


def _of_them(place: tuple[str, str], value: bytes | None, whom: Whom) -> dict[tuple[str, str], tuple[str, str]]:
    if value is None or whom.patient.reveal().encode() not in value:
        return {}
    try:
        statement = statement_of(place[0], value)
    except (KeyError, ValueError):
        return {}
    return {place: (statement.office, statement.case)} if statement.patient == whom.patient else {}


def _records(whom: Whom, held: Held) -> dict[str, tuple[str, Outgoing]]:
    """By the id of each: the name it is for, and the record for the log."""
    now, records = datetime.now(UTC), {}
    for key in sorted(held.keys):
        forget_id = str(uuid4())
        origin = Origin(Source(_OPERATOR, 0, 0), _OPERATOR, now, b"")
        person = key if key == whom.person else None
        entry = Forget(origin, forget_id, person, tuple(held.statements.get(key, ())))
        records[forget_id] = (key, to_log(Sequenced(key, entry), None))
    return records


async def _decided(
    connection: KafkaConnection, database: Connection, records: Mapping[str, tuple[str, Outgoing]], *, prefix: str, within: float,
) -> list[Emptied]:
    """Into the log, and wait until Kafka has committed what follows."""
    if not records:
        return []
    await acts.append([record for _, record in records.values()], connection=connection)
    try:
        async with asyncio.timeout(within):
            while len(places := await forgetting.decided(database, records)) < len(records):  # noqa: ASYNC110  another process decides
                await asyncio.sleep(_LOOK_EVERY)
            while not _all_behind(places.values(), await committed_by(connection, prefix)):  # noqa: ASYNC110  another process decides
                await asyncio.sleep(_LOOK_EVERY)
    except TimeoutError:
        raise NotDecided("It is in the log and not decided yet. Does a hub run? Repeating the command is safe.") from None
    return [Emptied(records[forget_id][0], *place) for forget_id, place in places.items()]


def _all_behind(places: Iterable[tuple[int, int]], committed: Mapping[int, int]) -> bool:
    return all(offset < committed.get(partition, 0) for partition, offset in places)


async def _settle_letters(
    connection: KafkaConnection, database: Connection, whom: Whom, held: Held, *, database_url: str, with_letters: bool, within: float,
) -> None:
    """Decide against each letter, for its sender is to be told; what was parked behind it is dealt with by that, and may come to wait."""
    waiting = held.found.waiting
    if with_letters and waiting:
        memory = await Memory.connect(database_url, connections=1)
        try:
            for _ in range(_ROUNDS):
                if not waiting:
                    break
                await _discard(connection, memory, waiting, within=within)
                waiting = (await forgetting.found(database, held.names, whom.words)).waiting
        finally:
            await memory.close()
    await _require_no_letters(database, whom, held)


async def _discard(connection: KafkaConnection, memory: Memory, waiting: Collection[UUID], *, within: float) -> None:
    now = datetime.now(UTC)
    letters = [await acts.waiting_letter(memory, letter_id, to_be="discarded") for letter_id in waiting]
    await acts.append([acts.discard(letter, reason=_REASON, at=now) for letter in letters], connection=connection)
    for letter in letters:
        if (await acts.settled(memory, letter, within=within)).became is acts.Became.WAITING:
            raise NotDecided("Letters are not discarded yet. Does a hub run? Repeating the command is safe.")


async def _require_no_letters(database: Connection, whom: Whom, held: Held) -> None:
    found = await forgetting.found(database, held.names, whom.words)
    if count := len(found.waiting) + found.parked:
        raise LettersStillWait(
            f"{count} messages of this person wait for a decision: replay or discard them (hub letters), or discard them by --with-letters."
        )

"""What memory still holds of a person whose cases were emptied by the log, and its deletion.

Only rows that stand behind the emptying, and that Kafka has committed, are ever deleted: nothing that a lane could do again needs them.
Claims stay: they hold ids alone, and without them a message sent again would be delivered anew. Never decides that a case is emptied.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from hub.memory.jobs import Connection, rows, rows_changed, transaction


class Emptied(NamedTuple):
    """A case, or a citizen, and the record of the log that emptied it."""

    key: str
    partition: int
    offset: int


class Found(NamedTuple):
    """What is held under some names."""

    cases: int
    citizens: int
    letters: int
    """With the message's bytes, whoever's fault it was."""
    waiting: tuple[UUID, ...]
    """Of these, the letters that an operator has still to decide about, the oldest first."""
    parked: int
    """Of these, messages that wait behind such a letter."""
    sent: int
    deadlines: int


_EMPTIED = "unnest($1::text[], $2::int[], $3::bigint[]) as e(key, partition, \"offset\")"
_OLDER = '(t.partition <> e.partition or t."offset" <= e."offset")'
_DELETE = (
    f"delete from case_versions t using {_EMPTIED} where t.case_key = e.key and {_OLDER}",  # noqa: S608 our own names
    f"delete from citizens t using {_EMPTIED} where t.person = e.key and {_OLDER}",  # noqa: S608 our own names
    f"delete from sent t using {_EMPTIED} where t.case_key = e.key and {_OLDER}",  # noqa: S608 our own names
    f"""delete from deadlines_met m using deadlines t, {_EMPTIED}
    where t.case_key = e.key and {_OLDER} and m.command_id = t.command_id and m.what = t.what""",  # noqa: S608 our own names
    f"delete from deadlines t using {_EMPTIED} where t.case_key = e.key and {_OLDER}",  # noqa: S608 our own names
    f"""update letters t set body = null, reading = null, case_key = null from {_EMPTIED}
    where t.case_key = e.key and {_OLDER}""",  # noqa: S608 our own names
)
_IN_LETTER = """
(l.body is not null or l.reading is not null) and (l.case_key = any($1::text[])
or exists (select from unnest($2::bytea[]) as word where position(word in l.body) > 0 or position(word in l.reading) > 0))"""
_LETTERS = f"select l.letter_id from letters l where {_IN_LETTER}"  # noqa: S608 our own names
_WAITING = f"""
select l.letter_id, l.behind is not null from letters l where (l.fault = 'hub' or l.behind is not null) and {_IN_LETTER}
and not exists (select from resolutions r where r.letter_id = l.letter_id) order by l.written_at, l."offset\""""  # noqa: S608 our own names
_BLANK = "update letters set body = null, reading = null, case_key = null where letter_id = any($1::uuid[])"
_KNOWN = """
select v.case_key from case_versions v where v.case_key = any($1::text[])
union select s.case_key from sent s where s.case_key = any($1::text[])
union select d.case_key from deadlines d where d.case_key = any($1::text[])
union select l.case_key from letters l where l.case_key = any($1::text[])
union select c.person from citizens c where c.person = any($1::text[])"""
_COUNTS = """
select (select count(distinct case_key) from case_versions where case_key = any($1::text[])),
(select count(distinct person) from citizens where person = any($1::text[])),
(select count(*) from sent where case_key = any($1::text[])), (select count(*) from deadlines where case_key = any($1::text[]))"""
_DECIDED = """
select id, partition, "offset" from claims where scope = 'forget' and id = any($1::text[])"""


async def known_of(connection: Connection, keys: Collection[str]) -> set[str]:
    """Those of these names under which anything is held."""
    return {row[0] for row in await rows(connection, _KNOWN, list(keys))}


async def found(connection: Connection, keys: Collection[str], words: Sequence[bytes]) -> Found:
    """What is held under these names, and in letters that hold one of these words. Looks at every letter's bytes."""
    [(cases, citizens, sent, deadlines)] = await rows(connection, _COUNTS, list(keys))
    letters = await letters_of(connection, keys, words)
    waiting = await rows(connection, _WAITING, list(keys), list(words))
    blocking = tuple(letter_id for letter_id, is_parked in waiting if not is_parked)
    return Found(cases, citizens, len(letters), blocking, len(waiting) - len(blocking), sent, deadlines)


async def letters_of(connection: Connection, keys: Collection[str], words: Sequence[bytes]) -> list[UUID]:
    """Letters of these cases, or with one of these words, whose bytes are kept."""
    return [row[0] for row in await rows(connection, _LETTERS, list(keys), list(words))]


async def decided(connection: Connection, forget_ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Partition and offset of the records that were decided, by their ids."""
    return {row[0]: (row[1], row[2]) for row in await rows(connection, _DECIDED, list(forget_ids))}


async def delete(connection: Connection, emptied: Sequence[Emptied], letters: Collection[UUID]) -> int:
    """Delete what stands behind the emptying, and the bytes of these letters. How many rows that were. Raises DatabaseAway."""
    columns = tuple(zip(*emptied, strict=True)) or ((), (), ())
    async with transaction(connection):
        gone = [await rows_changed(connection, statement, *columns) for statement in _DELETE]
        return sum(gone) + await rows_changed(connection, _BLANK, list(letters))

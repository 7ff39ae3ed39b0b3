"""What people ask about letters and parked messages. Only reads, and never in the hot path; may be ahead of Kafka by a batch or two."""

from typing import Any
from uuid import UUID

import asyncpg

from contracts.records import Source
from hub.memory.rows import Letter, LetterGroup, Wanted

LETTER = """
l.letter_id, l.fault, l.rule, l.path, l.line, l.vendor, l.process, l.msg_id, l.case_key,
l.source_topic, l.source_partition, l.source_offset, l."offset", l.written_at"""
_WANTED = """
letters l left join resolutions r using (letter_id)
where ($1::bool is null or (r.what is not null) = $1) and ($2::bool is null or (l.behind is not null) = $2)
and ($3::text is null or l.fault = $3) and ($4::text is null or l.vendor = $4) and ($5::text is null or l.rule = $5)
and ($6::text is null or l.process = $6) and ($7::timestamptz is null or l.written_at < $7)
and ($8::timestamptz is null or l.written_at >= $8)
and ($9::text is null or (l.source_topic, l.source_partition, l.source_offset) = ($9, $10::int, $11::bigint))"""
_LIST = f"""
select {LETTER}, null, null, r.what, l.behind, l.direction from {_WANTED}
order by l.written_at desc, l.partition, l."offset" desc, l.letter_id limit $12"""  # noqa: S608 our own names
_IDS = f"""select l.letter_id from {_WANTED} order by l.written_at, l.partition, l."offset", l.letter_id"""  # noqa: S608 our own names
_GROUPS = f"""
select count(*), l.fault, l.rule, l.vendor, l.process, l.path, min(l.written_at), max(l.written_at) from {_WANTED}
group by l.fault, l.rule, l.vendor, l.process, l.path order by 1 desc, 8 desc"""  # noqa: S608 our own names
_PARKED = """
letters l where l.case_key = $1 and l.direction = $2
and not exists (select 1 from resolutions r where r.letter_id = l.letter_id)"""
_BEHIND = f"""select count(*) from {_PARKED} and l.behind is not null"""  # noqa: S608 our own names
_WAITS_FOR = f"""select l.letter_id from {_PARKED} and l.behind is null limit 1"""  # noqa: S608 our own names
_RELEASED_WITH = """
select count(*) from resolutions one join resolutions r on (r.partition, r."offset") = (one.partition, one."offset")
where one.letter_id = $1 and r.what = 'released'"""
_ANYWHERE = (None, None, None)


async def listed(pool: asyncpg.Pool, wanted: Wanted, *, limit: int) -> list[Letter]:
    """The newest first, without their bytes."""
    return [letter_of_row(row) for row in await pool.fetch(_LIST, *_by(wanted), limit)]


async def ids(pool: asyncpg.Pool, wanted: Wanted) -> list[UUID]:
    """All of them, the oldest first: of each case in the log's order."""
    return [row[0] for row in await pool.fetch(_IDS, *_by(wanted))]


async def groups(pool: asyncpg.Pool, wanted: Wanted) -> list[LetterGroup]:
    """By what went wrong and where, the largest first."""
    return [LetterGroup(*row) for row in await pool.fetch(_GROUPS, *_by(wanted))]


async def behind(pool: asyncpg.Pool, letter: Letter) -> int:
    """How many messages are parked behind it."""
    return 0 if _orders_nothing(letter) else await pool.fetchval(_BEHIND, letter.case_key, letter.direction)


async def waits_for(pool: asyncpg.Pool, parked: Letter) -> UUID | None:
    """The letter that a parked message waits for now; None: it waits no more."""
    found: UUID | None = await pool.fetchval(_WAITS_FOR, parked.case_key, parked.direction)
    return found


async def released_with(pool: asyncpg.Pool, letter_id: UUID) -> int:
    """How many parked messages had their turn when this letter was dealt with."""
    return int(await pool.fetchval(_RELEASED_WITH, letter_id))


def letter_of_row(row: asyncpg.Record) -> Letter:
    """A row of `LETTER`, then bytes, reading, resolution, and what it is parked behind and which way."""
    values: tuple[Any, ...] = (*row[:9], Source(*row[9:12]), *row[12:])
    return Letter(*values)


def _orders_nothing(letter: Letter) -> bool:
    return letter.direction is None or letter.behind is not None


def _by(wanted: Wanted) -> tuple[object, ...]:
    return (
        wanted.resolved, wanted.parked, wanted.fault, wanted.vendor, wanted.rule, wanted.process, wanted.before, wanted.after,
        *(wanted.source or _ANYWHERE),
    )

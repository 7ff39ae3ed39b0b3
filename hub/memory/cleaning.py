"""What memory forgets for good: rows of a lane that were written longer ago than anything can still ask for them. In small steps.

How old an offset is, marks say: the log's own time, once a day. Where none is old enough, nothing goes. Never what is waited for: a letter
of our fault that nobody has dealt with, what is parked, a deadline that is not met and its command, a case that holds anything.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from hub.memory.rows import FROM_THE_START

STEP: Final = 500
"""Rows of each table that one step takes: it holds the lane's row for some ten milliseconds."""
_DAY: Final = timedelta(days=1)

IsOver = Callable[[bytes], bool]
"""Whether nothing is left of a case in this state."""

MARK = """
insert into marks (partition, "offset", "at") select $1, $2, $3 where not exists
(select 1 from marks where partition = $1 and "at" > $4) on conflict do nothing"""
BELOW = 'select max("offset") from marks where partition = $1 and "at" <= $2'
NEWEST_MARK = 'select max("at") from marks where partition = $1'
LANES = "select partition, greatest(opened_at, pruned_to) as committed from lanes order by partition"
LANE = "select greatest(opened_at, pruned_to) from lanes where partition = $1 for update"

_OLD: Final = {
    "claims": "claims where partition = $1 and \"offset\" < $2",
    "sent": 'sent where partition = $1 and "offset" < $2 and not exists (select 1 from deadlines d where d.command_id = sent.msg_id)',
    "resolutions": 'resolutions where partition = $1 and "offset" < $2',
    # told to their senders, and nothing can be done with them: what waits for an operator has the fault `hub`
    "letters": "letters where partition = $1 and \"offset\" < $2 and fault <> 'hub' and behind is null",
    "marks": 'marks where partition = $1 and "offset" < $2',
}
_COUNT: Final = {name: f"select count(*) from {which}" for name, which in _OLD.items()}  # noqa: S608 our own names
_DELETE: Final = {
    name: f'delete from {name} where ctid = any(array(select ctid from {which} order by "offset" limit $3))'  # noqa: S608 our own names
    for name, which in _OLD.items()
}
# a letter goes with what became of it
_DELETE["resolutions"] = f"""
with gone as ({_DELETE["resolutions"]} returning letter_id),
letter as (delete from letters l using gone where l.letter_id = gone.letter_id) select letter_id from gone"""  # noqa: S608 our own names
_CASES: Final = """
select v.case_key, v."offset", v.state,
not exists (select 1 from case_versions n where n.case_key = v.case_key and n."offset" > v."offset")
and not exists (select 1 from deadlines d where d.case_key = v.case_key) as stands_still
from (select * from case_versions where partition = $1 and "offset" >= $2 and "offset" < $3 order by "offset" limit $4) as v
order by v."offset\""""
_DELETE_CASES: Final = 'delete from case_versions where partition = $1 and case_key = any($2::text[]) and "offset" < $3'


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What one step took (or, in a dry run, what all steps would take), by table."""

    rows: Mapping[str, int]
    more: bool = False
    """There is more to look at."""
    cases_from: int = FROM_THE_START
    """Where the next step looks for cases."""

    @property
    def total(self) -> int:
        """Rows."""
        return sum(self.rows.values())


NOTHING: Final = Cleaned({})


async def mark(connection: asyncpg.Connection, partition: int, offset: int, at: datetime) -> None:
    """The log was here at that time; once a day."""
    await connection.execute(MARK, partition, offset, at, at - _DAY)


async def clean(
    connection: asyncpg.Connection, partition: int, *, committed: int, before: datetime, cases_from: int, is_over: IsOver,
) -> Cleaned:
    """One step: what the log wrote before that time, below the committed offset. The lane's row must be locked."""
    below = await _below(connection, partition, committed, before)
    if below is None:
        return NOTHING
    rows = {name: _count(await connection.execute(delete, partition, below, STEP)) for name, delete in _DELETE.items()}
    gone, seen, after = await _cases(connection, partition, below, cases_from, is_over)
    if gone:
        await connection.execute(_DELETE_CASES, partition, gone, below)
    more = STEP in rows.values() or seen == STEP
    return Cleaned({**rows, "cases": len(gone)}, more, after)


async def count(connection: asyncpg.Connection, partition: int, *, committed: int, before: datetime, is_over: IsOver) -> Cleaned:
    """What all steps would take. Writes nothing."""
    below = await _below(connection, partition, committed, before)
    if below is None:
        return NOTHING
    rows = {name: await connection.fetchval(statement, partition, below) for name, statement in _COUNT.items()}
    cases, seen, after = 0, STEP, FROM_THE_START
    while seen == STEP:
        gone, seen, after = await _cases(connection, partition, below, after, is_over)
        cases += len(gone)
    return Cleaned({**rows, "cases": cases})


async def _below(connection: asyncpg.Connection, partition: int, committed: int, before: datetime) -> int | None:
    marked = await connection.fetchval(BELOW, partition, before)
    return None if marked is None else min(marked, committed)


async def _cases(
    connection: asyncpg.Connection, partition: int, below: int, start: int, is_over: IsOver,
) -> tuple[list[str], int, int]:
    """The keys of cases of which nothing is left, how many versions were looked at, and where to go on."""
    rows = await connection.fetch(_CASES, partition, start, below, STEP)
    gone = [row["case_key"] for row in rows if row["stands_still"] and is_over(row["state"])]
    return gone, len(rows), rows[-1]["offset"] + 1 if rows else start


def _count(answer: str) -> int:
    """Of `DELETE 3` or `SELECT 3`."""
    return int(answer.rpartition(" ")[2])

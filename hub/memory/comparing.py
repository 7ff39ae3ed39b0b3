"""Two databases of the hub, compared row by row up to an offset of each lane. Counts, and never shows a row."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

import asyncpg

from hub.memory.faults import facts

_UPTO: Final = 'join unnest($1::int[], $2::bigint[]) as upto(partition, "end") using (partition) where "offset" < "end"'
_HERE: Final = "<upto>"
# A case that moved on since is not compared: its version of then may be pruned. Words of ours about a fault are only where it happened.
_ROWS: Final[dict[str, str]] = {  # each: a key, and a digest of everything else
    "cases": """
select case_key as key, md5(state) as held from (select distinct on (case_key) case_key, "offset", partition, state
from case_versions order by case_key, "offset" desc) as latest <upto>""",
    "claims": """
select scope || ' ' || id as key, md5(row(source_topic, source_partition, source_offset, digest, partition, "offset")::text) as held
from claims <upto>""",
    "letters": """
select letter_id::text as key, md5(row(fault, path, line, vendor, process, msg_id, case_key, source_topic, source_partition,
source_offset, partition, "offset", written_at, behind, direction)::text) as held from letters <upto>""",
    "resolutions": """
select letter_id::text as key, md5(row(what, partition, "offset", "at", reason)::text) as held from resolutions <upto>""",
    "sent": """
select msg_id || ' ' || partition || ' ' || "offset" as key, md5(row(case_key, receiver, vendor, "at", of_portal)::text) as held
from sent <upto>""",
    "deadlines": """
select command_id || ' ' || what as key, md5(row(case_key, due_at, partition, "offset")::text) as held from deadlines d <upto>
and not exists (select 1 from deadlines_met m where m.command_id = d.command_id and m.what = d.what)""",
    "citizens": """
select person as key, active::text as held from (select distinct on (person) person, "offset", partition, active
from citizens order by person, "offset" desc) as latest <upto>""",
}
_ORDERED: Final = {
    table: f'select * from ({rows.replace(_HERE, _UPTO)}) as compared order by key collate "C"'  # noqa: S608 our own names
    for table, rows in _ROWS.items()
}
_MOVED_ON: Final = "select distinct case_key from case_versions <upto>".replace(_HERE, _UPTO.replace("<", ">="))
_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class TableDifference:
    """How many rows were compared, and how many are only in one of the two or not the same in both."""

    table: str
    compared: int
    only_first: int
    only_second: int
    unlike: int


async def compare(first: str, second: str, ends: Mapping[int, int]) -> list[TableDifference]:
    """Two databases by their addresses; `ends`: for each lane the offset up to which both should know all. Raises DatabaseAway."""
    with facts():
        one, other = await asyncpg.connect(first), await asyncpg.connect(second)
        try:
            async with one.transaction(readonly=True), other.transaction(readonly=True):
                upto = (list(ends), list(ends.values()))
                moved_on = {row[0] for held in (one, other) for row in await held.fetch(_MOVED_ON, *upto)}
                return [await _table(table, one, other, upto, moved_on if table == "cases" else set()) for table in _ORDERED]
        finally:
            await one.close()
            await other.close()


async def _table(
    table: str, one: asyncpg.Connection, other: asyncpg.Connection, upto: tuple[list[int], list[int]], besides: set[str],
) -> TableDifference:
    """Both in the order of their keys, side by side."""
    left, right = _rows(one, table, upto, besides), _rows(other, table, upto, besides)
    compared = only_left = only_right = unlike = 0
    mine, theirs = await anext(left, None), await anext(right, None)
    while mine is not None or theirs is not None:
        if theirs is None or (mine is not None and mine[0] < theirs[0]):
            only_left += 1
            mine = await anext(left, None)
        elif mine is None or theirs[0] < mine[0]:
            only_right += 1
            theirs = await anext(right, None)
        else:
            compared, unlike = compared + 1, unlike + (mine[1] != theirs[1])
            mine, theirs = await anext(left, None), await anext(right, None)
    return TableDifference(table, compared, only_left, only_right, unlike)


async def _rows(
    connection: asyncpg.Connection, table: str, upto: tuple[list[int], list[int]], besides: set[str],
) -> AsyncIterator[tuple[bytes, str]]:
    async for row in connection.cursor(_ORDERED[table], *upto, prefetch=_AT_ONCE):
        if row["key"] not in besides:
            yield row["key"].encode(), row["held"]

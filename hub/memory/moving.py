"""Cases that move: to another partition of the log, or to another name. For a log at a standstill, and one transaction each.

A case's newest version is the one with the highest offset, and offsets of two partitions do not compare. So what moves keeps one version,
at an offset below every real one: whatever is written next is newer, wherever. Claims, what was sent and what is waited for are found by
their ids over all partitions and stay where they are. Never reads or writes Kafka, and never decides that the log stands still.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hub.errors import HubError
from hub.memory.jobs import Connection, fill, rows_changed, transaction

Place = Callable[[str], int]
"""The partition of the log in which what goes by this name lies."""
MOVED: Final = -1
"""The offset of a version that has moved."""
_AT_ONCE: Final = 10_000


class NamesClash(HubError):
    """Cases go by the old name and by the new one: somebody has worked under the new key before the names were changed."""


class LettersWait(HubError):
    """Letters wait whose cases cannot be named anew."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """What went by an old name, and what became of it."""

    cases: int
    citizens: int
    letters: int
    sent: int
    deadlines: int
    forgotten: int
    """Cases that nobody could name anew: neither the log nor a compacted topic holds whose they are."""


# No worker reads its lane's row meanwhile, and so none begins a batch.
_NOBODY_ELSE = "lock table lanes in exclusive mode"
# A lane of no partition says so: no worker begins before what was begun here has come to its end.
_BEGUN = "insert into lanes (partition, producer_id, producer_epoch, opened_at, pruned_to) values (-1, -1, -1, 0, 0) on conflict do nothing"
_ENDED = "delete from lanes where partition < 0"
_KEYS = """
select case_key from case_versions union select person from citizens
union select case_key from letters where behind is not null and case_key is not null"""
_NEW_PLACES = "create temporary table places (key text collate \"C\" primary key, partition int not null) on commit drop"
_SUPERSEDED = (
    'delete from case_versions old using case_versions newer where newer.case_key = old.case_key and newer."offset" > old."offset"',
    'delete from citizens old using citizens newer where newer.person = old.person and newer."offset" > old."offset"',
)
_MOVE_CASES = """
update case_versions v set partition = p.partition, "offset" = $1 from places p
where p.key = v.case_key and (v.partition, v."offset") <> (p.partition, $1)"""
_MOVE_CITIZENS = """
update citizens c set partition = p.partition, "offset" = $1 from places p
where p.key = c.person and (c.partition, c."offset") <> (p.partition, $1)"""
# What is parked in a case keeps its order: those from before stand below zero, and in front of what comes.
_MOVE_PARKED = """
with numbered as (select letter_id, case_key,
row_number() over (partition by case_key order by "offset", letter_id) - count(*) over (partition by case_key) - 1 as "offset"
from letters where behind is not null and case_key is not null)
update letters l set partition = p.partition, "offset" = n."offset" from numbered n join places p on p.key = n.case_key
where l.letter_id = n.letter_id"""
_ADD_LANES = """
insert into lanes (partition, producer_id, producer_epoch, opened_at, pruned_to)
select n, -1, -1, 0, 0 from generate_series(0, $1::int - 1) as n on conflict do nothing"""

_NEW_NAMES = "create temporary table names (old text collate \"C\" primary key, new text collate \"C\" not null) on commit drop"
_CLASHING = """
select count(*) from names n where exists (select from case_versions v where v.case_key = n.old)
and exists (select from case_versions v where v.case_key = n.new)"""
_RENAME = {
    "cases": "update case_versions t set case_key = n.new from names n where t.case_key = n.old",
    "citizens": "update citizens t set person = n.new from names n where t.person = n.old",
    "letters": "update letters t set case_key = n.new from names n where t.case_key = n.old",
    "sent": "update sent t set case_key = n.new from names n where t.case_key = n.old",
    "deadlines": "update deadlines t set case_key = n.new from names n where t.case_key = n.old",
}
_LETTERS_WAIT = """
select count(*) from letters l where starts_with(l.case_key, $1) and (l.fault = 'hub' or l.behind is not null)
and not exists (select from resolutions r where r.letter_id = l.letter_id)"""
_FORGET_CASES = "delete from case_versions where starts_with(case_key, $1)"
_FORGET_WITH_THEM = (
    "delete from citizens where starts_with(person, $1)",
    "delete from sent where starts_with(case_key, $1)",
    """delete from deadlines_met m using deadlines d where starts_with(d.case_key, $1)
    and m.command_id = d.command_id and m.what = d.what""",
    "delete from deadlines where starts_with(case_key, $1)",
    "update letters set case_key = null where starts_with(case_key, $1)",
)


async def arrange(connection: Connection, place: Place) -> int:
    """Move every case to its place; no worker begins until `settle`. How many cases there are. Safe to repeat. Raises DatabaseAway."""
    async with transaction(connection):
        await connection.execute(_NOBODY_ELSE)
        await connection.execute(_BEGUN)
        return await _arrange(connection, place)


async def settle(connection: Connection, partitions: int) -> None:
    """The cases lie in so many partitions from now on: workers of a log with as many may begin. Raises DatabaseAway."""
    async with transaction(connection):
        await connection.execute(_ENDED)
        await connection.execute(_ADD_LANES, partitions)


async def rename(connection: Connection, names: Mapping[str, str], place: Place, *, gone: str, keep: bool = True) -> Renamed:
    """Call what is called by an old name (the keys of `names`) by the new one, and forget what is left of the old names.

    `gone`: what an old name begins with. `keep` false: only count. Raises NamesClash, LettersWait, DatabaseAway; nothing is changed then.
    """
    async with transaction(connection, keep=keep):
        await connection.execute(_NOBODY_ELSE)
        await _require_no_clash(connection, names)
        told = {what: await rows_changed(connection, statement) for what, statement in _RENAME.items()}
        if waiting := await connection.fetchval(_LETTERS_WAIT, gone):
            raise LettersWait(
                f"{waiting} letters wait whose messages the log holds no more: resolve them under the old key first (hub letters)."
            )
        forgotten = await _forget(connection, gone)
        await _arrange(connection, place)
    return Renamed(**told, forgotten=forgotten)


async def _require_no_clash(connection: Connection, names: Mapping[str, str]) -> None:
    await connection.execute(_NEW_NAMES)
    await fill(connection, "names", names.items())
    for statement in _SUPERSEDED:
        await connection.execute(statement)
    if clashing := await connection.fetchval(_CLASHING):
        raise NamesClash(f"{clashing} cases were begun anew under the new key: it was used before the names were changed.")


async def _forget(connection: Connection, gone: str) -> int:
    forgotten = await rows_changed(connection, _FORGET_CASES, gone)
    for statement in _FORGET_WITH_THEM:
        await connection.execute(statement, gone)
    return forgotten


async def _arrange(connection: Connection, place: Place) -> int:
    await connection.execute(_NEW_PLACES)
    keys = await connection.cursor(_KEYS)
    while some := await keys.fetch(_AT_ONCE):
        await fill(connection, "places", [(row[0], place(row[0])) for row in some])
    for statement in _SUPERSEDED:
        await connection.execute(statement)
    await connection.execute(_MOVE_CASES, MOVED)
    await connection.execute(_MOVE_CITIZENS, MOVED)
    await connection.execute(_MOVE_PARKED)
    return int(await connection.fetchval("select count(*) from case_versions"))

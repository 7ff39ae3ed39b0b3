"""Rows for the tests, with synthetic content."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import asyncpg

from contracts.records import Source
from hub.memory.memory import Memory
from hub.memory.rows import Asked, AtFault, CaseVersion, Claim, Fence, Known, Letter, News, Resolution, ResolvedAs, Sent
from tests.broker.waiting import until

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
INBOX = "epj.fjord.inbox"
FIRST = Fence(0, producer_id=7, producer_epoch=1)
SECOND = Fence(0, producer_id=7, producer_epoch=2)
ELSEWHERE = Fence(1, producer_id=8, producer_epoch=1)
TABLES = ("claims", "case_versions", "letters", "resolutions", "sent", "deadlines", "deadlines_met", "citizens")


def claim(msg_id: str, offset: int, *, content: str = "", source: Source | None = None) -> Claim:
    """A claim of a message; its source has the same offset as the log, unless told."""
    return Claim("msg:8090001", msg_id, source or Source(INBOX, 0, offset), hashlib.sha256(content.encode()).digest(), offset)


def version(case_key: str, offset: int, state: str) -> CaseVersion:
    """A version of a case."""
    return CaseVersion(case_key, offset, state.encode())


def letter(
    offset: int, *, fault: AtFault = "hub", vendor: str = "fjord", rule: str = "SET_ASIDE", body: bytes | None = b"<MsgHead/>",
) -> Letter:
    """A letter, later by a minute for each offset."""
    return Letter(
        uuid.uuid5(uuid.NAMESPACE_OID, f"letter {offset}"), fault, rule, "/MsgHead/MsgInfo", 3, vendor,
        "timereservasjon", f"m{offset}", "1.a", Source(INBOX, 2, offset), offset, NOON + timedelta(minutes=offset), body, b"read",
    )


def resolution(of: Letter, offset: int, what: ResolvedAs = "replayed") -> Resolution:
    """What became of that letter."""
    return Resolution(of.letter_id, what, offset, NOON, "mended")


def sent(msg_id: str, offset: int, case_key: str = "1.a") -> Sent:
    """What was sent at that offset."""
    return Sent(msg_id, case_key, "8090002", "fjord", offset, NOON + timedelta(minutes=offset))


async def one_batch(memory: Memory, fence: Fence, asked: Asked, news: News | None = None) -> Known:
    """Recall, remember, commit."""
    async with memory.batch(fence) as batch:
        known = await batch.recall(asked)
        await batch.remember(news or News())
    return known


async def who_owns(memory: Memory, fence: Fence, claims: Iterable[Claim]) -> dict[str, tuple[int, int]]:
    """Claim in one batch and say, by id, the partition and offset of the owner."""
    known = await one_batch(memory, fence, Asked(tuple(claims)))
    return {msg_id: (owner.partition, owner.offset) for (_, msg_id), owner in known.owners.items()}


async def rows_of(url: str, partition: int = 0) -> dict[str, list[int]]:
    """The offsets that each table holds for a partition, read by a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        return {table: await _offsets(connection, table, partition) for table in TABLES}
    finally:
        await connection.close()


async def _offsets(connection: asyncpg.Connection, table: str, partition: int) -> list[int]:
    rows = await connection.fetch(f'select "offset" from {table} where partition = $1 order by "offset"', partition)
    return [row[0] for row in rows]


async def somebody_waits(url: str) -> None:
    """Return when a connection waits for a lock."""
    connection = await asyncpg.connect(url)
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    try:
        async def somebody() -> bool:
            return bool(await connection.fetchval(waiting))

        await until(somebody, what="a connection that waits for a lock", within=5)
    finally:
        await connection.close()

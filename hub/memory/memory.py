"""Memory: one PostgreSQL transaction for each batch of the log, committed before Kafka's, fenced and redone exactly.

It answers what a batch asks, appends what a batch brings, and takes away what a crash left behind. It never decides what a
duplicate means, never writes to Kafka, and never lets a worker write whose lane somebody else has opened.

Everything stands on READ COMMITTED: each statement sees what was committed before it began. The lane's row is locked by a
statement of its own, so that the statements behind it see all that a former owner managed to commit.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID

import asyncpg

from contracts.records import Source
from hub.memory import cleaning, letter_queries, statements
from hub.memory.cleaning import Cleaned, IsOver
from hub.memory.faults import (
    CasesElsewhere,
    CommitUnknown,
    DatabaseAway,
    DatabaseBehind,
    FencedOff,
    NamedOtherwise,
    OffsetWentBack,
    SchemaUnfit,
    facts,
)
from hub.memory.letter_queries import letter_of_row
from hub.memory.rows import (
    Asked,
    CaseVersion,
    Citizen,
    Claim,
    ClaimKey,
    DeadlineMet,
    DeadlineSet,
    Fence,
    Known,
    Letter,
    LetterGroup,
    News,
    Overdue,
    Owner,
    Progress,
    Resolution,
    Sent,
    Wanted,
)
from hub.memory.schema import SCHEMA_VERSION

PRUNE_STEP = 1_000
"""Versions that one pruning transaction looks at: it holds the lane's row for a few milliseconds only."""
ALL_CASES_STEP = 200
_BEHIND: Final = "the database knows less than Kafka has committed: it was lost, or restored from an older dump. Run: hub rebuild"
WAITING: Final = Wanted()
"""The letters that nobody has dealt with."""
_NOBODY: Final = Fence(-1, -1, -1)
"""Who only looks, and writes nowhere."""


class Memory:
    """The database, by a pool of connections that come back by themselves after an outage."""

    def __init__(self, pool: asyncpg.Pool, *, timeout: float, mends: bool = False) -> None:
        self._pool, self._timeout, self._mends = pool, timeout, mends

    @classmethod
    async def connect(
        cls, url: str, *, connections: int = 8, timeout: float = 5.0, mends: bool = False,  # noqa: ASYNC109 it outlives the call
    ) -> Self:
        """Connect, and check that the tables are this program's, or a newer one's that still fit.

        `url`: `postgresql://user:pw@host/db`, or `postgresql://user:@/db?host=/folder` by socket. `timeout`: seconds that
        anything may take. `mends`: it rebuilds the database, and so writes where everybody else must wait.
        Raises DatabaseAway or SchemaUnfit.
        """
        pool = asyncpg.create_pool(
            url, min_size=0, max_size=connections, timeout=timeout, command_timeout=timeout,
            server_settings=_session(timeout), reset=_nothing_to_reset,
        )
        with facts():
            await pool
        memory = cls(pool, timeout=timeout, mends=mends)
        try:
            await memory._check_version()
        except BaseException:
            await memory.close()
            raise
        return memory

    async def close(self) -> None:
        """Close all connections; those that do not end within the timeout are cut."""
        try:
            with facts():
                await asyncio.wait_for(self._pool.close(), self._timeout)
        except DatabaseAway:
            self._pool.terminate()

    async def ping(self) -> None:
        """Return when the database answers. Raises DatabaseAway."""
        with facts():
            await self._pool.fetchval("select 1", timeout=self._timeout)

    async def now(self) -> datetime:
        """The database's clock: one for all workers, whatever their own say. Raises DatabaseAway."""
        with facts():
            now: datetime = await self._pool.fetchval("select clock_timestamp()", timeout=self._timeout)
        return now

    async def set_lanes_down(self, partitions: int) -> None:
        """Where there is no lane yet: one for each partition of the log, also for those that nobody will come to for long."""
        with facts():
            await self._pool.execute(statements.FIRST_LANES, partitions)

    async def check_places(self, *, partitions: int, version: str) -> None:
        """Before a worker begins: every case lies in the partition where the log has it, and goes by a name of this key version.

        `partitions`: of the log; the first worker of all sets it down. Raises CasesElsewhere, NamedOtherwise, DatabaseAway.
        """
        await self.set_lanes_down(partitions)
        with facts():
            arranged, is_moving = await self._pool.fetchrow(statements.LANES_THERE)
            otherwise = await self._pool.fetchval(statements.NAMED_OTHERWISE, version)
        if is_moving:
            raise CasesElsewhere("cases were being moved, and that did not come to its end: run that command once more")
        if arranged != partitions:
            raise CasesElsewhere(f"the log has {partitions} partitions, and the cases lie in {arranged}: hub grow {partitions}")
        if otherwise:
            raise NamedOtherwise(f"there are cases whose names are not of key version {version}: hub pseudonyms rotate")

    async def open_lane(
        self, fence: Fence, *, committed: int, former: Fence | None = None, resumed: bool = False,
    ) -> int:
        """Fence off the lane's former owner, and delete what it wrote at or beyond Kafka's committed offset; one transaction.

        Call it after the producer has started (which fences in Kafka and settles the committed offset) and before anything is
        read. Who is newer? Of one producer id, the higher epoch (an equal one is ourselves, once more). Kafka gives a lane
        another producer id, and perhaps a lower one, when the former expired or its epochs ran out; ids do not compare. But
        committed offsets only rise, and a newcomer reads it after it has fenced: who comes with a lower one than this lane has
        seen is a sleeper. A tie is accepted; should the sleeper win it, the owner is told FencedOff and opens anew: that costs
        a moment and no message, because the sleeper cannot commit in Kafka.

        Answers how many owners in a row have died with the first record at `committed` in hand (ADR 28). `former`: this process's own
        fence of this lane before; it is alive, so that one did not die.

        `resumed`: the group has committed here before, so that memory must know all up to there. When it does not, the whole database
        is marked as behind: then no lane opens and none decides, for what one of them has forgotten the others would miss.

        Raises FencedOff; OffsetWentBack when the newest owner comes with a lower offset than was seen; DatabaseBehind; DatabaseAway.
        """
        try:
            async with self._transaction() as connection:
                with facts():
                    await self._check_not_behind(connection)
                    return await _open_lane(connection, fence, committed, former, resumed)
        except DatabaseBehind:
            await self.mark_behind()
            raise

    async def progress(self) -> dict[int, Progress]:
        """How far each lane that was ever opened has come, as memory knows it."""
        with facts():
            rows = await self._pool.fetch(statements.LANES)
        return {row["partition"]: _progress(row) for row in rows if not _only_set_down(row)}

    async def is_behind(self) -> bool:
        """It waits to be rebuilt."""
        with facts():
            return await self._pool.fetchval(statements.BEHIND_SINCE) is not None

    async def latest_cases(self) -> AsyncIterator[bytes]:
        """The latest version of every case."""
        async with self._transaction() as connection:
            with facts():
                async for row in connection.cursor(statements.ALL_CASES, prefetch=ALL_CASES_STEP):
                    yield row[0]

    async def mark_behind(self) -> None:
        """Nobody decides from now on. Safe to repeat."""
        with facts():
            await self._pool.execute(statements.SET_BEHIND)

    async def mark_rebuilt(self) -> None:
        """Memory knows all that Kafka has committed: everybody may decide again."""
        with facts():
            await self._pool.execute(statements.NOT_BEHIND)

    async def _check_not_behind(self, connection: asyncpg.Connection) -> None:
        if not self._mends and await connection.fetchval(statements.BEHIND_SINCE) is not None:
            raise DatabaseBehind(_BEHIND)

    async def mark(self, fence: Fence, *, offset: int) -> None:
        """Say that what begins with this record is decided next; `Batch.survived` takes it back. Raises FencedOff, DatabaseAway."""
        async with self._transaction() as connection:
            with facts():
                await _check_fence(connection, fence)
                await connection.execute(statements.TRYING, fence.partition, offset)

    async def leave_lane(self, fence: Fence) -> None:
        """An owner goes, alive: what it had in hand did not kill it. A lane that is somebody else's is left alone. Raises DatabaseAway."""
        with facts():
            await self._pool.execute(statements.LEFT, fence.partition, fence.producer_id, fence.producer_epoch, timeout=self._timeout)

    async def rewind(self, fence: Fence, *, to: int) -> None:
        """Delete this lane's rows at or beyond `to`: after a batch that failed, when it is not known whether it was committed.

        It waits at the lane's row until a commit that is still under way has ended. Raises FencedOff, DatabaseAway.
        """
        async with self._transaction() as connection:
            with facts():
                await _check_fence(connection, fence)
                await _delete_suffix(connection, fence.partition, to)
                await connection.execute(statements.REWOUND, fence.partition, to)

    @contextlib.asynccontextmanager
    async def batch(self, fence: Fence, *, start: int | None = None, end: int | None = None) -> AsyncIterator["Batch"]:
        """One batch's transaction: the fence first, commit at the end, nothing at all after any exception.

        `start`, `end`: the first offset that memory has not heard of, and the one behind this batch. Memory that is not at `start` was
        exchanged under its owner: that is FencedOff too, and opening the lane anew says what is wrong.

        Raises FencedOff, DatabaseAway, ValueRefused. CommitUnknown (and a cancellation) may have committed: `rewind` then.
        """
        async with self._transaction() as connection:
            with facts():
                await self._decide(connection, fence, start, end)
            batch = Batch(connection, fence)
            yield batch
            batch.raise_what_was_swallowed()

    async def prune(self, fence: Fence, *, committed: int) -> int:
        """Delete case versions that are superseded behind the committed offset, and the bytes of letters resolved there.

        In steps of PRUNE_STEP new versions, each a transaction under the fence. Returns how many versions went.
        Raises FencedOff, DatabaseAway.
        """
        pruned, more = 0, True
        while more:
            async with self._transaction() as connection:
                with facts():
                    step, more = await _prune_step(connection, fence, committed)
            pruned += step
        return pruned

    async def clean(self, fence: Fence, *, committed: int, at: datetime, keep: timedelta, cases_from: int, is_over: IsOver) -> Cleaned:
        """One step of forgetting what this lane wrote longer ago than `keep`, by the log's time `at`; also marks that time.

        `cases_from`: where to look for cases, from the step before. A transaction of its own under the fence. Raises FencedOff,
        DatabaseAway.
        """
        async with self._transaction() as connection:
            with facts():
                await _check_fence(connection, fence)
                await cleaning.mark(connection, fence.partition, committed, at)
                return await cleaning.clean(
                    connection, fence.partition, committed=committed, before=at - keep, cases_from=cases_from, is_over=is_over,
                )

    async def lanes_marked(self) -> dict[int, datetime]:
        """The log's time in each lane, as it was last marked: up to a day old."""
        with facts():
            lanes = await self._pool.fetch(cleaning.LANES)
            marked = {row["partition"]: await self._pool.fetchval(cleaning.NEWEST_MARK, row["partition"]) for row in lanes}
        return {partition: at for partition, at in marked.items() if at is not None}

    async def clean_lane(self, partition: int, *, before: datetime, cases_from: int, is_over: IsOver) -> Cleaned:
        """The same step for an operator, who owns no lane: only below what the lane was opened at. Waits for the batch that is running."""
        async with self._transaction() as connection:
            with facts():
                committed = await connection.fetchval(cleaning.LANE, partition)
                return await cleaning.clean(
                    connection, partition, committed=committed or 0, before=before, cases_from=cases_from, is_over=is_over,
                )

    async def would_clean(self, partition: int, *, before: datetime, is_over: IsOver) -> Cleaned:
        """What all steps of `clean_lane` would take. Writes nothing."""
        async with self._transaction() as connection:
            with facts():
                committed = await connection.fetchval(cleaning.LANE, partition)
                return await cleaning.count(connection, partition, committed=committed or 0, before=before, is_over=is_over)

    async def letters(self, wanted: Wanted = WAITING, *, limit: int = 100) -> list[Letter]:
        """Letters for people, the newest first, without their bytes. May be a batch or two ahead of what Kafka has committed."""
        with facts():
            return await letter_queries.listed(self._pool, wanted, limit=limit)

    async def letter_ids(self, wanted: Wanted) -> list[UUID]:
        """All that are asked for, the oldest first: of each case in the log's order."""
        with facts():
            return await letter_queries.ids(self._pool, wanted)

    async def letter_groups(self, wanted: Wanted) -> list[LetterGroup]:
        """The same, counted by what went wrong and where, the largest group first."""
        with facts():
            return await letter_queries.groups(self._pool, wanted)

    async def parked_behind(self, letter: Letter) -> int:
        """How many messages wait behind it."""
        with facts():
            return await letter_queries.behind(self._pool, letter)

    async def waits_for(self, parked: Letter) -> UUID | None:
        """The letter that a parked message waits for now; None: for none any more."""
        with facts():
            return await letter_queries.waits_for(self._pool, parked)

    async def released_with(self, letter_id: UUID) -> int:
        """How many parked messages had their turn when this letter was dealt with."""
        with facts():
            return await letter_queries.released_with(self._pool, letter_id)

    async def recall(self, asked: Asked) -> Known:
        """What a batch would be told, and nobody claims anything: whoever asks is told that each free id is theirs."""
        async with self._transaction() as connection:
            return await Batch(connection, _NOBODY).look(asked)

    async def letter(self, letter_id: UUID) -> Letter | None:
        """One letter with its bytes, as long as it is not resolved; None: there is none."""
        with facts():
            row = await self._pool.fetchrow(statements.LETTERS, [letter_id])
        return None if row is None else letter_of_row(row)

    async def sent(self, msg_ids: Sequence[str]) -> dict[str, Sent]:
        """What was sent under these ids."""
        with facts():
            return await _sent(self._pool, msg_ids)

    async def overdue(self, partitions: Sequence[int], *, at: datetime, limit: int) -> list[Overdue]:
        """Deadlines of these lanes that have come and were not met, the oldest first. May be ahead of Kafka by the batches in flight."""
        with facts():
            rows = await self._pool.fetch(statements.OVERDUE, list(partitions), at, limit)
        return [Overdue(*row) for row in rows]

    async def _decide(self, connection: asyncpg.Connection, fence: Fence, start: int | None, end: int | None) -> None:
        statement = statements.DECIDE_MENDING if self._mends else statements.DECIDE
        if await connection.fetchrow(statement, *_identity(fence), start, end) is None:
            raise FencedOff(f"partition {fence.partition} is not this worker's any more, or its memory is not as it was left")

    async def _check_version(self) -> None:
        version = await self._answer(statements.VERSION)
        # ahead, but the newer program says that ours may still work here
        fits = version is not None and version > SCHEMA_VERSION and (await self._answer(statements.FITS_FROM) or version) <= SCHEMA_VERSION
        if version != SCHEMA_VERSION and not fits:
            raise SchemaUnfit(_unfit(version))

    async def _answer(self, statement: str) -> str | None:
        """None where there is no such table."""
        try:
            with facts():
                answer: str | None = await self._pool.fetchval(statement)
        except SchemaUnfit:
            return None
        return answer

    @contextlib.asynccontextmanager
    async def _transaction(self) -> AsyncIterator[asyncpg.Connection]:
        with facts():
            connection = await self._pool.acquire(timeout=self._timeout)
        try:
            async with _transaction_on(connection):
                yield connection
        finally:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await self._pool.release(connection, timeout=self._timeout)


class Batch:
    """One batch inside its transaction."""

    def __init__(self, connection: asyncpg.Connection, fence: Fence) -> None:
        self._connection, self._partition = connection, fence.partition
        self._fault: Exception | None = None

    async def recall(self, asked: Asked) -> Known:
        """Claim what is asked for and say who owns each; load the latest case versions, letters and what was sent.

        One statement per kind, and one more when a claim was somebody else's. A claim that another lane is just making is
        waited for. Raises ValueRefused, DatabaseAway.
        """
        with self._speaking():
            return await self._known(asked, await self._claim(asked.claims))

    async def look(self, asked: Asked) -> Known:
        """The same without claiming: what nobody has claimed is answered as the asker's."""
        with self._speaking():
            first = first_of_each(asked.claims)
            owners = {key: Owner(claim.source, claim.digest, self._partition, claim.offset) for key, claim in first.items()}
            return await self._known(asked, owners | (await self._owners(first) if first else {}))

    async def _known(self, asked: Asked, owners: Mapping[ClaimKey, Owner]) -> Known:
        return Known(
            owners,
            dict(await self._rows(statements.CASES, asked.case_keys)),
            {row["letter_id"]: letter_of_row(row) for row in await self._rows(statements.LETTERS, asked.letter_ids)},
            await _sent(self._connection, asked.sent_ids) if asked.sent_ids else {},
            dict(await self._rows(statements.CITIZENS, asked.persons)),
            tuple(letter_of_row(row) for row in await self._rows(statements.PARKED, asked.parked_in)),
        )

    async def remember(self, news: News) -> None:
        """Append what the batch brings. Raises ValueRefused (also for a letter resolved twice), DatabaseAway."""
        with self._speaking():
            await self._append(statements.ADD_CASES, map(_case_columns, news.cases))
            await self._append(statements.ADD_LETTERS, map(_letter_columns, news.letters))
            await self._append(statements.ADD_RESOLUTIONS, map(_resolution_columns, news.resolutions))
            await self._append(statements.ADD_SENT, map(_sent_columns, news.sent))
            await self._append(statements.ADD_DEADLINES, map(_deadline_columns, news.deadlines))
            await self._append(statements.ADD_MET, map(_met_columns, news.met))
            await self._append(statements.ADD_CITIZENS, map(_citizen_columns, news.citizens))

    async def survived(self) -> None:
        """With this batch it is known that what was in hand kills nobody. Raises DatabaseAway."""
        with self._speaking():
            await self._connection.execute(statements.SURVIVED, self._partition)

    def raise_what_was_swallowed(self) -> None:
        """PostgreSQL answers the commit of a failed transaction with a silent rollback: nobody may take that for a commit."""
        if self._fault is not None:
            raise self._fault

    async def _claim(self, claims: Sequence[Claim]) -> dict[ClaimKey, Owner]:
        first = first_of_each(claims)
        if not first:
            return {}
        lost = await self._connection.fetch(statements.CLAIM, self._partition, *_columns(map(_claim_columns, first.values())))
        owners = {key: Owner(claim.source, claim.digest, self._partition, claim.offset) for key, claim in first.items()}
        return owners | await self._winners(first, [(row[0], row[1]) for row in lost]) if lost else owners

    async def _winners(self, claims: Mapping[ClaimKey, Claim], lost: Sequence[ClaimKey]) -> dict[ClaimKey, Owner]:
        """Who has them. A claim that its owner gave up, or that was cleaned away, between the two statements is claimed once more."""
        owners = await self._owners(lost)
        free = [claims[key] for key in lost if key not in owners]
        return owners | await self._claim(free) if free else owners

    async def _owners(self, keys: Iterable[tuple[object, ...]]) -> dict[ClaimKey, Owner]:
        # A statement of its own: only its snapshot sees a claim that was committed while ours waited for it.
        rows = await self._connection.fetch(statements.OWNERS, *_columns(keys))
        return {(row[0], row[1]): Owner(Source(row[2], row[3], row[4]), row[5], row[6], row[7]) for row in rows}

    async def _rows(self, statement: str, ids: Sequence[object]) -> list[asyncpg.Record]:
        return await self._connection.fetch(statement, ids) if ids else []

    async def _append(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        if columns := _columns(rows):
            await self._connection.execute(statement, self._partition, *columns)

    @contextlib.contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            with facts():
                yield
        except Exception as error:
            self._fault = error
            raise


def first_of_each(claims: Iterable[Claim]) -> dict[ClaimKey, Claim]:
    """The claim that comes first under each key, sorted: two batches never wait for each other crosswise."""
    first: dict[ClaimKey, Claim] = {}
    for claim in claims:
        first.setdefault((claim.scope, claim.id), claim)
    return dict(sorted(first.items(), key=_key))


def _key(item: tuple[ClaimKey, Claim]) -> ClaimKey:
    return item[0]


@contextlib.asynccontextmanager
async def _transaction_on(connection: asyncpg.Connection) -> AsyncIterator[None]:
    transaction = connection.transaction()
    with facts():
        await transaction.start()
    try:
        yield
    except BaseException:
        await _roll_back(connection, transaction)
        raise
    await _commit(transaction)


async def _commit(transaction: asyncpg.transaction.Transaction) -> None:
    try:
        with facts():
            await transaction.commit()
    except DatabaseAway as away:
        raise CommitUnknown(*away.args) from None


async def _roll_back(connection: asyncpg.Connection, transaction: asyncpg.transaction.Transaction) -> None:
    """A connection that cannot roll back is cut: the server then does it."""
    try:
        with facts():
            await transaction.rollback()
    except DatabaseAway:
        with contextlib.suppress(asyncpg.InterfaceError):  # it is gone already, and the pool knows
            connection.terminate()


async def _lane(connection: asyncpg.Connection, partition: int) -> asyncpg.Record | None:
    """The lane's row, locked until the transaction ends."""
    return await connection.fetchrow(statements.FENCE, partition)


async def _check_fence(connection: asyncpg.Connection, fence: Fence) -> asyncpg.Record:
    lane = await _lane(connection, fence.partition)
    if lane is None or (lane["producer_id"], lane["producer_epoch"]) != (fence.producer_id, fence.producer_epoch):
        raise FencedOff(f"partition {fence.partition} is not this worker's any more")
    return lane


def _identity(fence: Fence) -> tuple[int, int, int]:
    return fence.partition, fence.producer_id, fence.producer_epoch


def _told_by(producer_id: int, producer_epoch: int) -> int:
    """A fence as one number: Kafka's epochs have 16 bits, and no producer id has more than 47."""
    return producer_id << 16 | producer_epoch & 0xFFFF


async def _open_lane(connection: asyncpg.Connection, fence: Fence, committed: int, former: Fence | None, resumed: bool) -> int:
    is_new = (await connection.execute(statements.NEW_LANE, *_identity(fence), committed)).endswith(" 1")
    lane: Any = await _lane(connection, fence.partition)
    is_new = is_new or _only_set_down(lane)
    _check_newest(lane, fence, committed)
    if resumed and (is_new or _decided_to(lane, committed) < committed):
        raise DatabaseBehind(_BEHIND)
    deaths = _deaths(lane, committed, former)
    told_by = _told_by(fence.producer_id, fence.producer_epoch)
    await connection.execute(statements.OPEN_LANE, *_identity(fence), committed, deaths, told_by)
    await _delete_suffix(connection, fence.partition, committed)
    return deaths


def _only_set_down(lane: Any) -> bool:
    """With all others, and never opened."""
    return int(lane["producer_id"]) < 0


def _deaths(lane: Any, committed: int, former: Fence | None) -> int:
    """Counted only where a marker was left by somebody who is not us. No marker and no step forward: it says nothing either way."""
    if lane["trying"] is None or lane["trying"] < committed:
        return int(lane["deaths"]) if lane["opened_at"] == committed else 0
    is_us = former is not None and (lane["producer_id"], lane["producer_epoch"]) == (former.producer_id, former.producer_epoch)
    return int(lane["deaths"]) + (not is_us)


def _progress(lane: asyncpg.Record) -> Progress:
    floor = max(lane["opened_at"], lane["pruned_to"])
    return Progress(_decided_to(lane, floor), floor)


def _decided_to(lane: Any, if_unknown: int) -> int:
    """As far as memory knows itself. A version of the hub that does not tell had the lane last: it is believed."""
    if lane["decided_to"] is None or lane["told_by"] != _told_by(lane["producer_id"], lane["producer_epoch"]):
        return if_unknown
    return int(lane["decided_to"])


def _check_newest(lane: Any, fence: Fence, committed: int) -> None:
    seen = max(lane["opened_at"], lane["pruned_to"])
    same_producer = fence.producer_id == lane["producer_id"]
    newer = fence.producer_epoch >= lane["producer_epoch"] if same_producer else committed >= seen
    if not newer:
        raise FencedOff(f"partition {fence.partition} was opened by a newer owner")
    if committed < seen:
        raise OffsetWentBack(f"partition {fence.partition}: the group's offset is {committed}, and was {seen} already")


async def _delete_suffix(connection: asyncpg.Connection, partition: int, offset: int) -> None:
    for statement in statements.DELETE_SUFFIX:
        await connection.execute(statement, partition, offset)


async def _prune_step(connection: asyncpg.Connection, fence: Fence, committed: int) -> tuple[int, bool]:
    """How many versions went, and whether there is more to look at."""
    start = (await _check_fence(connection, fence))["pruned_to"]
    if committed <= start:
        return 0, False
    window_end, found = await connection.fetchrow(statements.WINDOW_END, fence.partition, start, committed, PRUNE_STEP)
    more = found == PRUNE_STEP
    window = (fence.partition, start, window_end if more else committed)
    done = await connection.execute(statements.PRUNE_CASES, *window)
    for statement in (statements.PRUNE_LETTERS, statements.PRUNE_DEADLINES, statements.PRUNE_CITIZENS):
        await connection.execute(statement, *window)
    await connection.execute(statements.PRUNED, fence.partition, window[2])
    return int(done.removeprefix("DELETE ")), more


async def _sent(connection: asyncpg.Connection | asyncpg.Pool, msg_ids: Sequence[str]) -> dict[str, Sent]:
    return {row["msg_id"]: Sent(*row) for row in await connection.fetch(statements.SENT, msg_ids)}


def _columns(rows: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return list(zip(*rows, strict=True))


def _claim_columns(claim: Claim) -> tuple[object, ...]:
    return (claim.scope, claim.id, *claim.source, claim.digest, claim.offset)


def _case_columns(version: CaseVersion) -> tuple[object, ...]:
    return version.case_key, version.offset, version.state


def _letter_columns(letter: Letter) -> tuple[object, ...]:
    return (
        letter.letter_id, letter.fault, letter.rule, letter.path, letter.line, letter.vendor, letter.process, letter.msg_id,
        letter.case_key, *letter.source, letter.offset, letter.written_at, letter.body, letter.reading, letter.behind, letter.direction,
    )


def _resolution_columns(resolution: Resolution) -> tuple[object, ...]:
    return resolution.letter_id, resolution.what, resolution.offset, resolution.at, resolution.reason


def _sent_columns(sent: Sent) -> tuple[object, ...]:
    return sent.msg_id, sent.case_key, sent.receiver, sent.vendor, sent.offset, sent.at, sent.of_portal


def _deadline_columns(deadline: DeadlineSet) -> tuple[object, ...]:
    return deadline.command_id, deadline.what, deadline.case_key, deadline.due_at, deadline.offset


def _met_columns(met: DeadlineMet) -> tuple[object, ...]:
    return met.command_id, met.what, met.offset


def _citizen_columns(citizen: Citizen) -> tuple[object, ...]:
    return citizen.person, citizen.active, citizen.offset


def _session(timeout: float) -> dict[str, str]:
    """A sleeper inside a transaction is cut before those who wait for its lane give up, and they before the client does."""
    return {
        "application_name": "epj-hub", "jit": "off", "synchronous_commit": "on", "default_transaction_isolation": "read committed",
        "idle_in_transaction_session_timeout": str(int(timeout * 600)), "lock_timeout": str(int(timeout * 800)),
    }


async def _nothing_to_reset(_connection: asyncpg.Connection) -> None:
    """Every use is one transaction and leaves no session state: the usual reset would be a round trip for nothing."""


def _unfit(version: str | None) -> str:
    if version is None:
        return "the database has no tables of the hub: run its migrations"
    if version > SCHEMA_VERSION:
        return f"the database is ahead of this program ({version}, here {SCHEMA_VERSION}): run a newer one"
    return f"the database is behind this program ({version}, here {SCHEMA_VERSION}): run its migrations"

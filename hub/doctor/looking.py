"""Asks the cluster, the database and this machine. What does not answer is said so, and the rest is looked at all the same."""

import asyncio
import shutil
import ssl
from collections.abc import Awaitable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from consumers.spans import Span, all_of, open_since, standing_on
from contracts.kafka_connection import KafkaConnection
from contracts.topics import PARTIES, SEQUENCED, TOPICS, of_vendor
from hub import topic_admin
from hub.doctor.facts import ClusterSeen, DiskSeen, Kept, LaneSeen, RegisterSeen, Seen
from hub.errors import HubError
from hub.memory.vitals import look
from hub.parties import Register
from hub.register import NoRegister, register_of
from hub.register_topic import held_on
from hub.standstill import CASEWORK, committed_by, members_of
from hub.topic_admin import Found

T = TypeVar("T")
_BETWEEN_LOOKS: Final = 2.0
"""Seconds: a lane that has work commits many times meanwhile."""
_NEVER_OPEN_SO_LONG: Final = timedelta(minutes=2)
"""The broker aborts a worker's transaction after 60 s."""
_NEWEST: Final = 3
"""Offsets at the end of a partition that are looked at: some may be no records."""


async def seen(connection: KafkaConnection | None, url: str | None, *, prefix: str, folder: Path, why: Mapping[str, str]) -> Seen:
    """One look at everything. What is None is not there, and `why` says so; `folder`: where the local broker and database live."""
    cluster, cluster_away = await _or_why(_cluster(connection, prefix)) if connection else (None, why["cluster"])
    database, database_away = await _or_why(look(url)) if url else (None, why["database"])
    return Seen(
        datetime.now(UTC), cluster, cluster_away, database, database_away,
        _disks(folder, database.data_directory if database else None), _authority_ends(connection.ca_file if connection else None),
    )


async def _or_why(looking: Awaitable[T]) -> tuple[T | None, str]:
    try:
        return await looking, ""
    except HubError as error:
        return None, str(error)
    except (KafkaError, TimeoutError, OSError) as error:
        return None, type(error).__name__


# the cluster

async def _cluster(connection: KafkaConnection, prefix: str) -> ClusterSeen:
    partitions = await topic_admin.partitions(connection)
    held = await _register(connection, partitions) if PARTIES.name in partitions else None
    vendors = held[1].vendors if held and held[1] else ()
    found = await topic_admin.find(connection, names=[one.name for one in topic_admin.wanted(vendors) if one.name in partitions])
    lanes, newest = await _lanes(connection, prefix, partitions)
    copies = await topic_admin.copies(connection, list(found))
    return ClusterSeen(
        topic_admin.differences(topic_admin.wanted(vendors), found),
        {name: _kept(found[name], counted) for name, counted in copies.items()}, lanes,
        sum((await members_of(connection, prefix, stations=(CASEWORK,))).values()), held[0] if held else None, newest,
        await _hanging(connection, {name: partitions[name] for name in found}),
    )


async def _hanging(connection: KafkaConnection, partitions: Mapping[str, int]) -> list[str]:
    committed = await standing_on(connection, partitions)
    hang = await open_since(connection, committed, before=datetime.now(UTC) - _NEVER_OPEN_SO_LONG)
    return [f"{source.topic}/{source.partition}" for source in sorted(hang)]


def _kept(found: Found, copies: tuple[int, int]) -> Kept:
    return Kept(*copies, int(found.config.get("min.insync.replicas", "1")))


async def _lanes(connection: KafkaConnection, prefix: str, partitions: Mapping[str, int]) -> tuple[dict[int, LaneSeen], datetime | None]:
    if SEQUENCED.name not in partitions:
        return {}, None
    before = await committed_by(connection, prefix)
    log = await standing_on(connection, {SEQUENCED.name: partitions[SEQUENCED.name]})
    await asyncio.sleep(_BETWEEN_LOOKS)
    now = await committed_by(connection, prefix)
    waiting = await _waiting(connection, log, now)
    lanes = {
        source.partition: LaneSeen(waiting[source], now.get(source.partition), now.get(source.partition) != before.get(source.partition))
        for source in log
    }
    return lanes, await _newest(connection, log)


async def _waiting(
    connection: KafkaConnection, log: Mapping[TopicPartition, Span], committed: Mapping[int, int],
) -> dict[TopicPartition, int]:
    """About how many records: an offset behind the last may be a transaction's end, so the last few are looked at."""
    lag = {source: max(0, span.end - max(span.start, committed.get(source.partition, span.start))) for source, span in log.items()}
    few = {source: Span(log[source].end - count, log[source].end) for source, count in lag.items() if 0 < count <= _NEWEST}
    async with aclosing(all_of(connection, few)) as there:
        records = [TopicPartition(one.topic, one.partition) async for one in there]
    return {source: records.count(source) if source in few else count for source, count in lag.items()}


async def _newest(connection: KafkaConnection, log: Mapping[TopicPartition, Span]) -> datetime | None:
    ends = {source: Span(max(span.start, span.end - _NEWEST), span.end) for source, span in log.items()}
    async with aclosing(all_of(connection, ends)) as there:
        times = [record.timestamp async for record in there]
    return datetime.fromtimestamp(max(times) / 1000, UTC) if times else None


async def _register(connection: KafkaConnection, partitions: Mapping[str, int]) -> tuple[RegisterSeen, Register | None]:
    held = await held_on(connection)
    try:
        register = register_of(held)
    except NoRegister as no:
        return RegisterSeen(len(held), str(no)), None
    own = [topic for topic in TOPICS if "<vendor>" in topic.name]
    without = [vendor for vendor in register.vendors if any(of_vendor(topic, vendor) not in partitions for topic in own)]
    today = datetime.now(UTC).date()
    ended = {party.her_id: party.valid_until for party in register.party if party.valid_until and party.valid_until < today}
    return RegisterSeen(len(register.party), None, without, ended), register


# this machine

def _disks(folder: Path, data_directory: str | None) -> list[DiskSeen]:
    """The local folder's, and the database's where it is on this machine."""
    places = {"the local broker and database": folder, "the database": Path(data_directory) if data_directory else None}
    return [disk for what, place in places.items() if place and (disk := _disk(what, place))]


def _disk(what: str, folder: Path) -> DiskSeen | None:
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return DiskSeen(what, folder, usage.free, usage.total)


def _authority_ends(file: Path | None) -> datetime | None:
    if file is None:
        return None
    try:
        ends = [ssl.cert_time_to_seconds(str(one["notAfter"])) for one in ssl.create_default_context(cafile=file).get_ca_certs()]
    except (OSError, ValueError):
        return None
    return datetime.fromtimestamp(min(ends), UTC) if ends else None

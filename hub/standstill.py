"""The log at a standstill: nobody works on it, and everything in it is decided. What moves cases begins and ends by asking this.

Only asks. Never stops a worker, never commits an offset, never moves anything.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import aclosing
from typing import Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from consumers.aiokafka_private import offsets_of
from consumers.scanning import Ends, ends_of, scan
from contracts.kafka_connection import KafkaConnection
from contracts.topics import SEQUENCED
from hub.errors import HubError
from hub.topic_admin import ClusterUnreachable, administering

RECEPTION: Final = ("reception", "portal")
"""The groups that write into the log, without the prefix."""
CASEWORK: Final = "casework"
EVERYBODY: Final = (*RECEPTION, CASEWORK)
_GONE_WITHIN: Final = 10.0
"""Seconds: a worker that was killed is a member of its groups until its session ends."""
_KNOWN_WITHIN: Final = 10.0
"""Seconds: a coordinator that takes a group over loads it meanwhile."""
_LOOK_EVERY: Final = 0.5


class StillWorking(HubError):
    """Workers are there that must not be."""


class NotDrained(HubError):
    """The log holds what nobody has decided yet."""


async def require_nobody(connection: KafkaConnection, prefix: str, *, stations: tuple[str, ...] = EVERYBODY) -> None:
    """Wait a little for those who have just ended. Raises StillWorking with the groups that have members, and ClusterUnreachable."""
    until = time.monotonic() + _GONE_WITHIN
    while found := await _members_by(until, connection, prefix, stations=stations):
        if time.monotonic() > until:
            told = ", ".join(f"{count} in {group}" for group, count in found.items())
            raise StillWorking(f"Workers run ({told}): stop every hub on this cluster first.")
        await asyncio.sleep(_LOOK_EVERY)


async def _members_by(until: float, connection: KafkaConnection, prefix: str, *, stations: tuple[str, ...]) -> dict[str, int]:
    """A cluster that never had a group needs a moment before it can say so."""
    while True:
        try:
            return await members_of(connection, prefix, stations=stations)
        except ClusterUnreachable:
            if time.monotonic() > until:
                raise
        await asyncio.sleep(_LOOK_EVERY)


async def members_of(connection: KafkaConnection, prefix: str, *, stations: tuple[str, ...] = EVERYBODY) -> dict[str, int]:
    """How many members each of these groups has; those without are left out. Raises ClusterUnreachable."""
    names = [f"{prefix}.{station}" for station in stations]
    async with administering(connection) as admin:
        # one at a time: aiokafka 0.14 decodes an answer about several wrongly
        answers = [answer for name in names for answer in await admin.describe_consumer_groups([name])]
    groups = [group for answer in answers for group in answer.groups]
    return {name: len(members) for _, name, _, _, _, members, *_ in groups if members}


async def require_drained(connection: KafkaConnection, prefix: str) -> Ends:
    """Where the log ends. Raises NotDrained when something in it is not decided, and ClusterUnreachable."""
    try:
        ends = await ends_of(connection, SEQUENCED.name)
        if ends.is_transaction_open:
            raise NotDrained("A worker left a transaction open in the log: run hub drain, which ends it.")
        await _require_decided(connection, await committed_by(connection, prefix))
    except KafkaError as error:
        raise ClusterUnreachable(f"{SEQUENCED.name} cannot be read ({type(error).__name__}).") from error
    return ends


async def is_drained(connection: KafkaConnection, prefix: str) -> bool:
    """Everything in the log is decided. Raises ClusterUnreachable."""
    try:
        await require_drained(connection, prefix)
    except NotDrained:
        return False
    return True


async def committed_by(connection: KafkaConnection, prefix: str) -> dict[int, int]:
    """Casework's offset in each partition of the log that it has come to. Raises ClusterUnreachable.

    A coordinator that is loading the group is asked again for a while: what it does not know yet is not nothing.
    """
    async with administering(connection) as admin:
        found = await _known(admin, f"{prefix}.{CASEWORK}")
    return {source.partition: offset for source, offset in found.items() if source.topic == SEQUENCED.name}


async def _known(admin: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    until = time.monotonic() + _KNOWN_WITHIN
    while True:
        try:
            return await offsets_of(admin, group)
        except KafkaError as error:
            if not error.retriable or time.monotonic() > until:
                raise
        await asyncio.sleep(_LOOK_EVERY)


async def _require_decided(connection: KafkaConnection, committed: Mapping[int, int]) -> None:
    # Behind the committed offset there may be a transaction's own marks: only a record counts, never the difference of two offsets.
    async with aclosing(scan(connection, SEQUENCED.name, start=committed)) as waiting:
        async for some in waiting:
            raise NotDrained(f"Partition {some[0].partition} of the log holds what is not decided yet: run hub drain.")

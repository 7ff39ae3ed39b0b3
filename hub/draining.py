"""A worker without reception and without a watch over deadlines: it decides what stands in the log, and then there is nothing more.

Never reads an input, never writes a deadline into the log, and commits offsets in its lanes' transactions alone, as any worker does.
"""

import asyncio
from contextlib import AsyncExitStack
from typing import Final

from consumers.casework import subscribe_casework
from consumers.connecting import kafka_broker
from contracts.kafka_connection import KafkaConnection
from contracts.topics import SEQUENCED
from hub.memory.memory import Memory
from hub.settings import Settings
from hub.standstill import CASEWORK, RECEPTION, is_drained, require_nobody
from hub.worker import casework_of
from producers.lanes import Lanes

_LOOK_EVERY: Final = 0.5


async def drain(settings: Settings, *, connection: KafkaConnection, database_url: str) -> None:
    """Return when everything in the log is decided, as a worker with these settings would.

    Raises StillWorking while others write into it, ClusterUnreachable, DatabaseAway.
    """
    prefix = settings.group_prefix
    await require_nobody(connection, prefix, stations=RECEPTION)
    async with AsyncExitStack() as held:
        memory = await Memory.connect(database_url)
        held.push_async_callback(memory.close)
        broker = kafka_broker(connection)
        lanes = Lanes(connection, group=f"{prefix}.{CASEWORK}", work=casework_of(settings, memory))
        subscribe_casework(broker, lanes, topic=SEQUENCED.name, group=lanes.group)
        await broker.start()
        held.push_async_callback(broker.stop)
        held.push_async_callback(lanes.aclose)
        while not await is_drained(connection, prefix):  # noqa: ASYNC110  the broker tells nobody
            await asyncio.sleep(_LOOK_EVERY)

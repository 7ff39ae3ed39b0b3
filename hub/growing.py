"""More partitions for the log, with every case in its new place before anybody writes there: the order of no case is lost.

The order of the steps is what makes it safe to end anywhere and be run again. The cases are arranged first: a version that has moved is
older than whatever is written next, in the old partition too. Then the partitions come. Last it is written down, and only then do workers
begin. Never stops a worker, and never decides a record.
"""

from functools import partial
from typing import Final

from contracts.kafka_connection import KafkaConnection
from contracts.topics import SEQUENCED
from hub import topic_admin
from hub.errors import WrongUse
from hub.memory import moving
from hub.memory.jobs import connected
from hub.standstill import require_drained, require_nobody
from producers.batches import partition_of

MOST: Final = 1_000


def place_of(name: str, *, partitions: int) -> int:
    """Where in the log what goes by this name lies, as every producer reckons."""
    return partition_of(name.encode(), partitions)


async def grow(connection: KafkaConnection, *, database_url: str, prefix: str, partitions: int) -> int:
    """Give the log so many partitions in all. How many cases there are.

    Raises StillWorking, NotDrained, WrongUse for fewer than there are, ClusterUnreachable, DatabaseAway. Doing it again is safe.
    """
    await require_nobody(connection, prefix)
    there = (await require_drained(connection, prefix)).partitions
    if partitions < there:
        raise WrongUse(f"The log has {there} partitions already; Kafka takes none away.")
    async with connected(database_url) as database:
        cases = await moving.arrange(database, partial(place_of, partitions=partitions))
        if partitions > there:
            await topic_admin.grow(connection, SEQUENCED.name, partitions)
        # What an operator wrote meanwhile lies in its old place, and is to be decided there.
        await require_drained(connection, prefix)
        await require_nobody(connection, prefix)
        await moving.settle(database, partitions)
    return cases

"""How much a user may take of each broker: who goes beyond it must wait, and nobody else does. Never takes a quota away."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from contracts.kafka_connection import KafkaConnection
from hub.doors.aiokafka_private import alter_quota, describe_quota


@dataclass(frozen=True, slots=True)
class Quota:
    """Of one user, on each broker. The names are Kafka's."""

    producer_byte_rate: float
    """Bytes a second that it writes."""
    consumer_byte_rate: float
    """Bytes a second that it reads."""
    request_percentage: float
    """Of one thread's time, for all its requests: 100 is one thread."""


async def set_quota(connection: KafkaConnection, user: str, quota: Quota) -> None:
    """From now on, on every broker. Raises ClusterUnreachable, and what `aiokafka_private.raise_for` does."""
    await alter_quota(connection, user, asdict(quota))


async def quota_of(connection: KafkaConnection, user: str) -> Mapping[str, float]:
    """The quotas that are set for this very user, by Kafka's names; empty without any. Raises what `set_quota` does."""
    return await describe_quota(connection, user)

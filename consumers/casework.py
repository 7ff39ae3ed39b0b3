"""Casework's subscriber: the log, handed to the lanes, which commit its offsets inside their transactions. Never commits by itself."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from aiokafka import ConsumerRebalanceListener, ConsumerRecord
from faststream.kafka import KafkaBroker

from consumers.fetching import Fetching
from consumers.subscribing import subscribe


class Lanes(Protocol):
    """One lane per partition. Is the rebalance listener of the consumer as well."""

    group: str

    def attach(self, find_consumer: Callable[[], Any]) -> None:
        """Where to find the consumer."""

    async def take(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """Hand the records to their lanes."""


class GroupsDiffer(ValueError):
    """The lanes commit for another group than the subscriber's."""


def subscribe_casework(
    broker: KafkaBroker, lanes: Lanes, *, topic: str, group: str, fetching: Fetching | None = None
) -> None:
    """Subscribe the lanes to the log. Their `aclose` belongs before the broker's stop."""
    if lanes.group != group:
        raise GroupsDiffer(f"{lanes.group} is not {group}")
    if not isinstance(lanes, ConsumerRebalanceListener):
        raise TypeError("lanes: must be a ConsumerRebalanceListener")
    lanes.attach(subscribe(broker, topic, group=group, take=lanes.take, listener=lanes, fetching=fetching or Fetching()))

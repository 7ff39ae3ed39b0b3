"""Outgoing records gathered into one builder per output partition, because aiokafka's send costs one future a record.

Pure: talks to no broker. Never splits a record and never changes the order of those that share an output partition.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from aiokafka.partitioner import murmur2

from contracts.records import Outgoing

MAX_BATCH_BYTES = 1 << 20
"""aiokafka sends one batch per partition at a time: its 16 KiB would mean many round trips a transaction (rule 5)."""


class Builder(Protocol):
    """What aiokafka's `create_batch` makes."""

    def append(
        self, *, timestamp: int | None, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
    ) -> object | None:
        """None: full. The first record always fits, however large."""


@dataclass(slots=True)
class Batch:
    """Records of one output partition, in order."""

    topic: str
    partition: int
    builder: Builder
    count: int = 0

    def add(self, message: Outgoing) -> bool:
        """False: full, and the record is not in it."""
        _, key, value, headers = message
        if self.builder.append(timestamp=None, key=key, value=value, headers=list(headers)) is None:
            return False
        self.count += 1
        return True


@lru_cache(maxsize=65536)
def partition_of(key: bytes, partitions: int) -> int:
    """As the Java client and aiokafka's default partitioner; cached, because murmur2 is pure Python and keys come back."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


def place_of(message: Outgoing, partitions: Mapping[str, int]) -> tuple[str, int]:
    """The output partition. Without a key: the first one, so that also these keep their order."""
    key = message.key
    return message.topic, 0 if key is None else partition_of(key, partitions[message.topic])


def chained(outgoing: Iterable[Outgoing], *, partitions: Mapping[str, int], create: Callable[[], Builder]) -> list[list[Batch]]:
    """For every output partition its batches, in order. `partitions`: how many each topic has; `create`: an empty builder."""
    chains: dict[tuple[str, int], list[Batch]] = {}
    for message in outgoing:
        place = place_of(message, partitions)
        chain = chains.get(place)
        if chain is None:
            chain = chains[place] = [Batch(*place, create())]
        if not chain[-1].add(message):
            chain.append(Batch(*place, create()))
            chain[-1].add(message)
    return list(chains.values())

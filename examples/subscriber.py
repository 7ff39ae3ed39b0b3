"""Reads the hub's topics the only right way: `read_committed`, from the beginning. Shared by all the examples.

Never commits an offset: an example that is started again reads everything again.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies on a topic. Its value holds a person's data."""

    topic: str
    key: str
    headers: Mapping[str, str]
    value: bytes | None = field(repr=False)
    """None: a tombstone."""

    @property
    def type(self) -> str | None:
        """The CloudEvents type; None for XML and for a tombstone."""
        return self.headers.get("ce_type")


@dataclass(frozen=True, slots=True)
class Heard:
    """One event."""

    topic: str
    key: str
    headers: Mapping[str, str]
    data: Data | None = field(repr=False)
    """May hold a person's data; None: a tombstone."""

    @property
    def kind(self) -> str:
        """The CloudEvents type without its system and version: `appointment.confirmed`. Empty for a tombstone."""
        return self.headers.get("ce_type", "").removeprefix("hub.").rpartition(".v")[0]


async def records(bootstrap: str, *topics: str) -> AsyncGenerator[Record, None]:
    """Every record of these topics, for as long as it is asked for (close it with `contextlib.aclosing`)."""
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",  # without it a subscriber sees what was never delivered
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async for record in consumer:
            yield Record(
                record.topic, (record.key or b"").decode(), {name: held.decode() for name, held in record.headers}, record.value,
            )
    finally:
        await consumer.stop()


def hear(record: Record) -> Heard:
    """The event of a record, read tolerantly: fields that nobody knows yet pass by."""
    return Heard(record.topic, record.key, record.headers, json.loads(record.value) if record.value is not None else None)

"""Messages onto a vendor's inbox, as the vendor's own system would put them there: one record a message, in the order given.

Never reads a message, never changes a byte of one, and never says what is in one.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka

from contracts.kafka_connection import KafkaConnection
from contracts.records import Source
from contracts.topics import INBOX, MAX_INBOX_BYTES, MAX_MESSAGE_BYTES, of_vendor
from hub.errors import HubError

_KEY: Final = b"hub send"
"""One key for all: what is sent together stays in its order. The hub reads no key of an inbox."""
_WITHIN: Final = 30.0
"""Seconds that one record may take."""
_REFUSED: Final = (kafka.MessageSizeTooLargeError, kafka.RecordListTooLargeError)


class NotSent(HubError):
    """The cluster does not take records; what was printed before has arrived."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of one message. `where` None: it is larger than an inbox takes."""

    file: str
    where: Source | None


async def send(messages: Iterable[tuple[str, bytes]], *, vendor: str, connection: KafkaConnection) -> AsyncIterator[Arrival]:
    """Send (file's name, bytes) each, and say where it arrived before the next one goes. Raises NotSent."""
    async with _producer(connection) as producer:
        for file, body in messages:
            yield Arrival(file, await _arrived(producer, of_vendor(INBOX, vendor), body))


async def _arrived(producer: AIOKafkaProducer, inbox: str, body: bytes) -> Source | None:
    if len(body) > MAX_INBOX_BYTES:
        return None
    try:
        async with asyncio.timeout(_WITHIN):
            told = await producer.send_and_wait(inbox, body, key=_KEY)
    except _REFUSED:
        return None
    return Source(told.topic, told.partition, told.offset)


@asynccontextmanager
async def _producer(connection: KafkaConnection) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        enable_idempotence=True, acks="all", linger_ms=0, max_request_size=MAX_MESSAGE_BYTES, **connection.client_settings(),
    )
    try:
        async with asyncio.timeout(_WITHIN):
            await producer.start()
        yield producer
    except (kafka.KafkaError, TimeoutError) as error:
        raise NotSent(f"The cluster does not take records ({type(error).__name__}).") from error
    finally:
        await producer.stop()

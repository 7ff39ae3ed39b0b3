"""The register's topic, read and written from outside a worker: what stands there, and a register published as its differences.

Publishers take turns: the topic's name is their transactional id, so that one who comes fences off whoever is still writing. Never writes
what stands there already, and never a register in part: all of its differences are one transaction.
"""

import asyncio

from aiokafka import AIOKafkaProducer

from consumers.compacted import WITHIN, read_once, until_seen
from contracts.kafka_connection import KafkaConnection
from contracts.topics import MAX_MESSAGE_BYTES, PARTIES
from hub.parties import Register
from hub.register import Differences, Held, changed, differences
from producers.aiokafka_private import dispose
from producers.batches import MAX_BATCH_BYTES
from producers.blame import SendFailed, cause_of
from producers.transaction import deliver_together

_TRANSACTION_MS = 30_000


async def held_on(connection: KafkaConnection) -> Held:
    """What stands on the topic now. KafkaError or TimeoutError when it cannot be read."""
    return changed({}, await read_once(connection, PARTIES.name))


async def publish(register: Register, connection: KafkaConnection) -> Differences:
    """Write what is missing, and answer what was written. Safe to repeat. KafkaError or TimeoutError when it failed as a whole."""
    found = differences(register, await held_on(connection))
    return await _publish(register, connection) if found.records else found


async def _publish(register: Register, connection: KafkaConnection) -> Differences:
    producer = AIOKafkaProducer(
        transactional_id=PARTIES.name, transaction_timeout_ms=_TRANSACTION_MS, linger_ms=0, max_batch_size=MAX_BATCH_BYTES,
        max_request_size=MAX_MESSAGE_BYTES, compression_type="zstd", **connection.client_settings(),
    )
    try:
        async with asyncio.timeout(WITHIN):
            await producer.start()
            # once more, now that nobody else can write: what another publisher wrote meanwhile is not undone by half
            found = differences(register, await held_on(connection))
            if found.records:
                # seen before we answer: the next publication compares with what stands there then, and must not miss this one
                await until_seen(connection, PARTIES.name, await deliver_together(producer, found.records))
    except SendFailed as failed:
        raise cause_of(failed) from failed
    finally:
        await asyncio.shield(dispose(producer))
    return found

"""Everything here stands on private parts of aiokafka 0.14.0; no other module touches them. An upgrade starts with the tests of this one.

`_coordinator` of a consumer and its `_send_req`, `generation`, `member_id` · `_txn_manager` of a producer and its `_transaction_waiter` ·
`_sender` and `_message_accumulator` of a producer that does not stop, and its batches' `_drain_waiter` · `HeartbeatRequest`.
Never decides: it asks, reads and disposes.
"""

import asyncio
import contextlib
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import errors as kafka
from aiokafka.protocol.group import HeartbeatRequest

STOP_TIMEOUT = 5.0
"""Seconds for each step of throwing a producer away (rule 3)."""

_UNDER_WAY = 2.0
"""Seconds that a producer which did not stop is left to end the request it has under way."""

OWNER_CHANGED = (22, 25, 82)
"""Illegal generation, unknown member, fenced instance."""
STILL_MEMBER = (0, 27)
"""27: the group is rebalancing, and we are in it."""


def fence_of(producer: AIOKafkaProducer) -> tuple[int, int]:
    """Producer id and epoch of a started transactional producer: the broker raises the epoch for each that starts with the same id."""
    manager = producer._txn_manager  # noqa: SLF001  private, and only here
    return int(manager.producer_id), int(manager.producer_epoch)


async def still_member(consumer: AIOKafkaConsumer) -> bool:
    """Does the group say that we are still in the generation that gave us our partitions? KafkaError when it cannot be asked.

    Asked by a heartbeat, never by committing an offset: when a commit's outcome is unknown, that would set the group back (rule 7).
    """
    coordinator = consumer._coordinator  # noqa: SLF001  private, and only here
    await coordinator.ensure_coordinator_known()
    request = HeartbeatRequest(coordinator.group_id, coordinator.generation, coordinator.member_id)
    answer = await coordinator._send_req(request)  # noqa: SLF001  private, and only here
    if answer.error_code in STILL_MEMBER:
        return True
    if answer.error_code in OWNER_CHANGED:
        return False
    unexpected: kafka.KafkaError = kafka.for_code(answer.error_code)()
    raise unexpected


async def dispose(producer: AIOKafkaProducer) -> None:
    """Throw a producer away, started or not. Never raises, and is bounded: `stop()` flushes, and would wait for a cluster that is away."""
    try:
        await asyncio.wait_for(producer.stop(), STOP_TIMEOUT)
    except Exception:  # noqa: BLE001  a disposable producer may fail in any way
        with contextlib.suppress(Exception):
            await asyncio.wait_for(_tear_down(producer), STOP_TIMEOUT)
    _look_at_failures(producer)


def _look_at_failures(producer: Any) -> None:
    """A fenced producer leaves failed futures that nobody awaits: asyncio would report each when it is collected, amid anything else."""
    batches = producer._message_accumulator._batches.values()  # noqa: SLF001  private, and only here
    waiters = [batch._drain_waiter for some in batches for batch in some]  # noqa: SLF001  private, and only here
    for waiter in (*waiters, getattr(producer._txn_manager, "_transaction_waiter", None)):  # noqa: SLF001  private, and only here
        if waiter is not None and waiter.done() and not waiter.cancelled():
            waiter.exception()


async def _tear_down(producer: Any) -> None:
    sender = producer._sender  # noqa: SLF001  private, and only here
    if sender.sender_task is not None:
        sender.sender_task.cancel()
    producer._message_accumulator.fail_all(kafka.ProducerClosed())  # noqa: SLF001  else its flush waits for ever, unseen
    if sender.sender_task is not None:
        # what it has under way may be connecting: a connection that comes after the close is closed by nobody
        await asyncio.wait([sender.sender_task], timeout=_UNDER_WAY)
    await producer.client.close()

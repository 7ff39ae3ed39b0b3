"""Reception's sender: at least once, idempotent, without transactions, and in order also through failed sends.

Why first occurrences never swap. Reception may write a record twice (a send whose answer was lost, a worker that was replaced); casework
drops the second one by its source coordinates. That is exactly once only if no record's *first* occurrence overtakes another's. It cannot,
because a writer has at most one batch per output partition under way, and sends nothing behind it before the broker has it: a batch that
failed is sent again as it was, before anything later for that partition. If its first try arrives after all, however late, it repeats what
is there already. And a second writer begins at the committed offset, before which everything has been written.

aiokafka's idempotent producer alone does not give this: a batch that fails for good leaves a gap in the sequence numbers while its
successors are on their way. So a producer in which a send failed is thrown away.

Never gives up on an outage, and never refuses a record for anything but what Kafka says about that very record when it travelled alone.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer

from contracts.kafka_connection import KafkaConnection, RecordRefused
from contracts.records import Outgoing
from contracts.topics import MAX_MESSAGE_BYTES
from producers.aiokafka_private import dispose
from producers.backing_off import back_off
from producers.batches import MAX_BATCH_BYTES, Batch, place_of
from producers.blame import RECORD_FAULTS, REFUSED_TRIES, SendFailed, cause_of, is_of_a_record
from producers.transaction import looked_at, partitions_of, send

log = logging.getLogger(__name__)
T = TypeVar("T")
OnHold = Callable[[str | None], None]
"""Told the name of what makes us wait, and None when it goes on."""

START_TIMEOUT = 30.0
SEND_TIMEOUT = 60.0
"""Seconds: every wait on the cluster is bounded (rule 3)."""
FIRST_BACK_OFF = 0.1


@dataclass(slots=True)
class Queue:
    """What is still to be sent to one output partition, in order, with each record's place in what the caller gave."""

    topic: str
    partition: int
    waiting: deque[tuple[int, Outgoing]] = field(default_factory=deque)
    alone: int = 0
    """So many from the front travel alone: they were in a batch that was refused for one of them."""
    refused: int = 0
    """How often the first one was refused alone."""

    def next_batch(self, batch: Batch) -> Batch:
        """Fill the empty batch from the front. `RecordRefused`: the first one cannot even be built."""
        most = 1 if self.alone else len(self.waiting)
        for _, message in islice(self.waiting, most):
            if not self._fits(batch, message):
                break
        return batch

    def _fits(self, batch: Batch, message: Outgoing) -> bool:
        try:
            return batch.add(message)
        except RECORD_FAULTS as error:
            if batch.count:
                return False
            raise RecordRefused(self.waiting[0][0]) from error

    def arrived(self, count: int) -> None:
        """The broker has the first so many."""
        for _ in range(count):
            self.waiting.popleft()
        self.alone, self.refused = max(0, self.alone - count), 0

    def failed(self, count: int, error: BaseException) -> None:
        """A batch of so many failed. `RecordRefused`: it was one, and it was refused for itself."""
        if not is_of_a_record(error, [message for _, message in islice(self.waiting, count)]):
            return
        if count > 1:
            self.alone = max(self.alone, count)
            return
        self.refused += 1
        if self.refused >= REFUSED_TRIES:
            raise RecordRefused(self.waiting[0][0]) from error


class Sequencer:
    """Sends in order. One for all of a worker's reception; calls take turns."""

    def __init__(
        self, connection: KafkaConnection, *, send_timeout: float = SEND_TIMEOUT, max_batch_bytes: int = MAX_BATCH_BYTES,
        on_hold: OnHold = lambda _: None,
    ) -> None:
        self._connection, self._send_timeout, self._max_batch_bytes = connection, send_timeout, max_batch_bytes
        self._on_hold = on_hold
        self._producer: AIOKafkaProducer | None = None
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Connect once: a KafkaError or TimeoutError tells a start that the cluster is not there."""
        self._producer = await self._new_producer()

    async def stop(self) -> None:
        """Throw the producer away. What `send` has not returned for may or may not have arrived."""
        await self._throw_away()

    async def send(self, outgoing: Sequence[Outgoing]) -> None:
        """Returns when all brokers that must have it have it all (acks=all). Tries for ever.

        `RecordRefused`: the record at that index travelled alone and was refused for itself. Everything before it for the same output
        partition has arrived, nothing behind it has been sent; of the other partitions, any number from the front.
        """
        async with self._turn:
            try:
                await self._send(outgoing)
            except BaseException:
                await self._throw_away()  # refused or cancelled: what is under way must not meet what comes next
                raise

    async def _send(self, outgoing: Sequence[Outgoing]) -> None:
        queues = await self._until_done(partial(self._queued, outgoing))
        while queues:
            await self._until_done(partial(self._wave, queues))
            queues = [queue for queue in queues if queue.waiting]

    async def _until_done(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """With a new producer each time."""
        failures = 0
        while True:
            try:
                done = await attempt()
            except RecordRefused:
                raise
            except Exception as error:  # noqa: BLE001  whatever it is, nothing is passed over: an outage ends
                log.warning("sending_failed", extra={"reason": type(cause_of(error)).__name__})
                self._on_hold(type(cause_of(error)).__name__)
            else:
                self._on_hold(None)
                return done
            failures += 1
            await self._throw_away()
            await asyncio.sleep(back_off(failures, first=FIRST_BACK_OFF))

    async def _queued(self, outgoing: Sequence[Outgoing]) -> list[Queue]:
        partitions = await partitions_of(await self._connected(), outgoing)
        queues: dict[tuple[str, int], Queue] = {}
        for index, message in enumerate(outgoing):
            place = place_of(message, partitions)
            queue = queues.get(place)
            if queue is None:
                queue = queues[place] = Queue(*place)
            queue.waiting.append((index, message))
        return list(queues.values())

    async def _wave(self, queues: Sequence[Queue]) -> None:
        """One batch per output partition, each awaited. `SendFailed`: one of them failed; the producer is not to be used again."""
        producer = await self._connected()
        waiting = [queue for queue in queues if queue.waiting]
        batches = [queue.next_batch(Batch(queue.topic, queue.partition, producer.create_batch())) for queue in waiting]
        errors = await self._sent(producer, batches)
        for queue, batch, error in zip(waiting, batches, errors, strict=True):
            if error is None:
                queue.arrived(batch.count)
        for queue, batch, error in zip(waiting, batches, errors, strict=True):
            if error is not None:
                queue.failed(batch.count, error)
        if failed := next((error for error in errors if error), None):
            raise SendFailed from failed

    async def _sent(self, producer: AIOKafkaProducer, batches: Sequence[Batch]) -> list[BaseException | None]:
        futures: list[asyncio.Future[Any]] = []
        try:
            async with asyncio.timeout(self._send_timeout):
                for batch in batches:
                    futures.append(await send(producer, batch))  # noqa: PERF401  those before a failure are looked at too
                await asyncio.wait(futures)
        except TimeoutError:
            return [_error_of(future) for future in futures] + [TimeoutError()] * (len(batches) - len(futures))
        finally:
            for future in futures:
                future.add_done_callback(looked_at)
        return [_error_of(future) for future in futures]

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = await self._new_producer()
        return self._producer

    async def _new_producer(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            max_batch_size=self._max_batch_bytes,
            max_request_size=MAX_MESSAGE_BYTES,
            compression_type="zstd",
            **self._connection.client_settings(),
        )
        try:
            async with asyncio.timeout(START_TIMEOUT):
                await producer.start()
        except BaseException:
            await asyncio.shield(dispose(producer))
            raise
        return producer

    async def _throw_away(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await asyncio.shield(dispose(producer))


def _error_of(future: asyncio.Future[Any]) -> BaseException | None:
    return future.exception() if future.done() else TimeoutError()

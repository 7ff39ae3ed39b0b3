"""Who may act on a partition: one opener at a time (rule 3), and only after the lane before it has ended.

Everything here runs in the background: no heartbeat goes out while a rebalance callback runs (rule 1). Knows nothing of what openers do.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import partial
from typing import Any

from aiokafka import TopicPartition

log = logging.getLogger(__name__)


class Turns:
    """The openers and endings of one worker's lanes."""

    def __init__(self) -> None:
        self._openers: dict[TopicPartition, asyncio.Task[None]] = {}
        self._endings: dict[TopicPartition, asyncio.Task[None]] = {}
        self._background: set[asyncio.Task[None]] = set()

    @property
    def opening(self) -> frozenset[TopicPartition]:
        """The partitions with an opener at work."""
        return frozenset(self._openers)

    def open(self, source: TopicPartition, opener: Callable[[], Awaitable[None]]) -> None:
        """Run the opener when the one before it, which is cancelled, and the lane before it have ended."""
        former, ending = self._openers.pop(source, None), self._endings.pop(source, None)
        if former:
            former.cancel()
        before = [task for task in (former, ending) if task]
        task = self._openers[source] = asyncio.create_task(_after(before, opener))
        task.add_done_callback(partial(self._opened, source))

    def end(self, source: TopicPartition, ending: Coroutine[Any, Any, None]) -> None:
        """Run the end of the partition's lane."""
        self._endings[source] = self.background(ending)

    def background(self, running: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run what only a graceful stop waits for: a cluster that is away must not keep a rebalance waiting (rule 3)."""
        task = asyncio.create_task(running)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def leave(self, sources: Iterable[TopicPartition], *, wait: float) -> None:
        """Cancel these partitions' openers, and wait for them and for the ends of their lanes, at most so many seconds."""
        leaving = list(sources)
        openers = [task for source in leaving if (task := self._openers.pop(source, None))]
        for task in openers:
            task.cancel()
        ending = openers + [task for source in leaving if (task := self._endings.get(source))]
        if ending:
            await asyncio.wait(ending, timeout=wait)

    async def drained(self) -> None:
        """Wait for all that runs in the background; each of it is bounded."""
        while self._background:
            await asyncio.wait(self._background)

    def _opened(self, source: TopicPartition, task: asyncio.Task[None]) -> None:
        if self._openers.get(source) is task:
            del self._openers[source]
        if not task.cancelled() and (error := task.exception()):
            log.error("opener_failed", extra={"lane": source.partition, "reason": type(error).__name__})


async def _after(before: list[asyncio.Task[None]], opener: Callable[[], Awaitable[None]]) -> None:
    if before:
        await asyncio.wait(before)
    await opener()

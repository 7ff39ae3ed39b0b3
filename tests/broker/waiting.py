"""Waiting for a condition with a deadline: the only place where these tests let time pass."""

import asyncio
import time
from collections.abc import Awaitable, Callable

Condition = Callable[[], bool] | Callable[[], Awaitable[bool]]


async def until(condition: Condition, *, what: str, within: float = 40.0) -> None:
    """Return as soon as the condition holds; fail with `what` when it does not within so many seconds."""
    deadline = time.monotonic() + within
    while not await holds(condition):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what}")
        await asyncio.sleep(0.02)


async def holds(condition: Condition) -> bool:
    """Ask it, whether it can be asked at once or not."""
    answer = condition()
    return answer if isinstance(answer, bool) else await answer

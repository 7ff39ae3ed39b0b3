"""Waiting for a condition with a deadline, and letting time pass as a schedule says."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from hub.errors import HubError

Condition = Callable[[], bool] | Callable[[], Awaitable[bool]]


class NotInTime(HubError):
    """What a run waited for did not come."""


async def until(condition: Condition, *, what: str, within: float, every: float = 0.1) -> None:
    """Return as soon as the condition holds. Raises NotInTime with `what`."""
    deadline = time.monotonic() + within
    while not await _holds(condition):
        if time.monotonic() > deadline:
            raise NotInTime(f"Not within {within:g} s: {what}.")
        await asyncio.sleep(every)


async def _holds(condition: Condition) -> bool:
    answer = condition()
    return answer if isinstance(answer, bool) else await answer


async def until_second(second: float, *, began: float) -> None:
    """Return when so many seconds have passed since `began` (of `time.monotonic`)."""
    await asyncio.sleep(max(0.0, began + second - time.monotonic()))


async def last(seconds: float) -> None:
    """An outage lasts this long."""
    await asyncio.sleep(seconds)

"""Letting time pass as the plan says. The plan's seconds are what is tried, never what an assertion waits for."""

import asyncio
import time


async def until_second(second: float, *, began: float) -> None:
    """Return when so many seconds have passed since `began` (of `time.monotonic`)."""
    await asyncio.sleep(max(0.0, began + second - time.monotonic()))


async def last(seconds: float) -> None:
    """An outage lasts this long."""
    await asyncio.sleep(seconds)

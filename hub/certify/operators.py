"""The operators of a run: they replay and discard what was set aside, by the command line alone, as long as something waits.

Two of them at once, as it happens: a letter is settled once, whoever is quicker. Never decides what a letter deserves: its number does.
"""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from checker.terms import LetterRow
from hub.certify import database
from hub.certify.fleet import plain_environment
from hub.certify.waiting import until

DISCARDED_EACH: Final = 3
"""One of so many is decided against."""
AT_ONCE: Final = 40
ANSWERS_WITHIN: Final = 30.0
WAIT: Final = "10"
"""Seconds that a command waits for casework."""


@dataclass(frozen=True, slots=True)
class Operators:
    """`environment`: the hub's settings."""

    environment: Mapping[str, str]
    database_url: str

    async def replay(self) -> str:
        """What waits and is to be sent on, by two at once."""
        ids = [row.letter_id for row in await self._waiting() if not is_to_be_discarded(row)][:AT_ONCE]
        if ids:
            await asyncio.gather(self._hub("replay", *ids, "--wait", WAIT), self._hub("replay", *ids, "--wait", WAIT))
        return f"{len(ids)} letters, twice at once"

    async def discard(self) -> str:
        """What waits and is decided against."""
        ids = [row.letter_id for row in await self._waiting() if is_to_be_discarded(row)][:AT_ONCE]
        if ids:
            await self._hub("discard", *ids, "--reason", "agreed by telephone", "--wait", WAIT)
        return f"{len(ids)} letters"

    async def _waiting(self) -> list[LetterRow]:
        """An outage makes operators wait too. Raises NotInTime."""
        await until(partial(database.answers, self.database_url), what="the database answers", within=ANSWERS_WITHIN)
        return await database.waiting(self.database_url)

    async def _hub(self, *words: str) -> int:
        """A no of the command is no fault of the run: what it leaves is tried again."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub", *words, env={**plain_environment(), **self.environment},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def is_to_be_discarded(row: LetterRow) -> bool:
    """By the number of its message."""
    return UUID(row.msg_id).int % DISCARDED_EACH == 0 if row.msg_id else True

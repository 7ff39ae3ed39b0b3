"""When a lane forgets what is long past, and of which case nothing is left. Steps between batches, so that no batch waits for long.

Never decides by this machine's clock: the log's own time says what is old.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from hub.case.fold import FORGOTTEN_AFTER, forgetting
from hub.case.state import Case
from hub.memory.rows import FROM_THE_START, Fence
from schemas.wire import decoder

if TYPE_CHECKING:
    from hub.memory.memory import Memory

KEPT: Final = FORGOTTEN_AFTER
"""As long as a case: a message sent again after that is as new as the case it comes to."""
EVERY: Final = timedelta(hours=1)
"""Of the log's time, between two cleanings of a lane."""
_CASE: Final = decoder(Case)
_NOTHING: Final = Case()


@dataclass(slots=True)
class Cleaning:
    """One lane's. A step a batch, until there is nothing more; then again after `EVERY`."""

    next_at: datetime | None = None
    cases_from: int = FROM_THE_START

    async def step(self, memory: "Memory", fence: Fence, *, committed: int, at: datetime, keep: timedelta) -> None:
        """Take one, if it is time. `at`: the log's time of what is decided next. Raises what memory raises."""
        if self.next_at is not None and at < self.next_at:
            return
        cleaned = await memory.clean(
            fence, committed=committed, at=at, keep=keep, cases_from=self.cases_from, is_over=partial(is_over, at=at),
        )
        self.cases_from = cleaned.cases_from if cleaned.more else FROM_THE_START
        self.next_at = at if cleaned.more else at + EVERY


def is_over(state: bytes, *, at: datetime) -> bool:
    """Nothing would be left of the case if a message came now: then it need not be kept for one."""
    return forgetting(_CASE.decode(state), at) == _NOTHING

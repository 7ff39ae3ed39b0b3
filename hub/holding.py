"""What holds, since when and for what: one line when it begins, one a minute while it lasts, one when it ends, and metrics.

No record is decided while something holds, so there is no line for it in the journal: this is where it is told. Decides nothing itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hub.logs import get
from hub.metrics import Metrics

log = get("holding")
AGAIN_EVERY: Final = 60.0
"""Seconds between two lines of one hold."""
_DATABASE: Final = frozenset({"DatabaseAway", "CommitUnknown", "SchemaUnfit", "OffsetWentBack"})
_OURS: Final = frozenset({"cannot_be_set_aside", "RecordRefused"})
_MACHINE: Final = frozenset({"OSError", "PermissionError", "FileNotFoundError", "BlockingIOError"})
_NEWER: Final = frozenset({"FencedOff", "ProducerFenced"})


def waits_for(reason: str) -> str:
    """`database`, `broker`, `topic`, `owner`, `machine` or `ours`, of an exception's name or a word of a station's."""
    named = {"topic_missing": "topic"}.get(reason)
    told = ((_DATABASE, "database"), (_OURS, "ours"), (_MACHINE, "machine"), (_NEWER, "owner"))
    return named or next((what for reasons, what in told if reason in reasons), "broker")


@dataclass(slots=True)
class Hold:
    """One that lasts. `what` it is waited for; by the clock, `since` when and `told` last."""

    what: str
    since: float
    told: float


class Holds:
    """The holds of one worker, by place: a lane's partition, or a station's name."""

    def __init__(self, metrics: Metrics, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._metrics, self._clock = metrics, clock
        self._holds: dict[int | str, Hold] = {}

    def begun(self, place: int | str, reason: str) -> None:
        """It waits, or still does."""
        now, hold = self._clock(), self._holds.get(place)
        if hold is None:
            hold = self._holds[place] = Hold(waits_for(reason), now, now)
            self._metrics.hold(hold.what)
            log.warning("holds", reason=hold.what, **_named(place))
        elif now - hold.told >= AGAIN_EVERY:
            hold.told = now
            log.warning("still_holds", reason=hold.what, seconds=round(now - hold.since, 1), **_named(place))

    def ended(self, place: int | str) -> None:
        """It goes on, or is not ours any more."""
        if hold := self._holds.pop(place, None):
            seconds = self._clock() - hold.since
            self._metrics.held(hold.what, seconds)
            log.info("goes_on", reason=hold.what, seconds=round(seconds, 1), **_named(place))

    def of(self, place: str) -> Callable[[str | None], None]:
        """What a station is given to tell its own holds by: a reason when it waits, None when it goes on."""
        return lambda reason: self.ended(place) if reason is None else self.begun(place, reason)


def _named(place: int | str) -> dict[str, int | str]:
    return {"lane": place} if isinstance(place, int) else {"state": place}

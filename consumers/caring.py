"""How reception meets what goes wrong: what kills the process is read alone, under a marker, and in the end not at all.

The marker is noted beside the group's committed offset: it is as durable as that, and stands where the next owner looks first (ADR 28).
Pure.
"""

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from contracts.records import Outgoing, Received

AT_MOST: Final = 500
"""Records that travel alone after a death: as many as anybody had in hand."""
OnHold = Callable[[str | None], None]
"""Told the name of what makes reception wait, and None when it goes on."""
_NOTE: Final = re.compile(r"(trying|died) (\d{1,4})")


class Room(Protocol):
    """Where records are read and decided."""

    def together(self) -> AbstractAsyncContextManager[None]:
        """With others."""

    def alone(self) -> AbstractAsyncContextManager[None]:
        """While nobody else reads or decides in this process."""


@dataclass(frozen=True, slots=True)
class Care:
    """`killed`: what a record leads to that may not be read any more, because it ended the process `deaths` times."""

    room: Room
    deaths: int
    killed: Callable[[Received], Outgoing]
    back_off: Callable[[int], float]
    """Seconds to wait after so many failures in a row of what is not a record's fault."""
    on_hold: OnHold


def trying(deaths: int) -> str:
    """Noted before the record at the committed offset is read: if it is found again, its reader died over it."""
    return f"trying {deaths}"


def died(deaths: int) -> str:
    """Noted by who found that, so that the next death counts only if the record is in hand again."""
    return f"died {deaths}" if deaths else ""


def deaths_of(note: str) -> int:
    """How many readers in a row died over the record at the committed offset. 0 for what is no note of ours."""
    found = _NOTE.fullmatch(note)
    return int(found[2]) + (found[1] == "trying") if found else 0

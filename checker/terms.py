"""What a run has agreed on beforehand, and what it hands over beside the topics. Never says what became of anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

POISON: Final = 0xBAD1
"""The first 16 bits of a MsgId whose message the workers of a run fail on, until they are mended."""
DEADLY: Final = 0xDEAD
"""Of a message that ends the process that decides it, until it is mended."""
_MARKS: Final = tuple(f"{mark:04x}0000-0000-4000-8000-" for mark in (POISON, DEADLY))
"""As a numbered MsgId of version 4 begins; one that was hashed from a name, of version 5, never does."""


def is_marked(msg_id: str) -> bool:
    """The run meant it to fail: it alone may be set aside."""
    return msg_id.startswith(_MARKS)


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules of one run."""

    offices: Mapping[str, str]
    """Whose topics carry the messages of which party: HER-id of level 2 → vendor."""
    receipt_within: timedelta
    """How long an AppRec is waited for."""

    @property
    def vendors(self) -> tuple[str, ...]:
        """Each once."""
        return tuple(dict.fromkeys(self.offices.values()))


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter as the database has it when the run has ended."""

    letter_id: str
    fault: str
    """`sender`, `hub` or `door`."""
    msg_id: str
    """Empty where it could not be read."""
    source: str
    """topic/partition/offset."""
    is_parked: bool
    """It waits, or waited, behind another."""
    resolved: str | None
    """`replayed`, `discarded`, `released`; None: it still waits."""


@dataclass(frozen=True, slots=True)
class HarmTime:
    """One harm that was done, in the broker's time."""

    what: str
    began_ms: int
    ended_ms: int

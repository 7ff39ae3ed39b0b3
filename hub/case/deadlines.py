"""What is waited for after a command was sent, and until when. Pure data: when a deadline comes, a record in the log says so.

Never a clock: the fold hears of a deadline as it hears of an answer, and the first of the two in the log wins.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class What(StrEnum):
    """What may fail to come."""

    ANSWER = "answer"
    """A question's, within seconds."""
    RECEIPT = "receipt"
    """The AppRec of an asynchronous request: minutes to a few hours (appointments.md 11.4)."""
    WORD = "word"
    """The office's own answer to it: days."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when it is waited for."""

    what: What
    at: datetime
    """Aware, UTC."""

"""Ask an office for its free slots: HLT, synchronous (appointments.md 10.1)."""

from datetime import date, timedelta
from typing import Final

from contracts.commands.base import CitizenCommand, CommandFamily, Question, WantedPractitioner

LONGEST_PERIOD: Final = timedelta(weeks=4)
"""From the first to the last day."""


class FindFreeSlots(CitizenCommand, Question):
    """The slots that the office exposes between two days."""

    from_date: date
    """First day, included."""
    to_date: date
    """Last day, included; at most four weeks after the first."""
    practitioner: WantedPractitioner | None = None
    """Whose calendar; only where the office's practitioners were asked for first."""


FindFreeSlots.family = CommandFamily("find-free-slots", FindFreeSlots, "Which slots does the office have in the next two weeks?")

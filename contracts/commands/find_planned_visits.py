"""Ask a municipal service for the visits it has planned: HBT, synchronous (appointments.md 10.7)."""

from contracts.commands.base import CitizenCommand, CommandFamily, Question


class FindPlannedVisits(CitizenCommand, Question):
    """All visits from today on: planned ones with their recurrence, confirmed and cancelled ones."""


FindPlannedVisits.family = CommandFamily("find-planned-visits", FindPlannedVisits, "When does home care come?")

"""Ask an office for its practitioners: HB, synchronous (appointments.md 10.12)."""

from contracts.commands.base import CitizenCommand, CommandFamily, Question


class FindPractitioners(CitizenCommand, Question):
    """Those a citizen may choose among: the GP, substitutes and others."""


FindPractitioners.family = CommandFamily("find-practitioners", FindPractitioners, "Who can the citizen choose at this office?")

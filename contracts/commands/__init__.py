"""What the portal may ask for, one module per command. `COMMAND_FAMILIES` is the whole list; `contracts/published/` is generated from it.

A command is a CloudEvents 1.0 message (Kafka binding, binary mode, JSON data) on `portal.commands.v1`. Its `ce_id` is a UUID: the command's
id, the MsgId of the XML that is sent, and the key of everything that is told about it.
"""

from contracts.commands.base import CitizenCommand, Command, CommandFamily, Person, Question, Relation, Representative, WantedPractitioner
from contracts.commands.book import Book, WantedSlot
from contracts.commands.cancel import Cancel
from contracts.commands.find_free_slots import FindFreeSlots
from contracts.commands.find_planned_visits import FindPlannedVisits
from contracts.commands.find_practitioners import FindPractitioners
from contracts.commands.test_connection import TestConnection

COMMAND_FAMILIES: tuple[CommandFamily, ...] = (
    FindFreeSlots.family,
    FindPlannedVisits.family,
    FindPractitioners.family,
    Book.family,
    Cancel.family,
    TestConnection.family,
)

__all__ = [
    "COMMAND_FAMILIES",
    "Book",
    "Cancel",
    "CitizenCommand",
    "Command",
    "CommandFamily",
    "FindFreeSlots",
    "FindPlannedVisits",
    "FindPractitioners",
    "Person",
    "Question",
    "Relation",
    "Representative",
    "TestConnection",
    "WantedPractitioner",
    "WantedSlot",
]

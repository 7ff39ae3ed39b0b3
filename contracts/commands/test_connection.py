"""Test the connection to an office: KT, synchronous, about nobody (appointments.md 10.14)."""

from contracts.commands.base import Command, CommandFamily, Question


class TestConnection(Command, Question):
    """The office's EPJ answers by itself."""

    __test__ = False  # pytest takes what begins with Test for a test


TestConnection.family = CommandFamily("test-connection", TestConnection, "Does this office's EPJ answer?")

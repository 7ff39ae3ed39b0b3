"""Reception: what an inbox brings becomes one record of the log. Stateless and pure; whatever raises in it is a fault of ours."""

from dataclasses import replace

from contracts.failures import Failure, Rule
from contracts.records import Outgoing, Received
from contracts.topics import COMMANDS
from hub.case.entries import Origin, Refused, Unread
from hub.commanding import declined_for_a_fault
from hub.faults import fault_of
from hub.log_record import to_log
from hub.parties import Register
from hub.reading import Desk, Sequenced, case_of_unread, origin_of, read


class Reception:
    """Reads at one desk. Calling it never raises: the message must reach the log, whatever it does to us."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def read_by(self, register: Register) -> None:
        """The next message is read by this register."""
        self.desk = replace(self.desk, register=register)

    def sequence(self, received: Received, *, letter_id: str | None = None) -> Outgoing:
        """The record for the log. A message over the limit leaves its bytes behind: the letter names where they are."""
        sequenced = self.read(received, letter_id=letter_id)
        entry = sequenced.entry
        oversize = isinstance(entry, Refused) and entry.failure.rule == Rule.TOO_LARGE.name
        return to_log(sequenced, None if oversize else received.body or b"")

    def read(self, received: Received, *, letter_id: str | None = None) -> Sequenced:
        """What was read; `Unread` when reading itself failed: but a command is declined, for somebody waits."""
        try:
            return read(received, self.desk, letter_id=letter_id)
        except Exception as error:  # noqa: BLE001  an unforeseen message must not stop its topic
            return self._unread(received, origin_of(received, letter_id=letter_id), fault_of(error))

    def refused_by_broker(self, received: Received, _error: Exception) -> Outgoing:
        """The broker would not take the record: too large with what was read. It is told without its bytes."""
        failure = Failure.of(Rule.TOO_LARGE, expected=f"{self.desk.max_bytes} bytes")
        return to_log(Sequenced(received.source.topic_partition, Refused(origin_of(received), failure)), None)

    def _unread(self, received: Received, origin: Origin, fault: str) -> Sequenced:
        if received.source.topic == COMMANDS.name:
            return Sequenced(*declined_for_a_fault(received, origin, fault=fault))
        if named := case_of_unread(received, self.desk):
            key, way = named
            return Sequenced(key, Unread(origin, fault, way))
        return Sequenced(received.source.topic_partition, Unread(origin, fault))

"""Reception: what an inbox brings becomes one record of the log. Stateless and pure; whatever raises in it is a fault of ours."""

from dataclasses import replace

from contracts.failures import Failure, Rule
from contracts.records import Outgoing, Received
from contracts.topics import COMMANDS
from hub.case.entries import Origin, Refused, Unread
from hub.commanding import declined_for_a_fault
from hub.faults import ProcessKilled, fault_of
from hub.log_record import to_log
from hub.parties import Register
from hub.reading import Desk, Sequenced, case_of_unread, origin_of, read


class Reception:
    """Reads at one desk. Calling it raises for no message: it must reach the log, whatever it does to us. An OSError is the machine's."""

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
        except OSError:
            raise  # reading does no input or output of its own: whatever this is, it ends, and no message is at fault
        except Exception as error:  # noqa: BLE001  an unforeseen message must not stop its topic
            return self._unread(received, origin_of(received, letter_id=letter_id), fault_of(error))

    def killed(self, received: Received) -> Outgoing:
        """The record that ended the process again and again: it reaches the log unread, and of no case, for even that would be read."""
        return to_log(_of_nobody(received, origin_of(received), ProcessKilled.__name__), received.body or b"")

    def refused_by_broker(self, received: Received, _error: Exception) -> Outgoing:
        """The broker would not take the record: too large with what was read. It is told without its bytes."""
        failure = Failure.of(Rule.TOO_LARGE, expected=f"{self.desk.max_bytes} bytes")
        return to_log(Sequenced(received.source.topic_partition, Refused(origin_of(received), failure)), None)

    def _unread(self, received: Received, origin: Origin, fault: str) -> Sequenced:
        if received.source.topic != COMMANDS.name and (named := case_of_unread(received, self.desk)):
            key, way = named
            return Sequenced(key, Unread(origin, fault, way))
        return _of_nobody(received, origin, fault)


def _of_nobody(received: Received, origin: Origin, fault: str) -> Sequenced:
    if received.source.topic == COMMANDS.name:
        return Sequenced(*declined_for_a_fault(received, origin, fault=fault))
    return Sequenced(received.source.topic_partition, Unread(origin, fault))

"""What went wrong on a partition, and who is to blame. Outlives the lane (rule 9). Pure; never touches Kafka.

Only a record that travelled alone is ever blamed, and only for what Kafka says about a record (rule 11): everything else that Kafka says is
about the cluster, our rights or our topics. That is an outage, and never a dead letter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from aiokafka import errors as kafka

from contracts.records import Outgoing
from producers.backing_off import back_off
from producers.work import Hold, Record

FIRST_HOLD = 0.05
"""Seconds; doubled from one hold to the next."""
REFUSED_TRIES = 2
"""A record that the broker refuses alone this often is set aside."""

RECORD_FAULTS = (
    kafka.MessageSizeTooLargeError,
    kafka.RecordListTooLargeError,
    kafka.CorruptRecordException,
    kafka.InvalidMessageError,
    AssertionError,  # these three: the record cannot even be built
    TypeError,
    ValueError,
)
"""Not what the broker says of a record's time: the machine's clock wrote that, and it would say so of every record."""


class SendFailed(Exception):
    """A send inside the transaction failed; the cause is Kafka's."""


def cause_of(error: Exception) -> Exception:
    """What Kafka said."""
    return error.__cause__ if isinstance(error, SendFailed) and isinstance(error.__cause__, Exception) else error


def is_of_a_record(error: BaseException, outgoing: Iterable[Outgoing]) -> bool:
    """Kafka speaks of the record that led to these, and of nothing else.

    A null key on a compacted topic is refused by an error that says nothing (UnknownError), and that a broker in trouble gives as well.
    """
    return isinstance(error, RECORD_FAULTS) or (isinstance(error, kafka.UnknownError) and any(message.key is None for message in outgoing))


@dataclass(slots=True)
class Trouble:
    """A partition's troubles, by offset."""

    failures: int = 0
    """In a row, for the back-off."""
    holds: int = 0
    """In a row, while the work waited for something."""
    single_until: int = 0
    """Below this offset every record travels alone."""
    refused: dict[int, int] = field(default_factory=dict)
    condemned: dict[int, Exception] = field(default_factory=dict)

    def back_off(self) -> float:
        """Seconds to wait before the partition is opened again."""
        return back_off(self.failures)

    def wait_for(self, hold: Hold) -> float:
        """Seconds to hold: as long as it says, else longer from one to the next. Whatever is decided ends the row."""
        self.holds += 1
        return back_off(self.holds, first=FIRST_HOLD) if hold.retry_after is None else hold.retry_after

    def condemn(self, offset: int, error: Exception) -> None:
        """This record is to be set aside from now on. The first reason stands."""
        self.condemned.setdefault(offset, error)

    def condemned_among(self, records: Sequence[Record]) -> dict[int, Exception]:
        """The condemned of these records."""
        if not self.condemned:
            return {}
        return {r.offset: self.condemned[r.offset] for r in records if r.offset in self.condemned}

    def failed(self, error: Exception, *, first: int, end: int, count: int, outgoing: Sequence[Outgoing] = ()) -> None:
        """A transaction for `count` records from offset `first` up to `end`, which led to `outgoing`, failed."""
        self.failures += 1
        cause = cause_of(error)
        if not is_of_a_record(cause, outgoing):
            return
        if count > 1:
            self.single_until = max(self.single_until, end)
            return
        self.refused[first] = self.refused.get(first, 0) + 1
        if self.refused[first] >= REFUSED_TRIES:
            self.condemn(first, cause)

    def delivered(self, end: int) -> int:
        """Everything below `end` is settled. How many of those were set aside."""
        self.failures = 0
        if not (self.condemned or self.refused):
            return 0
        settled = [offset for offset in self.condemned if offset < end]
        for offset in settled:
            del self.condemned[offset]
        self.refused = {offset: times for offset, times in self.refused.items() if offset >= end}
        return len(settled)

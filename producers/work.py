"""What a lane is given to do: the border between Kafka and those who decide. Holds no Kafka type, and decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from contracts.records import Outgoing


@dataclass(frozen=True, slots=True)
class LaneKey:
    """One opening of one input partition. (producer_id, producer_epoch) is its fence: Kafka raises it with every opening."""

    topic: str
    partition: int
    producer_id: int
    producer_epoch: int


class Record(NamedTuple):
    """One record of the lane's partition. A tuple, because it is built for every record."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    def __repr__(self) -> str:
        return f"Record({self.topic}/{self.partition}/{self.offset})"


Verdict = Sequence[Outgoing] | Exception
"""What one record leads to. An exception: the work on this record failed."""


class Hold(Exception):
    """Come back to this record later. The records before it are delivered, those after it wait (rule 10)."""

    def __init__(self, retry_after: float | None = None, reason: str = "") -> None:
        super().__init__(reason)
        self.retry_after, self.reason = retry_after, reason
        """Seconds, None: by the lane's own back-off; and what is waited for, in a word of ours."""


class Unavailable(Hold):
    """Something that every record needs is down: there is no use in trying them one by one."""


class FencedOff(Exception):
    """The database says that somebody newer owns this lane: the lane is lost, and no record is at fault."""


class LaneWork(Protocol):
    """Decides a partition's records and remembers what it must. One partition has one opener at a time."""

    async def opened(self, lane: LaneKey, committed: int, *, resumed: bool) -> int | None:
        """Fence the database with the lane's fence, then delete what is kept at or beyond `committed`.

        `resumed`: the group has committed here before, so that all below `committed` must be known; else it is where the log begins.

        Comes after Kafka fenced the former owner and before the first record (rule 2). Whatever it raises, the lane is closed and opened
        again with back-off, for as long as the group says that the partition is ours.

        Answers how many owners in a row died with the lane's first record in hand. If any did, what stands in the log now travels alone,
        and is shown to `decide` only when the record before it is delivered (ADR 28).
        """

    async def decide(
        self, lane: LaneKey, records: Sequence[Record], *, condemned: Mapping[int, Exception]
    ) -> Sequence[Verdict]:
        """One verdict a record, in order; at least one, and for the first few only if need be.

        The first exception among the verdicts is the last one looked at: memory must not hear of a record before the one that failed in
        front of it is settled (rule 15), so whoever remembers stops there.

        The records that were not answered, and all of them after an exception, are given again. What was kept at or beyond
        `records[0].offset` then counts as not having happened. While this runs, the transaction of the records before may still be on
        the wire (rule 19).

        Records whose offset is in `condemned` failed alone too often: the work sets them aside itself (it writes the letter) and answers
        with what tells of that.

        Raises `Hold` before anything is kept for the record that must wait, `Unavailable` when something is down, `FencedOff` when the
        lane is somebody else's. Anything else is a fault of the work on these records, and counts against what fails alone (rule 11).
        """

    async def closed(self, lane: LaneKey) -> None:
        """The lane is gone, and we are not: drop what was cached for it. Never raises, and takes a second or two at most.

        Once for every lane, also where `opened` failed or was not reached; before this worker opens the partition again.
        """

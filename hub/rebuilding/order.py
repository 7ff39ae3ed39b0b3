"""In which order lanes are folded once more: by when the log took their records, and together where no lane asks what another says. Pure.

A lane's own records keep their order always. Between lanes the log's time is the best there is: an effect was appended after its cause.
"""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from hub.case.entries import (
    Broken,
    CitizenTold,
    Commanded,
    Declined,
    Due,
    Entry,
    PartyTold,
    Read,
    Receipt,
    Receipted,
    Refused,
    Rejected,
    Unread,
    Unusable,
)
from hub.case.identity import answered_id, folded
from hub.items import Item
from producers.work import Record

_BY_THEMSELVES: Final = (
    Read, Receipt, Rejected, Refused, Unread, Commanded, Declined, Due, Receipted, Broken, PartyTold, CitizenTold, Unusable,
)
"""What asks for nothing but what `touched` says. Every other kind is folded alone, with all before it settled."""


@dataclass(slots=True)
class Merged:
    """Records of several partitions as they come, given out in the log's order of time."""

    waiting: dict[int, deque[Record]] = field(default_factory=dict)
    """By partition; of those that may still bring something."""

    def begin(self, partitions: Collection[int]) -> None:
        """These will bring records."""
        self.waiting |= {partition: deque() for partition in partitions}

    def add(self, partition: int, records: Collection[Record]) -> None:
        """In their order."""
        self.waiting[partition].extend(records)

    def hungry(self, *, below: int) -> set[int]:
        """The partitions of which fewer records wait than that."""
        return {partition for partition, records in self.waiting.items() if len(records) < below}

    def ended(self, partition: int) -> None:
        """It brings nothing more; what waits of it is given out like the rest."""
        if not self.waiting[partition]:
            del self.waiting[partition]

    def take(self, *, over: Collection[int]) -> Iterator[Record]:
        """What can be given out now: as long as every partition that is not over has something to compare with."""
        while self.waiting and all(records or partition in over for partition, records in self.waiting.items()):
            some = {partition: records for partition, records in self.waiting.items() if records}
            if not some:
                return
            first = min(some, key=lambda partition: (some[partition][0].timestamp_ms, partition))
            yield some[first].popleft()


def together(items: Sequence[Item]) -> int:
    """How many of these, from the first on, may be folded lane by lane: no two lanes touch the same thing. At least one."""
    lane_of: dict[tuple[str, str], int] = {}
    for count, item in enumerate(items):
        if _stands_alone(item.entry):
            return count or 1
        lane = item.record.partition
        if any(lane_of.setdefault(key, lane) != lane for key in touched(item)):
            return count
    return len(items)


def touched(item: Item) -> Iterator[tuple[str, str]]:
    """What a record asks of memory or tells it that other lanes may ask or tell too; cases are a lane's own."""
    entry = item.entry
    yield from ((claim.scope, claim.id) for claim in item.claims)
    yield "source", f"{entry.origin.source}#"
    if answers := answered_id(entry):
        yield "sent", answers
    if isinstance(entry, Commanded):
        yield "sent", entry.command_id
    if isinstance(entry, Read) and entry.hand_on_to:
        yield "sent", folded(entry.message.msg_info.msg_id)
    if person := getattr(entry, "person", None):
        yield "person", person


def _stands_alone(entry: Entry) -> bool:
    return entry.origin.letter_id is not None or not isinstance(entry, _BY_THEMSELVES)

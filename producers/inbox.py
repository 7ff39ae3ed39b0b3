"""The records that a lane has in hand: taken in once each, in order, given out in batches by count and bytes (rule 12). Pure."""

from collections import deque
from collections.abc import Sequence

from producers.work import Record


class Inbox:
    """Records from `handed` on: whatever is offered below was taken in before, or was fetched before a seek (rule 4)."""

    def __init__(self, first: int) -> None:
        self.handed = first
        """First offset not yet taken in."""
        self.size = 0
        """Bytes of the values in hand."""
        self._records: deque[Record] = deque()

    def __len__(self) -> int:
        return len(self._records)

    @property
    def next_offset(self) -> int:
        """Offset of the first record in hand. IndexError when there is none."""
        return self._records[0].offset

    def offer(self, records: Sequence[Record]) -> bool:
        """Take in what is new. False: nothing is."""
        fresh = [record for record in records if record.offset >= self.handed]
        if not fresh:
            return False
        self._records.extend(fresh)
        self.size += sum(map(size_of, fresh))
        self.handed = fresh[-1].offset + 1
        return True

    def take(self, *, most: int, max_bytes: int) -> list[Record]:
        """At most so many, and no more once they are as large as that; at least one if there is one."""
        taken: list[Record] = []
        size = 0
        while self._records and len(taken) < most and size < max_bytes:
            taken.append(self._records.popleft())
            size += size_of(taken[-1])
        self.size -= size
        return taken

    def put_back(self, records: Sequence[Record]) -> None:
        """To the front, in their order."""
        self._records.extendleft(reversed(records))
        self.size += sum(map(size_of, records))

    def clear(self) -> None:
        """They belong to the next owner."""
        self._records.clear()
        self.size = 0


def size_of(record: Record) -> int:
    """Bytes of the value."""
    return len(record.value or b"")

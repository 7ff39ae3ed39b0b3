"""What an undisturbed hub would leave behind: the same two functions as production, one log, no broker, no database."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from contracts.records import Outgoing, Received, Source
from contracts.topics import vendor_of
from hub.case.decide import decide
from hub.case.decision import Claimed, Context
from hub.case.entries import Read
from hub.case.state import Case
from hub.reading import Desk, read
from tests.chaos.numbered import Letter
from tests.chaos.verdict import Seen
from translators.cloud_event import Stamp

BEGAN: Final = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
STEP: Final = timedelta(milliseconds=10)


class Offline:
    """Inboxes and all other topics, in memory. `topics` is what the checker reads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.topics: dict[str, list[Seen]] = defaultdict(list)
        self._cases: dict[str, Case] = defaultdict(Case)
        self._claimed: set[str] = set()
        self._logged = 0

    def take(self, letters: Iterable[Letter]) -> None:
        """Send and deliver these, one after the other."""
        for letter in letters:
            self._deliver(self._put(letter.topic, letter.partition, None, letter.body, ()))

    def _deliver(self, record: Seen) -> None:
        source = Source(record.topic, record.partition, record.offset)
        sequenced = read(Received(source, vendor_of(record.topic), self._now, record.value), self._desk)
        entry = sequenced.entry
        assert isinstance(entry, Read), entry
        msg_id = entry.message.msg_info.msg_id
        claimed = Claimed.DUPLICATE if msg_id in self._claimed else Claimed.FIRST
        self._claimed.add(msg_id)
        stamp = Stamp(0, self._logged, self._now, str(source), msg_id)
        decision = decide(self._cases[sequenced.key], entry, Context(stamp, sequenced.key, claimed, record.value or b""))
        self._cases[sequenced.key], self._logged = decision.case, self._logged + 1
        for outgoing in decision.outgoing:
            self._send(outgoing)

    @property
    def _now(self) -> datetime:
        return BEGAN + self._logged * STEP

    def _send(self, outgoing: Outgoing) -> None:
        self._put(outgoing.topic, 0, outgoing.key, outgoing.value, outgoing.headers)

    def _put(
        self, topic: str, partition: int, key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...],
    ) -> Seen:
        offset = sum(record.partition == partition for record in self.topics[topic])
        record = Seen(topic, partition, offset, int(self._now.timestamp() * 1000), key, value, headers)
        self.topics[topic].append(record)
        return record

"""What an undisturbed hub would leave behind: production's reception and casework on one log, with EPJs and a portal that answer at once.

Time is what the plan of the letters says: an answer comes when it is due, and so does a deadline. No broker, no database, no clock.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from checker.facts import Seen
from checker.terms import LetterRow
from contracts.records import PORTAL, Headers, Outgoing, Received, Source
from contracts.topics import vendor_of
from hub.certify import epj
from hub.certify.epj import Posted
from hub.certify.failing import failing_on_marks
from hub.certify.numbered import Letter
from hub.certify.operators import is_to_be_discarded
from hub.certify.portal import LISTENS_TO, Portal
from hub.letters import discard, replay
from hub.reading import Desk
from hub.reception import Reception
from tests.story import Hub

BEGAN: Final = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
STEP: Final = timedelta(milliseconds=10)
_FOLLOWS: Final = timedelta(minutes=2)
"""After the last letter: until then every answer has come, and every deadline but those of days."""


class Offline:
    """Inboxes and all other topics, in memory. `topics` is what the checker reads."""

    def __init__(self, desk: Desk) -> None:
        self.topics: dict[str, list[Seen]] = defaultdict(list)
        self.now = BEGAN
        self._hub, self._reception, self._portal = Hub(desk), Reception(desk), Portal()
        self._told = 0
        self._agenda: list[tuple[datetime, int, Letter]] = []
        self._numbers = count()

    def take(self, letters: Iterable[Letter]) -> None:
        """Send and deliver these, one after the other, and all that follows from them."""
        for letter in letters:
            self._until(self.now + STEP)
            self._deliver(letter)
        self._until(self.now + _FOLLOWS)

    def fail(self, letters: Iterable[Letter]) -> None:
        """Send these while all that is marked fails, then mend it, and deal with what waits as operators do."""
        with failing_on_marks(lambda _msg_id: False):
            self.take(letters)
        for row in [row for row in self.rows if row.fault == "hub" and row.resolved is None and not row.is_parked]:
            self._deal_with(row)
        self._until(self.now + _FOLLOWS)

    @property
    def rows(self) -> tuple[LetterRow, ...]:
        """The letters, as the database would have them."""
        resolved = {str(row.letter_id): str(row.what) for row in self._hub.ledger.resolutions}
        return tuple(
            LetterRow(
                str(row.letter_id), row.fault, row.msg_id or "", str(row.source), row.behind is not None, resolved.get(str(row.letter_id)),
            )
            for row in self._hub.ledger.letters
        )

    def _deal_with(self, row: LetterRow) -> None:
        letter = next(letter for letter in self._hub.ledger.letters if str(letter.letter_id) == row.letter_id)
        is_against = is_to_be_discarded(row)
        record = discard(letter, reason="not wanted", at=self.now) if is_against else replay(letter, self._reception)
        self._hub.append(record, at=self.now)
        self._leave()

    def _until(self, moment: datetime) -> None:
        """Everything that is due by then happens, in its order."""
        while (at := self._next()) is not None and at <= moment:
            self.now = max(self.now, at)
            if self._agenda and self._agenda[0][0] == at:
                self._deliver(heapq.heappop(self._agenda)[2])
            else:
                self._hub.fall_due()
                self._leave()
        self.now = moment

    def _next(self) -> datetime | None:
        due = [row.due_at for row in self._hub.ledger.open_deadlines()[:1]]
        return min([*due, *(at for at, _, _ in self._agenda[:1])], default=None)

    def _deliver(self, letter: Letter) -> None:
        record = self._put(letter.topic, letter.partition, None, letter.body, letter.headers)
        vendor = PORTAL if letter.is_command else vendor_of(letter.topic)
        source = Source(record.topic, record.partition, record.offset)
        received = Received(source, vendor, self.now, letter.body, headers=letter.headers)
        self._hub.append(self._reception.sequence(received), at=self.now)
        self._leave()

    def _leave(self) -> None:
        """What the hub has decided since goes to its topics, and is heard there."""
        told, self._told = self._hub.told[self._told:], len(self._hub.told)
        for outgoing in (outgoing for one in told for outgoing in one.outgoing):
            self._send(outgoing)

    def _send(self, outgoing: Outgoing) -> None:
        record = self._put(outgoing.topic, 0, outgoing.key, outgoing.value, outgoing.headers)
        for posted in self._heard(record):
            heapq.heappush(self._agenda, (self.now + timedelta(seconds=posted.after), next(self._numbers), posted.letter))

    def _heard(self, record: Seen) -> Iterable[Posted]:
        if record.topic.endswith(".outbox"):
            return epj.answers(record)
        return self._portal.hear(record) if record.topic in LISTENS_TO else ()

    def _put(self, topic: str, partition: int, key: bytes | None, value: bytes | None, headers: Headers) -> Seen:
        offset = sum(record.partition == partition for record in self.topics[topic])
        record = Seen(topic, partition, offset, int(self.now.timestamp() * 1000), key, value, headers)
        self.topics[topic].append(record)
        return record

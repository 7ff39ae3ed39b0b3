"""The portal of a run: cancels some of what was booked as soon as it stands, and knows for which of its commands it still waits. Pure."""

from collections.abc import Iterator
from typing import Any, Final

from checker.facts import Seen
from contracts.topics import APPOINTMENT_STATUS, DELIVERIES, REPLIES
from hub.certify.commands import cancellation, is_slot
from hub.certify.epj import Posted, share
from hub.certify.numbered import Letter

LISTENS_TO: Final = (APPOINTMENT_STATUS.name, REPLIES.name, DELIVERIES.name)
_CANCELLED: Final = 60
"""Of a hundred that are confirmed, so many."""


class Portal:
    """Hears what the hub tells, each record once or more."""

    def __init__(self) -> None:
        self.waits_for: set[str] = set()
        """Ids of commands of which nothing has been told but that they were sent."""
        self._heard: set[str] = set()
        self._cancelled: set[str] = set()

    def asks(self, letter: Letter) -> None:
        """This command is put on its topic now."""
        if letter.msg_id not in self._heard:
            self.waits_for.add(letter.msg_id)

    def hear(self, record: Seen) -> Iterator[Posted]:
        """One record; what is sent because of it."""
        if record.topic == APPOINTMENT_STATUS.name:
            yield from self._cancel(record.data.get("appointment", {}))
        elif record.what != "sent":
            self._heard.add(told := (record.key or b"").decode())
            self.waits_for.discard(told)

    def _cancel(self, appointment: dict[str, Any]) -> Iterator[Posted]:
        if not is_slot(appointment.get("uid")) or appointment["state"] != "confirmed":
            return
        told = appointment["appointment_id"]
        if told not in self._cancelled and share(told, "cancel") < _CANCELLED:
            self._cancelled.add(told)
            self.asks(letter := cancellation(appointment))
            yield Posted(letter)

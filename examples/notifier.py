"""A notification service as an outsider would write it: it knows no person, only that there is something new about an appointment.

Nothing here decides by the order in which records of different topics arrive: the revision does.
"""

from dataclasses import dataclass, field

from contracts.topics import NOTIFICATIONS
from examples.subscriber import Heard


@dataclass(slots=True)
class ExampleNotifier:
    """What is still to be told, and when."""

    waiting: dict[str, list[Heard]] = field(default_factory=dict)
    """By appointment id, all of one revision: the news, and a reminder beside it."""

    def take(self, heard: Heard) -> None:
        """Take one request; a higher revision withdraws everything that waits, a lower one comes too late."""
        if heard.topic != NOTIFICATIONS.name or heard.data is None:
            return
        appointment, revision = heard.data["appointment_id"], heard.data["revision"]
        waiting = self.waiting.get(appointment, [])
        newest = max((_revision(other) for other in waiting), default=0)
        if revision > newest:
            self.waiting[appointment] = [heard]
        elif revision == newest:
            waiting.append(heard)


def _revision(heard: Heard) -> int:
    return int((heard.data or {})["revision"])

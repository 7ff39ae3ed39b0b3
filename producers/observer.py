"""What can be seen of the lanes from outside. Observes only: nothing here steers a lane, and nothing names a record's content."""

from typing import Literal

LaneState = Literal["opening", "open", "holding", "lost", "closed"]


class LaneObserver:
    """Told what happens, as it happens. Does nothing itself: override what you want to see.

    Called from the event loop: must be quick, must not raise.
    """

    def lane_state(self, partition: int, state: LaneState) -> None:
        """The lane of this input partition is now in this state."""

    def decided(self, partition: int, seconds: float, records: int) -> None:
        """The work answered for so many records."""

    def transaction(self, partition: int, seconds: float, records: int) -> None:
        """A transaction was committed for so many input records."""

    def held(self, partition: int, seconds: float, reason: str) -> None:
        """The first record in hand must wait this long; `reason` is what for, in a word of ours. The next state is told when it goes on."""

    def lost(self, partition: int, reason: str) -> None:
        """The lane cannot go on; `reason` is an exception's name. It is opened again if the partition is still ours."""

    def fenced(self, partition: int) -> None:
        """... because somebody newer opened it."""

    def isolated(self, partition: int) -> None:
        """A record failed and is tried alone."""

    def set_aside(self, partition: int) -> None:
        """A record was set aside."""

    def stale(self, partition: int, records: int) -> None:
        """Records were dropped that had been fetched before a seek or a reassignment (they come again)."""

    def open_error(self, partition: int, reason: str) -> None:
        """An attempt to open the lane failed; `reason` is an exception's name. It is tried again."""

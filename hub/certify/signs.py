"""What a run tells its workers while they run: files in a folder, put up by the one and taken down or read by the others."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

CRASH: Final = "crash-between-the-commits"
"""The next worker that can dies after the database's commit and before Kafka's."""
STOP: Final = "stop-inside-a-transaction"
"""The next worker that can stands still with its transaction open."""
STOPPED: Final = "stopped-inside-a-transaction"
"""The process that does."""
MENDED: Final = "mended-to"
"""Messages that are marked to fail do so no more below this number."""
CLOCK: Final = "clock"
"""So many seconds the workers' clocks are wrong."""


@dataclass(frozen=True, slots=True)
class Signs:
    """A folder of them."""

    folder: Path

    def put(self, name: str, number: int = 0) -> None:
        """Put it up, or another number on it. Whoever reads sees the old or the new, never half of it."""
        written = self.folder / f"{name}.new"
        written.write_text(str(number), "utf-8")
        written.replace(self.folder / name)

    def take(self, name: str) -> bool:
        """Take it down; of several that try, one has it."""
        try:
            (self.folder / name).unlink()
        except FileNotFoundError:
            return False
        return True

    def number(self, name: str) -> int:
        """What stands on it; 0 where there is none."""
        try:
            return int((self.folder / name).read_text("utf-8"))
        except FileNotFoundError:
            return 0

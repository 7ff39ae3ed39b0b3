"""How our subscribers fetch: settings that both share. Holds figures only."""

from dataclasses import dataclass
from typing import Any

from contracts.topics import MAX_MESSAGE_BYTES


@dataclass(frozen=True, slots=True)
class Fetching:
    """Settings of one subscriber. A message of 16 MB passes."""

    max_records: int = 500
    batch_timeout_ms: int = 10
    """FastStream sleeps this long after it waited this long in vain: half of it is added to the delay of a quiet topic."""
    session_timeout_ms: int = 6_000
    heartbeat_interval_ms: int = 1_000
    max_poll_interval_ms: int = 300_000
    max_partition_fetch_bytes: int = MAX_MESSAGE_BYTES
    fetch_max_bytes: int = 52_428_800

    def subscriber_settings(self) -> dict[str, Any]:
        """Keyword arguments of FastStream's `subscriber`. `read_committed`: what was aborted is nobody's message."""
        return {
            "batch": True,
            "max_records": self.max_records,
            "batch_timeout_ms": self.batch_timeout_ms,
            "session_timeout_ms": self.session_timeout_ms,
            "heartbeat_interval_ms": self.heartbeat_interval_ms,
            "max_poll_interval_ms": self.max_poll_interval_ms,
            "max_partition_fetch_bytes": self.max_partition_fetch_bytes,
            "fetch_max_bytes": self.fetch_max_bytes,
            "auto_offset_reset": "earliest",
            "isolation_level": "read_committed",
        }

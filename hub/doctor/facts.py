"""What was found where. Values only: nothing here is right or wrong yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from hub.memory.vitals import Vitals
from hub.topic_admin import Difference


@dataclass(frozen=True, slots=True)
class Kept:
    """How safe a topic's records are."""

    replicas: int
    """Copies, of the partition that has the fewest."""
    in_sync: int
    """Copies that are current, of the partition that has the fewest."""
    min_in_sync: int


@dataclass(frozen=True, slots=True)
class LaneSeen:
    """One partition of the log."""

    waiting: int
    """Records, about: offsets have gaps."""
    committed: int | None
    """None: the group never has."""
    moved: bool
    """The group has committed something between two looks."""


@dataclass(frozen=True, slots=True)
class RegisterSeen:
    """What stands on the register's topic."""

    parties: int
    refused: str | None
    """Why it is no register, in words of ours."""
    without_topics: Sequence[str] = ()
    """Vendors."""
    ended: Mapping[str, date] = field(default_factory=dict)
    """HER-ids of parties whose last day has passed."""


@dataclass(frozen=True, slots=True)
class ClusterSeen:
    """Kafka."""

    differences: Sequence[Difference]
    kept: Mapping[str, Kept]
    lanes: Mapping[int, LaneSeen]
    members: int
    register: RegisterSeen | None
    """None: there is no such topic."""
    newest: datetime | None
    """When the log took its newest record, by the broker's clock."""
    hanging: Sequence[str] = ()
    """Partitions, as topic/number, where a transaction stays open longer than any of a worker's may."""


@dataclass(frozen=True, slots=True)
class DiskSeen:
    """A folder's disk. Bytes."""

    what: str
    folder: Path
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything. None: it could not be asked, and `cluster_away`, `database_away` say why."""

    here: datetime
    """By this machine's clock, when all was asked."""
    cluster: ClusterSeen | None = None
    cluster_away: str = ""
    database: Vitals | None = None
    database_away: str = ""
    disks: Sequence[DiskSeen] = ()
    authority_ends: datetime | None = None
    """The first day on which a certificate of the authority that is trusted ends."""

"""Is what was folded once more what was told the first time? Compares, counts what differs, and never mends it. Pure.

What leaves has derived ids: done again, the same ones. So each that would have left now must stand in its topic, and each that stands there
must have left now, as far as the topic still has it and the log was folded.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final
from uuid import UUID

import msgspec

from contracts.events import AppointmentStatus
from contracts.records import Outgoing
from contracts.topics import SEQUENCED, TOPICS, vendor_of
from hub.case.state import Case
from producers.batches import place_of

ID: Final = "ce_id"
_SIZE: Final = 16
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
COMPACTED: Final = frozenset(topic.name for topic in TOPICS if topic.compacted)
_OUT: Final = frozenset(topic.name for topic in TOPICS if topic.direction == "out")
_VENDORS_IN: Final = (".inbox", ".sync")


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison. It is equal when nothing is missing and nothing is too much."""

    what: str
    compared: int
    missing: int = 0
    """Would be told now and was not told then, or is not the same."""
    extra: int = 0
    """Was told then and would not be told now."""
    note: str = ""

    @property
    def is_equal(self) -> bool:
        """Nothing differs."""
        return not (self.missing or self.extra)


@dataclass(frozen=True, slots=True)
class Stands:
    """One record that stands on a topic of ours, as far as it is compared."""

    topic: str
    partition: int
    key: bytes | None
    id: bytes
    at: datetime


Place = tuple[str, int]


@dataclass(slots=True)
class Expected:
    """What would have left. `partitions`: how many each topic has."""

    partitions: Mapping[str, int]
    records: dict[Place, dict[int, bytearray]] = field(default_factory=dict)
    """By place and lane: ids, in order."""
    newest: dict[tuple[str, bytes | None], bytes] = field(default_factory=dict)
    """Of compacted topics: the id under each key."""

    def hear(self, lane: int, outgoing: Iterable[Outgoing]) -> None:
        """All that a record leads to. What is passed on inside the log is decided there, and shows itself."""
        for out in outgoing:
            if out.topic in COMPACTED:
                self.newest[out.topic, out.key] = id_of(out.headers, out.value)
            elif out.topic != SEQUENCED.name:
                place = place_of(out, self.partitions) if out.topic in self.partitions else (out.topic, 0)
                self.records.setdefault(place, {}).setdefault(lane, bytearray()).extend(id_of(out.headers, out.value))


def id_of(headers: Iterable[tuple[str, bytes]], value: bytes | None) -> bytes:
    """The event's id; of what is no event, a digest of its bytes."""
    given = dict(headers).get(ID)
    return UUID(given.decode()).bytes if given else blake2b(value or b"", digest_size=_SIZE).digest()


def is_told(topic: str) -> bool:
    """Casework alone writes it: it can be compared."""
    if topic in _OUT:
        return True
    try:
        vendor_of(topic)
    except ValueError:
        return False
    return not topic.endswith(_VENDORS_IN)


@dataclass(frozen=True, slots=True)
class Covered:
    """What of a topic can be judged."""

    begins: Mapping[Place, int]
    """The first offset that each place still has."""
    since: datetime | None
    """What was decided from then on was folded; None: only a part of it, and what stands on a topic beyond that is not judged."""


def of_topic(topic: str, stands: Sequence[Stands], expected: Expected, covered: Covered) -> Compared:
    """A topic that is kept for a time: what retention has taken is the oldest of each lane, and nothing else."""
    there: dict[Place, set[bytes]] = {}
    for one in stands:
        there.setdefault((topic, one.partition), set()).add(one.id)
    places = {place: lanes for place, lanes in expected.records.items() if place[0] == topic}
    ours = {one: place for place, lanes in places.items() for ids in lanes.values() for one in _split(ids)}
    missing = sum(
        _gaps(list(_split(ids)), there.get(place, set()), begun=covered.begins.get(place, 0) > 0)
        for place, lanes in places.items() for ids in lanes.values()
    )
    extra = 0 if covered.since is None else sum(one.id not in ours and one.at >= covered.since for one in stands)
    return Compared(topic, len(ours), missing, extra)


def _gaps(ids: Sequence[bytes], there: Collection[bytes], *, begun: bool) -> int:
    """How many are not there; where the topic has lost its beginning, only those behind the first that is."""
    start = next((at for at, one in enumerate(ids) if one in there), len(ids)) if begun else 0
    return sum(one not in there for one in ids[start:])


def _split(ids: bytes | bytearray) -> Iterator[bytes]:
    return (bytes(ids[at : at + _SIZE]) for at in range(0, len(ids), _SIZE))


def of_compacted(topic: str, stands: Sequence[Stands], expected: Expected, covered: Covered) -> Compared:
    """The newest of each key."""
    newest = {one.key: one for one in stands}
    ours = {key: held for (name, key), held in expected.newest.items() if name == topic}
    missing = sum(key not in newest or newest[key].id != held for key, held in ours.items())
    extra = 0 if covered.since is None else sum(key not in ours and one.at >= covered.since for key, one in newest.items())
    return Compared(topic, len(ours), missing, extra)


# appointments

Standing = tuple[int, str]
"""Revision and state."""


def published_of(case: Case) -> Iterator[tuple[str, Standing]]:
    """The appointments of a case whose status was told."""
    return ((one.id, (one.revision, one.state.value)) for one in case.appointments if one.published)


def told_of(value: bytes) -> tuple[str, Standing]:
    """What a record of the status topic says. msgspec.DecodeError and KeyError for what is none."""
    told = msgspec.json.decode(value)["appointment"]
    return str(told["appointment_id"]), (int(told["revision"]), str(told["state"]))


def of_appointments(
    here: Mapping[str, Standing], told: Mapping[str, tuple[Standing, datetime]], *, now: datetime, forgotten_after: timedelta,
) -> Compared:
    """Every appointment that was told of stands in its case as it was told last; what cases have forgotten by age is passed over."""
    since = now - forgotten_after
    missing = sum(here.get(one) != standing for one, (standing, at) in told.items() if one in here or at >= since)
    extra = sum(one not in told for one in here)
    return Compared(f"{AppointmentStatus.family.topic.name} against the cases", len(told), missing, extra)


def at_of(timestamp_ms: int) -> datetime:
    """Kafka's time."""
    return _EPOCH + timedelta(milliseconds=timestamp_ms)

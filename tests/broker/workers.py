"""A worker as the hub builds it: FastStream's broker, the casework subscriber and the lanes, around the simplest works."""

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from consumers.casework import subscribe_casework
from consumers.connecting import kafka_broker
from contracts.records import Outgoing
from producers.lane import LaneLimits
from producers.lanes import Lanes
from producers.observer import LaneObserver, LaneState
from producers.work import LaneKey, LaneWork, Record, Verdict
from tests.broker.cluster import Cluster
from tests.broker.waiting import until

Answer = Callable[[Record], Verdict]


class Echo(LaneWork):
    """Hands every record on to a topic; the condemned become letters. Remembers how it was called."""

    def __init__(self, to: str, letters: str = "", *, answer: Answer | None = None) -> None:
        self.to, self.letters = to, letters
        self.answer = answer or self.echo
        self.openings: list[tuple[LaneKey, int]] = []
        self.closings: list[LaneKey] = []
        self.batches: list[tuple[int, ...]] = []

    async def opened(self, lane: LaneKey, committed: int, *, resumed: bool) -> None:
        """Remember it."""
        self.openings.append((lane, committed))

    async def decide(
        self, lane: LaneKey, records: Sequence[Record], *, condemned: Mapping[int, Exception]
    ) -> Sequence[Verdict]:
        """One verdict a record."""
        self.batches.append(tuple(record.offset for record in records))
        return [self.letter(r, condemned[r.offset]) if r.offset in condemned else self.answer(r) for r in records]

    async def closed(self, lane: LaneKey) -> None:
        """Remember it."""
        self.closings.append(lane)

    def echo(self, record: Record) -> Verdict:
        """The same record."""
        return [Outgoing(self.to, record.key, record.value)]

    def letter(self, record: Record, error: Exception) -> Verdict:
        """The original, with the error's name."""
        kept = tuple((f"original.{name}", value) for name, value in record.headers)
        reason = (("reason", type(error).__name__.encode()), ("offset", b"%d" % record.offset))
        return [Outgoing(self.letters, record.key, record.value or b"", reason + kept)]


class Watcher(LaneObserver):
    """Counts what the lanes tell."""

    def __init__(self) -> None:
        self.states: list[tuple[int, LaneState]] = []
        self.losses: list[str] = []
        self.open_errors: list[str] = []
        self.reasons: list[str] = []
        self.transactions = self.records = self.holds = self.fences = self.letters = self.dropped = 0

    def lane_state(self, partition: int, state: LaneState) -> None:
        """Remember it."""
        self.states.append((partition, state))

    def transaction(self, partition: int, seconds: float, records: int) -> None:
        """Count it."""
        self.transactions += 1
        self.records += records

    def held(self, partition: int, seconds: float, reason: str) -> None:
        """Count it."""
        self.holds += 1
        self.reasons.append(reason)

    def lost(self, partition: int, reason: str) -> None:
        """Remember it."""
        self.losses.append(reason)

    def fenced(self, partition: int) -> None:
        """Count it."""
        self.fences += 1

    def stale(self, partition: int, records: int) -> None:
        """Count them."""
        self.dropped += records

    def set_aside(self, partition: int) -> None:
        """Count it."""
        self.letters += 1

    def open_error(self, partition: int, reason: str) -> None:
        """Remember it."""
        self.open_errors.append(reason)


class Worker:
    """One member of the group, running inside `async with`."""

    def __init__(self, cluster: Cluster, work: LaneWork, *, topic: str, group: str, limits: LaneLimits | None = None) -> None:
        self.cluster, self.topic, self.group = cluster, topic, group
        self.seen = Watcher()
        self.broker = kafka_broker(cluster.connection)
        self.lanes = Lanes(
            cluster.connection, group=group, work=work, observer=self.seen, limits=limits or LaneLimits(max_records=100)
        )
        subscribe_casework(self.broker, self.lanes, topic=topic, group=group)

    async def __aenter__(self) -> Self:
        await self.broker.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.lanes.aclose()
        await self.broker.stop()

    async def committed(self, *offsets: int) -> None:
        """Wait until the group has come at least so far in each partition."""
        for partition, offset in enumerate(offsets):
            await until(lambda p=partition, o=offset: self._reached(p, o), what=f"offset {offset} of partition {partition}")

    async def _reached(self, partition: int, offset: int) -> bool:
        return await self.cluster.committed(self.group, self.topic, partition) >= offset

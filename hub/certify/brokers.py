"""The brokers of a run: one node, or three that are brokers and controllers at once, and who of them leads what.

With three nodes everything is kept three times, the coordinators' own topics too, and a write needs two of them. Every topic that does
not say otherwise is dated by the broker, so that delays and stalls are told by one clock and not by the workers'.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from aiokafka.admin import AIOKafkaAdminClient

from hub.local import Progress, silent
from hub.local.kafka import BrokerDidNotStart, LocalKafka
from hub.local.ports import LOOPBACK, free_pair

COORDINATORS: Final = 8
"""Partitions of each of the coordinators' topics."""
OFFSETS: Final = "__consumer_offsets"
TRANSACTIONS: Final = "__transaction_state"
_PROPERTIES: Final = """\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://{{host}}:{{port}},CONTROLLER://{{host}}:{{controller}}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={{data}}
default.replication.factor={copies}
min.insync.replicas={enough}
offsets.topic.replication.factor={copies}
offsets.topic.num.partitions={coordinators}
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={enough}
transaction.state.log.num.partitions={coordinators}
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr={enough}
group.initial.rebalance.delay.ms=0
message.max.bytes=18000000
replica.fetch.max.bytes=18000000
auto.create.topics.enable=false
log.message.timestamp.type=LogAppendTime
log.cleaner.dedupe.buffer.size=8388608
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
controller.quorum.election.timeout.ms=1000
controller.quorum.fetch.timeout.ms=1500
"""


class Node(LocalKafka):
    """One of them. `words`: its properties."""

    def __init__(self, folder: Path, port: int, progress: Progress, words: str) -> None:
        super().__init__(folder, port=port, progress=progress)
        self._own = words

    def _words(self) -> str:
        return self._own


class Brokers:
    """Use it as a context. A node's number is its place, from 0."""

    def __init__(self, folder: Path, *, count: int, progress: Progress = silent) -> None:
        ports = _ports(count)
        voters = ",".join(f"{node}@{LOOPBACK}:{port + 1}" for node, port in enumerate(ports, start=1))
        copies, enough = (3, 2) if count > 1 else (1, 1)
        self.nodes = tuple(
            Node(folder / f"kafka-{node}", port, progress, _PROPERTIES.format(
                node=node, voters=voters, copies=copies, enough=enough, coordinators=COORDINATORS,
            ))
            for node, port in enumerate(ports, start=1)
        )

    @property
    def bootstrap(self) -> tuple[str, ...]:
        """All nodes, as clients are given them."""
        return tuple(node.bootstrap for node in self.nodes)

    def start(self, *places: int) -> None:
        """Start these, or all, at once: one alone has no quorum. Blocking."""
        self._each(LocalKafka.start, places)

    def kill(self, *places: int) -> None:
        """`kill -9` for these. Blocking."""
        self._each(LocalKafka.kill, places)

    def start_again(self, *places: int) -> None:
        """Start these; who does not answer in time on a slow machine is started once more. Blocking."""
        try:
            self.start(*places)
        except BrokerDidNotStart:
            self.start_those_that_ended()

    def start_those_that_ended(self) -> None:
        """Whatever a harm has left down. Blocking."""
        ended = [at for at, node in enumerate(self.nodes) if not node.is_running]
        if ended:
            self.start(*ended)

    def _each(self, act: Callable[[LocalKafka], None], places: Sequence[int]) -> None:
        chosen = [self.nodes[at] for at in places] or self.nodes
        with ThreadPoolExecutor(len(chosen)) as threads:
            for done in [threads.submit(act, node) for node in chosen]:
                done.result()

    def __enter__(self) -> Self:
        with ExitStack() as on_failure:
            on_failure.callback(self.stop)
            self.start()
            on_failure.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """All of them. At once: a quorum that goes one by one holds up the last."""
        self._each(LocalKafka.kill, ())

    async def leader(self, topic: str, partition: int) -> int:
        """The place of the node that leads it."""
        admin = AIOKafkaAdminClient(bootstrap_servers=list(self.bootstrap))
        await admin.start()
        try:
            [described] = await admin.describe_topics([topic])
        finally:
            await admin.close()
        node: int = next(one["leader"] for one in described["partitions"] if one["partition"] == partition)
        return max(0, node - 1)


def coordinator_partition(name: str) -> int:
    """Which partition of the coordinators' topic a group or a transactional id belongs to: Java's hash of its name."""
    hashed = 0
    for letter in name.encode("ascii"):
        hashed = (31 * hashed + letter) & 0xFFFF_FFFF
    return (hashed & 0x7FFF_FFFF) % COORDINATORS


def _ports(count: int) -> list[int]:
    ports: list[int] = []
    while len(ports) < count:
        if not _is_near(port := free_pair(), ports):
            ports.append(port)
    return ports


def _is_near(port: int, others: Iterable[int]) -> bool:
    return any(abs(port - other) <= 1 for other in others)

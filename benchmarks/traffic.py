"""Messages in, results out: lays out the input, waits until all of it is done, and reads what came of it, committed results only."""

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, cast

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka import Message as Kept

from benchmarks.ground import Ground
from benchmarks.messages import Message
from benchmarks.systems import Running, Station, System

LOOK_EVERY: Final = 0.05
Positions = dict[tuple[str, int], int]
_MSG_ID: Final = re.compile(rb'"msg_id":"([^"]+)"|<MsgId>([^<]+)<')
_MSG_ID_IN_RECEIPT: Final = re.compile(rb"<OriginalMsgId>.*<Id>([^<]+)</Id>", re.DOTALL)


class Late(Exception):
    """A system did not get through its input in time."""


def producer_for(ground: Ground) -> Producer:
    """A producer that gathers a little."""
    return Producer({
        "bootstrap.servers": ground.bootstrap, "log_level": 0, "linger.ms": 2, "queue.buffering.max.messages": 500_000,
        "queue.buffering.max.kbytes": 1 << 20, "message.timeout.ms": 30_000,
    })


def send(producer: Producer, system: System, messages: Iterable[Message]) -> None:
    """Lay them out, and return when the broker has them all."""
    for message in messages:
        producer.produce(system.inbox_of(message), message.body, key=message.key)
    producer.flush()


class Looking:
    """How far topics reach, and how far a group has come in them; joins no group."""

    def __init__(self, ground: Ground) -> None:
        self._bootstrap = ground.bootstrap
        self._consumers: dict[str, Consumer] = {}

    def ends(self, topics: Sequence[str]) -> Positions:
        """The end of every partition of these topics."""
        ask = self._asking("benchmark.looking").get_watermark_offsets
        return {(place.topic, place.partition): ask(place, timeout=10)[1] for topic in topics for place in self._places(topic)}

    def committed(self, station: Station) -> int:
        """How far its group has come, all partitions together."""
        places = [place for topic in station.topics for place in self._places(topic)]
        return sum(max(0, place.offset) for place in self._asking(station.group).committed(places, timeout=10))

    def done(self, system: System) -> bool:
        """No station has anything left. A coordinator that is just coming up cannot say so: not yet."""
        try:
            return all(self.committed(station) >= sum(self.ends(station.topics).values()) for station in system.stations)
        except KafkaException:
            return False

    def await_done(self, system: System, alive: Running, *, within: float) -> None:
        """Look until all is done. Raises Late."""
        until = time.monotonic() + within
        while not self.done(system):
            alive.check()
            if time.monotonic() > until:
                raise Late(f"{system.name}: not done within {within:.0f} s")
            time.sleep(LOOK_EVERY)

    def _places(self, topic: str) -> list[TopicPartition]:
        known = self._asking("benchmark.looking").list_topics(topic, timeout=10).topics[topic]
        return [TopicPartition(topic, number) for number in known.partitions]

    def _asking(self, group: str) -> Consumer:
        if group not in self._consumers:
            self._consumers[group] = Consumer({
                "bootstrap.servers": self._bootstrap, "group.id": group, "log_level": 0, "isolation.level": "read_uncommitted",
                "enable.auto.commit": False,
            })
        return self._consumers[group]


class Results:
    """What a system has written since this was made."""

    def __init__(self, ground: Ground, system: System) -> None:
        self._bootstrap, self._system = ground.bootstrap, system
        self._from = Looking(ground).ends((*system.events, *system.receipts))

    def faults(self, sent: Sequence[Message]) -> list[str]:
        """What is not exactly as it must be: one event and one receipt for each distinct message."""
        wanted = Counter(message.msg_id for message in sent if self._system.keeps_copies or not message.again)
        written = self._read()
        kinds = [("events", self._system.events, event_of), ("receipts", self._system.receipts, receipt_of)]
        return [
            f"{self._system.name}: {what}: {sum(wanted.values())} wanted, {sum(found.values())} found"
            for what, topics, id_of in kinds if topics
            if (found := Counter(id_of(kept) for kept in written if kept.topic() in topics)) != wanted
        ]

    def _read(self) -> list[Kept]:
        consumer = Consumer({
            "bootstrap.servers": self._bootstrap, "group.id": "benchmark.results", "enable.auto.commit": False, "log_level": 0,
            "isolation.level": "read_committed", "enable.partition.eof": True,
        })
        consumer.assign([TopicPartition(*place, offset) for place, offset in self._from.items()])
        try:
            return list(_until_the_end(consumer, len(self._from)))
        finally:
            consumer.close()


def _until_the_end(consumer: Consumer, partitions: int) -> Iterator[Kept]:
    ended: set[tuple[str, int]] = set()
    until = time.monotonic() + 60
    while len(ended) < partitions and time.monotonic() < until:
        for kept in consumer.consume(2_000, 1.0):
            if kept.error():
                ended.add((kept.topic() or "", kept.partition() or 0))
            else:
                yield kept


def event_of(kept: Kept) -> str:
    """The MsgId of the message that an event tells of, the hub's, the plain loop's, or the original in the log."""
    cause = dict(cast("list[tuple[str, bytes]]", kept.headers() or [])).get("ce_cause")
    return cause.decode() if cause else _first(_MSG_ID, kept)


def receipt_of(kept: Kept) -> str:
    """The MsgId that an AppRec answers."""
    return _first(_MSG_ID_IN_RECEIPT, kept)


def _first(pattern: re.Pattern[bytes], kept: Kept) -> str:
    found = pattern.search(kept.value() or b"")
    return found[found.lastindex or 0].decode() if found else ""

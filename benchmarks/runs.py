"""The three kinds of run: how many a second, how long each takes, how much memory. Each checks that its results are exact."""

import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from confluent_kafka import Consumer, Producer, TopicPartition

from benchmarks.gauges import Gauge, foreign
from benchmarks.ground import Ground
from benchmarks.messages import Load, Message
from benchmarks.systems import Running, System, running
from benchmarks.traffic import Looking, Results, event_of, producer_for, send

WITHIN: Final = 60.0
"""Seconds that any part of a run may take."""
AHEAD: Final = 5_000
"""In the memory run, so many messages lie in the inbox at most: the load is bounded, and so is the disk."""
MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Size:
    """How much."""

    warm: int = 3_000
    messages: int = 10_000
    paced_seconds: float = 15.0
    rate: int = 200
    memory_messages: int = 100_000


QUICK: Final = Size(warm=500, messages=2_000, paced_seconds=5.0, memory_messages=10_000)
Figures = dict[str, Any]


def throughput(ground: Ground, system: System, load: Load, size: Size) -> Figures:
    """Messages a second through a full inbox, from the moment the warm processes may go until the last is committed."""
    results, warm, measured = Results(ground, system), load.take(size.warm), load.take(size.messages)
    producer = producer_for(ground)
    with running(system, ground) as alive:
        send(producer, system, warm)
        Looking(ground).await_done(system, alive, within=WITHIN)
        figures = _drained(ground, system, alive, producer, measured)
    return figures | {"faults": results.faults([*warm, *measured])}


def _drained(ground: Ground, system: System, alive: Running, producer: Producer, messages: Sequence[Message]) -> Figures:
    gauge, looking = Gauge(ground, alive), Looking(ground)
    with alive.standing_still():
        send(producer, system, messages)
        before, started = gauge.read(), time.monotonic()
    looking.await_done(system, alive, within=WITHIN)
    seconds, after = time.monotonic() - started, gauge.read()
    spent = {f"{who}_us": round((value - asdict(before)[who]) / len(messages) * 1e6) for who, value in asdict(after).items()}
    return {
        "per_second": round(len(messages) / seconds), **{name: spent[name] for name in ("client_us", "broker_us", "database_us")},
        "foreign": round(foreign(before, after, seconds), 2), "mib": round(sum(alive.resident()) / MIB),
    }


def delay(ground: Ground, system: System, load: Load, size: Size) -> Figures:
    """Milliseconds from the sending of a message until a committed reader has its event, at a steady rate."""
    results, warm = Results(ground, system), load.take(size.warm)
    paced = load.take(int(size.rate * size.paced_seconds))
    producer = producer_for(ground)
    with running(system, ground) as alive:
        send(producer, system, warm)
        Looking(ground).await_done(system, alive, within=WITHIN)
        gauge = Gauge(ground, alive)
        with Watching(ground, system) as watch:
            before, started = gauge.read(), time.monotonic()
            sent = _paced(producer, system, paced, size.rate)
            after, seconds = gauge.read(), time.monotonic() - started
            Looking(ground).await_done(system, alive, within=WITHIN)
            watch.until_seen(sent.keys(), within=10.0)
    waited = sorted((watch.seen[msg_id] - at) * 1000 for msg_id, at in sent.items() if msg_id in watch.seen)
    return {
        "p50_ms": round(statistics.median(waited), 1), "p99_ms": round(waited[int(len(waited) * 0.99)], 1),
        "client_us": round((after.client - before.client) / len(paced) * 1e6), "foreign": round(foreign(before, after, seconds), 2),
        "faults": results.faults([*warm, *paced]),
    }


def _paced(producer: Producer, system: System, messages: Sequence[Message], rate: int) -> dict[str, float]:
    sent: dict[str, float] = {}
    started = time.perf_counter()
    for at, message in enumerate(messages):
        time.sleep(max(0.0, started + at / rate - time.perf_counter()))
        if not message.again:
            sent[message.msg_id] = time.perf_counter()
        producer.produce(system.inbox_of(message), message.body, key=message.key)
        producer.poll(0)
    producer.flush()
    return sent


class Watching:
    """A committed reader at the end of the events' topics, which remembers when it first saw each message's event."""

    def __init__(self, ground: Ground, system: System) -> None:
        self.seen: dict[str, float] = {}
        self._going = True
        self._consumer = Consumer({
            "bootstrap.servers": ground.bootstrap, "group.id": "benchmark.watching", "enable.auto.commit": False, "log_level": 0,
            "isolation.level": "read_committed", "fetch.wait.max.ms": 100,
        })
        self._consumer.assign([TopicPartition(*place, offset) for place, offset in Looking(ground).ends(system.events).items()])
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Watching":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._going = False
        self._thread.join()
        self._consumer.close()

    def until_seen(self, msg_ids: Any, *, within: float) -> None:
        """Give the last ones time to be read."""
        until = time.monotonic() + within
        while not msg_ids <= self.seen.keys() and time.monotonic() < until:
            time.sleep(0.05)

    def _watch(self) -> None:
        while self._going:
            kept = self._consumer.poll(0.2)
            if kept is not None and not kept.error():
                self.seen.setdefault(event_of(kept), time.perf_counter())


def memory(ground: Ground, system: System, load: Load, size: Size) -> Figures:
    """Resident memory of the largest process over many messages: (messages done, MiB), and the slope behind the first third."""
    results, everything = Results(ground, system), load.take(size.memory_messages)
    producer, looking, samples = producer_for(ground), Looking(ground), list[tuple[int, float]]()
    with running(system, ground) as alive:
        first, at = looking.committed(system.stations[-1]), 0
        while (finished := looking.committed(system.stations[-1]) - first) < len(everything):
            alive.check()
            samples.append((finished, round(max(alive.resident()) / MIB, 1)))
            upto = min(len(everything), finished + AHEAD)
            send(producer, system, everything[at:upto])
            at = max(at, upto)
            time.sleep(0.5)
        samples.append((finished, round(max(alive.resident()) / MIB, 1)))
    return {
        "samples": samples[:: max(1, len(samples) // 50)], "slope_mib_per_10000": slope(samples),
        "peak_mib": max(mib for _, mib in samples), "faults": results.faults(everything),
    }


def slope(samples: Sequence[tuple[int, float]]) -> float:
    """MiB for every 10,000 messages, by least squares, behind the first third: before that caches fill."""
    settled = [sample for sample in samples if sample[0] >= samples[-1][0] / 3]
    if len(settled) < 2:
        return 0.0
    return round(statistics.linear_regression(*zip(*settled, strict=True)).slope * 10_000, 2)

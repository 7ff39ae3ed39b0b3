"""How much a hub adds to a question while the daily messages flow: command in → XML out, and answer in → reply out.

The portal's questions and the offices' messages are sent at a steady pace; whoever reads the outbox answers at once. Both halves of the way
are timed from the sending of a record to a committed reader's sight of what it led to, so both hold the clients' share; the anchor, a bare
relay (`relay.py`), is timed the same way.
"""

import re
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID, uuid4

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka import Message as Kept

from benchmarks.gauges import Gauge, foreign
from benchmarks.ground import Ground
from benchmarks.messages import PARTIES_FILE, Load, filled, national_id
from benchmarks.relay import ANSWER
from benchmarks.systems import System, running
from benchmarks.traffic import Looking, producer_for, send
from contracts.commands import FindFreeSlots, Person
from hub.parties import read_register

WITHIN: Final = 60.0
DEADLINE: Final = timedelta(seconds=15)
SLOTS: Final = 20
"""In each answer."""
_PATIENTS: Final = 3_000
"""Their questions: other people than those the pushes are about, and the same ones again and again."""
_FIRST_PATIENT: Final = 20_000
_MSG_ID: Final = re.compile(rb"<MsgId>([^<]+)<")
_PARTIES: Final = read_register(PARTIES_FILE).party
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pace:
    """How much, a second, and for how long."""

    questions: int = 100
    pushes: int = 1_000
    seconds: float = 20.0
    warm: int = 3_000


FULL: Final = Pace()
CALM: Final = Pace(questions=20, pushes=200)
"""What two processors bear with room to spare, the broker, the database and the load beside the hub."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is on its way."""

    number: int
    command_id: str

    @property
    def office(self) -> Any:
        """Whom it asks."""
        return _PARTIES[1 + self.number % (len(_PARTIES) - 1)]

    @property
    def patient(self) -> str:
        """Whom it is about."""
        return national_id(_FIRST_PATIENT + self.number % _PATIENTS)

    def command(self) -> bytes:
        """Its data."""
        who = Person(national_id=self.patient, family_name="Testesen", given_name="Prøve")
        today = date.today()  # noqa: DTZ011  the office's own day
        return FindFreeSlots(
            receiver=self.office.her_id, patient=who, from_date=today, to_date=today + timedelta(days=14),
            deadline=datetime.now(UTC) + DEADLINE,
        ).model_dump_json(exclude_none=True).encode()

    def headers(self) -> list[tuple[str, str | bytes | None]]:
        """What CloudEvents says of it."""
        return [("ce_specversion", b"1.0"), ("ce_id", self.command_id.encode()), ("ce_source", b"urn:benchmark"),
                ("ce_type", FindFreeSlots.family.type.encode())]

    def answer(self) -> bytes:
        """What its office answers."""
        portal, office, now = _PARTIES[0], self.office, datetime.now(UTC)
        starts = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
        return filled("answer-03", {
            "msg_id": str(uuid4()), "request": self.command_id, "gen_date": now.isoformat(timespec="seconds"), "patient": self.patient,
            "office": office.level_1, "party": office.her_id, "portal": portal.level_1, "portal_party": portal.her_id,
            "slots": "".join(_slot(starts + timedelta(hours=at), office.her_id, at) for at in range(SLOTS)),
        })


def _slot(starts: datetime, party: str, number: int) -> str:
    ends = starts + timedelta(minutes=20)
    return (
        f"<vevent><properties><dtstart><date-time>{starts:%Y-%m-%dT%H:%M:%S}</date-time></dtstart><dtend><date-time>"
        f"{ends:%Y-%m-%dT%H:%M:%S}</date-time></dtend><uid><text>{UUID(int=number, version=4)}</text></uid><contact><text>{party}</text>"
        "</contact><status><text>TENTATIVE</text></status></properties><components/></vevent>"
    )


def questions(ground: Ground, system: System, load: Load, pace: Pace) -> Figures:
    """Milliseconds that the system adds: there, back, and both together."""
    assert system.ways is not None, "only a system that carries questions"
    with running(system, ground) as alive:
        producer = producer_for(ground)
        send(producer, system, load.take(pace.warm))
        Looking(ground).await_done(system, alive, within=WITHIN)
        gauge = Gauge(ground, alive)
        with Office(ground, system) as office:
            _ask(ground, system, office, rate=20, count=100)  # both ends awake
            office.forget()
            looking = Looking(ground)
            before, taken, started = gauge.read(), _taken(looking, system), time.monotonic()
            pushing = threading.Thread(target=_push, args=(producer, system, load, pace))
            pushing.start()
            _ask(ground, system, office, rate=pace.questions, count=int(pace.questions * pace.seconds))
            pushing.join()
            after, taken, seconds = gauge.read(), _taken(looking, system) - taken, time.monotonic() - started
            office.until_replied(within=20.0)
            faults = office.faults(system.name)
    there, back = office.there(), office.back()
    both = [there[which] + back[which] for which in there.keys() & back.keys()]
    return {
        **_spread("there", there.values()), **_spread("back", back.values()), **_spread("both", both), "questions": len(both),
        "pushes_per_s": round(taken / seconds),
        "client": round((after.client - before.client) / seconds, 2), "foreign": round(foreign(before, after, seconds), 2),
        "faults": faults,
    }


def _taken(looking: Looking, system: System) -> int:
    """Messages taken from the inboxes; of what carries all by one station, answers and questions too."""
    return looking.committed(system.stations[0])


def _spread(name: str, seconds: Any) -> dict[str, float]:
    taken = sorted(each * 1000 for each in seconds)
    if not taken:
        return {f"{name}_p50_ms": 0.0, f"{name}_p99_ms": 0.0}
    return {f"{name}_p50_ms": round(statistics.median(taken), 1), f"{name}_p99_ms": round(taken[int(len(taken) * 0.99)], 1)}


def _push(producer: Producer, system: System, load: Load, pace: Pace) -> None:
    messages, started = load.take(int(pace.pushes * pace.seconds)), time.perf_counter()
    for at, message in enumerate(messages):
        time.sleep(max(0.0, started + at / pace.pushes - time.perf_counter()))
        producer.produce(system.inbox_of(message), message.body, key=message.key)
        producer.poll(0)
    producer.flush()


def _ask(ground: Ground, system: System, office: "Office", *, rate: int, count: int) -> None:
    producer, started = _quick(ground), time.perf_counter()
    for at in range(count):
        time.sleep(max(0.0, started + at / rate - time.perf_counter()))
        asked = office.asks()
        producer.produce(cast("Any", system.ways).commands, asked.command(), key=asked.command_id.encode(), headers=asked.headers())
        producer.poll(0)
    producer.flush()


def _quick(ground: Ground) -> Producer:
    return Producer({"bootstrap.servers": ground.bootstrap, "log_level": 0, "linger.ms": 0})


@dataclass(slots=True)
class Times:
    """When each thing happened, by the command's id."""

    asked: dict[str, float] = field(default_factory=dict)
    written: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    replied: dict[str, list[float]] = field(default_factory=dict)


class Office:
    """Whoever reads the outboxes and the replies: answers each question at once, and remembers when it saw what."""

    def __init__(self, ground: Ground, system: System) -> None:
        self._ground, self._ways, self._times = ground, cast("Any", system.ways), Times()
        self._asked: dict[str, Asked] = {}
        self._going = True
        self._threads = [
            threading.Thread(target=self._watch, args=(self._ways.outboxes, self._written)),
            threading.Thread(target=self._watch, args=((self._ways.replies,), self._replied)),
        ]
        self._producer = _quick(ground)

    def __enter__(self) -> "Office":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._going = False
        for thread in self._threads:
            thread.join()

    def asks(self) -> Asked:
        """A new question; its time begins now."""
        asked = Asked(len(self._asked), str(uuid4()))
        self._asked[asked.command_id] = asked
        self._times.asked[asked.command_id] = time.perf_counter()
        return asked

    def forget(self) -> None:
        """What came before is not measured."""
        self.until_replied(within=20.0)
        self._times = Times()

    def until_replied(self, *, within: float) -> None:
        """Give the last ones time."""
        until = time.monotonic() + within
        while not self._times.asked.keys() <= self._times.replied.keys() and time.monotonic() < until:
            time.sleep(0.05)

    def there(self) -> Mapping[str, float]:
        """Seconds from command to XML."""
        return {which: at - self._times.asked[which] for which, at in self._times.written.items() if which in self._times.asked}

    def back(self) -> Mapping[str, float]:
        """Seconds from answer to reply."""
        return {which: at[0] - self._times.answered[which] for which, at in self._times.replied.items() if which in self._times.answered}

    def faults(self, name: str) -> list[str]:
        """Each question has its one reply, and it is the answer."""
        counted = {which: len(self._times.replied.get(which, ())) for which in self._times.asked}
        missing, doubled = sum(not count for count in counted.values()), sum(count > 1 for count in counted.values())
        return [f"{name}: replies: {missing} missing, {doubled} doubled"] if missing or doubled else []

    def _watch(self, topics: Sequence[str], seen: Callable[[Kept, float], None]) -> None:
        consumer = Consumer({
            "bootstrap.servers": self._ground.bootstrap, "group.id": "benchmark.office", "enable.auto.commit": False, "log_level": 0,
            "isolation.level": "read_committed", "fetch.wait.max.ms": 100,
        })
        consumer.assign([TopicPartition(*place, offset) for place, offset in Looking(self._ground).ends(topics).items()])
        while self._going:
            kept = consumer.poll(0.2)
            if kept is not None and not kept.error():
                seen(kept, time.perf_counter())
        consumer.close()

    def _written(self, kept: Kept, at: float) -> None:
        asked = self._asked.get(_command_of(kept))
        if asked is None:
            return
        self._times.written.setdefault(asked.command_id, at)
        self._times.answered.setdefault(asked.command_id, time.perf_counter())
        self._producer.produce(
            self._ways.inbox_of(asked.office.vendor), asked.answer(), key=asked.command_id.encode(), headers=[(ANSWER, b"")],
        )
        self._producer.poll(0)

    def _replied(self, kept: Kept, at: float) -> None:
        self._times.replied.setdefault((kept.key() or b"").decode(), []).append(at)


def _command_of(kept: Kept) -> str:
    """The hub's XML has it as its MsgId; the relay hands the command on as it came, under its key."""
    found = _MSG_ID.search(kept.value() or b"")
    return (found[1] if found else kept.key() or b"").decode()

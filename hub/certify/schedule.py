"""When which harm is done: a pure function of seed, minutes, scale and nodes. Two runs with the same four do the same harm.

A deck of every harm that the ground allows is shuffled and played, again and again as long as there is time: so each kind is done before
any is done twice. Between the last harm and the end of the sending the hub has a while in which nothing happens to it.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

Scale = Literal["small", "large"]


class What(StrEnum):
    """Every kind of harm."""

    KILL = "worker killed"
    PAUSE = "worker stopped beyond its session"
    CRASH = "crash between the two commits"
    EXPIRED = "transaction expired"
    REBALANCE = "worker joins, another leaves"
    VERSION = "rolling change of workers"
    CLOCK = "clock jumps"
    BROKER = "the only broker killed"
    LEADER = "leader of the log killed"
    GROUP = "group coordinator killed"
    TRANSACTION = "transaction coordinator killed"
    QUORUM = "quorum lost"
    DATABASE = "database stopped"
    SLOW = "database stands still"
    CROWDED = "database out of connections"
    FULL = "disk full"
    POISON = "poison"
    DEADLY = "process-killing messages"
    REPLAY = "replay under fire"
    DISCARD = "discard under fire"


@dataclass(frozen=True, slots=True)
class Lasts:
    """Seconds: how long it lasts, and after how many the next harm may begin."""

    seconds: float
    then: float


@dataclass(frozen=True, slots=True)
class Harm:
    """At this second of the sending. `pick`: which of several it meets."""

    at: float
    what: What
    seconds: float
    pick: int


LASTS: Final[Mapping[What, Lasts]] = {
    What.KILL: Lasts(0, 3), What.PAUSE: Lasts(8, 4), What.CRASH: Lasts(0, 3), What.EXPIRED: Lasts(7, 5), What.REBALANCE: Lasts(2, 4),
    What.VERSION: Lasts(0, 7), What.CLOCK: Lasts(4, 2), What.BROKER: Lasts(1, 14), What.LEADER: Lasts(3, 9), What.GROUP: Lasts(3, 9),
    What.TRANSACTION: Lasts(3, 9), What.QUORUM: Lasts(6, 14), What.DATABASE: Lasts(3, 5), What.SLOW: Lasts(3, 4),
    What.CROWDED: Lasts(3, 5), What.FULL: Lasts(2, 7), What.POISON: Lasts(0, 2), What.DEADLY: Lasts(0, 6), What.REPLAY: Lasts(0, 2),
    What.DISCARD: Lasts(0, 1),
}
AT_ANYTHING: Final = (
    What.KILL, What.PAUSE, What.CRASH, What.EXPIRED, What.REBALANCE, What.VERSION, What.CLOCK, What.DATABASE, What.SLOW, What.CROWDED,
    What.FULL, What.POISON, What.DEADLY,
)
BROKERS: Final[Mapping[int, tuple[What, ...]]] = {
    1: (What.BROKER,), 3: (What.LEADER, What.GROUP, What.TRANSACTION, What.QUORUM),
}
"""By the number of nodes."""
AFTER_POISON: Final = (What.REPLAY, What.DISCARD)
"""What operators do about it, while the next harms are done."""
REPLAYED_AFTER: Final = 7.0
FIRST: Final = 3.0
CALM: Final = 3.0
"""Seconds without harm at the end of the sending."""
LONGER: Final[Mapping[Scale, float]] = {"small": 1.0, "large": 2.0}
"""So much more time a large run leaves between harms: it has more to catch up with."""


def schedule(*, seed: int, minutes: float, scale: Scale, nodes: int) -> tuple[Harm, ...]:
    """All of a run's harm, in its order."""
    chance = random.Random(f"{seed}|{minutes}|{scale}|{nodes}")  # noqa: S311  harm that can be done again
    return tuple(sorted(_played(chance, minutes * 60, scale, nodes), key=lambda harm: harm.at))


def kinds(nodes: int) -> tuple[What, ...]:
    """Every kind that the deck of such a ground has. KeyError for another number of nodes."""
    return (*AT_ANYTHING, *BROKERS[nodes])


def _played(chance: random.Random, length: float, scale: Scale, nodes: int) -> Iterator[Harm]:
    at, until = FIRST, length - CALM
    while True:
        for what in _shuffled(chance, kinds(nodes)):
            if at + LASTS[what].seconds > until:
                return
            yield Harm(round(at, 1), what, LASTS[what].seconds, chance.randrange(1_000))
            if what is What.POISON:
                yield from _dealt_with(at, until)
            at += LASTS[what].then * LONGER[scale]


def _shuffled(chance: random.Random, deck: tuple[What, ...]) -> list[What]:
    return chance.sample(deck, len(deck))


def _dealt_with(at: float, until: float) -> Iterator[Harm]:
    for late, what in enumerate(AFTER_POISON):
        when = min(at + REPLAYED_AFTER + late * LASTS[What.REPLAY].then, until)
        yield Harm(round(when, 1), what, 0, 0)

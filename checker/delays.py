"""How long it took, by the broker's clock alone: from a message to its event, and without anything while a harm was done. Pure."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from checker.facts import Facts, Seen
from checker.terms import HarmTime

WATCHED_MS: Final = 60_000
"""How long after the last harm."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds from the broker's taking a message to its taking the event: what is waited for where nothing breaks, and where it does."""

    p50: float
    p99: float
    longest: float


@dataclass(frozen=True, slots=True)
class Flow:
    """Records in one second of the run: what was sent, and what left the hub."""

    second: int
    sent: int
    left: int


def delays(facts: Facts) -> Delays:
    """Of what was told at all, and never waited behind a letter: how long that takes is an operator's to say."""
    waited = sorted((told - sent) / 1000 for sent, told in _waited(facts))
    return Delays(_share(waited, 0.5), _share(waited, 0.99), _share(waited, 1.0))


def _waited(facts: Facts) -> Iterable[tuple[int, int]]:
    """From when to when each message waited for its event, in milliseconds."""
    for event in facts.events:
        copies = facts.copies.get(event.cause)
        if copies and event.cause not in facts.passed:
            yield copies[0].timestamp_ms, event.timestamp_ms


def _share(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def stalls(facts: Facts, harms: Sequence[HarmTime]) -> list[float]:
    """After each harm the longest time in which nothing left the hub though a message waited, up to the next harm.

    One that lasts beyond the next harm is counted whole, for both. Seconds.
    """
    gaps = list(_gaps(facts))
    return [_stall(gaps, harm.began_ms, _next(harms, harm)) for harm in harms]


def _next(harms: Sequence[HarmTime], harm: HarmTime) -> int:
    return min((other.began_ms for other in harms if other.began_ms > harm.ended_ms), default=harm.ended_ms + WATCHED_MS)


def _stall(gaps: Iterable[tuple[int, int]], since: int, until: int) -> float:
    return max(((after - before) / 1000 for before, after in gaps if after > since and before < until), default=0.0)


def _gaps(facts: Facts) -> Iterator[tuple[int, int]]:
    """Between two records that left, as far as a message waited that was told later."""
    waited = sorted((told, sent) for sent, told in _waited(facts))
    told = [at for at, _ in waited]
    # the earliest sent of all that were told from there on
    earliest = list(accumulate((sent for _, sent in reversed(waited)), min))[::-1]
    for before, after in pairwise(sorted(record.timestamp_ms for record in leaving(facts))):
        at = bisect_left(told, after)
        if at < len(told) and (began := max(before, earliest[at])) < after:
            yield began, after


def leaving(facts: Facts) -> list[Seen]:
    """Everything that the hub says of appointments and commands, and the documents in the outboxes."""
    told = [record for of in (facts.replies, facts.stories) for records in of.values() for record in records]
    return [*facts.events, *told, *(record for record, _ in facts.documents)]


def flow(facts: Facts) -> list[Flow]:
    """Each second from the first record to the last."""
    came = [record.timestamp_ms // 1000 for record in (*facts.inbox, *facts.orders)]
    left = [record.timestamp_ms // 1000 for record in leaving(facts)]
    if not came:
        return []
    first, sent, told = min(came), Counter(came), Counter(left)
    return [Flow(at - first, sent[at], told[at]) for at in range(first, max([*came, *left]) + 1)]


def began_ms(facts: Facts) -> int:
    """When the first record came, by the broker's clock."""
    return min((record.timestamp_ms for record in (*facts.inbox, *facts.orders)), default=0)

"""Facts in, findings out: each judgement a small pure function. A finding says what is so, and what to do about it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from contracts.topics import PARTIES, SEQUENCED
from hub.doctor.facts import ClusterSeen, RegisterSeen, Seen
from hub.memory.schema import SCHEMA_VERSION
from hub.memory.vitals import Vitals

Level = Literal["well", "warning", "wrong", "unseen"]
AHEAD: Final = timedelta(seconds=5)
"""How far two clocks may be apart: a sender's GenDate is bounded by five minutes, a question's deadline is fifteen seconds."""
LONG: Final = 300.0
"""Seconds that a transaction may be open before it keeps the database from cleaning up."""
DEAD_ROWS: Final = 100_000
MANY_WAIT: Final = 10_000
OLD_LETTER: Final = timedelta(days=1)
LITTLE: Final = 0.10
ALMOST_NOTHING: Final = 0.03
SOON: Final = timedelta(days=30)
_SAFE: Final = 2
_FEW: Final = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    where: str
    level: Level
    words: str
    mend: str = ""


def judged(seen: Seen) -> list[Finding]:
    """Everything, in the order in which one would mend it."""
    return [
        *_away(seen),
        *(finding for judge in _OF_CLUSTER for finding in (judge(seen.cluster) if seen.cluster else ())),
        *(finding for judge in _OF_DATABASE for finding in (judge(seen.database, seen.here) if seen.database else ())),
        *clocks(seen), *behind(seen), *disks(seen), *authority(seen),
    ]


def exit_code(findings: Sequence[Finding]) -> int:
    """0: well, warnings at most. 1: something is wrong. 2: not everything could be looked at."""
    levels = {finding.level for finding in findings}
    return 2 if "unseen" in levels else int("wrong" in levels)


def _away(seen: Seen) -> Iterator[Finding]:
    if seen.cluster is None:
        yield Finding("broker", "unseen", f"The cluster does not answer: {seen.cluster_away}", "Start it, or mend HUB_KAFKA_*.")
    if seen.database is None:
        yield Finding("database", "unseen", f"The database does not answer: {seen.database_away}", "Start it, or mend HUB_DATABASE_URL.")


# the cluster

def topics(cluster: ClusterSeen) -> Iterator[Finding]:
    """As table 1 has them, or not."""
    missing = [one.topic for one in cluster.differences if one.what == "topic"]
    if missing:
        yield Finding("topics", "wrong", f"{len(missing)} topics are missing: {_some(missing)}.", "hub topics create")
    for one in cluster.differences:
        if one.what != "topic":
            yield Finding(
                "topics", "wrong", f"{one.topic}: {one.what} is {one.found}, and should be {one.wanted}.",
                "Set it as table 1 has it (hub topics); fewer or more partitions: see operating.md, Never.",
            )
    if not cluster.differences:
        yield Finding("topics", "well", "All topics are as table 1 has them.")


def replication(cluster: ClusterSeen) -> Iterator[Finding]:
    """Copies on other brokers: one machine's end must lose nothing."""
    lagging = [name for name, kept in cluster.kept.items() if kept.in_sync < min(kept.replicas, kept.min_in_sync)]
    if lagging:
        yield Finding(
            "topics", "wrong", f"{len(lagging)} topics have too few copies in sync to be written: {_some(lagging)}.",
            "Bring the brokers back.",
        )
    single = [name for name, kept in cluster.kept.items() if kept.replicas < _SAFE or kept.min_in_sync < _SAFE]
    if single:
        yield Finding(
            "topics", "warning", f"{len(single)} topics would lose records with one broker: replication or min.insync.replicas below 2.",
            "On a cluster that counts: replication 3 and min.insync.replicas 2.",
        )


def transactions(cluster: ClusterSeen) -> Iterator[Finding]:
    """Does every transaction come to its end?"""
    if cluster.hanging:
        yield Finding(
            "transactions", "wrong", f"A transaction stays open on {_some(cluster.hanging)}: readers are shown nothing behind it.",
            "Do not end it by hand before you have read operating.md, A transaction that does not end.",
        )


def register(cluster: ClusterSeen) -> Iterator[Finding]:
    """What messages are read by."""
    if cluster.register is None:
        yield Finding("register", "wrong", f"There is no topic {PARTIES.name}.", "hub topics create, then hub parties publish")
    else:
        yield from _register(cluster.register)


def _register(seen: RegisterSeen) -> Iterator[Finding]:
    if seen.refused:
        yield Finding(
            "register", "wrong", f"What stands on {PARTIES.name} is no register: {seen.refused}. The last good one is in force.",
            "hub parties --live names the record, hub parties publish mends it.",
        )
    elif not seen.parties:
        yield Finding("register", "wrong", "The register is empty: no inbox is read.", "hub parties publish FILE")
    else:
        yield Finding("register", "well", f"{seen.parties} parties.")
    if seen.without_topics:
        yield Finding("register", "wrong", f"These vendors lack topics of theirs: {_some(seen.without_topics)}.", "hub topics create")
    if seen.ended:
        yield Finding(
            "register", "warning", f"{len(seen.ended)} parties are past their last day: {_some(sorted(seen.ended))}.",
            "Take them out of the register, or give them new days.",
        )


def lanes(cluster: ClusterSeen) -> Iterator[Finding]:
    """Is the log decided?"""
    waiting = sum(lane.waiting for lane in cluster.lanes.values())
    standing = sorted(partition for partition, lane in cluster.lanes.items() if lane.waiting and not lane.moved)
    if not cluster.members:
        yield Finding("group", "wrong" if waiting else "warning", f"No worker runs; {waiting} records wait.", "hub run")
    elif standing:
        yield Finding(
            "group", "wrong", f"Partitions {_some(map(str, standing))} of {SEQUENCED.name} hold: records wait, and nothing was committed "
            "between two looks.", "The log of the workers says why: opening_failed, database_behind, cannot_be_set_aside.",
        )
    elif waiting > MANY_WAIT:
        yield Finding("group", "warning", f"{waiting} records of the log wait.", "More workers, up to one a partition; or wait.")
    else:
        yield Finding("group", "well", f"{cluster.members} workers; {waiting} records wait.")


_OF_CLUSTER: Final[tuple[Callable[[ClusterSeen], Iterator[Finding]], ...]] = (topics, replication, transactions, register, lanes)


# the database

def tables(database: Vitals, _here: datetime) -> Iterator[Finding]:
    """Their version, and how they are kept."""
    if database.version is None:
        yield Finding("database", "wrong", "There are no tables of the hub.", "hub run makes them; after a loss: hub rebuild")
    elif database.version < SCHEMA_VERSION:
        yield Finding("database", "wrong", f"The tables are of version {database.version}, here {SCHEMA_VERSION}.", "hub run")
    elif database.version > SCHEMA_VERSION:
        yield Finding("database", "warning", f"The tables are newer ({database.version}) than this program ({SCHEMA_VERSION}).", "Upgrade.")
    else:
        yield Finding("database", "well", f"PostgreSQL {database.server}, {database.size / 1e6:,.0f} MB.")


def upkeep(database: Vitals, _here: datetime) -> Iterator[Finding]:
    """What keeps PostgreSQL from cleaning up behind itself."""
    if (database.oldest_transaction or 0) > LONG:
        yield Finding(
            "database", "warning", f"A transaction has been open for {database.oldest_transaction:,.0f} s: nothing is cleaned meanwhile.",
            "End it: pg_stat_activity shows whose it is.",
        )
    bloated = [table for table, (live, dead) in database.dead.items() if dead > max(DEAD_ROWS, live)]
    if bloated:
        yield Finding("database", "warning", f"More dead rows than living ones in {_some(bloated)}.", "Let autovacuum run, or: vacuum.")


def letters(database: Vitals, here: datetime) -> Iterator[Finding]:
    """What waits for an operator."""
    if not database.letters:
        yield Finding("letters", "well", "No letter waits because of us.")
        return
    age = here - (database.oldest_letter or here)
    yield Finding(
        "letters", "wrong" if age > OLD_LETTER else "warning",
        f"{database.letters} letters wait, the oldest for {_long(age)}; {database.parked} messages are parked behind them.",
        "hub letters --fault hub, then hub replay or hub discard",
    )


_OF_DATABASE: Final[tuple[Callable[[Vitals, datetime], Iterator[Finding]], ...]] = (tables, upkeep, letters)


# both, and this machine

def behind(seen: Seen) -> Iterator[Finding]:
    """Does the database know all that Kafka has committed?"""
    if seen.database is None or seen.cluster is None:
        return
    known = seen.database.decided_to
    lacking = [at for at, lane in seen.cluster.lanes.items() if lane.committed is not None and known.get(at, -1) < lane.committed]
    if seen.database.behind_since or lacking:
        where = f" Partitions {_some(map(str, lacking))}." if lacking else ""
        yield Finding(
            "database", "wrong", f"It knows less than Kafka has committed: lost, or restored from an older dump.{where} Nobody decides.",
            "Stop the workers, then: hub rebuild",
        )


def clocks(seen: Seen) -> Iterator[Finding]:
    """Three clocks. Kafka tells none, so its newest record has to do: it shows a clock that is ahead, and none that is late."""
    if seen.database and abs(seen.database.now - seen.here) > AHEAD:
        yield _apart("the database's", seen.database.now - seen.here)
    if seen.cluster and seen.cluster.newest and seen.cluster.newest - seen.here > AHEAD:
        yield _apart("the broker's", seen.cluster.newest - seen.here)


def _apart(whose: str, difference: timedelta) -> Finding:
    return Finding(
        "clock", "wrong", f"This machine's clock and {whose} are {_long(abs(difference))} apart: deadlines come too early or too late.",
        "Keep every machine's clock by NTP.",
    )


def disks(seen: Seen) -> Iterator[Finding]:
    """Room on the disks that we can see."""
    for disk in seen.disks:
        share = disk.free / disk.total if disk.total else 1.0
        level: Level = "wrong" if share < ALMOST_NOTHING else "warning" if share < LITTLE else "well"
        mend = "" if level == "well" else "Make room, or a larger disk: Kafka and PostgreSQL stop when it is full."
        yield Finding("disk", level, f"{disk.what}: {disk.free / 1e9:,.1f} GB free, {share:.0%}.", mend)


def authority(seen: Seen) -> Iterator[Finding]:
    """The certificate that the brokers' are signed with."""
    if seen.authority_ends is None or seen.authority_ends - seen.here > SOON:
        return
    level: Level = "wrong" if seen.authority_ends <= seen.here else "warning"
    yield Finding("certificate", level, f"HUB_KAFKA_CA_FILE is valid until {seen.authority_ends:%Y-%m-%d}.", "Have a new one by then.")


def _some(names: "Iterator[str] | Sequence[str]") -> str:
    """The first few."""
    all_of_them = list(names)
    more = len(all_of_them) - _FEW
    return ", ".join(all_of_them[:_FEW]) + (f" and {more} more" if more > 0 else "")


def _long(time: timedelta) -> str:
    days, seconds = time.days, time.total_seconds()
    return f"{days} days" if days else f"{seconds / 3600:.0f} hours" if seconds >= 3600 else f"{seconds:.0f} s"

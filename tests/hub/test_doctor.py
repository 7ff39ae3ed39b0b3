"""The doctor's judgements: facts in, words out. Nothing is asked here."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.doctor.facts import ClusterSeen, DiskSeen, Kept, LaneSeen, RegisterSeen, Seen
from hub.doctor.judging import exit_code, judged
from hub.memory.schema import SCHEMA_VERSION
from hub.memory.vitals import Vitals
from hub.topic_admin import Difference

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
CLUSTER = ClusterSeen((), {"t": Kept(3, 3, 2)}, {0: LaneSeen(0, 10, moved=False)}, 2, RegisterSeen(3, None), NOW)
DATABASE = Vitals(NOW, "18.1", None, 10_000_000, None, {}, SCHEMA_VERSION, {0: 10}, None, 0, 0, None)
WELL = Seen(NOW, CLUSTER, "", DATABASE, "", (DiskSeen("the disk", Path(), 50, 100),))


def told(seen: Seen) -> list[tuple[str, str]]:
    """Where and how, of what is not well."""
    return [(one.where, one.level) for one in judged(seen) if one.level != "well"]


def cluster(**changed: Any) -> Seen:
    """All well, but for this of the cluster."""
    return replace(WELL, cluster=replace(CLUSTER, **changed))


def database(**changed: Any) -> Seen:
    """All well, but for this of the database."""
    return replace(WELL, database=replace(DATABASE, **changed))


def test_where_all_is_well_it_says_so() -> None:
    """Each thing that was looked at has its line, and the command ends with 0."""
    findings = judged(WELL)
    assert {one.level for one in findings} == {"well"}
    assert {one.where for one in findings} == {"topics", "register", "group", "database", "letters", "disk"}
    assert exit_code(findings) == 0


@pytest.mark.parametrize(("seen", "where", "level", "words"), [
    (cluster(differences=(Difference("t", "topic", "there", "missing"),)), "topics", "wrong", "1 topics are missing: t"),
    (cluster(differences=(Difference("t", "retention.ms", "9", "1"),)), "topics", "wrong", "t: retention.ms is 1, and should be 9"),
    (cluster(kept={"t": Kept(1, 1, 1)}), "topics", "warning", "would lose records with one broker"),
    (cluster(kept={"t": Kept(3, 1, 2)}), "topics", "wrong", "too few copies in sync"),
    (cluster(hanging=["epj.fjord.outbox/0"]), "transactions", "wrong", "stays open on epj.fjord.outbox/0"),
    (cluster(register=None), "register", "wrong", "There is no topic"),
    (cluster(register=RegisterSeen(0, None)), "register", "wrong", "is empty"),
    (cluster(register=RegisterSeen(3, "8100101: no party")), "register", "wrong", "is no register: 8100101: no party"),
    (cluster(register=RegisterSeen(3, None, ["fjord"])), "register", "wrong", "lack topics of theirs: fjord"),
    (cluster(register=RegisterSeen(3, None, (), {"8100101": date(2026, 1, 1)})), "register", "warning", "past their last day: 8100101"),
    (cluster(members=0), "group", "warning", "No worker runs; 0 records wait"),
    (cluster(members=0, lanes={0: LaneSeen(4, 10, moved=False)}), "group", "wrong", "No worker runs; 4 records wait"),
    (cluster(lanes={0: LaneSeen(4, 10, moved=False)}), "group", "wrong", "Partitions 0 of"),
    (cluster(lanes={0: LaneSeen(20_000, 10, moved=True)}), "group", "warning", "20000 records of the log wait"),
    (cluster(lanes={0: LaneSeen(0, 11, moved=True)}), "database", "wrong", "knows less than Kafka has committed"),
    (cluster(newest=NOW + timedelta(minutes=2)), "clock", "wrong", "the broker's are 120 s apart"),
    (database(version=None), "database", "wrong", "no tables of the hub"),
    (database(version="0001"), "database", "wrong", "of version 0001"),
    (database(version="9999"), "database", "warning", "are newer (9999)"),
    (database(behind_since=NOW), "database", "wrong", "knows less than Kafka has committed"),
    (database(decided_to={}), "database", "wrong", "Partitions 0. Nobody decides"),
    (database(oldest_transaction=900.0), "database", "warning", "open for 900 s"),
    (database(dead={"claims": (10, 200_000)}), "database", "warning", "More dead rows than living ones in claims"),
    (database(letters=2, parked=3, oldest_letter=NOW - timedelta(hours=2)), "letters", "warning", "2 letters wait, the oldest for 2 hours"),
    (database(letters=2, oldest_letter=NOW - timedelta(days=3)), "letters", "wrong", "the oldest for 3 days"),
    (database(now=NOW - timedelta(seconds=30)), "clock", "wrong", "the database's are 30 s apart"),
    (replace(WELL, disks=(DiskSeen("the disk", Path(), 8, 100),)), "disk", "warning", "8% "),
    (replace(WELL, disks=(DiskSeen("the disk", Path(), 1, 100),)), "disk", "wrong", "1%"),
    (replace(WELL, authority_ends=NOW + timedelta(days=9)), "certificate", "warning", "valid until 2026-01-14"),
    (replace(WELL, authority_ends=NOW - timedelta(days=9)), "certificate", "wrong", "valid until 2025-12-27"),
    (replace(WELL, cluster=None, cluster_away="KafkaConnectionError"), "broker", "unseen", "KafkaConnectionError"),
    (replace(WELL, database=None, database_away="gone"), "database", "unseen", "gone"),
])
def test_one_thing_that_is_wrong_is_said_once_with_what_to_do(seen: Seen, where: str, level: str, words: str) -> None:
    """And nothing else is."""
    assert told(seen) == [(where, level)]
    (finding,) = (one for one in judged(seen) if one.level != "well")
    assert words.rstrip() in finding.words
    assert finding.mend
    assert exit_code([finding]) == {"warning": 0, "wrong": 1, "unseen": 2}[level]


def test_clocks_that_differ_by_little_are_no_matter() -> None:
    """Nor is a log that was quiet for long."""
    assert told(database(now=NOW + timedelta(seconds=4))) == told(cluster(newest=NOW - timedelta(days=9))) == []


def test_what_could_not_be_looked_at_outweighs_what_is_wrong() -> None:
    """The command ends with 2: the picture is not whole."""
    assert exit_code(judged(replace(database(version=None), cluster=None, cluster_away="away"))) == 2

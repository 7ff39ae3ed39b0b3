"""`hub doctor`, `hub clean` and `hub rebuild` as an operator meets them: each thing is broken for real, and the words are read."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from confluent_kafka.admin import AdminClient

from contracts.kafka_connection import KafkaConnection
from contracts.topics import PARTIES
from hub.memory.memory import Memory
from hub.memory.rows import Asked, Fence
from tests.broker.cluster import Cluster, Input
from tests.hub.cli.conftest import Hub, Working
from tests.hub.memory.rows_made import claim, one_batch

pytestmark = [pytest.mark.broker, pytest.mark.database]

Ask = Callable[..., Any]


@pytest.fixture
def findings(hub: Hub) -> Callable[[], Any]:
    """Asks the doctor beside the test's own event loop: the exit code, and by where and level what was said."""

    async def ask() -> tuple[int, dict[tuple[str, str], str]]:
        said = await asyncio.to_thread(hub, "doctor", "--json")
        told = json.loads(said.out)
        return said.code, {(one["where"], one["level"]): one["words"] for one in told}

    return ask


async def _do(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_hub_that_works_is_well(findings: Ask, working: Working, memory: Memory) -> None:
    """On one machine with a warning for one broker: exit 0."""
    async with working():
        code, said = await findings()
    assert {level for _, level in said} <= {"well", "warning"}
    assert "would lose records with one broker" in said["topics", "warning"]
    assert code == 0


async def test_each_thing_that_is_broken_is_told_in_words(
    findings: Ask, memory: Memory, database_url: str, cluster_named: KafkaConnection,
) -> None:
    """No worker, a letter that waits, a database that is behind, other tables, a topic that is gone, a register that is none."""
    code, said = await findings()
    # wrong where the log of this broker has what another test has written
    assert "No worker runs" in (said.get(("group", "warning")) or said["group", "wrong"])
    await _do(database_url, """
        insert into letters (partition, letter_id, fault, rule, vendor, source_topic, source_partition, source_offset, "offset", written_at)
        values (0, gen_random_uuid(), 'hub', 'KeyError', 'fjord', 'in', 0, 0, 0, now() - interval '3 days')""")
    await _do(database_url, "update condition set behind_since = now()")
    await _do(database_url, "update alembic_version set version_num = '0001'")
    async with _without(cluster_named, "epj.skog.errors"):
        code, said = await findings()
    assert code == 1
    assert "1 letters wait, the oldest for 3 days" in said["letters", "wrong"]
    assert "epj.skog.errors" in said["topics", "wrong"] or "skog" in said["register", "wrong"]
    assert ("database", "wrong") in said
    await Cluster(cluster_named.bootstrap[0]).put(PARTIES.name, [Input(b"{}", key=b"nobody")])
    try:
        assert "is no register: nobody" in (await findings())[1]["register", "wrong"]
    finally:
        await Cluster(cluster_named.bootstrap[0]).put(PARTIES.name, [Input(None, key=b"nobody")])


class _without:  # noqa: N801 it reads as a word
    """That topic is gone as long as one is inside."""

    def __init__(self, connection: KafkaConnection, topic: str) -> None:
        self._connection, self._topic = connection, topic

    async def __aenter__(self) -> None:
        admin = AdminClient({"bootstrap.servers": self._connection.bootstrap[0]})
        await asyncio.to_thread(lambda: admin.delete_topics([self._topic])[self._topic].result(30))

    async def __aexit__(self, *_: object) -> None:
        from hub import topic_admin

        await topic_admin.create(self._connection, vendors=("fjord", "vidde", "skog"))


def test_what_cannot_be_asked_is_said_so(hub: Hub) -> None:
    """Nothing stands here: exit 2, and what to do."""
    said = hub("doctor")
    assert said.code == 2
    assert "hub run" in said.out


async def test_cleaning_counts_and_then_takes_what_is_old(hub: Hub, memory: Memory) -> None:
    """A dry run first; a second cleaning finds nothing."""
    lane = Fence(0, producer_id=7, producer_epoch=1)
    begun = datetime.now(UTC) - timedelta(days=500)
    await memory.open_lane(lane, committed=0)
    await one_batch(memory, lane, Asked((claim("a", 0), claim("b", 1))))
    for offset, at in ((2, begun), (3, datetime.now(UTC))):
        await memory.clean(lane, committed=offset, at=at, keep=timedelta(days=4_000), cases_from=0, is_over=lambda _: False)
    await memory.open_lane(Fence(0, producer_id=7, producer_epoch=2), committed=3)
    counted = await asyncio.to_thread(hub, "clean", "--dry-run")
    assert "2 claims" in counted.out
    assert "rows would go, older than 400 days." in counted.out
    taken = await asyncio.to_thread(hub, "clean", "--json")
    assert json.loads(taken.out)["claims"] == 2
    assert sum(json.loads((await asyncio.to_thread(hub, "clean", "--json")).out).values()) == 0


async def test_a_rebuilding_with_nothing_to_do_proves_what_is_there(hub: Hub, memory: Memory) -> None:
    """The group has committed nothing: the log is another hub's, and nothing is compared with what it told."""
    said = await asyncio.to_thread(hub, "rebuild", "--json")
    assert json.loads(said.out)["folded"] == 0


async def test_an_address_that_is_none_is_wrong_use(hub: Hub, memory: Memory) -> None:
    """And the words say what one looks like."""
    said = await asyncio.to_thread(hub, "rebuild", "--into", "mysql://x")
    assert (said.code, "postgresql://" in said.err) == (2, True)

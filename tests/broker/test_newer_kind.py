"""A record of the log that only a newer version of the hub knows, met by an older one: it waits, and costs no letter."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.records import Source
from hub import log_record
from hub.case.entries import CitizenTold, Origin, Unusable
from hub.casework import Casework
from hub.log_record import to_log
from hub.memory.memory import Memory
from hub.memory.migrate import migrate
from hub.reading import Sequenced
from tests.broker.cluster import Cluster, Input
from tests.broker.waiting import until
from tests.broker.workers import Worker

pytestmark = [pytest.mark.broker, pytest.mark.database]


@dataclass(slots=True)
class Decided:
    """What casework has decided, by kind."""

    kinds: list[str] = field(default_factory=list)

    def __call__(self, entry: Any, _decision: Any) -> None:
        """One more."""
        self.kinds.append(type(entry).__name__)


def record(entry: Any) -> Input:
    """As reception writes it."""
    out = to_log(Sequenced("k", entry), b"{}")
    return Input(out.value, key=out.key, headers=out.headers, partition=0)


async def test_a_record_of_a_newer_kind_waits_until_a_newer_worker_takes_it(
    cluster: Cluster, database_urls: Callable[[], Awaitable[str]], monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What stands in front of it is decided by the old worker, which then holds; the new one decides it and what is behind."""
    origins = [Origin(Source("in", 0, at), "portal", datetime.now(UTC), b"d") for at in range(3)]
    newer = CitizenTold(origins[1], "1.p", active=True)
    await migrate(url := await database_urls())
    # the answers go to topics of table 1, which other tests share: only the log is this test's own
    topic, group = await cluster.topic("log"), cluster.name("group")
    await _journal(cluster)
    await cluster.put(topic, [record(Unusable(origins[0])), record(newer), record(Unusable(origins[2]))])
    memory = await Memory.connect(url)
    old, new = Decided(), Decided()
    with monkeypatch.context() as older:
        older.setattr(log_record, "_DECODERS", {kind: how for kind, how in log_record._DECODERS.items() if kind != b"citizentold"})
        async with Worker(cluster, Casework(memory, told=old), topic=topic, group=group) as worker:
            await worker.committed(1)
            await until(lambda: worker.seen.holds > 0, what="it holds")
    assert old.kinds == ["Unusable"]
    async with Worker(cluster, Casework(memory, told=new), topic=topic, group=group) as worker:
        await worker.committed(3)
    assert new.kinds == ["CitizenTold", "Unusable"]
    assert await memory.letters() == []
    await memory.close()


async def _journal(cluster: Cluster) -> None:
    """The topic that every decision is told on."""
    from contracts.topics import JOURNAL
    from hub import topic_admin

    if not await topic_admin.find(cluster.connection, names=[JOURNAL.name]):
        await topic_admin.create(cluster.connection, vendors=())

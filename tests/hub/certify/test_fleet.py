"""The workers of a run are as many as they were, whoever dies when."""

import asyncio
from pathlib import Path

import pytest

from hub.certify import fleet as fleets
from hub.certify.fleet import Fleet
from tests.broker.waiting import until


async def test_a_change_of_workers_amid_deaths_leaves_as_many_as_there_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of them dies, and is started again, while the first is exchanged: it is not exchanged once more."""
    monkeypatch.setattr(fleets, "_READY_WITHIN", 2.0)
    fleet = Fleet(3, {}, tmp_path)
    fleet.start()
    last = fleet._workers[-1]
    keeping, rolling = asyncio.create_task(fleet.keep_running()), asyncio.create_task(fleet.roll({}))
    try:
        await until(lambda: len(fleet.left) > 0, what="the first has left")
        last.kill()
        assert await rolling == "3 workers"
    finally:
        keeping.cancel()
        rolling.cancel()
        fleet.kill_all()
    assert len(fleet.left) == 2

"""More partitions for the log, on the real broker and database: the order of every case is kept, and a half-done job starts no hub."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from contracts.records import Received, Source
from contracts.topics import INBOX, SEQUENCED, of_vendor
from hub import growing, standstill, topic_admin
from hub import letters as operators
from hub.certify.numbered import OFFICES, patient_of, write_register
from hub.draining import drain
from hub.errors import WrongUse
from hub.growing import grow, place_of
from hub.memory import moving
from hub.memory.faults import CasesElsewhere
from hub.reception import Reception
from hub.settings import Settings
from hub.standstill import NotDrained, StillWorking, is_drained
from hub.worker import desk_of
from schemas.national_id import NationalId
from tests.broker.ground import PSEUDONYM_KEY, Ground
from tests.broker.moving import CASES, Across, working
from tests.broker.subscriber import Subscriber
from tests.broker.test_path import said

pytestmark = [pytest.mark.broker, pytest.mark.database]

FEW, MORE, MOST = SEQUENCED.partitions, 9, 12
PREFIX = "hub"


@pytest.fixture
def settings(ground: Ground) -> Settings:
    """Of a hub on it."""
    return Settings(
        kafka_bootstrap_servers=(ground.kafka.bootstrap,), database_url=SecretStr(ground.database_url),
        pseudonym_key=SecretStr(PSEUDONYM_KEY), parties_file=write_register(ground.folder / "growing-parties.toml"),
    )


async def grown(ground: Ground, settings: Settings, partitions: int) -> int:
    """The job."""
    return await grow(settings.kafka_connection(), database_url=ground.database_url, prefix=PREFIX, partitions=partitions)


async def drained(ground: Ground, settings: Settings) -> None:
    """The job before it."""
    await drain(settings, connection=settings.kafka_connection(), database_url=ground.database_url)


async def write_into_the_log(settings: Settings, offset: int) -> None:
    """What reception would have written, without any hub."""
    source = Source(of_vendor(INBOX, OFFICES[0].vendor), 2, 1_000_000 + offset)
    received = Received(source, OFFICES[0].vendor, datetime.now(UTC), said(f"5b1f7a52-0000-4000-8000-{offset:012}"))
    await operators.append([Reception(desk_of(settings)).sequence(received)], connection=settings.kafka_connection())


async def test_the_order_of_every_case_is_kept_when_the_log_grows(
    ground: Ground, settings: Settings, portal: Subscriber, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Six partitions become nine between two messages of most cases: nothing lost, nothing twice, and what waited goes on."""
    monkeypatch.setattr("hub.commanding.ANSWERED_WITHIN", timedelta(minutes=10))
    names = [settings.pseudonyms().of(_person(case), office=OFFICES[case % len(OFFICES)].her_ids[0]) for case in range(CASES)]
    moves = [name for name in names if place_of(name, partitions=FEW) != place_of(name, partitions=MORE)]
    assert len(moves) > CASES // 3

    async def job() -> None:
        await drained(ground, settings)
        assert await grown(ground, settings, MORE) >= CASES

    await Across(ground, portal, settings, settings).tell(job)
    found = await topic_admin.find(settings.kafka_connection(), names=[SEQUENCED.name])
    assert found[SEQUENCED.name].partitions == MORE


async def test_a_log_on_which_somebody_works_does_not_grow(
    ground: Ground, settings: Settings, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor is it drained while reception writes into it."""
    monkeypatch.setattr(standstill, "_GONE_WITHIN", 0.1)
    async with working(ground, settings):
        with pytest.raises(StillWorking, match=r"hub\.casework"):
            await grown(ground, settings, MOST)
        with pytest.raises(StillWorking, match=r"hub\.reception"):
            await drained(ground, settings)


async def test_a_log_that_holds_what_nobody_has_decided_does_not_grow(ground: Ground, settings: Settings) -> None:
    """Drained first, it does; and drained twice is drained."""
    await write_into_the_log(settings, 1)
    with pytest.raises(NotDrained, match="hub drain"):
        await grown(ground, settings, MOST)
    await drained(ground, settings)
    await drained(ground, settings)
    assert await is_drained(settings.kafka_connection(), PREFIX)


async def test_no_hub_starts_before_the_job_has_come_to_its_end(
    ground: Ground, settings: Settings, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It dies when the partitions are there and the end is not written down: the start says what to do, and doing it again ends it."""
    async def dies(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(moving, "settle", dies)
        with pytest.raises(ConnectionResetError):
            await grown(ground, settings, MOST)
    with pytest.raises(CasesElsewhere, match="once more"):
        await _start(ground, settings)
    # what an operator wrote in between is decided first, where it lies
    await write_into_the_log(settings, 2)
    with pytest.raises(NotDrained):
        await grown(ground, settings, MOST)
    await drained(ground, settings)
    with pytest.raises(CasesElsewhere, match="once more"):
        await _start(ground, settings)
    await grown(ground, settings, MOST)
    await _start(ground, settings)


async def test_partitions_that_came_by_another_way_start_no_hub(ground: Ground, settings: Settings) -> None:
    """Somebody used Kafka's own tool: the cases are not where the log has them, until the job has moved them."""
    connection = settings.kafka_connection()
    await topic_admin.grow(connection, SEQUENCED.name, MOST + 1)
    with pytest.raises(CasesElsewhere, match=f"hub grow {MOST + 1}"):
        await _start(ground, settings)
    await grown(ground, settings, MOST + 1)
    await _start(ground, settings)


async def test_a_log_never_shrinks(ground: Ground, settings: Settings) -> None:
    """Kafka takes no partition away."""
    with pytest.raises(WrongUse, match="already"):
        await grown(ground, settings, FEW)
    assert growing.MOST > MOST


async def _start(ground: Ground, settings: Settings) -> None:
    async with working(ground, settings):
        pass


def _person(case: int) -> NationalId:
    return NationalId(patient_of(case))

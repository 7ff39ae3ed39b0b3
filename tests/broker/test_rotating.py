"""A new pseudonym key, on the real broker and database: what has begun goes on, and nothing is found under the old key's names."""

import re
from datetime import timedelta
from typing import Any, Final

import asyncpg
import pytest
from pydantic import SecretStr

from consumers.scanning import scan
from contracts.topics import ACCESS, APPOINTMENT_STATUS
from hub.certify.numbered import OFFICES, patient_of, write_register
from hub.draining import drain
from hub.errors import WrongUse
from hub.memory import moving
from hub.memory.faults import CasesElsewhere, NamedOtherwise
from hub.memory.jobs import connected
from hub.memory.moving import Renamed, rename
from hub.memory.schema import metadata
from hub.renaming import Renaming
from hub.rotating import Rotated, rotate
from hub.settings import Settings
from schemas.national_id import NationalId
from tests.broker.cluster import Cluster
from tests.broker.ground import PSEUDONYM_KEY, Ground
from tests.broker.moving import BLOCKED, CASES, Across, working
from tests.broker.subscriber import Subscriber

pytestmark = [pytest.mark.broker, pytest.mark.database]

NEW_KEY: Final = "another key for the tests, which protects nobody"
_OLD_NAME: Final = re.compile(rb"(?<![0-9a-z.])1\.[0-9a-f]{32}")


@pytest.fixture
def before(ground: Ground) -> Settings:
    """Under the old key."""
    return settings_of(ground, pseudonym_key=SecretStr(PSEUDONYM_KEY))


@pytest.fixture
def after(ground: Ground) -> Settings:
    """Under the new one."""
    return settings_of(ground, pseudonym_key=SecretStr(NEW_KEY), pseudonym_key_version="2")


def settings_of(ground: Ground, **more: Any) -> Settings:
    """Of a hub on this ground."""
    return Settings(
        kafka_bootstrap_servers=(ground.kafka.bootstrap,), database_url=SecretStr(ground.database_url),
        parties_file=write_register(ground.folder / "rotating-parties.toml"), **more,
    )


async def rotated(ground: Ground, before: Settings, after: Settings, *, keep: bool = True) -> Rotated:
    """The job."""
    return await rotate(
        before.kafka_connection(), database_url=ground.database_url, prefix="hub", keep=keep, say=_nobody_listens,
        renaming=Renaming(before.pseudonyms(), after.pseudonyms()),
    )


async def test_what_was_begun_under_one_key_goes_on_under_another(
    ground: Ground, before: Settings, after: Settings, portal: Subscriber, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dry run first; then the job dies at two of its steps, and no hub starts before it has been done again."""
    monkeypatch.setattr("hub.commanding.ANSWERED_WITHIN", timedelta(minutes=10))

    async def job() -> None:
        await drain(before, connection=before.kafka_connection(), database_url=ground.database_url)
        with pytest.raises(NamedOtherwise, match="rotate"):
            await _start(ground, after)
        counted = await rotated(ground, before, after, keep=False)
        assert (counted.memory.forgotten, counted.memory.letters, counted.statements > CASES) == (0, 2, True)
        await _start(ground, before)
        await drain(before, connection=before.kafka_connection(), database_url=ground.database_url)
        assert await found_in_the_database(ground, _OLD_NAME) != {}
        for step, dies in (("rename", _dies_when_it_counts), ("settle", _dies)):
            with monkeypatch.context() as patched:
                patched.setattr(moving, step, dies)
                with pytest.raises(ConnectionResetError):
                    await rotated(ground, before, after)
            with pytest.raises(CasesElsewhere, match="once more"):
                await _start(ground, after)
        again = await rotated(ground, before, after)
        assert (again.memory.cases, again.statements) == (0, 0)

    story = Across(ground, portal, before, after)
    await story.tell(job)
    assert await found_in_the_database(ground, _OLD_NAME) == {}
    await _stands_under_new_names(story.cluster, after)


async def test_a_case_that_nobody_can_name_anew_is_forgotten(ground: Ground, before: Settings, after: Settings) -> None:
    """Neither the log nor a compacted topic says whose it is: it is counted in the dry run, and gone afterwards."""
    third = settings_of(ground, pseudonym_key=SecretStr(NEW_KEY[::-1]), pseudonym_key_version="3")
    nobody = after.pseudonyms().of(NationalId(patient_of(4_000)), office="8999999")
    async with connected(ground.database_url) as database:
        await database.execute('insert into case_versions values ($1, 0, 0, $2)', nobody, b"")
        await database.execute("insert into sent values ('m1', $1, '1', 'berg', 0, 0, now(), false)", nobody)
    assert (await rotated(ground, after, third, keep=False)).memory.forgotten == 1
    assert (await rotated(ground, after, third)).memory.forgotten == 1
    assert await found_in_the_database(ground, re.compile(rb"(?<![0-9a-z.])2\.[0-9a-f]{32}")) == {}


async def test_two_keys_of_one_version_are_refused(ground: Ground, before: Settings) -> None:
    """Their names could not be told apart, and a job that was stopped could not go on."""
    with pytest.raises(WrongUse, match="VERSION"):
        await rotated(ground, before, before)


async def found_in_the_database(ground: Ground, pattern: re.Pattern[bytes]) -> dict[str, int]:
    """In how many rows of which columns it is found, over all tables."""
    connection = await asyncpg.connect(ground.database_url)
    try:
        found: dict[str, int] = {}
        for table in metadata.tables.values():
            for row in await connection.fetch(f"select * from {table.name}"):
                for column, value in row.items():
                    if pattern.search(_bytes_of(value)):
                        found[f"{table.name}.{column}"] = found.get(f"{table.name}.{column}", 0) + 1
        return found
    finally:
        await connection.close()


def _bytes_of(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


async def _stands_under_new_names(cluster: Cluster, after: Settings) -> None:
    """The newest word under every key of the compacted topics: no old name, and nothing lost."""
    statuses = await newest(cluster, APPOINTMENT_STATUS.name)
    assert statuses
    assert not any(_OLD_NAME.search(value) for value in statuses.values() if value)
    accesses = await newest(cluster, ACCESS.name)
    assert sorted(map(bool, accesses.values())) == [False, True]
    blocked = after.pseudonyms().of(NationalId(patient_of(BLOCKED)), office=OFFICES[0].her_ids[0])
    assert [blocked.encode() in value for value in accesses.values() if value] == [True]


async def newest(cluster: Cluster, topic: str) -> dict[bytes, bytes | None]:
    """What stands on it."""
    return {record.key or b"": record.value async for some in scan(cluster.connection, topic) for record in some}


async def _start(ground: Ground, settings: Settings) -> None:
    async with working(ground, settings):
        pass


async def _dies_when_it_counts(*given: Any, keep: bool = True, **more: Any) -> Renamed:
    if keep:
        raise ConnectionResetError
    return await rename(*given, keep=keep, **more)


async def _dies(*_: object) -> None:
    raise ConnectionResetError


def _nobody_listens(_line: str) -> None:
    """Nobody does."""

"""The long jobs behind doors, with the keeper's rights: what they read the hub itself only writes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from contracts.rights import PORTAL_PRINCIPAL, hub_principal, keeper_principal, vendor_principal
from contracts.topics import APPOINTMENTS, INBOX, of_vendor
from examples.epj import ExampleEpj, Step
from examples.made_up import FJORD, OSLO, Patient, Slot, at, id_of, patient_of
from hub.forgetting import Whom, forget
from hub.memory.migrate import migrate
from hub.pseudonyms import Pseudonyms
from hub.rebuilding.rebuild import Rebuilding, rebuild
from hub.renaming import Renaming
from hub.rotating import rotate
from hub.worker import worker_on
from schemas.national_id import NationalId
from tests.broker.doors import Doors, doors
from tests.broker.through_doors import first, heard, hub_behind, send
from tests.broker.waiting import until

pytestmark = [pytest.mark.broker, pytest.mark.database]

HUB, KEEPER = hub_principal().name, keeper_principal().name
NOW = datetime.now(OSLO).replace(microsecond=0)
SOMEBODY, ANOTHER = (patient_of(NOW.isoformat(), "Solvang", name) for name in ("Mina", "Jon"))


@pytest.fixture(scope="module")
def shut() -> Iterator[Doors]:
    """A broker of these tests' own, as `hub kafka --secure` furnishes it."""
    with doors() as shut:
        yield shut


def told_of(patient: Patient) -> Step:
    """An office's word about an appointment of theirs."""
    run = f"{NOW.isoformat()} {patient.record}"
    slot = Slot(id_of(run, "appointment"), at(NOW.date(), days=7, hour=9))
    return ExampleEpj(FJORD, run=run).push("new", "05", patient, slot, at=NOW)


@asynccontextmanager
async def delivering(shut: Doors, database_url: str, step: Step) -> AsyncIterator[None]:
    """A hub that works there, and has delivered this."""
    settings = hub_behind(shut, database_url)
    async with worker_on(settings, kafka=settings.kafka_connection(), database_url=database_url) as worker, worker.working():
        await until(worker.checks()["lanes"], what="the worker is ready")
        await send(shut.connection(vendor_principal(step.vendor).name), of_vendor(INBOX, step.vendor), step.body)
        await first(heard(shut, PORTAL_PRINCIPAL, APPOINTMENTS.name), lambda one: ("ce_cause", step.msg_id.encode()) in one.headers)
        yield


async def test_a_person_is_forgotten_and_all_is_folded_and_named_anew_with_the_keepers_rights(
    shut: Doors, database_urls: Callable[[], Awaitable[str]],
) -> None:
    """The database is lost and made again, with partitions that nobody has come to yet; the hub goes on, and then forgets somebody."""
    lost, own, keeper = await database_urls(), await database_urls(), shut.connection(KEEPER)
    await migrate(lost)
    await migrate(own)
    async with delivering(shut, lost, told_of(SOMEBODY)):
        pass
    rebuilt = await rebuild(Rebuilding(keeper, HUB, own))
    assert (rebuilt.folded > 0, rebuilt.is_equal) == (True, True)
    pseudonyms = hub_behind(shut, own).pseudonyms()
    async with delivering(shut, own, told_of(ANOTHER)):
        whom = Whom(NationalId(SOMEBODY.national_id), frozenset({FJORD.her_id}), pseudonyms)
        held, left = await forget(keeper, whom, database_url=own, prefix=HUB, with_letters=False)
    assert (held.found.cases, left.cases) == (1, 0)
    counted = await rotate(
        keeper, database_url=own, prefix=HUB, renaming=Renaming(pseudonyms, Pseudonyms(b"n" * 40, "2")), keep=False, say=_to_nobody,
    )
    assert (counted.memory.cases > 0, counted.memory.forgotten) == (True, 0)


def _to_nobody(_words: str) -> None:
    """Nobody listens."""

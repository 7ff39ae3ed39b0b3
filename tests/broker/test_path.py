"""The path on the real broker and database: what becomes of one message, what operators may do, and how the hub stops and starts again."""

import itertools
import os
import signal
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Final

import psutil
import pytest
from pydantic import SecretStr

from contracts.topics import (
    APPOINTMENT_STATUS,
    APPOINTMENTS,
    DEAD_LETTERS,
    ERRORS,
    INBOX,
    JOURNAL,
    NOTIFICATIONS,
    OUTBOX,
    SEQUENCED,
    of_vendor,
)
from hub import letters as operators
from hub import processes
from hub.certify.numbered import OFFICES, PORTAL_HER_IDS, Office, write_register
from hub.reception import Reception
from hub.settings import Settings
from hub.topic_admin import create
from hub.worker import Worker, desk_of, worker_on
from schemas.documents import Hodemelding
from tests import messages
from tests.broker.cluster import Cluster, Input
from tests.broker.ground import PSEUDONYM_KEY, Ground, running
from tests.broker.subscriber import Subscriber, subscriber
from tests.broker.waiting import until
from translators.statements import Statement

pytestmark = [pytest.mark.broker, pytest.mark.database]

HERE, THERE = OFFICES[0], OFFICES[1]
NEW: Final = Office("ny", ("8900100", "8900101"))
STRAY: Final = "fremmed"
STOPS_WITHIN: Final = 20.0
_PATIENTS = itertools.count()


@pytest.fixture
def cluster(ground: Ground) -> Cluster:
    """Its broker, to send to."""
    return Cluster(ground.kafka.bootstrap)


def settings_of(ground: Ground, offices: Sequence[Office] = OFFICES) -> Settings:
    """The hub's settings, with a register of these offices."""
    return Settings(
        kafka_bootstrap_servers=(ground.kafka.bootstrap,), database_url=SecretStr(ground.database_url),
        pseudonym_key=SecretStr(PSEUDONYM_KEY), parties_file=write_register(ground.folder / "path-parties.toml", offices),
    )


@asynccontextmanager
async def working(ground: Ground, offices: Sequence[Office] = OFFICES) -> AsyncIterator[Worker]:
    """One worker in this process."""
    settings = settings_of(ground, offices)
    async with worker_on(settings, kafka=settings.kafka_connection(), database_url=ground.database_url) as worker, worker.working():
        yield worker


def somebody() -> str:
    """The national id of a person whom no test has met."""
    number = next(_PATIENTS)
    return messages.national_id(number % 28 + 1, number // 28 % 12 + 1, 40 + number // 336)


def said(msg_id: str, code: str = "05", *, office: Office = HERE, patient: str | None = None, summary: str = "Kontroll") -> bytes:
    """What an office tells the portal about a new appointment of somebody nobody knows yet."""
    return messages.message(
        dialog=messages.foresporsel(code), msg_id=msg_id, sender=messages.office(office.her_ids), receiver=messages.portal(PORTAL_HER_IDS),
        patient=messages.patient(somebody()) if patient is None else patient,
        calendar=messages.icalendar(messages.vevent(
            "2027-03-12T09:15:00", "2027-03-12T09:30:00", uid=str(uuid.uuid4()), contact=office.her_ids[1],
            more=messages.prop("summary", summary),
        )),
    )


def asked(msg_id: str) -> bytes:
    """A booking request from one vendor's party to another's."""
    return messages.message(
        dialog=messages.foresporsel("RT", system="7601"), msg_id=msg_id, sender=messages.office(HERE.her_ids),
        receiver=messages.office(THERE.her_ids), patient=messages.patient(somebody()),
        calendar=messages.icalendar(messages.vevent("2027-03-12T10:15:00", None, uid=str(uuid.uuid4()), contact=THERE.her_ids[1])),
    )


def receipts(portal: Subscriber, msg_id: str, vendor: str = HERE.vendor) -> list[bytes]:
    """The AppRecs to this vendor about this message."""
    outbox = portal.of(of_vendor(OUTBOX, vendor))
    return [record.value for record in outbox if record.value and b"<AppRec" in record.value and msg_id.encode() in record.value]


async def put(cluster: Cluster, *bodies: bytes, vendor: str = HERE.vendor, key: bytes | None = None) -> None:
    """Into one partition of the vendor's inbox, in order."""
    await cluster.put(of_vendor(INBOX, vendor), [Input(body, key=key, partition=0) for body in bodies])


async def test_a_confirmation_becomes_an_event_a_status_a_receipt_a_notification_and_a_line(
    ground: Ground, cluster: Cluster, portal: Subscriber,
) -> None:
    """From the inbox to everything that leaves, each once, under keys that name nobody."""
    msg_id = str(uuid.uuid4())
    async with working(ground):
        await put(cluster, said(msg_id))
        lines = await portal.journalled(msg_id)
    assert [(line["outcome"], line["vendor"], line["code"]) for line in lines] == [("delivered", HERE.vendor, "05")]
    (event,), (status,) = portal.about(msg_id, APPOINTMENTS.name), portal.about(msg_id, APPOINTMENT_STATUS.name)
    appointment = event.data["appointment"]
    assert (appointment["state"], appointment["revision"], appointment["about"]) == ("confirmed", 1, "Kontroll")
    assert (event.key, status.key) == (appointment["case"].encode(), appointment["appointment_id"].encode())
    assert status.data["appointment"] == appointment
    assert b'<Status V="1"' in receipts(portal, msg_id)[0]
    assert len(receipts(portal, msg_id)) == 1
    kinds = {dict(record.headers)["ce_type"] for record in portal.about(msg_id, NOTIFICATIONS.name)}
    assert kinds == {b"hub.notification.new.v1", b"hub.notification.reminder.v1"}


async def test_a_duplicate_is_told_to_the_journal_and_to_nobody_else(ground: Ground, cluster: Cluster, portal: Subscriber) -> None:
    """The same bytes again, also by another partition: one event, one AppRec."""
    msg_id = str(uuid.uuid4())
    body = said(msg_id)
    async with working(ground):
        await put(cluster, body, body)
        await cluster.put(of_vendor(INBOX, HERE.vendor), [Input(body, partition=1)])
        lines = await portal.journalled(msg_id, 3)
    assert sorted(line["outcome"] for line in lines) == ["delivered", "duplicate", "duplicate"]
    assert len(portal.about(msg_id, APPOINTMENTS.name)) == len(receipts(portal, msg_id)) == 1


async def test_a_message_at_fault_is_rejected_with_a_receipt_and_a_letter(ground: Ground, cluster: Cluster, portal: Subscriber) -> None:
    """E36: it has no patient. Nothing reaches the portal."""
    msg_id = str(uuid.uuid4())
    async with working(ground):
        await put(cluster, said(msg_id, patient=""))
        lines = await portal.journalled(msg_id)
    assert [(line["outcome"], line["failure_code"]) for line in lines] == [("rejected", "E36")]
    assert [b'<Status V="2"' in receipt and b"E36" in receipt for receipt in receipts(portal, msg_id)] == [True]
    assert [letter.data["fault"] for letter in portal.about(msg_id, DEAD_LETTERS.name)] == ["sender"]
    assert portal.about(msg_id, APPOINTMENTS.name) == []


async def test_a_message_refused_at_the_door_can_come_again_under_the_same_id(
    ground: Ground, cluster: Cluster, portal: Subscriber,
) -> None:
    """Another vendor's party: spoofing, a transport error and no AppRec; sent where it belongs it is delivered."""
    msg_id = str(uuid.uuid4())
    body = said(msg_id, office=THERE)
    async with working(ground):
        await put(cluster, body)
        await portal.until(lambda: bool(portal.about(msg_id, of_vendor(ERRORS, HERE.vendor))), what="a transport error")
        await put(cluster, body, vendor=THERE.vendor)
        lines = await portal.journalled(msg_id, 2)
    (told,) = portal.about(msg_id, of_vendor(ERRORS, HERE.vendor))
    assert told.data["condition"] == "abuse:spoofing-attack"
    assert [line["outcome"] for line in lines] == ["refused", "delivered"]
    assert receipts(portal, msg_id) == []
    assert len(receipts(portal, msg_id, THERE.vendor)) == 1


async def test_a_message_for_another_party_is_handed_on_byte_for_byte(ground: Ground, cluster: Cluster, portal: Subscriber) -> None:
    """Its receiver answers it, not the hub; the portal hears that an appointment was asked for."""
    msg_id = str(uuid.uuid4())
    body = asked(msg_id)
    async with working(ground):
        await put(cluster, body)
        lines = await portal.journalled(msg_id)
    assert [line["outcome"] for line in lines] == ["delivered"]
    assert [record.value for record in portal.of(of_vendor(OUTBOX, THERE.vendor)) if msg_id.encode() in (record.value or b"")] == [body]
    assert receipts(portal, msg_id) == []
    assert [event.data["appointment"]["state"] for event in portal.about(msg_id, APPOINTMENTS.name)] == ["requested"]


def explode(_message: Hodemelding) -> tuple[Statement, ...]:
    """A translator with a mistake of ours in it."""
    raise ZeroDivisionError


@contextmanager
def exploding(code: str) -> Iterator[None]:
    """While this lasts, the translator of this push fails."""
    key = ("Timereservasjon", "Foresporsel", code)
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(processes._BY_KEY, key, replace(processes._BY_KEY[key], translator=explode))
        yield


async def test_a_fault_of_ours_sets_aside_and_a_replay_delivers_once(ground: Ground, cluster: Cluster, portal: Subscriber) -> None:
    """Its sender hears nothing until it is mended; those beside it flow on; a second replay changes nothing."""
    aside, beside = str(uuid.uuid4()), str(uuid.uuid4())
    async with working(ground) as worker:
        with exploding("11"):
            await put(cluster, said(aside, "11"), said(beside))
            await portal.journalled(beside)
            lines = await portal.journalled(aside)
        assert [line["outcome"] for line in lines] == ["set aside"]
        assert receipts(portal, aside) == []
        (told,) = portal.about(aside, DEAD_LETTERS.name)
        letter = await operators.waiting_letter(worker.memory, uuid.UUID(told.data["letter_id"]), to_be="replayed")
        record = operators.replay(letter, Reception(desk_of(settings_of(ground))))
        await operators.append([record, record], connection=cluster.connection)
        lines = await portal.journalled(aside, 3)
    assert [line["outcome"] for line in lines] == ["set aside", "delivered", "duplicate"]
    assert [event.data["appointment"]["state"] for event in portal.about(aside, APPOINTMENTS.name)] == ["no-show"]
    assert len(receipts(portal, aside)) == 1


async def test_a_database_that_was_away_costs_nothing(ground: Ground, cluster: Cluster, portal: Subscriber) -> None:
    """What is sent meanwhile waits; it is no letter, and comes once, in order."""
    ids = [str(uuid.uuid4()) for _ in range(20)]
    patient = messages.patient(somebody())
    async with working(ground) as worker:
        await until(lambda: len(worker.lanes.open_lanes) == SEQUENCED.partitions, what="all lanes open")
        ground.postgres.stop("immediate")
        try:
            await put(cluster, *(said(msg_id, patient=patient) for msg_id in ids))
            await until(lambda: b'state="holding"} 1.0' in worker.metrics.text(), what="a lane holds")
        finally:
            ground.postgres.start()
        await portal.journalled(ids[-1])
    events = [event.cause for event in portal.of(APPOINTMENTS.name) if event.cause in ids]
    assert events == ids
    assert portal.of(DEAD_LETTERS.name) == []
    assert all(len(receipts(portal, msg_id)) == 1 for msg_id in ids)


async def test_a_new_vendor_needs_a_topic_and_a_row_and_no_code(ground: Ground, cluster: Cluster) -> None:
    """Its inbox is found while the worker runs."""
    msg_id = str(uuid.uuid4())
    offices = (*OFFICES, NEW)
    async with working(ground, offices):
        await create(cluster.connection, vendors=[office.vendor for office in offices])
        async with subscriber(ground.kafka.bootstrap, [NEW.vendor]) as portal:
            await put(cluster, said(msg_id, office=NEW), vendor=NEW.vendor)
            lines = await portal.journalled(msg_id)
    assert [(line["outcome"], line["vendor"]) for line in lines] == [("delivered", NEW.vendor)]
    assert len(receipts(portal, msg_id, NEW.vendor)) == 1


async def test_an_inbox_of_nobody_in_the_register_holds_up_nobody(ground: Ground, cluster: Cluster, portal: Subscriber) -> None:
    """It fits the names of table 1 and has no errors topic to answer on: what is in it waits until its vendor has a row."""
    ids = [str(uuid.uuid4()) for _ in range(40)]
    await cluster.topic("inbox", name=of_vendor(INBOX, STRAY))
    await cluster.put(of_vendor(INBOX, STRAY), [Input(said(str(uuid.uuid4())))])
    async with working(ground) as worker:
        await put(cluster, *(said(msg_id) for msg_id in ids))
        await portal.until(lambda: set(ids) <= {line.cause for line in portal.of(JOURNAL.name)}, what="a line for each")
        assert await worker.checks()["lanes"]()
    assert await cluster.committed("hub.reception", of_vendor(INBOX, STRAY)) == 0


def hub_run(ground: Ground, *words: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """`hub run` as an operator starts it."""
    return running("hub", "run", *words, environment=ground.environment, log=ground.folder / "hub-run.log")


def stopped(hub: subprocess.Popen[bytes]) -> int:
    """Its exit code after SIGTERM."""
    hub.send_signal(signal.SIGTERM)
    return hub.wait(STOPS_WITHIN)


async def test_a_hub_that_is_asked_to_stop_finishes_its_transaction(ground: Ground, cluster: Cluster, portal: Subscriber) -> None:
    """SIGTERM amid work: exit 0 within seconds; the next one goes on where it was, and every message comes once."""
    ids = [str(uuid.uuid4()) for _ in range(1500)]
    with hub_run(ground) as hub:
        await put(cluster, *(said(msg_id) for msg_id in ids))
        await until(lambda: bool(portal.journal(ids[0])), what="the first of them is done")
        assert stopped(hub) == 0
    async with working(ground):
        await portal.until(lambda: set(ids) <= {line.cause for line in portal.of(JOURNAL.name)}, what="a line for each")
    events = [event.cause for event in portal.of(APPOINTMENTS.name)]
    assert sorted(events) == sorted(ids)


async def test_a_worker_that_was_killed_is_started_again(ground: Ground, cluster: Cluster, portal: Subscriber) -> None:
    """`hub run --workers 2` keeps two; a message passes afterwards; a stop ends all of them with exit 0."""
    first, then = str(uuid.uuid4()), str(uuid.uuid4())
    with hub_run(ground, "--workers", "2") as hub:
        parent = psutil.Process(hub.pid)
        await until(lambda: len(parent.children()) == 2, what="two workers")
        await put(cluster, said(first))
        await portal.journalled(first)
        killed = parent.children()[0].pid
        os.kill(killed, signal.SIGKILL)
        await until(lambda: _are_two_without(parent, killed), what="two workers again")
        await put(cluster, said(then))
        await portal.journalled(then)
        workers = parent.children()
        assert stopped(hub) == 0
    assert not [worker for worker in workers if worker.is_running()]


def _are_two_without(parent: psutil.Process, killed: int) -> bool:
    return len({child.pid for child in parent.children()} - {killed}) == 2

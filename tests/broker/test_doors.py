"""The doors of a real broker with TLS, passwords and rights: everybody of table 5 gets in where it says so, and nowhere else."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka
from confluent_kafka import Producer
from pydantic import SecretStr

from contracts.kafka_connection import KafkaConnection
from contracts.rights import (
    ADMINISTRATOR,
    OPERATOR_PRINCIPAL,
    PORTAL_PRINCIPAL,
    Principal,
    hub_principal,
    vendor_principal,
)
from contracts.topics import APPOINTMENTS, INBOX, OUTBOX, of_vendor
from examples.epj import ExampleEpj
from examples.made_up import FJORD, OSLO, Slot, at, id_of, patient_of
from examples.outbox import Receipt, read
from hub.doctor.looking import seen
from hub.doors import rights
from hub.doors.aiokafka_private import NoAuthorizer, NotAdministrator
from hub.doors.quotas import Quota, quota_of, set_quota
from hub.local.certificates import certify
from hub.memory.migrate import migrate
from hub.register_topic import publish
from hub.settings import DEMO_REGISTER, Settings
from hub.topic_admin import ClusterUnreachable, check, create
from hub.worker import worker_on
from tests.broker.doors import (
    TABLE,
    TOPIC_NAMES,
    VENDORS,
    Doors,
    Visitor,
    doors,
    groups,
    make_coordinators,
    readable,
    take,
    told,
    transactional_ids,
)
from tests.broker.through_doors import first, heard, hub_behind, send
from tests.broker.waiting import until

pytestmark = pytest.mark.broker

ALL_OPERATIONS = ("READ", "WRITE", "CREATE", "DELETE", "ALTER", "DESCRIBE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS")
FIRST, SECOND = vendor_principal(VENDORS[0]), vendor_principal(VENDORS[1])
HUB = hub_principal()
each_principal = pytest.mark.parametrize("principal", TABLE, ids=lambda principal: principal.name)


@pytest.fixture(scope="module")
def shut() -> Iterator[Doors]:
    """The broker of this module, as `hub kafka --secure` furnishes it."""
    with doors() as shut:
        asyncio.run(make_coordinators(shut.connection(ADMINISTRATOR)))
        yield shut


async def surprises(connection: KafkaConnection, principal: Principal) -> list[str]:
    """Every topic, group and transactional id where the broker does otherwise than table 5 says."""
    async with Visitor(connection) as visitor:
        tried = (
            ("READ", "topic", await visitor.reads(TOPIC_NAMES)),
            ("WRITE", "topic", await visitor.writes(TOPIC_NAMES)),
            ("READ", "group", await visitor.commits(groups(), readable(principal))),
            ("WRITE", "transactional id", await visitor.transacts(transactional_ids())),
        )
    return [
        f"{operation} on {kind} {name}: {was}"
        for operation, kind, found in tried for name, was in found.items() if was is not principal.may(operation, kind, name)
    ]


@each_principal
async def test_every_allowed_act_passes_and_every_forbidden_one_is_refused(shut: Doors, principal: Principal) -> None:
    """Tried, one by one: every topic read and written, every group, every transactional id."""
    assert await surprises(shut.connection(principal.name), principal) == []


@each_principal
async def test_who_may_write_anything_may_be_an_idempotent_producer(shut: Doors, principal: Principal) -> None:
    """Without a right to the cluster; who writes nothing may not."""
    writes = any(principal.may("WRITE", "topic", name) for name in TOPIC_NAMES)
    async with Visitor(shut.connection(principal.name)) as visitor:
        assert await visitor.is_idempotent() is writes


@each_principal
def test_the_broker_gives_no_other_operation_on_any_topic(shut: Doors, principal: Principal) -> None:
    """Asked of its authorizer: creating, deleting, altering and describing too."""
    wanted = {name: {one for one in ALL_OPERATIONS if principal.may(one, "topic", name)} for name in TOPIC_NAMES}
    assert told(shut.connection(principal.name), TOPIC_NAMES) == wanted


async def test_a_right_too_many_is_found_by_trying_and_by_comparing(shut: Doors) -> None:
    """The two tests above, fed what they must refuse: a vendor that can read another's outbox."""
    admin, outbox = shut.connection(ADMINISTRATOR), of_vendor(OUTBOX, VENDORS[1])
    too_much = rights.Granted(f"User:{FIRST.name}", "TOPIC", outbox, "LITERAL", "READ")
    await rights.grant(admin, [too_much])
    try:
        assert await rights.compare(admin, TABLE) == rights.Compared((), (too_much,))
        visitor = shut.connection(FIRST.name)
        await until(partial(_surprised, visitor), what="the right is in force")
        assert await surprises(visitor, FIRST) == [f"READ on topic {outbox}: True"]
    finally:
        take(admin, too_much)
    assert await rights.compare(admin, TABLE) == rights.Compared((), ())


# who is not who they say

async def test_a_wrong_password_is_refused(shut: Doors) -> None:
    """And one of somebody else's, and a name that nobody has."""
    right = shut.connection(FIRST.name)
    for name, password in ((FIRST.name, SecretStr("a guess")), (SECOND.name, right.sasl_password), ("nobody", right.sasl_password)):
        with pytest.raises(kafka.KafkaConnectionError):
            await _connect(replace(right, sasl_username=name, sasl_password=password).client_settings())
    await _connect(right.client_settings())


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SASL_PLAINTEXT", "SSL"])
async def test_a_client_without_tls_or_without_a_name_is_refused(shut: Doors, protocol: str) -> None:
    """Each of the two is needed."""
    with pytest.raises((kafka.KafkaError, OSError)):
        await _connect(shut.connection(FIRST.name).client_settings() | {"security_protocol": protocol, "request_timeout_ms": 3_000})


async def test_a_broker_of_another_authority_is_not_trusted(shut: Doors, tmp_path: Path) -> None:
    """A client says no before it sends its name."""
    certify(tmp_path / "ca.pem", tmp_path / "keystore.pem")
    with pytest.raises(kafka.KafkaConnectionError):
        await _connect(replace(shut.connection(FIRST.name), ca_file=tmp_path / "ca.pem").client_settings())


async def test_a_wrong_password_is_one_clear_line(shut: Doors) -> None:
    """By either library: that the password may be the reason is said."""
    wrong = replace(shut.connection(ADMINISTRATOR), sasl_password=SecretStr("a guess"))
    with pytest.raises(ClusterUnreachable, match="does not take name and password"):
        await check(wrong, vendors=VENDORS)
    with pytest.raises(ClusterUnreachable, match="does not take name and password"):
        await rights.held(wrong)


async def test_nobody_of_the_table_administers_the_cluster(shut: Doors) -> None:
    """Neither rights nor quotas; one clear line each."""
    for principal in TABLE:
        connection = shut.connection(principal.name)
        with pytest.raises(NotAdministrator):
            await rights.held(connection)
        with pytest.raises(NotAdministrator):
            await set_quota(connection, principal.name, Quota(1e9, 1e9, 1e6))
        with pytest.raises(NotAdministrator):
            await quota_of(connection, principal.name)


async def test_a_cluster_without_an_authorizer_is_told(kafka_bootstrap: str) -> None:
    """Rights that nobody asks for would be a false comfort."""
    with pytest.raises(NoAuthorizer, match="no authorizer"):
        await rights.held(KafkaConnection((kafka_bootstrap,)))


# the hub's own work

@pytest.mark.database
async def test_a_message_goes_all_the_way_with_the_hubs_least_rights(shut: Doors, database_url: str) -> None:
    """A vendor writes it under its own name; its AppRec comes to its outbox, the event to the portal, each read under their own names."""
    await migrate(database_url)
    settings = hub_behind(shut, database_url)
    now = datetime.now(OSLO).replace(microsecond=0)
    run = now.isoformat()
    slot = Slot(id_of(run, "appointment"), at(now.date(), days=7, hour=9))
    step = ExampleEpj(FJORD, run=run).push("new", "05", patient_of(run, "Solvang", "Mina"), slot, at=now)
    async with worker_on(settings, kafka=settings.kafka_connection(), database_url=database_url) as worker, worker.working():
        await until(worker.checks()["lanes"], what="the worker is ready")
        await send(shut.connection(vendor_principal(step.vendor).name), of_vendor(INBOX, step.vendor), step.body)
        outbox = heard(shut, vendor_principal(step.vendor), of_vendor(OUTBOX, step.vendor))
        receipt = await first(outbox, lambda record: step.msg_id.encode() in (record.value or b""))
        events = heard(shut, PORTAL_PRINCIPAL, APPOINTMENTS.name)
        event = await first(events, lambda record: ("ce_cause", step.msg_id.encode()) in record.headers)
    assert isinstance(read(receipt.value), Receipt)
    assert slot.uid.encode() in event.value


async def test_the_doctor_sees_the_cluster_with_the_hubs_least_rights(shut: Doors, tmp_path: Path) -> None:
    """Topics, their settings, the log and its group; no word of a right that is missing."""
    seen_there = await seen(shut.connection(HUB.name), None, prefix="hub", folder=tmp_path, why={"database": "not asked"})
    assert seen_there.cluster is not None
    assert seen_there.cluster.differences == ()


async def test_an_operator_publishes_the_register_and_checks_the_topics(shut: Doors) -> None:
    """With its own rights; creating is not among them."""
    operator = shut.connection(OPERATOR_PRINCIPAL.name)
    register = Settings(parties_file=DEMO_REGISTER).register()
    without = register.model_copy(update={"party": register.party[:-1]})
    assert len((await publish(without, operator)).removed) == 1
    assert len((await publish(register, operator)).added) == 1
    assert await check(operator, vendors=VENDORS) == ()
    with pytest.raises(Exception, match="AuthorizationFailed"):
        await create(operator, vendors=("another",))


async def test_the_hub_itself_may_not_say_who_sends_for_whom(shut: Doors) -> None:
    """Its password opens no way to the register."""
    register = Settings(parties_file=DEMO_REGISTER).register()
    with pytest.raises(kafka.KafkaError, match=r"authorized|Authorization"):
        await publish(register.model_copy(update={"party": register.party[:-1]}), shut.connection(HUB.name))


# how much

async def test_a_vendor_that_floods_is_slowed_down_and_another_is_not(shut: Doors) -> None:
    """Both write the same; the broker tells the one with the small quota to wait, and the other nothing. All of it arrives."""
    admin = shut.connection(ADMINISTRATOR)
    await set_quota(admin, FIRST.name, Quota(20_000, 1e9, 1e6))
    try:
        waits = {one.name: _flood(shut, one, of_vendor(INBOX, vendor)) for one, vendor in zip((FIRST, SECOND), VENDORS, strict=False)}
    finally:
        await set_quota(admin, FIRST.name, Quota(1e9, 1e9, 1e6))
    assert waits[FIRST.name] > 0
    assert waits[SECOND.name] == 0


async def test_a_quota_that_is_set_is_the_one_that_is_told(shut: Doors) -> None:
    """By Kafka's names; a name without one has none."""
    admin = shut.connection(ADMINISTRATOR)
    assert await quota_of(admin, "nobody") == {}
    await set_quota(admin, "somebody", Quota(1.0, 2.0, 3.0))
    assert await quota_of(admin, "somebody") == {"producer_byte_rate": 1.0, "consumer_byte_rate": 2.0, "request_percentage": 3.0}


def test_no_password_stands_in_what_the_broker_was_told_or_says(shut: Doors) -> None:
    """Its properties name the file; its log has neither passwords nor what is derived of them; the command line neither."""
    passwords = [shut.connection(name).password or "" for name in shut.files]
    passwords += [line.partition("=")[2] for line in (shut.kafka.folder / "secrets.properties").read_text("utf-8").splitlines()]
    words = shut.kafka.log.read_text("utf-8") + (shut.kafka.folder / "server.properties").read_text("utf-8")
    assert all(len(password) > 20 for password in passwords)
    assert not any(password in words for password in passwords)
    assert "storedKey" not in words
    assert {file.stat().st_mode & 0o777 for file in shut.files.values()} == {0o600}
    assert shut.kafka.folder.stat().st_mode & 0o777 == 0o700


async def _surprised(connection: KafkaConnection) -> bool:
    return bool(await surprises(connection, FIRST))


async def _connect(settings: dict[str, Any]) -> None:
    producer = AIOKafkaProducer(**settings)
    try:
        await producer.start()
    finally:
        await producer.stop()


def _flood(shut: Doors, principal: Principal, topic: str) -> float:
    """Write two megabytes, or less when told to wait; answer the seconds that the broker told the producer to wait."""
    waits: list[float] = []
    producer = Producer({
        **shut.connection(principal.name).librdkafka_settings(), "throttle_cb": lambda told: waits.append(told.throttle_time),
        "linger.ms": 0, "batch.size": 200_000, "log_level": 0,
    })
    failures: list[object] = []
    for _ in range(20):
        if any(waits):
            break
        producer.produce(topic, b"\0" * 100_000, on_delivery=lambda error, _: failures.append(error) if error else None)
        producer.flush(60)
    assert failures == []
    return sum(waits)

"""Working behind shut doors: the hub's settings there, and what vendors and the portal send and hear under their own names."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic import SecretStr

from contracts.kafka_connection import KafkaConnection
from contracts.rights import Principal, hub_principal
from hub.settings import Settings
from tests.broker.doors import Doors


def hub_behind(shut: Doors, database_url: str) -> Settings:
    """A hub's, with no name but its own."""
    hub = shut.connection(hub_principal().name)
    return Settings(
        kafka_bootstrap_servers=hub.bootstrap, kafka_security_protocol=hub.security_protocol, kafka_sasl_mechanism=hub.sasl_mechanism,
        kafka_username=hub.sasl_username, kafka_password=hub.sasl_password, kafka_ca_file=hub.ca_file,
        database_url=SecretStr(database_url), pseudonym_key=SecretStr("k" * 40),
    )


async def send(connection: KafkaConnection, topic: str, body: bytes) -> None:
    """One message, as whoever that is."""
    producer = AIOKafkaProducer(enable_idempotence=True, **connection.client_settings())
    await producer.start()
    try:
        await producer.send_and_wait(topic, body, key=b"k")
    finally:
        await producer.stop()


def heard(shut: Doors, principal: Principal, topic: str) -> AIOKafkaConsumer:
    """Everything on the topic, read under that name; not started."""
    group = next(right.name for right in principal.rights if right.kind == "group")
    return AIOKafkaConsumer(
        topic, group_id=f"{group}reader", isolation_level="read_committed", auto_offset_reset="earliest",
        **shut.connection(principal.name).client_settings(),
    )


async def first(consumer: AIOKafkaConsumer, is_wanted: Callable[[Any], bool]) -> Any:
    """The first record that is wanted."""
    await consumer.start()
    try:
        async with asyncio.timeout(60):
            while True:
                record = await consumer.getone()
                if is_wanted(record):
                    return record
    finally:
        await consumer.stop()

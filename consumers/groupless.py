"""A consumer that belongs to no group, for as long as one is inside: for whoever reads a topic by itself. Never commits an offset."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer

from consumers.aiokafka_private import tolerate_header_names
from contracts.kafka_connection import KafkaConnection


@asynccontextmanager
async def groupless(connection: KafkaConnection, *topics: str, **settings: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """Of all partitions of these topics. `settings`: aiokafka's own. KafkaError where the cluster or a topic is not there."""
    tolerate_header_names()
    consumer = AIOKafkaConsumer(*topics, enable_auto_commit=False, **settings, **connection.client_settings())
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()

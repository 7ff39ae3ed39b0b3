"""One way to subscribe for both stations: batches, no acknowledgement by FastStream, no reply, records as they came."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka import ConsumerRebalanceListener, ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from consumers.aiokafka_private import heed_the_coordinator, tolerate_header_names
from consumers.fetching import Fetching
from consumers.plain import decode, parse

Take = Callable[[Sequence[ConsumerRecord[Any, Any]]], Awaitable[None]]
"""Takes records from the consume loop. The loop is serial, and passes over what this raises: it must raise nothing but cancellation."""


def subscribe(
    broker: KafkaBroker,
    *topics: str,
    group: str,
    take: Take,
    listener: ConsumerRebalanceListener,
    fetching: Fetching,
    pattern: str | None = None,
) -> Callable[[], Any]:
    """Subscribe, and answer where the consumer will be found: FastStream makes it at its start and drops it at its stop."""
    tolerate_header_names()
    heed_the_coordinator()
    subscriber = broker.subscriber(
        *topics,
        pattern=pattern,
        group_id=group,
        listener=listener,
        parser=parse,
        decoder=decode,
        ack_policy=AckPolicy.MANUAL,  # FastStream's default acknowledges first: at most once
        no_reply=True,
        **fetching.subscriber_settings(),
    )
    subscriber(take)
    return lambda: subscriber.consumer

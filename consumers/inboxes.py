"""Reception's subscriber: all vendors' inboxes by pattern. Reads no key and no header: they are the vendor's."""

from typing import Any, Final

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaBroker

from consumers.caring import Care
from consumers.fetching import Fetching
from consumers.intake import HasRoom, Intake, OrderedSender, Refused, Sequencing, always, appended_at
from contracts.records import Received, Source
from contracts.topics import vendor_of

FETCHING: Final = Fetching(max_records=64)
"""So many at a time: what the inboxes bring is never far ahead of what can be decided."""


def received_of(record: ConsumerRecord[Any, Any]) -> Received:
    """The record as reception meets it."""
    return Received(Source(record.topic, record.partition, record.offset), vendor_of(record.topic), appended_at(record), record.value)


def subscribe_inboxes(
    broker: KafkaBroker,
    *,
    group: str,
    sequence: Sequencing,
    refused: Refused,
    sequencer: OrderedSender,
    pattern: str,
    has_room: HasRoom = always,
    fetching: Fetching = FETCHING,
    care: Care | None = None,
) -> Intake:
    """Subscribe to all inboxes that fit the pattern, now and later; `follow` changes it.

    `sequence` is pure and never raises: what one record leads to. `refused`: what to send instead when the broker refuses that for itself.
    `has_room`: nothing more is read while it is false. `care`: how what kills the process is met.
    """
    intake = Intake(
        received=received_of, sequence=sequence, refused=refused, sender=sequencer, pattern=pattern, has_room=has_room, care=care,
    )
    intake.subscribe(broker, group=group, fetching=fetching)
    return intake

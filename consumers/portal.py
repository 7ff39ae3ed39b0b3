"""Reception's other subscriber: what the portal and the register say, and what answers the portal's questions.

In a loop of its own, so that a question waits behind no inbox. Of a command the headers are read, which CloudEvents gives a meaning; of a
compacted input the key; of a vendor's answer neither.
"""

from typing import Any, Final

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaBroker

from consumers import inboxes
from consumers.caring import Care
from consumers.fetching import Fetching
from consumers.intake import Intake, OrderedSender, Refused, Sequencing, appended_at
from contracts.records import PORTAL, Received, Source
from contracts.topics import CITIZENS, COMMANDS, PARTIES

OWN: Final = frozenset(topic.name for topic in (COMMANDS, CITIZENS, PARTIES))
FETCHING: Final = Fetching(batch_timeout_ms=2)
"""A question has seconds: waiting to gather more would be added to each."""


def received_of(record: ConsumerRecord[Any, Any]) -> Received:
    """The record as reception meets it."""
    if record.topic not in OWN:
        return inboxes.received_of(record)
    source = Source(record.topic, record.partition, record.offset)
    headers = tuple((name, value or b"") for name, value in record.headers)
    return Received(source, PORTAL, appended_at(record), record.value, record.key, headers)


def subscribe_portal(
    broker: KafkaBroker, *, group: str, sequence: Sequencing, refused: Refused, sequencer: OrderedSender, pattern: str,
    care: Care | None = None,
) -> Intake:
    """Subscribe to the portal's and the register's topics and the vendors' synchronous answers; `follow` changes whose."""
    intake = Intake(received=received_of, sequence=sequence, refused=refused, sender=sequencer, pattern=pattern, care=care)
    intake.subscribe(broker, group=group, fetching=FETCHING)
    return intake

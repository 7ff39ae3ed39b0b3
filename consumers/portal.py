"""Reception's other subscriber: what the portal and the register say. In a loop of its own, so that a question waits behind no inbox.

Of a command the headers are read, which CloudEvents gives a meaning; of a compacted input the key.
"""

from typing import Any, Final

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaBroker

from consumers.fetching import Fetching
from consumers.intake import Intake, OrderedSender, Refused, Sequencing, appended_at
from consumers.progress import Progress
from consumers.subscribing import subscribe
from contracts.records import PORTAL, Received, Source
from contracts.topics import CITIZENS, COMMANDS, PARTIES

TOPICS: Final = tuple(topic.name for topic in (COMMANDS, CITIZENS, PARTIES))
FETCHING: Final = Fetching(batch_timeout_ms=2)
"""A question has seconds: waiting to gather more would be added to each."""


def received_of(record: ConsumerRecord[Any, Any]) -> Received:
    """The record as reception meets it."""
    source = Source(record.topic, record.partition, record.offset)
    headers = tuple((name, value or b"") for name, value in record.headers)
    return Received(source, PORTAL, appended_at(record), record.value, record.key, headers)


def subscribe_portal(broker: KafkaBroker, *, group: str, sequence: Sequencing, refused: Refused, sequencer: OrderedSender) -> None:
    """Subscribe to commands, citizens and parties. `sequence` and `refused` as for the inboxes."""
    progress = Progress()
    intake = Intake(received=received_of, sequence=sequence, refused=refused, sender=sequencer, progress=progress)
    progress.attach(subscribe(broker, *TOPICS, group=group, take=intake.take, listener=progress, fetching=FETCHING))

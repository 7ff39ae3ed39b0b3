"""The hub's reception with nothing behind it: the same subscriber, reading and sender, to a topic that nobody reads.

    python -m benchmarks.reception_alone BOOTSTRAP TOPIC
"""

import gc
import logging
import sys
from collections.abc import Callable

import uvloop
from faststream import FastStream

from consumers.connecting import kafka_broker
from consumers.inboxes import subscribe_inboxes
from contracts.kafka_connection import KafkaConnection
from contracts.records import Outgoing, Received
from contracts.topics import inbox_pattern
from hub.reception import Reception
from hub.settings import read_settings
from hub.worker import desk_of
from producers.sequencer import Sequencer


def turned_aside(sequence: Callable[[Received], Outgoing], topic: str) -> Callable[[Received], Outgoing]:
    """The same record, elsewhere."""
    return lambda received: sequence(received)._replace(topic=topic)


async def receive(bootstrap: str, topic: str) -> None:
    """Until SIGTERM."""
    settings, kafka = read_settings(), KafkaConnection((bootstrap,))
    broker, reception, sequencer = kafka_broker(kafka), Reception(desk_of(settings)), Sequencer(kafka)
    subscribe_inboxes(
        broker, group=f"{settings.group_prefix}.reception", sequence=turned_aside(reception.sequence, topic),
        refused=reception.refused_by_broker, sequencer=sequencer, pattern=inbox_pattern(settings.register().vendors),
    )
    await sequencer.start()
    app = FastStream(broker, logger=None)
    # as the worker does when it has started
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        await app.run(log_level=logging.CRITICAL)
    finally:
        await sequencer.stop()


if __name__ == "__main__":
    uvloop.run(receive(*sys.argv[1:]))

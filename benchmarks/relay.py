"""The anchor of the questions: a bare confluent-kafka relay. Records in one way, the same bytes out the other, as fast as they come.

It reads nothing, checks nothing, remembers nothing and delivers at least once: what is left when everything a hub is for is taken away.

    python -m benchmarks.relay BOOTSTRAP COMMANDS INBOX OUTBOX REPLIES EVENTS GROUP
"""

import signal
import sys

from confluent_kafka import Consumer, Producer

ANSWER = "answer"
"""Name of the header by which the load tells an answer from what nobody asked for."""


def main(bootstrap: str, commands: str, inbox: str, outbox: str, replies: str, events: str, group: str) -> None:
    """Until SIGTERM."""
    running = [True]
    signal.signal(signal.SIGTERM, lambda *_: running.clear())
    consumer = Consumer({
        "bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest", "isolation.level": "read_committed",
        "log_level": 3,
    })
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0, "log_level": 3})
    consumer.subscribe([commands, inbox])
    while running:
        message = consumer.poll(0.1)
        if message is None:
            continue
        if message.error():
            raise SystemExit(str(message.error()))
        to = outbox if message.topic() == commands else replies if _is_answer(message.headers()) else events
        producer.produce(to, message.value(), key=message.key())
        producer.poll(0)
    producer.flush()
    consumer.close()


def _is_answer(headers: object) -> bool:
    return isinstance(headers, list) and any(name == ANSWER for name, _ in headers)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Parser and decoder for our subscribers: they hand the records on as they came, and look at nothing that an outsider wrote (rule 16).

FastStream's own raise on a header that is not UTF-8 or a body that is not the JSON it claims to be, log that and go on with the next batch;
the next commit would pass over the lost one. And a `reply_to` header would make them publish where an outsider wants.
"""

from typing import Any

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaMessage


class NoConsumer:
    """Our messages never acknowledge: the offset is committed by whoever delivers."""

    async def commit(self) -> None:
        """Nothing."""

    def seek(self, partition: Any, offset: int) -> None:
        """Nothing."""


NO_CONSUMER = NoConsumer()


async def parse(records: tuple[ConsumerRecord[Any, Any], ...]) -> KafkaMessage:
    """The records of a batch, unread."""
    return KafkaMessage(raw_message=records, body=b"", headers={}, message_id="-", correlation_id="-", consumer=NO_CONSUMER)


async def decode(message: KafkaMessage) -> Any:
    """The records themselves: what the subscriber's function is called with."""
    return message.raw_message

"""The subscribers' own parser and decoder."""

from typing import Any

from aiokafka import ConsumerRecord

from consumers.plain import NO_CONSUMER, decode, parse

ODD: Any = (("reply_to", b"victim"), ("content-type", b"application/json"), ("x", b"\xff"), ("correlation_id", b"theirs"))


async def test_records_pass_untouched_and_unread() -> None:
    """Whatever an outsider wrote into headers and body, the records are handed on and nothing of it is believed (rule 16)."""
    records = (ConsumerRecord("in", 0, 0, 0, 0, b"\xff", b"{", None, 1, 1, ODD),)
    message = await parse(records)
    assert (message.reply_to, message.content_type, message.correlation_id, message.headers) == ("", None, "-", {})
    assert await decode(message) is records


async def test_nobody_acknowledges_through_a_message() -> None:
    """Acknowledging does nothing: the offset is committed by whoever delivers."""
    message = await parse((ConsumerRecord("in", 0, 0, 0, 0, None, None, None, 1, 1, ()),))
    assert message.consumer is NO_CONSUMER
    await NO_CONSUMER.commit()
    NO_CONSUMER.seek(None, 0)

"""One AsyncAPI 3.0 document over table 1, seen from the hub: it receives what vendors, the portal and operators write, and sends the rest.

It points to the JSON Schemas and the examples beside it, and repeats neither.
"""

from collections.abc import Iterator
from typing import Any, Final

from contracts.publishing.json_schemas import PROMISES, Promised, file_of, kinds_of
from contracts.publishing.words import INTRODUCTION, WRITING
from contracts.topics import TOPICS, Topic

VERSION: Final = "1.1.0"
"""Of the AsyncAPI document: the middle number rises with an addition, the first with a new version of a family."""
_BINDING: Final = "0.5.0"
"""Version of AsyncAPI's Kafka bindings."""
_AUDIENCES: Final = {"epj": "vendors", "portal": "portal", "notification": "notification service", "hub": "operators"}
"""Who a topic is for, by the first word of its name."""
_TRACEPARENT: Final = {
    "type": "string", "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$", "description": "W3C Trace Context.",
}


def asyncapi() -> dict[str, Any]:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:epj-hub",
        "info": {"title": "EPJ hub", "version": VERSION, "description": INTRODUCTION},
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "localhost:29092", "protocol": "kafka",
                "description": "A placeholder. Your cluster's address, TLS and SASL come from whoever runs it.",
            },
        },
        "channels": {channel_of(topic): _channel(topic) for topic in TOPICS},
        "operations": {_operation_name(topic): _operation(topic) for topic in TOPICS if topic.direction != "inner"},
        "components": {"messages": dict(_messages()), "schemas": {"CloudEvent": _event_headers(), "CommandHeaders": _command_headers()}},
    }


def channel_of(topic: Topic) -> str:
    """The channel's id in the document: the topic's name with the vendor's place left out."""
    return _id_of(topic.name.replace("<vendor>.", ""))


def message_of(kind: str) -> str:
    """The message's id in the document, by its CloudEvents type or its schema's name."""
    return _id_of(kind)


def _id_of(name: str) -> str:
    # AsyncAPI's ids hold letters, digits, hyphens and underscores, and no dots
    return name.replace(".", "-")


def _channel(topic: Topic) -> dict[str, Any]:
    channel = {
        "address": topic.name.replace("<vendor>", "{vendor}"),
        "title": topic.carries,
        "description": _about(topic),
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _message_names(topic)},
        "bindings": {"kafka": _topic_binding(topic)},
    }
    if "<vendor>" in topic.name:
        channel["parameters"] = {"vendor": {"description": "The vendor's short name in the register. Each vendor has its own topic."}}
    return channel


def _about(topic: Topic) -> str:
    kept = "the newest record of each key (compacted)" if topic.compacted else f"{topic.retention_days} days"
    sentences = [f"Carries: {topic.carries}.", f"Key: {topic.key}.", f"Kept: {kept}.", *_using(topic)]
    return " ".join(sentences)


def _using(topic: Topic) -> Iterator[str]:
    if topic.direction == "inner":
        yield "The hub's own log: nobody else reads or writes it."
    if topic.direction == "in":
        yield f"A message may be {topic.max_bytes} bytes."
        yield from WRITING[topic]
    if topic.direction == "out":
        yield "Read with isolation.level=read_committed."
    if topic.direction == "out" and topic.compacted:
        yield "Read from the beginning to know how things stand. A record without a value is a tombstone: forget its key."


def _topic_binding(topic: Topic) -> dict[str, Any]:
    config = topic.config
    settings: dict[str, Any] = {"cleanup.policy": [config["cleanup.policy"]], "max.message.bytes": int(config["max.message.bytes"])}
    if "retention.ms" in config:
        settings["retention.ms"] = int(config["retention.ms"])
    return {"partitions": topic.partitions, "topicConfiguration": settings, "bindingVersion": _BINDING}


def _operation_name(topic: Topic) -> str:
    return f"{'receive' if topic.direction == 'in' else 'send'}-{channel_of(topic)}"


def _operation(topic: Topic) -> dict[str, Any]:
    receives, audience = topic.direction == "in", _AUDIENCES[topic.name.split(".")[0]]
    return {
        "action": "receive" if receives else "send",
        "channel": {"$ref": f"#/channels/{channel_of(topic)}"},
        "title": f"For {audience}: {'write' if receives else 'read'} this topic",
        "summary": topic.carries,
        "tags": [{"name": audience}],
    }


def _message_names(topic: Topic) -> tuple[str, ...]:
    if topic.direction == "inner":
        return ()
    return tuple(message_of(kind) for promise in PROMISES if promise.topic is topic for kind in kinds_of(promise)) or ("xml",)


def _messages() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "xml", {
        "title": "XML dialogue message or application receipt",
        "summary": "MsgHead 1.2 with its parts, or AppRec 1.1, as it is: one document a record.",
        "contentType": "application/xml",
        "payload": {"type": "string", "description": "The document's bytes, with an XML declaration that names its encoding."},
    }
    for promise in PROMISES:
        for kind in kinds_of(promise):
            yield message_of(kind), _message(promise, kind)


def _message(promise: Promised, kind: str) -> dict[str, Any]:
    return {
        "name": kind,
        "title": kind,
        "summary": promise.example,
        "contentType": "application/json",
        **({"headers": _headers(promise, kind)} if promise.types else {}),
        "payload": {"$ref": f"./schemas/{file_of(promise)}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": promise.topic.key}, "bindingVersion": _BINDING}},
        "x-example": f"./examples/{kind}.json",
    }


def _headers(promise: Promised, kind: str) -> dict[str, Any]:
    common = "CommandHeaders" if promise.topic.direction == "in" else "CloudEvent"
    return {"allOf": [
        {"$ref": f"#/components/schemas/{common}"},
        {"type": "object", "properties": {"ce_type": {"type": "string", "const": kind}}},
    ]}


def _event_headers() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "CloudEvents 1.0, Kafka binding, binary mode. Values are UTF-8 text.",
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type", "traceparent", "ce_cause"],
        "properties": {
            "ce_specversion": {"type": "string", "const": "1.0"},
            "ce_id": {"type": "string", "format": "uuid", "description": "Unique. The same event has the same id, always."},
            "ce_source": {"type": "string", "format": "uri-reference", "description": "The part of the hub that tells it."},
            "ce_type": {"type": "string", "description": "`hub.<family>[.<what>].v<version>`: what to dispatch on."},
            "ce_time": {"type": "string", "format": "date-time", "description": "When the hub's log took what caused it."},
            "ce_subject": {"type": "string", "description": "Id of the appointment, where the event is about one."},
            "ce_cause": {"type": "string", "description": "MsgId of the causing message, else where it came in: topic/partition/offset."},
            "content-type": {"type": "string", "const": "application/json"},
            "traceparent": _TRACEPARENT,
        },
    }


def _command_headers() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "CloudEvents 1.0, Kafka binding, binary mode. Values are UTF-8 text. Other headers are passed by.",
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "content-type"],
        "properties": {
            "ce_specversion": {"type": "string", "const": "1.0"},
            "ce_id": {
                "type": "string", "format": "uuid",
                "description": "The command's id, made by the portal: MsgId of the XML, key of deliveries and replies. New for a new try.",
            },
            "ce_source": {"type": "string", "format": "uri-reference", "description": "The part of the portal that asks."},
            "ce_type": {"type": "string", "description": "`portal.command.<name>.v<version>`: which command it is."},
            "ce_time": {"type": "string", "format": "date-time", "description": "When it was asked. Time counts from its topic's."},
            "content-type": {"type": "string", "const": "application/json"},
            "traceparent": _TRACEPARENT,
        },
    }

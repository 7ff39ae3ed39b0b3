"""Builds what we publish of our promises: a JSON Schema per event family, and one AsyncAPI document over table 1.

Pure: from contracts/topics.py and `FAMILIES` to texts, the same texts every time. Never reads or writes a file; `hub contracts` does.

A published schema says what is on the wire, and asks for a tolerant reader. It differs from the models in three points: a field without
a value is absent and never null; a field that has a default is always there; and fields may be added, so nothing is closed but the lists
that say so.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from contracts.events import FAMILIES, Family
from contracts.topics import TOPICS, Topic

VERSION: Final = "1.0.0"
"""Of the AsyncAPI document: the middle number rises with an addition, the first with a new version of a family."""
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_BINDING: Final = "0.5.0"
"""Version of AsyncAPI's Kafka bindings."""
_AUDIENCES: Final = {"epj": "vendors", "portal": "portal", "notification": "notification service", "hub": "operators"}
"""Who a topic is for, by the first word of its name."""

_PLAIN_KEY: Final = re.compile(r"[a-z][a-zA-Z0-9_.-]{2,}(?<!yes)(?<!off)(?<!true)(?<!false)(?<!null)")
"""A key that needs no quotes. Never as short as the words that YAML 1.1 takes for truth values (y, no, on)."""
_LINES: Final = re.compile(r"\S.*\n(.*\n)+")
"""A text of several lines, written as lines."""

_INTRODUCTION: Final = """\
The hub stands between the journal systems (EPJ) of clinics and the citizens' portal: XML dialogue messages come in by a vendor's inbox,
events and receipts leave, exactly once.

What every subscriber must do:

* Read with `isolation.level=read_committed`. Kafka clients read uncommitted by default, and would show what was never delivered.
* Ignore fields and event types they do not know: both are added without a new version. A closed list (`enum`) is not added to.
* Events are CloudEvents 1.0 in binary mode: attributes in headers (`ce_*`), JSON in the value. `ce_cause` names the MsgId of the message
  that caused the event, or where it came in (topic/partition/offset) when it has none. `ce_id` is unique, and the same if read again.
* Order holds per key. A key is never a person's number.
* A compacted topic holds the newest record of each key: read it from the beginning to know how things stand, and go on reading. A record
  without a value is a tombstone: forget that key.
* An appointment's `revision` only rises, over all topics that tell of it: the highest revision wins, whatever arrives first.
* A notification withdraws every notification of the same appointment with a lower revision; `cancelled` leaves nothing to remind of.
"""


def artefacts() -> dict[str, str]:
    """Every generated file: path below `contracts/published/` → text."""
    return schemas() | {"asyncapi.yaml": to_yaml(asyncapi())}


def schemas() -> dict[str, str]:
    """The JSON Schemas: path below `contracts/published/` → text. A new family without its file here cannot happen."""
    return {f"schemas/{file_of(family)}": _json(schema(family)) for family in FAMILIES}


def file_of(family: Family) -> str:
    """The schema's file name."""
    return f"{family.name}.v{family.version}.json"


def schema(family: Family) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a family's data. `x-` keywords say what a schema has no word for: types, topic, key, compaction."""
    made = family.model.model_json_schema(mode="serialization", schema_generator=_OnTheWire, ref_template="#/$defs/{model}")
    topic = family.topic
    return {
        "$schema": _DIALECT,
        "$id": f"urn:epj-hub:contracts:{family.name}:v{family.version}",
        **made,
        "x-types": list(family.types),
        "x-topic": topic.name,
        "x-key": topic.key,
        "x-compacted": topic.compacted,
    }


class _OnTheWire(GenerateJsonSchema):
    """What leaves is written without nulls, with defaults, and may grow."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        made.pop("additionalProperties", None)
        return made

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,  # noqa: ARG002  the base class's signature
    ) -> bool:
        inner: Any = field["schema"]
        given = inner["schema"] if inner["type"] == "default" else inner
        return bool(given["type"] != "nullable")

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  the base class's signature
        return False


# AsyncAPI

def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document, seen from the hub: it receives what vendors send, and sends what others read."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:epj-hub",
        "info": {"title": "EPJ hub", "version": VERSION, "description": _INTRODUCTION},
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "localhost:29092", "protocol": "kafka",
                "description": "A placeholder. Your cluster's address, TLS and SASL come from whoever runs it.",
            },
        },
        "channels": {channel_of(topic): _channel(topic) for topic in TOPICS},
        "operations": {_operation_name(topic): _operation(topic) for topic in TOPICS if topic.direction != "inner"},
        "components": {"messages": dict(_messages()), "schemas": {"CloudEvent": _cloud_event_headers()}},
    }


def channel_of(topic: Topic) -> str:
    """The channel's id in the document: the topic's name with the vendor's place left out."""
    return _id_of(topic.name.replace("<vendor>.", ""))


def message_of(event_type: str) -> str:
    """The message's id in the document."""
    return _id_of(event_type)


def _id_of(name: str) -> str:
    # AsyncAPI's ids hold letters, digits, hyphens and underscores, and no dots
    return name.replace(".", "-")


def _families(topic: Topic) -> tuple[Family, ...]:
    return tuple(family for family in FAMILIES if family.topic is topic)


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
    sentences = [f"Carries: {topic.carries}.", f"Key: {topic.key}.", f"Kept: {kept}.", *_reading(topic)]
    return " ".join(sentences)


def _reading(topic: Topic) -> Iterator[str]:
    if topic.direction == "inner":
        yield "The hub's own log: nobody else reads or writes it."
    if topic.direction == "out":
        yield "Read with isolation.level=read_committed."
    if topic.direction == "in":
        yield "Nothing but the value is read: key and headers are the sender's own."
        yield f"A message may be {topic.max_bytes} bytes."
        yield "Messages about one patient belong on one partition, in their order: give them a key of your own, never the patient's number."
    if topic.compacted:
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
    return tuple(message_of(name) for family in _families(topic) for name in family.types) or ("xml",)


def _messages() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "xml", {
        "title": "XML dialogue message or application receipt",
        "summary": "MsgHead 1.2 with its parts, or AppRec 1.1, as it is: one document a record.",
        "contentType": "application/xml",
        "payload": {"type": "string", "description": "The document's bytes, with an XML declaration that names its encoding."},
    }
    for family in FAMILIES:
        for name in family.types:
            yield message_of(name), _message(family, name)


def _message(family: Family, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": name,
        "summary": family.example,
        "contentType": "application/json",
        "headers": {"allOf": [
            {"$ref": "#/components/schemas/CloudEvent"},
            {"type": "object", "properties": {"ce_type": {"type": "string", "const": name}}},
        ]},
        "payload": {"$ref": f"./schemas/{file_of(family)}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": family.topic.key}, "bindingVersion": _BINDING}},
        "x-example": f"./examples/{name}.json",
    }


def _cloud_event_headers() -> dict[str, Any]:
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
            "traceparent": {"type": "string", "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$", "description": "W3C Trace Context."},
        },
    }


# texts

def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def to_yaml(document: dict[str, Any]) -> str:
    """A document as YAML 1.2, block style. What is not plain is written as JSON writes it: JSON's strings and numbers are YAML."""
    return "\n".join(_block(document, "")) + "\n"


def _block(value: Any, indent: str) -> Iterator[str]:
    items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in items:
        lead = f"{indent}-" if key is None else f"{indent}{key if _PLAIN_KEY.fullmatch(key) else _scalar(key)}:"
        if isinstance(item, dict | list) and item:
            yield lead
            yield from _block(item, indent + "  ")
        elif isinstance(item, str) and _LINES.fullmatch(item):
            yield f"{lead} |"
            yield from (f"{indent}  {line}" if line else "" for line in item.splitlines())
        else:
            yield f"{lead} {_scalar(item)}"


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

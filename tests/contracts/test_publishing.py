"""What is published is what the code promises, what it promises is what leaves, and anyone can read it."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from contracts.commands import COMMAND_FAMILIES
from contracts.commands.base import ANSWERED_WITHIN
from contracts.events import FAMILIES, Delivery
from contracts.inputs import INPUTS, Input
from contracts.publishing import artefacts
from contracts.publishing.asyncapi import asyncapi, channel_of, message_of
from contracts.publishing.json_schemas import PROMISES, Promised, file_of, kinds_of, schema
from contracts.publishing.words import WRITING
from contracts.publishing.yaml import to_yaml
from contracts.records import Outgoing
from contracts.topics import CITIZENS, COMMANDS, INBOX, INBOX_PATTERN, OUTBOX, PARTIES, SYNC, TOPICS, of_vendor
from examples.scenario import scenario
from hub.cli.contracts import PUBLISHED
from schemas.national_id import NationalId, Series
from tests.examples.decided import outgoing_of

EXAMPLES = PUBLISHED / "examples"
TYPES = {event_type: family for family in FAMILIES for event_type in family.types}
TOLD = {kind: promise for promise in PROMISES for kind in kinds_of(promise)}
"""Every kind of record that is told in JSON, in either direction."""
IN = {kind: promise for promise in INPUTS for kind in kinds_of(promise)}


def test_what_is_published_is_what_the_code_promises() -> None:
    """A stale file, or one missing or left over, fails the build: run `hub contracts publish`."""
    made = artefacts()
    lying = {name: (PUBLISHED / name).read_text("utf-8") for name in made if (PUBLISHED / name).is_file()}
    assert lying == made
    assert {f"schemas/{path.name}" for path in (PUBLISHED / "schemas").iterdir()} | {"asyncapi.yaml"} == made.keys()


def test_the_same_promises_give_the_same_bytes() -> None:
    """Nothing depends on a set's order or a clock."""
    assert artefacts() == artefacts()


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_every_schema_is_a_json_schema_of_its_dialect(promise: Promised) -> None:
    """2020-12, and every `$ref` in it resolves."""
    made = schema(promise)
    Draft202012Validator.check_schema(made)
    assert all(_found(made, reference) for reference in _references(made))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_every_promised_field_says_what_it_means(promise: Promised) -> None:
    """A field without a description is no promise."""
    silent = [name for name, said in _fields(schema(promise)) if not said.get("description")]
    assert silent == []


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_a_schema_says_which_way_and_where_it_is_told(promise: Promised) -> None:
    """So that whoever has the file alone knows whether to read or to write by it."""
    said = schema(promise)
    assert (said["x-direction"], said["x-topic"], said["x-types"]) == (promise.topic.direction, promise.topic.name, list(promise.types))
    assert said["x-direction"] == ("in" if promise in INPUTS else "out")


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_no_schema_knows_null(promise: Promised) -> None:
    """There is one way to say nothing, in both directions: to leave the field out."""
    assert "null" not in json.dumps(schema(promise))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_published_schema_lets_a_reader_meet_new_fields(family: Promised) -> None:
    """Fields are added without a new version: whoever validates by the schema of today reads the events of tomorrow."""
    assert "additionalProperties" not in json.dumps(schema(family))


@pytest.mark.parametrize("given", INPUTS, ids=lambda given: given.name)
def test_what_comes_is_closed_in_every_part(given: Input) -> None:
    """A field nobody promised may be a misspelt one that was meant: it is refused, not passed by."""
    made = schema(given)
    assert [part["additionalProperties"] for part in _parts(made)] == [False] * len(_parts(made))


def test_every_command_and_every_topic_that_holds_json_for_us_is_an_input() -> None:
    """No orphan: a command, or a topic that comes in, that nobody could write by a schema."""
    assert [given.types for given in INPUTS if given.types] == [(family.type,) for family in COMMAND_FAMILIES]
    coming = {topic for topic in TOPICS if topic.direction == "in"}
    assert {given.topic for given in INPUTS} == coming - {INBOX, SYNC}
    assert {given.topic for given in INPUTS if not given.types} == {topic for topic in coming if topic.compacted}


# examples

def test_every_kind_of_record_has_one_example_and_every_example_a_kind() -> None:
    """No orphan in either direction."""
    assert {path.name for path in EXAMPLES.iterdir()} == {f"{kind}.json" for kind in TOLD}


@pytest.mark.parametrize("kind", sorted(TOLD))
def test_every_example_is_valid_by_its_published_schema_and_its_model(kind: str) -> None:
    """By both, since the model knows formats and refuses what nobody promised."""
    promise, text = TOLD[kind], _example(kind)
    published = json.loads((PUBLISHED / "schemas" / file_of(promise)).read_text("utf-8"))
    Draft202012Validator(published).validate(json.loads(text))
    promise.model.model_validate_json(text, strict=True)


@pytest.mark.parametrize("event_type", sorted(TYPES))
def test_an_example_of_what_leaves_is_written_as_we_write_it(event_type: str) -> None:
    """With its defaults, without nulls, and with times as we spell them."""
    text = _example(event_type)
    assert json.loads(TYPES[event_type].model.model_validate_json(text).model_dump_json(exclude_none=True)) == json.loads(text)


@pytest.mark.parametrize("kind", sorted(TOLD))
def test_an_example_names_no_living_person(kind: str) -> None:
    """Eleven digits in a row are a synthetic number, month +80, with control digits that hold."""
    numbers = re.findall(r"(?<!\d)\d{11}(?!\d)", _example(kind))
    assert [NationalId(number).series for number in numbers] == [Series.SYNTHETIC_80] * len(numbers)


@pytest.mark.parametrize("kind", sorted(IN))
def test_an_example_with_a_fault_is_refused_by_schema_and_model(kind: str) -> None:
    """A field nobody promised, and each required field left out: what we refuse is what we say we refuse."""
    validator, good = Draft202012Validator(schema(IN[kind])), json.loads(_example(kind))
    lacking = [{name: value for name, value in good.items() if name != required} for required in schema(IN[kind])["required"]]
    for bad in (good | {"unheard_of": 1}, *lacking):
        assert not validator.is_valid(bad)
        with pytest.raises(ValidationError):
            IN[kind].model.model_validate_json(json.dumps(bad))


def test_a_broken_example_is_refused() -> None:
    """The schema bites: a field gone, a value outside a closed list, a null."""
    validator, good = Draft202012Validator(schema(TYPES["hub.appointment.status.v1"])), json.loads(_example("hub.appointment.status.v1"))
    appointment = good["appointment"]
    without = {name: value for name, value in appointment.items() if name != "revision"}
    bad = [without, appointment | {"state": "perhaps"}, appointment | {"text": None}, appointment | {"revision": 0}]
    assert validator.is_valid(good)
    assert not any(validator.is_valid({"appointment": planted}) for planted in bad)


# AsyncAPI

def test_the_document_has_every_topic_of_table_1_and_no_other() -> None:
    """Inboxes, outboxes and errors too; the address is the topic's name with a parameter for the vendor."""
    channels = asyncapi()["channels"]
    assert {channel["address"] for channel in channels.values()} == {topic.name.replace("<vendor>", "{vendor}") for topic in TOPICS}
    vendors = [channel for channel in channels.values() if "{vendor}" in channel["address"]]
    assert len(vendors) == 4
    assert all(set(channel["parameters"]) == {"vendor"} for channel in vendors)


def test_every_reference_of_the_document_resolves() -> None:
    """Inside the document, and to the schemas beside it."""
    document = asyncapi()
    references = list(_references(document))
    assert references
    assert [reference for reference in references if not _found(document, reference)] == []


def test_a_reference_to_nothing_is_found() -> None:
    """The check above bites."""
    document = asyncapi()
    assert not _found(document, "#/components/messages/nothing")
    assert not _found(document, "./schemas/nothing.v1.json")


def test_every_kind_of_record_is_a_message_of_its_topics_channel() -> None:
    """And the example it points to lies there."""
    document = asyncapi()
    for kind, promise in TOLD.items():
        message = document["components"]["messages"][message_of(kind)]
        assert message_of(kind) in document["channels"][channel_of(promise.topic)]["messages"]
        assert (PUBLISHED / message["x-example"]).is_file()


def test_what_has_a_type_says_its_headers_and_a_plain_record_has_none() -> None:
    """Events and commands are CloudEvents; the register's and the citizens' records are a value alone."""
    messages = asyncapi()["components"]["messages"]
    common = {kind: messages[message_of(kind)].get("headers", {}).get("allOf", [{}])[0].get("$ref") for kind in TOLD}
    assert {kind for kind, headers in common.items() if headers == "#/components/schemas/CloudEvent"} == TYPES.keys()
    assert {kind for kind, headers in common.items() if headers == "#/components/schemas/CommandHeaders"} == {
        family.type for family in COMMAND_FAMILIES
    }
    assert {kind for kind, headers in common.items() if headers is None} == {"party.v1", "citizen.v1"}


def test_a_command_needs_its_id_and_type_and_no_more_than_five_headers() -> None:
    """When it was asked, and its trace, may be left out; what an id is, is said."""
    headers = asyncapi()["components"]["schemas"]["CommandHeaders"]
    assert set(headers["required"]) == {"ce_specversion", "ce_id", "ce_source", "ce_type", "content-type"}
    assert headers["properties"].keys() - set(headers["required"]) == {"ce_time", "traceparent"}
    assert headers["properties"]["ce_id"]["format"] == "uuid"


def test_an_outsider_finds_an_operation_for_every_topic_but_the_log() -> None:
    """The hub receives from inboxes, commands, citizens and the register, and sends on all others; each operation says for whom it is."""
    operations = asyncapi()["operations"].values()
    by_channel = {operation["channel"]["$ref"].rpartition("/")[2]: operation for operation in operations}
    outside = [topic for topic in TOPICS if topic.direction != "inner"]
    assert by_channel.keys() == {channel_of(topic) for topic in outside}
    received = {topic for topic in outside if by_channel[channel_of(topic)]["action"] == "receive"}
    inboxes = {topic for topic in outside if re.match(INBOX_PATTERN, of_vendor(topic, "fjord"))}
    assert received == inboxes | {SYNC, COMMANDS, CITIZENS, PARTIES}
    assert {topic: by_channel[channel_of(topic)]["tags"][0]["name"] for topic in received} == {
        INBOX: "vendors", SYNC: "vendors", COMMANDS: "portal", CITIZENS: "portal", PARTIES: "operators",
    }
    assert {operation["tags"][0]["name"] for operation in operations} == {"vendors", "portal", "notification service", "operators"}


@pytest.mark.parametrize("words", [
    "read_committed", "tombstone", "highest revision wins", "`cancelled` leaves nothing", "Ignore fields",
    "becomes the MsgId", "byte for byte under the same id, is safe", "never sends a command again by itself", "under a new id",
    "exactly one reply", f"at the latest {ANSWERED_WITHIN.seconds} seconds", "`sent` or `not-sent`", "left out, never null",
])
def test_the_document_says_what_must_be_known(words: str) -> None:
    """By those who read and by those who write, in its introduction, where both begin."""
    assert words in " ".join(asyncapi()["info"]["description"].split())


def test_every_step_of_a_commands_story_is_in_the_introduction() -> None:
    """A step more would leave whoever writes commands without its meaning."""
    told = asyncapi()["info"]["description"]
    assert [what for what in Delivery.family.whats if f"`{what}`" not in told] == []


def test_every_topic_that_comes_in_says_how_it_is_written() -> None:
    """Each in words of its own: what of a record is read is not the same for all."""
    channels = asyncapi()["channels"]
    assert WRITING.keys() == {topic for topic in TOPICS if topic.direction == "in"}
    for topic, words in WRITING.items():
        assert " ".join(words) in channels[channel_of(topic)]["description"]
        assert f"{topic.max_bytes} bytes" in channels[channel_of(topic)]["description"]


def test_every_topic_that_is_read_says_how() -> None:
    """`read_committed` on each, and how a compacted one is read."""
    channels = asyncapi()["channels"]
    for topic in TOPICS:
        said = channels[channel_of(topic)]["description"]
        assert ("read_committed" in said) is (topic.direction == "out")
        assert ("tombstone" in said) is topic.compacted


def test_ids_hold_what_the_standard_allows() -> None:
    """Letters, digits, hyphens, underscores."""
    document = asyncapi()
    ids = [*document["channels"], *document["operations"], *document["components"]["messages"], *document["components"]["schemas"]]
    assert all(re.fullmatch(r"[\w-]+", name, re.ASCII) for name in ids)


def test_the_document_is_written_as_yaml_a_person_can_read() -> None:
    """Block style; what YAML might take for something else stands in quotes; a text of lines is written as lines."""
    document = {"title": "Ja: eller #nei", "on": True, "lines": "One.\n\nTwo.\n", "list": [1, "x", {"key": None}, []], "$ref": "#/x"}
    assert to_yaml(document) == (
        'title: "Ja: eller #nei"\n"on": true\nlines: |\n  One.\n\n  Two.\n'
        'list:\n  - 1\n  - "x"\n  -\n    key: null\n  - []\n"$ref": "#/x"\n'
    )


# what really leaves

def test_what_leaves_keeps_the_published_promise() -> None:
    """Every event of the example scenario: data by the schema of its type, headers by the document's, topic by the family's."""
    headers = Draft202012Validator(asyncapi()["components"]["schemas"]["CloudEvent"])
    events = [record for record in _left() if "ce_type" in dict(record.headers)]
    assert len(events) > 20
    for record in events:
        told = {name: held.decode() for name, held in record.headers}
        family = TYPES[told["ce_type"]]
        headers.validate(told)
        Draft202012Validator(schema(family)).validate(json.loads(record.value or b""))
        assert re.fullmatch(family.topic.name.replace("<vendor>", "[a-z]+"), record.topic)


def test_what_leaves_without_a_type_is_xml_for_a_vendor() -> None:
    """An outbox carries documents, and nothing else does."""
    bare = [record for record in _left() if "ce_type" not in dict(record.headers)]
    assert {record.topic for record in bare} == {of_vendor(OUTBOX, vendor) for vendor in ("fjord", "vidde")}


def _left() -> list[Outgoing]:
    return [record for _step, decision in outgoing_of(scenario(date(2026, 3, 2)), at=datetime(2026, 3, 2, 9, tzinfo=UTC))
            for record in decision.outgoing]


def _example(event_type: str) -> str:
    return (EXAMPLES / f"{event_type}.json").read_text("utf-8")


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)


def _found(document: Any, reference: str) -> bool:
    if not reference.startswith("#/"):
        return (PUBLISHED / Path(reference)).is_file()
    for part in reference.removeprefix("#/").split("/"):
        document = document.get(part, {})
    return bool(document)


def _parts(node: Any) -> list[dict[str, Any]]:
    return [part for part in (node, *node.get("$defs", {}).values()) if "properties" in part]


def _fields(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in _parts(node):
        yield from part["properties"].items()

"""What is published is what the code promises, what it promises is what leaves, and anyone can read it."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts.events import FAMILIES, Family
from contracts.publishing import artefacts, asyncapi, channel_of, file_of, message_of, schema, to_yaml
from contracts.records import Outgoing
from contracts.topics import INBOX_PATTERN, OUTBOX, TOPICS, of_vendor
from examples.epj import scenario
from hub.cli.contracts import PUBLISHED
from tests.examples.decided import outgoing_of

EXAMPLES = PUBLISHED / "examples"
TYPES = {event_type: family for family in FAMILIES for event_type in family.types}
NATIONAL_ID = re.compile(r"(?<!\d)\d{2}(?:8[1-9]|9[0-2])\d{7}(?!\d)")
"""Month +80: nobody's."""


def test_what_is_published_is_what_the_code_promises() -> None:
    """A stale file, or one missing or left over, fails the build: run `hub contracts publish`."""
    made = artefacts()
    lying = {name: (PUBLISHED / name).read_text("utf-8") for name in made if (PUBLISHED / name).is_file()}
    assert lying == made
    assert {f"schemas/{path.name}" for path in (PUBLISHED / "schemas").iterdir()} | {"asyncapi.yaml"} == made.keys()


def test_the_same_promises_give_the_same_bytes() -> None:
    """Nothing depends on a set's order or a clock."""
    assert artefacts() == artefacts()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_schema_is_a_json_schema_of_its_dialect(family: Family) -> None:
    """2020-12, and every `$ref` in it resolves."""
    made = schema(family)
    Draft202012Validator.check_schema(made)
    assert all(_found(made, reference) for reference in _references(made))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_promised_field_says_what_it_means(family: Family) -> None:
    """A field without a description is no promise."""
    silent = [name for name, said in _fields(schema(family)) if not said.get("description")]
    assert silent == []


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_published_schema_lets_a_reader_meet_new_fields(family: Family) -> None:
    """Fields are added without a new version: whoever validates by the schema of today reads the events of tomorrow."""
    assert "additionalProperties" not in json.dumps(schema(family))


def test_every_event_type_has_one_example_and_every_example_a_type() -> None:
    """No orphan in either direction."""
    assert {path.name for path in EXAMPLES.iterdir()} == {f"{event_type}.json" for event_type in TYPES}


@pytest.mark.parametrize("event_type", sorted(TYPES))
def test_every_example_is_valid_by_its_published_schema_and_its_model(event_type: str) -> None:
    """By both, since the model knows formats and refuses what nobody promised; and it is written as we write it."""
    family, text = TYPES[event_type], _example(event_type)
    published = json.loads((PUBLISHED / "schemas" / file_of(family)).read_text("utf-8"))
    Draft202012Validator(published).validate(json.loads(text))
    assert json.loads(family.model.model_validate_json(text).model_dump_json(exclude_none=True)) == json.loads(text)


@pytest.mark.parametrize("event_type", sorted(TYPES))
def test_an_example_names_no_living_person(event_type: str) -> None:
    """Eleven digits in a row are a synthetic number, month +80."""
    text = _example(event_type)
    assert re.findall(r"(?<!\d)\d{11}(?!\d)", text) == NATIONAL_ID.findall(text)


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
    assert len(vendors) == 3
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


def test_every_type_is_a_message_of_its_topics_channel() -> None:
    """And the example it points to lies there."""
    document = asyncapi()
    for event_type, family in TYPES.items():
        message = document["components"]["messages"][message_of(event_type)]
        assert message_of(event_type) in document["channels"][channel_of(family.topic)]["messages"]
        assert (PUBLISHED / message["x-example"]).is_file()


def test_an_outsider_finds_an_operation_for_every_topic_but_the_log() -> None:
    """The hub receives from inboxes and sends on all others; each operation says for whom it is."""
    operations = asyncapi()["operations"].values()
    by_channel = {operation["channel"]["$ref"].rpartition("/")[2]: operation for operation in operations}
    outside = [topic for topic in TOPICS if topic.direction != "inner"]
    assert by_channel.keys() == {channel_of(topic) for topic in outside}
    assert {topic.name for topic in outside if by_channel[channel_of(topic)]["action"] == "receive"} == {
        topic.name for topic in outside if re.match(INBOX_PATTERN, of_vendor(topic, "fjord"))
    }
    assert {operation["tags"][0]["name"] for operation in operations} == {"vendors", "portal", "notification service", "operators"}


@pytest.mark.parametrize("words", ["read_committed", "tombstone", "highest revision wins", "`cancelled` leaves nothing", "Ignore fields"])
def test_the_document_says_what_a_subscriber_must_know(words: str) -> None:
    """In its introduction, where a reader begins."""
    assert words in asyncapi()["info"]["description"]


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


def _fields(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in (node, *node.get("$defs", {}).values()):
        yield from part.get("properties", {}).items()

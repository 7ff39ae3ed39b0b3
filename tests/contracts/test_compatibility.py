"""The rule that says no: every kind of change that breaks a subscriber is planted and found, and what is safe passes."""

import json
from copy import deepcopy
from typing import Any

import pytest

from contracts.compatibility import Break, breaks, breaks_between
from contracts.events import FAMILIES
from contracts.publishing import schema

OLD: dict[str, Any] = {
    "$defs": {
        "Item": {
            "properties": {"id": {"format": "uuid", "type": "string"}, "next": {"$ref": "#/$defs/Item"}},
            "required": ["id"],
            "type": "object",
        },
        "State": {"enum": ["open", "closed"], "type": "string"},
    },
    "properties": {
        "items": {"items": {"$ref": "#/$defs/Item"}, "maxItems": 9, "type": "array"},
        "state": {"$ref": "#/$defs/State"},
        "revision": {"minimum": 1, "type": "integer"},
        "share": {"type": "number"},
        "code": {"const": "05", "type": "string"},
        "name": {"maxLength": 40, "minLength": 1, "pattern": "^[a-z]+$", "type": "string"},
        "counts": {"additionalProperties": {"type": "integer"}, "type": "object"},
        "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "note": {"type": "string"},
    },
    "required": ["items", "state", "revision", "code", "name"],
    "type": "object",
    "x-types": ["hub.thing.opened.v1", "hub.thing.closed.v1"],
    "x-topic": "a-topic",
    "x-key": "case",
    "x-compacted": False,
}
Place = tuple[str, ...]
GONE = object()

BREAKING: dict[str, tuple[Place, Any, str]] = {
    "a field is gone": (("properties", "note"), GONE, "/note: the field is gone"),
    "a field of a part is gone": (("$defs", "Item", "properties", "id"), GONE, "/items[]/id: the field is gone"),
    "always there, now optional": (("required",), ["items", "state", "revision", "code"], "/name: was always there"),
    "always there in a part, now optional": (("$defs", "Item", "required"), [], "/items[]/id: was always there"),
    "another type": (("properties", "note", "type"), "integer", "/note: the type was string, and is integer"),
    "one more type": (("properties", "note", "type"), ["string", "null"], "/note: the type was string, and is null or string"),
    "no type any more": (("properties", "note"), {}, "/note: the type was string, and is any"),
    "a whole number may have a fraction": (("properties", "revision", "type"), "number", "/revision: the type was integer, and is number"),
    "another format": (("$defs", "Item", "properties", "id", "format"), "uri", "/items[]/id: format was uuid, and is uri"),
    "no format any more": (("$defs", "Item", "properties", "id", "format"), GONE, "/items[]/id: format was uuid, and is gone"),
    "a closed list gained a value": (("$defs", "State", "enum"), ["open", "closed", "ajar"], "/state: the closed list gained 'ajar'"),
    "a closed list is open": (("$defs", "State", "enum"), GONE, "/state: the list of values is no longer closed"),
    "another constant": (("properties", "code", "const"), "06", "/code: the closed list gained '06'"),
    "a constant is none": (("properties", "code", "const"), GONE, "/code: the list of values is no longer closed"),
    "a lower minimum": (("properties", "revision", "minimum"), 0, "/revision: minimum was 1, and is 0"),
    "no minimum": (("properties", "revision", "minimum"), GONE, "/revision: minimum was 1, and is gone"),
    "longer": (("properties", "name", "maxLength"), 80, "/name: maxLength was 40, and is 80"),
    "may be empty": (("properties", "name", "minLength"), 0, "/name: minLength was 1, and is 0"),
    "more items": (("properties", "items", "maxItems"), 10, "/items: maxItems was 9, and is 10"),
    "another pattern": (("properties", "name", "pattern"), "^.+$", "/name: pattern was"),
    "values of a map": (("properties", "counts", "additionalProperties", "type"), "string", "/counts[]: the type was integer"),
    "a map of anything": (("properties", "counts", "additionalProperties"), GONE, "/counts: additionalProperties is no longer as narrow"),
    "items of anything": (("properties", "items", "items"), GONE, "/items: items is no longer as narrow"),
    "one more branch": (("properties", "either", "anyOf"), [{"type": "string"}, {"type": "boolean"}], "/either: a kind of value"),
    "a union instead of a type": (("properties", "note"), {"anyOf": [{"type": "string"}, {"type": "null"}]}, "/note: a kind of value"),
    "a type of event is gone": (("x-types",), ["hub.thing.opened.v1"], "an event type is gone: hub.thing.closed.v1"),
    "another topic": (("x-topic",), "b-topic", "x-topic was a-topic, and is b-topic"),
    "another key": (("x-key",), "id", "x-key was case, and is id"),
    "compacted": (("x-compacted",), True, "x-compacted was False, and is True"),
    "a keyword nobody judges": (("properties", "note", "not"), {"const": "x"}, "/note: not was not there"),
}
SAFE: dict[str, tuple[Place, Any]] = {
    "a new field": (("properties", "added"), {"type": "string"}),
    "a new field that is always there": (("required",), ["items", "state", "revision", "code", "name", "note"]),
    "another description": (("properties", "note", "description"), "More words."),
    "a value less in a closed list": (("$defs", "State", "enum"), ["open"]),
    "a list that is closed now": (("properties", "note", "enum"), ["a", "b"]),
    "a higher minimum": (("properties", "revision", "minimum"), 2),
    "shorter": (("properties", "name", "maxLength"), 20),
    "a limit where there was none": (("properties", "note", "maxLength"), 20),
    "a format where there was none": (("properties", "note", "format"), "date"),
    "a whole number where there might be a fraction": (("properties", "share", "type"), "integer"),
    "a branch less": (("properties", "either", "anyOf"), [{"type": "integer"}]),
    "a type instead of a union": (("properties", "either"), {"type": "string"}),
    "a new type of event": (("x-types",), ["hub.thing.opened.v1", "hub.thing.closed.v1", "hub.thing.moved.v1"]),
    "a part under another name": (("properties", "state"), {"enum": ["open", "closed"], "type": "string"}),
}


@pytest.mark.parametrize("change", BREAKING)
def test_a_change_that_breaks_a_subscriber_is_found_and_named(change: str) -> None:
    """Each kind on its own: one break, at its place, and the words say what it is."""
    place, value, words = BREAKING[change]
    found = breaks(OLD, planted(place, value), name="thing.v1")
    assert len(found) == 1
    assert words in str(found[0])
    assert str(found[0]).startswith("thing.v1: /")


@pytest.mark.parametrize("change", SAFE)
def test_a_change_that_breaks_nobody_passes(change: str) -> None:
    """A rule that refuses everything would be switched off."""
    place, value = SAFE[change]
    assert breaks(OLD, planted(place, value), name="thing.v1") == ()


def test_a_renamed_field_is_a_field_gone() -> None:
    """Its new name helps no reader of the old one."""
    new = deepcopy(OLD)
    new["properties"]["remark"] = new["properties"].pop("note")
    assert breaks(OLD, new, name="thing.v1") == (Break("thing.v1", "/note", "the field is gone"),)


def test_several_breaks_are_all_told() -> None:
    """Whoever mends them wants to see them at once."""
    new = planted(("properties", "note"), GONE)
    new["required"] = []
    assert len(breaks(OLD, new, name="thing.v1")) == 1 + len(OLD["required"])


def test_a_part_that_holds_itself_is_compared_once() -> None:
    """And a break inside it is found."""
    assert breaks(OLD, OLD, name="thing.v1") == ()
    new = planted(("$defs", "Item", "properties", "next"), {"type": "string"})
    assert "/items[]/next" in str(breaks(OLD, new, name="thing.v1")[0])


def test_a_schema_that_is_gone_breaks_its_readers_and_a_new_one_nobody() -> None:
    """A family's new version is published beside the old one."""
    assert breaks_between({"a.v1": OLD}, {"a.v1": OLD, "a.v2": {}}) == ()
    assert [broken.schema for broken in breaks_between({"a.v1": OLD}, {"a.v2": OLD})] == ["a.v1"]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_field_we_promise_is_guarded(family: Any) -> None:
    """For each field of each published schema: taking it away, or its type, is found; so the rule reaches every corner."""
    promised = schema(family)
    for part in ("", *promised.get("$defs", {})):
        for name in (promised["$defs"][part] if part else promised).get("properties", {}):
            for value in (GONE, {}):
                place = ("$defs", part, "properties", name) if part else ("properties", name)
                assert breaks(promised, _changed(promised, place, value), name=family.name)


def planted(place: Place, value: Any) -> dict[str, Any]:
    """The old schema with one change; a field gone is no longer required either."""
    new = _changed(OLD, place, value)
    if value is GONE and place[-2] == "properties" and place[-1] == "id":
        new["$defs"]["Item"]["required"] = []
    return new


def _changed(old: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    new: dict[str, Any] = json.loads(json.dumps(old))
    node = new
    for part in place[:-1]:
        node = node[part]
    if value is GONE:
        del node[place[-1]]
    else:
        node[place[-1]] = value
    return new

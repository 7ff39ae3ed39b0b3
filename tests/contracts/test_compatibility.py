"""The rule that says no: every kind of change that breaks a reader or a writer is planted and found, and what is safe passes."""

import json
from copy import deepcopy
from typing import Any

import pytest

from contracts.compatibility import Break, Side, breaks, breaks_between
from contracts.publishing.json_schemas import PROMISES, Promised, schema

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
    "a map of nothing": (("properties", "counts", "additionalProperties"), False),
    "a part under another name": (("properties", "state"), {"enum": ["open", "closed"], "type": "string"}),
}


CLOSED: dict[str, Any] = OLD | {
    "additionalProperties": False,
    "properties": OLD["properties"] | {"loud": {"default": False, "type": "boolean"}},
    "x-types": ["portal.command.move.v1"],
    "x-direction": "in",
}
"""The same as it would be for what comes: closed, and with a field that means something when it is left out."""

BREAKING_WRITERS: dict[str, tuple[Place, Any, str]] = {
    "a field is gone": (("properties", "note"), GONE, "/note: the field is gone, and would be refused"),
    "a field of a part is gone": (("$defs", "Item", "properties", "next"), GONE, "/items[]/next: the field is gone"),
    "a new field that is required": (("required",), [*OLD["required"], "loudness"], "/loudness: is required, and could be left out"),
    "optional, now required": (("required",), [*OLD["required"], "note"], "/note: is required, and could be left out"),
    "optional in a part, now required": (("$defs", "Item", "required"), ["id", "next"], "/items[]/next: is required"),
    "another default": (("properties", "loud", "default"), True, "/loud: default was False, and is True"),
    "no default any more": (("properties", "loud", "default"), GONE, "/loud: default was False, and is gone"),
    "a default where none was": (("properties", "note", "default"), "x", "/note: default was not there, and is x"),
    "another type": (("properties", "note", "type"), "integer", "/note: the type was string, and is integer"),
    "a type less": (("properties", "share", "type"), "integer", "/share: the type was number, and is integer"),
    "another format": (("$defs", "Item", "properties", "id", "format"), "uri", "/items[]/id: format was uuid, and is uri"),
    "a format where none was": (("properties", "note", "format"), "date", "/note: format was not there, and is date"),
    "a closed list lost a value": (("$defs", "State", "enum"), ["open"], "/state: the closed list lost 'closed'"),
    "a list is closed": (("properties", "note", "enum"), ["a"], "/note: the list of values is closed, and was open"),
    "another constant": (("properties", "code", "const"), "06", "/code: the closed list lost '05'"),
    "a higher minimum": (("properties", "revision", "minimum"), 2, "/revision: minimum was 1, and is 2"),
    "shorter": (("properties", "name", "maxLength"), 20, "/name: maxLength was 40, and is 20"),
    "a limit where none was": (("properties", "note", "maxLength"), 20, "/note: maxLength was not there, and is 20"),
    "longer at the least": (("properties", "name", "minLength"), 2, "/name: minLength was 1, and is 2"),
    "fewer items": (("properties", "items", "maxItems"), 8, "/items: maxItems was 9, and is 8"),
    "another pattern": (("properties", "name", "pattern"), "^[a-f]+$", "/name: pattern was"),
    "a pattern where none was": (("properties", "note", "pattern"), "^x$", "/note: pattern was not there, and is ^x$"),
    "values of a map": (("properties", "counts", "additionalProperties", "type"), "string", "/counts[]: the type was integer"),
    "a map of nothing": (("properties", "counts", "additionalProperties"), False, "/counts: additionalProperties is no longer as wide"),
    "a branch less": (("properties", "either", "anyOf"), [{"type": "integer"}], "/either: a kind of value that is no longer taken"),
    "a type instead of a union": (("properties", "either"), {"type": "string"}, "/either: a kind of value that is no longer taken"),
    "a type of command is gone": (("x-types",), [], "a command type is gone: portal.command.move.v1"),
    "another topic": (("x-topic",), "b-topic", "x-topic was a-topic, and is b-topic"),
    "another key": (("x-key",), "id", "x-key was case, and is id"),
    "compacted": (("x-compacted",), True, "x-compacted was False, and is True"),
    "written by the hub": (("x-direction",), "out", "x-direction was in, and is out"),
    "a keyword nobody judges": (("properties", "note", "not"), {"const": "x"}, "/note: not was not there"),
}
SAFE_FOR_WRITERS: dict[str, tuple[Place, Any]] = {
    "a new field that may be left out": (("properties", "added"), {"type": "string"}),
    "a new field with a default": (("properties", "added"), {"default": 1, "type": "integer"}),
    "a field that may be left out now": (("required",), ["items", "state", "revision", "code"]),
    "open to any field": (("additionalProperties",), GONE),
    "another description": (("properties", "note", "description"), "More words."),
    "one more value in a closed list": (("$defs", "State", "enum"), ["open", "closed", "ajar"]),
    "a closed list that is open now": (("$defs", "State", "enum"), GONE),
    "no type any more": (("properties", "note"), {}),
    "a whole number may have a fraction": (("properties", "revision", "type"), "number"),
    "no format any more": (("$defs", "Item", "properties", "id", "format"), GONE),
    "no pattern any more": (("properties", "name", "pattern"), GONE),
    "a lower minimum": (("properties", "revision", "minimum"), 0),
    "longer": (("properties", "name", "maxLength"), 80),
    "no limit any more": (("properties", "name", "maxLength"), GONE),
    "a map of anything": (("properties", "counts", "additionalProperties"), GONE),
    "one more branch": (("properties", "either", "anyOf"), [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]),
    "a union instead of a type": (("properties", "note"), {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    "a new type of command": (("x-types",), ["portal.command.move.v1", "portal.command.shove.v1"]),
}


@pytest.mark.parametrize("change", BREAKING)
def test_a_change_that_breaks_a_subscriber_is_found_and_named(change: str) -> None:
    """Each kind on its own: one break, at its place, and the words say what it is."""
    place, value, words = BREAKING[change]
    found = breaks(OLD, planted(place, value), name="thing.v1")
    assert len(found) == 1
    assert words in str(found[0])
    assert str(found[0]).startswith("thing.v1: /")
    assert "breaks its readers" in str(found[0])


@pytest.mark.parametrize("change", SAFE)
def test_a_change_that_breaks_nobody_passes(change: str) -> None:
    """A rule that refuses everything would be switched off."""
    place, value = SAFE[change]
    assert breaks(OLD, planted(place, value), name="thing.v1") == ()


@pytest.mark.parametrize("change", BREAKING_WRITERS)
def test_a_change_that_breaks_a_writer_is_found_and_named(change: str) -> None:
    """What the released schema allowed would be refused, or would mean something else."""
    place, value, words = BREAKING_WRITERS[change]
    found = breaks(CLOSED, _changed(CLOSED, place, value), name="command.v1")
    assert len(found) == 1
    assert words in str(found[0])
    assert str(found[0]).startswith("command.v1: /")
    assert "breaks its writers" in str(found[0])


@pytest.mark.parametrize("change", SAFE_FOR_WRITERS)
def test_a_change_that_breaks_no_writer_passes(change: str) -> None:
    """All that could be written still can be."""
    place, value = SAFE_FOR_WRITERS[change]
    assert breaks(CLOSED, _changed(CLOSED, place, value), name="command.v1") == ()


def test_a_field_that_is_required_no_longer_may_get_a_default() -> None:
    """Nobody has left it out before, so nothing changes its meaning."""
    loud = _changed(CLOSED, ("required",), [*OLD["required"], "loud"])
    del loud["properties"]["loud"]["default"]
    assert breaks(loud, CLOSED, name="command.v1") == ()


def test_a_schema_that_was_released_before_directions_were_said_is_read_by_others() -> None:
    """Saying so breaks nobody; turning it round does."""
    assert breaks(OLD, OLD | {"x-direction": "out"}, name="thing.v1") == ()
    assert [str(broken) for broken in breaks(OLD, OLD | {"x-direction": "in"}, name="thing.v1")] == [
        f"thing.v1: /: x-direction was out, and is in; {Side.READERS.value}",
    ]


def test_a_renamed_field_is_a_field_gone() -> None:
    """Its new name helps no reader of the old one."""
    new = deepcopy(OLD)
    new["properties"]["remark"] = new["properties"].pop("note")
    assert breaks(OLD, new, name="thing.v1") == (Break("thing.v1", "/note", "the field is gone", Side.READERS),)


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
    assert [broken.whom for broken in breaks_between({"a.v1": OLD, "b.v1": CLOSED}, {})] == [Side.READERS, Side.WRITERS]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_every_field_we_promise_is_guarded(promise: Promised) -> None:
    """For each field of each published schema: taking it away, or its type, is found; so the rule reaches every corner."""
    promised = schema(promise)
    other: dict[str, Any] = {"type": "null"} if promised["x-direction"] == "in" else {}
    for part in ("", *promised.get("$defs", {})):
        for name in (promised["$defs"][part] if part else promised).get("properties", {}):
            for value in (GONE, other):
                place = ("$defs", part, "properties", name) if part else ("properties", name)
                assert breaks(promised, _changed(promised, place, value), name=promise.name)


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

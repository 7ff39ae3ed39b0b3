"""Does a changed schema break those who read by the old one? Pure: two JSON Schemas in, the changes that break out.

We write and others read, so a change is safe when everything that the new schema allows was allowed by the old one too:

| A change | breaks, because |
|---|---|
| a field is gone (also: renamed) | a reader looks for it |
| a field was always there and now may be absent | a reader relies on it |
| another type, format or constant; a wider range, length or pattern | a reader's code cannot hold it |
| a closed list gained a value, or is no longer closed | a reader has no case for it |
| a union gained a branch | the same |
| a type of event, or the whole schema, is gone | a reader waits for it |
| another topic, key, or compacted instead of not | a reader looks elsewhere, or loses its order or its past |
| any other keyword changed | this module cannot judge it, and says so |

Safe: a new field, a new type of event, a field that is now always there, a value less in a list, another description.
Never judges meaning: a field that keeps its shape and means something else is for the person who reads the change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Schema = Mapping[str, Any]

_ANNOTATIONS: Final = frozenset({"$schema", "$id", "$defs", "title", "description", "default", "examples", "deprecated"})
_JUDGED: Final = frozenset({"$ref", "properties", "required", "items", "additionalProperties", "enum", "type", "anyOf"})
_LOWEST: Final = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_HIGHEST: Final = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_ONLY_GROWS: Final = {"x-types": "an event type is gone"}
_LISTS: Final = _ANNOTATIONS | _JUDGED | _LOWEST | _HIGHEST | _ONLY_GROWS.keys()


@dataclass(frozen=True, slots=True)
class Break:
    """One change that breaks a reader, with its place in the data (`/appointment/state`, `[]` for the items of a list)."""

    schema: str
    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.schema}: {self.path or '/'}: {self.what}"


def breaks_between(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> tuple[Break, ...]:
    """Every break between two sets of schemas by name: what was released, and what would be."""
    gone = tuple(Break(name, "", "the schema is gone: its readers still read") for name in sorted(old.keys() - new.keys()))
    return gone + tuple(broken for name in sorted(old.keys() & new.keys()) for broken in breaks(old[name], new[name], name=name))


def breaks(old: Schema, new: Schema, *, name: str) -> tuple[Break, ...]:
    """Every break between two versions of one schema."""
    return tuple(Break(name, path, what) for path, what in _Comparison(old, new).compare(old, new, ""))


Found = Iterator[tuple[str, str]]


@dataclass(slots=True)
class _Comparison:
    """Two documents side by side, since `$ref` points into each."""

    old_root: Schema
    new_root: Schema
    _under_way: set[tuple[str, str]] = field(default_factory=set)
    """Pairs of `$ref` being compared: a type may hold itself."""

    def compare(self, old: Schema, new: Schema, path: str) -> Found:
        pair = (old.get("$ref", ""), new.get("$ref", ""))
        if any(pair) and pair in self._under_way:
            return
        self._under_way.add(pair)
        try:
            yield from self._resolved(_resolve(self.old_root, old), _resolve(self.new_root, new), path)
        finally:  # a union stops listening at the first break
            self._under_way.discard(pair)

    def _resolved(self, old: Schema, new: Schema, path: str) -> Found:
        if "anyOf" in old or "anyOf" in new:
            yield from self._union(old, new, path)
            return
        yield from _type(old, new, path)
        yield from _values(old, new, path)
        yield from _limits(old, new, path)
        yield from _others(old, new, path)
        yield from self._fields(old, new, path)
        yield from self._inner(old, new, path)

    def _union(self, old: Schema, new: Schema, path: str) -> Found:
        """Each branch that may come now fits one that could come before."""
        before, now = old.get("anyOf", [old]), new.get("anyOf", [new])
        if not all(any(not any(self.compare(was, branch, path)) for was in before) for branch in now):
            yield path, "a kind of value that readers do not know (anyOf)"

    def _fields(self, old: Schema, new: Schema, path: str) -> Found:
        before, now = old.get("properties", {}), new.get("properties", {})
        required = set(new.get("required", ()))
        for name, was in before.items():
            if name not in now:
                yield f"{path}/{name}", "the field is gone"
                continue
            if name in old.get("required", ()) and name not in required:
                yield f"{path}/{name}", "was always there, and now may be absent"
            yield from self.compare(was, now[name], f"{path}/{name}")

    def _inner(self, old: Schema, new: Schema, path: str) -> Found:
        for keyword in ("items", "additionalProperties"):
            was, now = old.get(keyword), new.get(keyword)
            if isinstance(was, Mapping) and isinstance(now, Mapping):
                yield from self.compare(was, now, f"{path}[]")
            elif was not in (now, None, True):
                yield path, f"{keyword} is no longer as narrow"


def _resolve(root: Schema, schema: Schema) -> Schema:
    """The schema a local `$ref` points to, with what stands beside it."""
    while "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = {**target, **{keyword: said for keyword, said in schema.items() if keyword != "$ref"}}
    return schema


def _type(old: Schema, new: Schema, path: str) -> Found:
    before, now = _types(old), _types(new)
    allowed = before | ({"integer"} if "number" in before else set())
    if before and not (now and now <= allowed):
        yield path, f"the type was {' or '.join(sorted(before))}, and is {' or '.join(sorted(now)) or 'any'}"


def _types(schema: Schema) -> set[str]:
    given = schema.get("type", ())
    return {given} if isinstance(given, str) else set(given)


def _values(old: Schema, new: Schema, path: str) -> Found:
    closed, now = _closed(old), _closed(new)
    if closed is None:
        return
    if now is None:
        yield path, "the list of values is no longer closed"
        return
    for value in now:
        if value not in closed:
            yield path, f"the closed list gained {value!r}"


def _closed(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _limits(old: Schema, new: Schema, path: str) -> Found:
    for keyword in sorted((_LOWEST | _HIGHEST) & old.keys()):
        was, now = old[keyword], new.get(keyword)
        if now is None or (now < was if keyword in _LOWEST else now > was):
            yield path, f"{keyword} was {was}, and is {'gone' if now is None else now}"


def _others(old: Schema, new: Schema, path: str) -> Found:
    for keyword, what in _ONLY_GROWS.items():
        for value in old.get(keyword, ()):
            if value not in new.get(keyword, ()):
                yield path, f"{what}: {value}"
    for keyword in sorted((old.keys() | new.keys()) - _LISTS - {"const"}):
        narrower = keyword not in old and keyword in ("format", "pattern")
        if old.get(keyword) != new.get(keyword) and not narrower:
            yield path, f"{keyword} was {old.get(keyword, 'not there')}, and is {new.get(keyword, 'gone')}"

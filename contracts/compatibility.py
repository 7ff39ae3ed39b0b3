"""Does a changed schema break those who rely on the old one? Pure: two JSON Schemas in, the changes that break out.

`x-direction` says who relies on it. What leaves (`out`) the hub writes and others read: a change is safe when all that the new schema
allows was allowed by the old one. What comes (`in`) others write and the hub reads: a change is safe when all that the old schema allowed
is allowed by the new one. So one question serves both: does the reader's schema allow all that the writer's allows?

| A change | breaks readers of what leaves | breaks writers of what comes |
|---|---|---|
| a field is gone (also: renamed) | it is looked for | it is refused |
| a field may be absent, and was always there | it is relied on | |
| a field is required, and could be left out or is new | | what lacks it is refused |
| another type, format, pattern or constant | it cannot be held | it is refused |
| a wider range or length; no limit any more | the same | |
| a narrower range or length; a limit where none was | | it is refused |
| a closed list gained a value, or is open | there is no case for it | |
| a closed list lost a value, or is closed | | it is refused |
| a union gained a branch | there is no case for it | |
| a union lost a branch | | it is refused |
| another default | what is left out means something else | the same |
| a CloudEvents type, or the whole schema, is gone | it is waited for | it is refused |
| another topic, key or direction; compacted instead of not | it is looked for elsewhere; order or past is lost | it is written elsewhere |
| any other keyword | nobody can judge it here, which is said | the same |

Safe in both directions: a new field that may be left out, a new type, another description.
Never judges meaning: a field that keeps its shape and means something else is for the person who reads the change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, NamedTuple

Schema = Mapping[str, Any]

_ANNOTATIONS: Final = frozenset({"$schema", "$id", "$defs", "title", "description", "default", "examples", "deprecated"})
_JUDGED: Final = frozenset({"$ref", "properties", "required", "items", "additionalProperties", "enum", "const", "type", "anyOf"})
_LOWEST: Final = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_HIGHEST: Final = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_LISTS: Final = _ANNOTATIONS | _JUDGED | _LOWEST | _HIGHEST
_OUTSIDE: Final = "x-"
"""How keywords begin that are about the records and not about their data. They stand at the top alone."""
_TYPES: Final = "x-types"
_DIRECTION: Final = "x-direction"
_UNSAID: Final = {_DIRECTION: "out"}
"""What a schema means that was released before the keyword was."""


class Side(Enum):
    """Who relies on a schema, by its `x-direction`, and why a break breaks them."""

    READERS = "breaks its readers: they know only what was released"
    WRITERS = "breaks its writers: they go on writing what was released"


@dataclass(frozen=True, slots=True)
class Break:
    """One change that breaks somebody, with its place in the data (`/appointment/state`, `[]` for the items of a list)."""

    schema: str
    path: str
    what: str
    whom: Side

    def __str__(self) -> str:
        return f"{self.schema}: {self.path or '/'}: {self.what}; {self.whom.value}"


def breaks_between(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> tuple[Break, ...]:
    """Every break between two sets of schemas by name: what was released, and what would be."""
    gone = tuple(Break(name, "", "the schema is gone", _side(old[name])) for name in sorted(old.keys() - new.keys()))
    return gone + tuple(broken for name in sorted(old.keys() & new.keys()) for broken in breaks(old[name], new[name], name=name))


def breaks(old: Schema, new: Schema, *, name: str) -> tuple[Break, ...]:
    """Every break between two versions of one schema."""
    side = _side(old)
    reader, writer = (old, new) if side is Side.READERS else (new, old)
    inside = _Comparison(side, reader, writer).compare(_data(reader), _data(writer), "")
    found = (*_types_gone(old, new), *_outside(reader, writer), *inside)
    return tuple(Break(name, each.path, each.told(side), side) for each in found)


def _side(schema: Schema) -> Side:
    return Side.WRITERS if schema.get(_DIRECTION) == "in" else Side.READERS


class _Kind(Enum):
    """A kind of break, in words for readers and for writers."""

    FIELD = ("the field is gone", "the field is gone, and would be refused")
    REQUIRED = ("was always there, and now may be absent", "is required, and could be left out")
    VALUE = ("the closed list gained {what!r}", "the closed list lost {what!r}")
    CLOSED = ("the list of values is no longer closed", "the list of values is closed, and was open")
    UNION = ("a kind of value that readers do not know (anyOf)", "a kind of value that is no longer taken (anyOf)")
    INSIDE = ("{what} is no longer as narrow", "{what} is no longer as wide")
    KEYWORD = ("{what} was {was}, and is {now}",) * 2
    TYPES = ("an event type is gone: {what}", "a command type is gone: {what}")


class _Difference(NamedTuple):
    """A break at its place: what it is about, and what stood in the reader's schema and in the writer's."""

    path: str
    kind: _Kind
    what: object = None
    reads: object = None
    writes: object = None

    def told(self, side: Side) -> str:
        """In the words of the side that it breaks; what was and what is are the old schema's and the new one's."""
        readers = side is Side.READERS
        was, now = (self.reads, self.writes) if readers else (self.writes, self.reads)
        words: str = self.kind.value[0 if readers else 1]
        return words.format(what=self.what, was="not there" if was is None else was, now="gone" if now is None else now)


Found = Iterator[_Difference]


@dataclass(slots=True)
class _Comparison:
    """Two documents side by side, since `$ref` points into each."""

    side: Side
    reader_root: Schema
    writer_root: Schema
    _under_way: set[tuple[str, str]] = field(default_factory=set)
    """Pairs of `$ref` being compared: a type may hold itself."""

    def compare(self, reader: Schema, writer: Schema, path: str) -> Found:
        pair = (reader.get("$ref", ""), writer.get("$ref", ""))
        if any(pair) and pair in self._under_way:
            return
        self._under_way.add(pair)
        try:
            yield from self._resolved(_resolve(self.reader_root, reader), _resolve(self.writer_root, writer), path)
        finally:  # a union stops listening at the first break
            self._under_way.discard(pair)

    def _resolved(self, reader: Schema, writer: Schema, path: str) -> Found:
        if "anyOf" in reader or "anyOf" in writer:
            yield from self._union(reader, writer, path)
            return
        yield from _type(reader, writer, path)
        yield from _values(reader, writer, path)
        yield from _limits(reader, writer, path)
        yield from _others(reader, writer, path)
        yield from self._fields(reader, writer, path)
        yield from self._inside(reader, writer, path)

    def _union(self, reader: Schema, writer: Schema, path: str) -> Found:
        """Each branch that may be written fits one that can be read."""
        read, written = reader.get("anyOf", [reader]), writer.get("anyOf", [writer])
        if not all(any(not any(self.compare(known, branch, path)) for known in read) for branch in written):
            yield _Difference(path, _Kind.UNION)

    def _fields(self, reader: Schema, writer: Schema, path: str) -> Found:
        read, written = reader.get("properties", {}), writer.get("properties", {})
        old, new = (read, written) if self.side is Side.READERS else (written, read)
        wanted, given = reader.get("required", ()), writer.get("required", ())
        gone = [name for name in old if name not in new]
        yield from (_Difference(f"{path}/{name}", _Kind.FIELD) for name in gone)
        yield from (_Difference(f"{path}/{name}", _Kind.REQUIRED) for name in wanted if name not in (*given, *gone))
        for name in (name for name in old if name in new):
            if name not in wanted and name not in given:
                yield from _default(read[name], written[name], f"{path}/{name}")
            yield from self.compare(read[name], written[name], f"{path}/{name}")

    def _inside(self, reader: Schema, writer: Schema, path: str) -> Found:
        for keyword in ("items", "additionalProperties"):
            read, written = reader.get(keyword), writer.get(keyword)
            if isinstance(read, Mapping) and isinstance(written, Mapping):
                yield from self.compare(read, written, f"{path}[]")
            elif read not in (written, None, True) and written is not False:
                yield _Difference(path, _Kind.INSIDE, keyword)


def _types_gone(old: Schema, new: Schema) -> Found:
    """Types are only added, whoever writes them."""
    return (_Difference("", _Kind.TYPES, what) for what in old.get(_TYPES, ()) if what not in new.get(_TYPES, ()))


def _outside(reader: Schema, writer: Schema) -> Found:
    for keyword in sorted({keyword for keyword in (*reader, *writer) if keyword.startswith(_OUTSIDE)} - {_TYPES}):
        yield from _same(keyword, reader.get(keyword, _UNSAID.get(keyword)), writer.get(keyword, _UNSAID.get(keyword)), "")


def _data(schema: Schema) -> Schema:
    return {keyword: said for keyword, said in schema.items() if not keyword.startswith(_OUTSIDE)}


def _default(reader: Schema, writer: Schema, path: str) -> Found:
    """What is left out must mean what it meant."""
    return _same("default", reader.get("default"), writer.get("default"), path)


def _same(keyword: str, reads: Any, writes: Any, path: str) -> Found:
    if reads != writes:
        yield _Difference(path, _Kind.KEYWORD, keyword, reads, writes)


def _resolve(root: Schema, schema: Schema) -> Schema:
    """The schema a local `$ref` points to, with what stands beside it."""
    while "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = {**target, **{keyword: said for keyword, said in schema.items() if keyword != "$ref"}}
    return schema


def _type(reader: Schema, writer: Schema, path: str) -> Found:
    read, written = _types(reader), _types(writer)
    allowed = read | ({"integer"} if "number" in read else set())
    if read and not (written and written <= allowed):
        yield _Difference(path, _Kind.KEYWORD, "the type", _either(read), _either(written))


def _types(schema: Schema) -> set[str]:
    given = schema.get("type", ())
    return {given} if isinstance(given, str) else set(given)


def _either(types: set[str]) -> str:
    return " or ".join(sorted(types)) or "any"


def _values(reader: Schema, writer: Schema, path: str) -> Found:
    read, written = _closed(reader), _closed(writer)
    if read is None:
        return
    if written is None:
        yield _Difference(path, _Kind.CLOSED)
        return
    yield from (_Difference(path, _Kind.VALUE, value) for value in written if value not in read)


def _closed(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _limits(reader: Schema, writer: Schema, path: str) -> Found:
    for keyword in sorted((_LOWEST | _HIGHEST) & reader.keys()):
        read, written = reader[keyword], writer.get(keyword)
        if written is None or (written < read if keyword in _LOWEST else written > read):
            yield _Difference(path, _Kind.KEYWORD, keyword, read, written)


def _others(reader: Schema, writer: Schema, path: str) -> Found:
    for keyword in sorted((reader.keys() | writer.keys()) - _LISTS):
        narrower = keyword not in reader and keyword in ("format", "pattern")
        if not narrower:
            yield from _same(keyword, reader.get(keyword), writer.get(keyword), path)

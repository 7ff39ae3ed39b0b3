"""The JSON Schema of each promise. Each side has the schema it needs: what leaves can be read by it, what comes can be written by it.

What leaves asks for a tolerant reader: a field without a value is absent and never null; a field that has a default is always there; and
fields may be added, so nothing is closed but the lists that say so.

What comes is closed: a field that nobody promised is refused, since it may be a misspelt one that was meant. A field that may be left out
says what that means (`default`, if anything). Null is not promised here either, so that there is one way to say nothing.
"""

from typing import Any, Final, Protocol

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from contracts.events import FAMILIES
from contracts.inputs import INPUTS
from contracts.topics import Topic

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class Promised(Protocol):
    """What a family of events and an input have in common."""

    @property
    def name(self) -> str:
        """Of the promise, without its version."""

    @property
    def version(self) -> int:
        """Rises when it would break somebody."""

    @property
    def topic(self) -> Topic:
        """Where it is told."""

    @property
    def model(self) -> type[BaseModel]:
        """Its data."""

    @property
    def example(self) -> str:
        """What is learnt from it, in one sentence."""

    @property
    def types(self) -> tuple[str, ...]:
        """Its CloudEvents types. None: it is no CloudEvent."""


PROMISES: Final[tuple[Promised, ...]] = (*FAMILIES, *INPUTS)


def file_of(promise: Promised) -> str:
    """The schema's file name."""
    return f"{_versioned(promise)}.json"


def kinds_of(promise: Promised) -> tuple[str, ...]:
    """What its records are called, in examples and in AsyncAPI: their CloudEvents types, or else the name of the schema."""
    return promise.types or (_versioned(promise),)


def schema(promise: Promised) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the data. `x-` keywords say what a schema has no word for."""
    topic = promise.topic
    return {
        "$schema": _DIALECT,
        "$id": f"urn:epj-hub:contracts:{promise.name}:v{promise.version}",
        **(_as_accepted(promise.model) if topic.direction == "in" else _as_written(promise.model)),
        "x-types": list(promise.types),
        "x-topic": topic.name,
        "x-key": topic.key,
        "x-compacted": topic.compacted,
        "x-direction": topic.direction,
    }


def _versioned(promise: Promised) -> str:
    return f"{promise.name}.v{promise.version}"


def _as_written(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(mode="serialization", schema_generator=_Written, ref_template="#/$defs/{model}")


def _as_accepted(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(mode="validation", schema_generator=_Accepted, ref_template="#/$defs/{model}")


class _WithoutNull(GenerateJsonSchema):
    """Absent is the one way to say nothing; and a field's name needs no title."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  the base class's signature
        return False


class _Accepted(_WithoutNull):
    """What comes: closed, and what may be left out may be."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        return {keyword: said for keyword, said in made.items() if (keyword, said) != ("default", None)}


class _Written(_WithoutNull):
    """What leaves: with its defaults, and it may grow."""

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

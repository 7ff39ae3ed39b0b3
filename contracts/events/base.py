"""What every event has in common: a frozen model that refuses unknown fields, and the family it belongs to."""

from dataclasses import dataclass
from typing import ClassVar

from contracts.promise import Promise
from contracts.topics import Topic


class Event(Promise):
    """The data of a CloudEvents 1.0 message (Kafka binding, binary mode, JSON)."""

    family: ClassVar["Family"]


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of event: its types on the wire (`hub.<name>[.<what>].v<version>`), its topic, its model."""

    name: str
    whats: tuple[str, ...]
    topic: Topic
    model: type[Event]
    example: str
    """What a subscriber learns from it, in one sentence."""
    version: int = 1

    def type_of(self, what: str | None = None) -> str:
        """The CloudEvents type. ValueError for a `what` that was never promised."""
        if what is None and not self.whats:
            return f"hub.{self.name}.v{self.version}"
        if what not in self.whats:
            raise ValueError(f"{self.name} does not promise this")
        return f"hub.{self.name}.{what}.v{self.version}"

    @property
    def types(self) -> tuple[str, ...]:
        """Every type of the family."""
        return tuple(self.type_of(what) for what in self.whats) or (self.type_of(),)

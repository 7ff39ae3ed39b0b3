"""Table 5 against a cluster: which rights are missing and which are surplus. Gives what is missing; never takes one away.

A surplus right is one that the table does not give: to one of our principals, or to anybody on something of ours. What others may do
elsewhere on the same cluster is not looked at.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its marker says typed, its modules do not say what they give
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)

from contracts.kafka_connection import KafkaConnection
from contracts.rights import Principal, Right
from contracts.topics import VENDORS_PREFIX
from hub.doors.administrator import administrator, all_answers, answer

_USER: Final = "User:"
_ANYWHERE: Final = "*"
_KINDS: Final[dict[str, ResourceType]] = {
    "topic": ResourceType.TOPIC, "group": ResourceType.GROUP, "transactional id": ResourceType.TRANSACTIONAL_ID,
}
_ANYTHING: Final[Any] = None
"""Matches every name, which the library's types deny."""
_EVERYTHING: Final = AclBindingFilter(
    ResourceType.ANY, _ANYTHING, ResourcePatternType.ANY, _ANYTHING, _ANYTHING, AclOperation.ANY, AclPermissionType.ANY,
)


@dataclass(frozen=True, slots=True, order=True)
class Granted:
    """One right as a cluster holds it, in Kafka's words."""

    principal: str
    kind: str
    name: str
    pattern: str
    operation: str
    permission: str = "ALLOW"
    host: str = _ANYWHERE

    def __str__(self) -> str:
        where = f"{self.name}*" if self.pattern == "PREFIXED" else self.name
        unusual = "" if (self.permission, self.host) == ("ALLOW", _ANYWHERE) else f" ({self.permission} from {self.host})"
        return f"{self.principal.removeprefix(_USER)}: {self.operation} on {self.kind.lower()} {where}{unusual}"


@dataclass(frozen=True, slots=True)
class Compared:
    """A cluster against table 5, each sorted."""

    missing: tuple[Granted, ...]
    surplus: tuple[Granted, ...]


def wanted(principals: Iterable[Principal]) -> frozenset[Granted]:
    """Table 5 in Kafka's words."""
    return frozenset(_granted(principal.name, right) for principal in principals for right in principal.rights)


def differences(principals: Collection[Principal], held: Collection[Granted]) -> Compared:
    """Between table 5 and what a cluster holds. Pure."""
    want = wanted(principals)
    ours = {_USER + principal.name for principal in principals}
    surplus = (one for one in held if one not in want and (_is_ours(one, ours) or _touches(one, want)))
    return Compared(tuple(sorted(want - set(held))), tuple(sorted(surplus)))


def held(connection: KafkaConnection) -> frozenset[Granted]:
    """Every right on the cluster. Blocking. Raises what `answer` does."""
    with administrator(connection) as client:
        return frozenset(map(_read, answer(client.describe_acls(_EVERYTHING))))


def compare(connection: KafkaConnection, principals: Collection[Principal]) -> Compared:
    """What is missing there and what is surplus. Blocking. Raises what `answer` does."""
    return differences(principals, held(connection))


def grant(connection: KafkaConnection, rights: Collection[Granted]) -> None:
    """Give these; one that is there already stays as it is. Blocking. Raises what `answer` does."""
    if not rights:
        return
    with administrator(connection) as client:
        all_answers(client.create_acls([_binding(right) for right in sorted(rights)]))


def _granted(principal: str, right: Right) -> Granted:
    pattern = ResourcePatternType.PREFIXED if right.prefix else ResourcePatternType.LITERAL
    return Granted(_USER + principal, _KINDS[right.kind].name, right.name, pattern.name, right.operation)


def _read(binding: Any) -> Granted:
    return Granted(
        binding.principal, binding.restype.name, binding.name, binding.resource_pattern_type.name, binding.operation.name,
        binding.permission_type.name, binding.host,
    )


def _binding(right: Granted) -> AclBinding:
    return AclBinding(
        ResourceType[right.kind], right.name, ResourcePatternType[right.pattern], right.principal, right.host,
        AclOperation[right.operation], AclPermissionType[right.permission],
    )


def _is_ours(right: Granted, ours: Collection[str]) -> bool:
    # a vendor that has left the register is still a vendor by its name
    return right.principal in ours or right.principal.startswith(_USER + VENDORS_PREFIX)


def _touches(right: Granted, want: Iterable[Granted]) -> bool:
    return any(right.kind == one.kind and _meet(right, one) for one in want)


def _meet(one: Granted, other: Granted) -> bool:
    """Whether some name is meant by both."""
    if _ANYWHERE in (one.name, other.name) or one.name == other.name:
        return True
    return (
        (one.pattern == "PREFIXED" and other.name.startswith(one.name))
        or (other.pattern == "PREFIXED" and one.name.startswith(other.name))
    )

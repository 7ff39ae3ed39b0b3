"""Table 5 against a cluster: which rights are missing and which are surplus. Gives what is missing; never takes one away.

A surplus right is one that the table does not give: to one of our principals, or to anybody on something of ours. What others may do
elsewhere on the same cluster is not looked at.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from contracts.kafka_connection import KafkaConnection
from contracts.rights import Principal, Right
from contracts.topics import VENDORS_PREFIX
from hub.doors.aiokafka_private import create_acls, describe_acls

_USER: Final = "User:"
_ANYWHERE: Final = "*"
_NUMBERS: Final = {"TOPIC": 2, "GROUP": 3, "CLUSTER": 4, "TRANSACTIONAL_ID": 5, "DELEGATION_TOKEN": 6, "USER": 7}
_PATTERNS: Final = {"LITERAL": 3, "PREFIXED": 4}
_OPERATIONS: Final = {
    "ALL": 2, "READ": 3, "WRITE": 4, "CREATE": 5, "DELETE": 6, "ALTER": 7, "DESCRIBE": 8, "CLUSTER_ACTION": 9, "DESCRIBE_CONFIGS": 10,
    "ALTER_CONFIGS": 11, "IDEMPOTENT_WRITE": 12,
}
_PERMISSIONS: Final = {"DENY": 2, "ALLOW": 3}


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
        return f"{self.principal.removeprefix(_USER)}: {self.operation} on {self.kind.lower().replace('_', ' ')} {where}{unusual}"


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


async def held(connection: KafkaConnection) -> frozenset[Granted]:
    """Every right on the cluster. Raises ClusterUnreachable, and what `aiokafka_private.raise_for` does."""
    return frozenset(
        Granted(
            principal, _name(_NUMBERS, kind), name, _name(_PATTERNS, pattern), _name(_OPERATIONS, operation),
            _name(_PERMISSIONS, permission), host,
        )
        for kind, name, pattern, acls in await describe_acls(connection) for principal, host, operation, permission in acls
    )


async def compare(connection: KafkaConnection, principals: Collection[Principal]) -> Compared:
    """What is missing there and what is surplus. Raises what `held` does."""
    return differences(principals, await held(connection))


async def grant(connection: KafkaConnection, rights: Collection[Granted]) -> None:
    """Give these; one that is there already stays as it is. Raises what `held` does."""
    if rights:
        await create_acls(connection, [_numbered(right) for right in sorted(rights)])


def _granted(principal: str, right: Right) -> Granted:
    pattern = "PREFIXED" if right.prefix else "LITERAL"
    return Granted(_USER + principal, right.kind.upper().replace(" ", "_"), right.name, pattern, right.operation)


def _name(numbers: Mapping[str, int], number: int) -> str:
    # one that a newer Kafka has added is a surplus right like any other, by its number
    return next((name for name, one in numbers.items() if one == number), str(number))


def _numbered(right: Granted) -> tuple[int, str, int, str, str, int, int]:
    return (
        _NUMBERS[right.kind], right.name, _PATTERNS[right.pattern], right.principal, right.host, _OPERATIONS[right.operation],
        _PERMISSIONS[right.permission],
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

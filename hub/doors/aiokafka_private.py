"""What an administrator asks of a cluster beside topics: rights, passwords, quotas. Stands on private parts of aiokafka 0.14.0.

aiokafka has some of these requests and no method that sends them; the others are spelt here as Kafka's protocol has them. A library that
has the methods, confluent-kafka, was tried and left: it answers a refused question with "nothing there" (ADR 24). Never decides: it asks,
and says by name what the cluster says no to. Never shows what was sent.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from aiokafka import errors as kafka
from aiokafka.protocol.admin import (
    CreateAclsRequest_v1,
    DescribeAclsRequest_v1,
    DescribeClientQuotasRequest_v0,
)
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Array,
    Boolean,
    CompactArray,
    CompactBytes,
    CompactString,
    Float64,
    Int8,
    Int16,
    Int32,
    Schema,
    String,
    TaggedFields,
)

from contracts.kafka_connection import KafkaConnection
from hub.errors import HubError
from hub.topic_admin import administering

_TEXT, _COMPACT = String("utf-8"), CompactString("utf-8")
_TAGS: Final = ("tags", TaggedFields)
_ENTITY: Final = Array(("entity_type", _TEXT), ("entity_name", _TEXT))
_NO_AUTHORIZER, _NOT_THERE = 54, 91
_REFUSED: Final = frozenset({29, 30, 31, 53})


class NoAuthorizer(HubError):
    """The cluster asks nobody for a right: its brokers have no authorizer."""


class NotAdministrator(HubError):
    """Whom we connect as may not administer the cluster."""


class AdministrationFailed(HubError):
    """The cluster refuses it for another reason, which is named."""


class NotThere(Exception):
    """What was asked for is not on the cluster."""


class AlterQuotasResponse(Response):  # type: ignore[misc]  # aiokafka says nothing of its types
    """Of AlterClientQuotas."""

    API_KEY = 49
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32), ("entries", Array(("error_code", Int16), ("error_message", _TEXT), ("entity", _ENTITY))),
    )


class AlterQuotas(RequestStruct):  # type: ignore[misc]  # the same
    """AlterClientQuotas, as much as we need of it."""

    API_KEY = 49
    API_VERSION = 0
    RESPONSE_TYPE = AlterQuotasResponse
    SCHEMA = Schema(
        ("entries", Array(("entity", _ENTITY), ("ops", Array(("key", _TEXT), ("value", Float64), ("remove", Boolean))))),
        ("validate_only", Boolean),
    )


class DescribeScramResponse(Response):  # type: ignore[misc]  # the same
    """Of DescribeUserScramCredentials."""

    API_KEY = 50
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32), ("error_code", Int16), ("error_message", _COMPACT),
        ("results", CompactArray(
            ("user", _COMPACT), ("error_code", Int16), ("error_message", _COMPACT),
            ("infos", CompactArray(("mechanism", Int8), ("iterations", Int32), _TAGS)), _TAGS,
        )),
        _TAGS,
    )


class DescribeScram(RequestStruct):  # type: ignore[misc]  # the same
    """DescribeUserScramCredentials."""

    FLEXIBLE_VERSION = True
    API_KEY = 50
    API_VERSION = 0
    RESPONSE_TYPE = DescribeScramResponse
    SCHEMA = Schema(("users", CompactArray(("name", _COMPACT), _TAGS)), _TAGS)


class AlterScramResponse(Response):  # type: ignore[misc]  # the same
    """Of AlterUserScramCredentials."""

    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("results", CompactArray(("user", _COMPACT), ("error_code", Int16), ("error_message", _COMPACT), _TAGS)), _TAGS,
    )


class AlterScram(RequestStruct):  # type: ignore[misc]  # the same
    """AlterUserScramCredentials."""

    FLEXIBLE_VERSION = True
    API_KEY = 51
    API_VERSION = 0
    RESPONSE_TYPE = AlterScramResponse
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", _COMPACT), ("mechanism", Int8), _TAGS)),
        ("upsertions", CompactArray(
            ("name", _COMPACT), ("mechanism", Int8), ("iterations", Int32), ("salt", CompactBytes), ("salted_password", CompactBytes),
            _TAGS,
        )),
        _TAGS,
    )


class _Ready(Request[AlterQuotas]):  # type: ignore[misc]  # the same
    """A request that is built already: aiokafka asks for the version and gets the only one."""

    API_KEY: ClassVar[int] = -1

    def __init__(self, kind: type[Any], *values: object) -> None:
        self._kind, self._values = kind, values

    def build(self, request_struct_class: type[Any]) -> Any:
        return request_struct_class(*self._values)

    def prepare(self, versions: Mapping[int, tuple[int, int]]) -> Any:
        lowest, highest = versions.get(self._kind.API_KEY, (1, 0))
        if not lowest <= self._kind.API_VERSION <= highest:
            raise kafka.IncompatibleBrokerVersion(self._kind.__name__)
        return self.build(self._kind)


async def describe_acls(connection: KafkaConnection) -> Sequence[tuple[int, str, int, Sequence[tuple[str, str, int, int]]]]:
    """Every right on the cluster: (kind, name, pattern, [(principal, host, operation, permission)]), in the protocol's numbers."""
    anything = 1
    told = await _ask(connection, DescribeAclsRequest_v1, anything, None, anything, None, None, anything, anything)
    raise_for(told.error_code)
    return tuple(told.resources)


async def create_acls(connection: KafkaConnection, rights: Sequence[tuple[int, str, int, str, str, int, int]]) -> None:
    """Each: (kind, name, pattern, principal, host, operation, permission). One that is there already is no error."""
    for code, _ in (await _ask(connection, CreateAclsRequest_v1, list(rights))).creation_responses:
        raise_for(code)


async def describe_scram(connection: KafkaConnection, name: str) -> Sequence[int]:
    """The mechanisms for which this user has a password. Raises NotThere."""
    told = await _ask(connection, DescribeScram, [(name, {})], {})
    raise_for(told.error_code)
    for _, code, _, infos, _ in told.results:
        raise_for(code)
        return [mechanism for mechanism, *_ in infos]
    raise NotThere(name)


async def alter_scram(
    connection: KafkaConnection, *, deletions: Sequence[tuple[str, int]] = (),
    upsertions: Sequence[tuple[str, int, int, bytes, bytes]] = (),
) -> None:
    """Deletions: (user, mechanism). Upsertions: (user, mechanism, iterations, salt, salted password). Raises NotThere for a deletion."""
    told = await _ask(connection, AlterScram, [(*one, {}) for one in deletions], [(*one, {}) for one in upsertions], {})
    for _, code, *_ in told.results:
        raise_for(code)


async def describe_quota(connection: KafkaConnection, user: str) -> Mapping[str, float]:
    """The quotas that are set for this very user, by Kafka's names; empty without any."""
    exactly = 0
    told = await _ask(connection, DescribeClientQuotasRequest_v0, [("user", exactly, user)], True)
    raise_for(told.error_code)
    return {name: value for _, values in told.entries or () for name, value in values}


async def alter_quota(connection: KafkaConnection, user: str, values: Mapping[str, float]) -> None:
    """Set these, and leave the others."""
    ops = [(key, value, False) for key, value in values.items()]
    for code, *_ in (await _ask(connection, AlterQuotas, [([("user", user)], ops)], False)).entries:
        raise_for(code)


def raise_for(code: int) -> None:
    """Nothing for 0. Raises NoAuthorizer, NotAdministrator, NotThere or AdministrationFailed."""
    if code == 0:
        return
    name = kafka.for_code(code).__name__
    if code == _NOT_THERE:
        raise NotThere(name)
    if code == _NO_AUTHORIZER:
        raise NoAuthorizer("The cluster has no authorizer, so everybody may do everything there. Switch one on first: docs/operating.md.")
    if code in _REFUSED:
        raise NotAdministrator(f"The cluster does not let this name administer it ({name}). Name an administrator: HUB_KAFKA_USERNAME.")
    raise AdministrationFailed(f"The cluster says {name}.")


async def _ask(connection: KafkaConnection, kind: type[Any], *values: object) -> Any:
    async with administering(connection) as admin:
        return await admin._send_request(_Ready(kind, *values))  # noqa: SLF001  private, and only here

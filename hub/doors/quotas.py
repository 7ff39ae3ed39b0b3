"""How much a user may take of each broker: who goes beyond it is made to wait by the broker, and nobody else is.

Stands on private parts of aiokafka 0.14.0: no client for Python sets quotas, so the one request that does is spelt here, as Kafka's
protocol has it (AlterClientQuotas, key 49, version 0), and goes the way of aiokafka's own. Never takes a quota away.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final

from aiokafka.errors import ClusterAuthorizationFailedError, NoError, for_code
from aiokafka.protocol.admin import DescribeClientQuotasRequest
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Float64, Int16, Int32, Schema, String

from contracts.kafka_connection import KafkaConnection
from hub.doors.administrator import AdministrationFailed, NotAdministrator
from hub.topic_admin import administering

_USER: Final = "user"
_EXACTLY: Final = 0
_TEXT: Final = String("utf-8")
_ENTITY: Final = Array(("entity_type", _TEXT), ("entity_name", _TEXT))


@dataclass(frozen=True, slots=True)
class Quota:
    """Of one user, on each broker."""

    producer_byte_rate: float
    """Bytes a second that it writes."""
    consumer_byte_rate: float
    """Bytes a second that it reads."""
    request_percentage: float
    """Of one thread's time, for all its requests: 100 is one thread."""


class _AlterResponse(Response):  # type: ignore[misc]  # aiokafka says nothing of its types
    API_KEY = 49
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32), ("entries", Array(("error_code", Int16), ("error_message", _TEXT), ("entity", _ENTITY))),
    )


class _AlterStruct(RequestStruct):  # type: ignore[misc]  # the same
    API_KEY = 49
    API_VERSION = 0
    RESPONSE_TYPE = _AlterResponse
    SCHEMA = Schema(
        ("entries", Array(("entity", _ENTITY), ("ops", Array(("key", _TEXT), ("value", Float64), ("remove", Boolean))))),
        ("validate_only", Boolean),
    )


class _Alter(Request[_AlterStruct]):  # type: ignore[misc]  # the same
    API_KEY: ClassVar[int] = 49

    def __init__(self, user: str, values: Mapping[str, float]) -> None:
        self._user, self._values = user, values

    def build(self, request_struct_class: type[_AlterStruct]) -> _AlterStruct:
        ops = [(key, value, False) for key, value in self._values.items()]
        return request_struct_class([([(_USER, self._user)], ops)], False)


async def set_quota(connection: KafkaConnection, user: str, quota: Quota) -> None:
    """From now on, on every broker. Raises ClusterUnreachable, NotAdministrator and AdministrationFailed."""
    told = await _ask(connection, _Alter(user, asdict(quota)))
    for code, *_ in told.entries:
        _raise_for(code)


async def quota_of(connection: KafkaConnection, user: str) -> Mapping[str, float]:
    """The quotas that are set for this very user, by Kafka's names; empty without any. Raises what `set_quota` does."""
    told = await _ask(connection, DescribeClientQuotasRequest([(_USER, _EXACTLY, user)], True))
    _raise_for(told.error_code)
    return {name: value for _, values in told.entries or () for name, value in values}


async def _ask(connection: KafkaConnection, request: Request[Any]) -> Any:
    async with administering(connection) as admin:
        return await admin._send_request(request)  # noqa: SLF001  private, and only here


def _raise_for(code: int) -> None:
    error = for_code(code)
    if error is NoError:
        return
    if error is ClusterAuthorizationFailedError:
        raise NotAdministrator(f"The cluster does not let this name set quotas ({error.__name__}).")
    raise AdministrationFailed(f"The cluster says {error.__name__}.")

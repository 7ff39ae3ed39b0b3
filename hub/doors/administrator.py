"""The administrator's client: librdkafka's, which knows rights and passwords, as aiokafka's does not. Blocking.

What the cluster answers is a fact with its name: never a library's own words, which may hold what was sent.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from contracts.kafka_connection import KafkaConnection
from hub.errors import HubError
from hub.topic_admin import ClusterUnreachable

T = TypeVar("T")
WITHIN: Final = 15.0
"""Seconds that one answer may take."""
_SILENT: Final = {"log_level": "0", "socket.timeout.ms": "10000"}
_NO_AUTHORIZER: Final = 54
_REFUSED: Final = frozenset({29, 30, 31, 53})
_UNKNOWN: Final = frozenset({3, 91})


class NoAuthorizer(HubError):
    """The cluster asks nobody for a right: its brokers have no authorizer."""


class NotAdministrator(HubError):
    """Whom we connect as may not administer the cluster."""


class AdministrationFailed(HubError):
    """The cluster refuses it for another reason, which is named."""


class NotThere(Exception):
    """What was asked for is not on the cluster."""


@contextmanager
def administrator(connection: KafkaConnection) -> Iterator[AdminClient]:
    """A client that prints nothing. It ends when nobody holds it any more, and its questions with it: ask and be answered inside."""
    yield AdminClient({**connection.librdkafka_settings(), **_SILENT})


def answer(asked: "Future[T]") -> T:
    """What the cluster answers. Raises ClusterUnreachable, NoAuthorizer, NotAdministrator, NotThere or AdministrationFailed."""
    try:
        return asked.result(timeout=WITHIN)
    except KafkaException as failed:
        raise _named(failed.args[0]) from None
    except TimeoutError:
        raise ClusterUnreachable("The Kafka cluster does not answer.") from None


def _named(error: KafkaError) -> Exception:
    code, name = error.code(), error.name()
    if code in _UNKNOWN:
        return NotThere(name)
    if code == _NO_AUTHORIZER:
        return NoAuthorizer("The cluster has no authorizer, so everybody may do everything there. Switch one on first: docs/operating.md.")
    if code in _REFUSED:
        return NotAdministrator(f"The cluster does not let this name administer it ({name}). Name an administrator: HUB_KAFKA_USERNAME.")
    if code < 0:
        return ClusterUnreachable(f"The Kafka cluster does not answer, or does not take name and password ({name}).")
    return AdministrationFailed(f"The cluster says {name}.")


def all_answers(asked: "dict[Any, Future[T]]") -> list[T]:
    """Each, in order. Raises for the first that failed."""
    return [answer(one) for one in asked.values()]

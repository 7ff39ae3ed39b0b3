"""A broker with its doors shut, furnished by the hub's own commands' parts, and one who knocks at each door under somebody's name."""

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import errors as kafka
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import InitProducerIdRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its marker says typed, its modules do not say what they give
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)
from pydantic import SecretStr

from contracts.kafka_connection import KafkaConnection
from contracts.rights import Principal, principals
from contracts.topics import VENDORS_PREFIX
from hub.doors.quotas import Quota
from hub.doors.rights import Granted
from hub.doors.trial import furnish
from hub.local.secure_kafka import SecureKafka
from hub.parties import read_register
from hub.settings import DEMO_REGISTER
from hub.topic_admin import wanted
from tests.broker.waiting import until

VENDORS = read_register(DEMO_REGISTER).vendors
TABLE = principals(VENDORS)
TOPIC_NAMES = tuple(one.name for one in wanted(VENDORS))
PLENTY = Quota(1e9, 1e9, 1e6)
_UNAUTHORIZED = (29, 30, 31, 53)
"""Of a topic, a group, the cluster and a transactional id."""
_LOADING = (14, 15, 16)


@dataclass(frozen=True, slots=True)
class Doors:
    """The broker, and a file for each name."""

    kafka: SecureKafka
    files: dict[str, Path]

    def connection(self, name: str) -> KafkaConnection:
        """As this name, by what its file says."""
        lines = (line.partition("=") for line in self.files[name].read_text("utf-8").splitlines() if not line.startswith("#"))
        told = {variable: value for variable, _, value in lines}
        password = told.get("sasl.password") or told["HUB_KAFKA_PASSWORD"]
        return self.kafka.connection_as(name, SecretStr(password))


@contextmanager
def doors() -> Iterator[Doors]:
    """In a folder that goes away."""
    with TemporaryDirectory(prefix="hub-doors-", ignore_cleanup_errors=True) as folder, SecureKafka(Path(folder), port=0) as broker:
        yield Doors(broker, asyncio.run(furnish(broker, read_register(DEMO_REGISTER), PLENTY, group_prefix="hub")))


def groups() -> list[str]:
    """One group for each that somebody may join, and one that nobody may."""
    named = {right.name for principal in TABLE for right in principal.rights if right.kind == "group"}
    return [*(f"{name}one" for name in sorted(named)), "one"]


def transactional_ids() -> list[str]:
    """The same of transactional ids; the register's publication has its own."""
    named = {right for principal in TABLE for right in principal.rights if right.kind == "transactional id"}
    given = (f"{right.name}one" if right.prefix else right.name for right in sorted(named, key=lambda one: one.name))
    return [*given, f"{VENDORS_PREFIX}{VENDORS[0]}.one", "one"]


def readable(principal: Principal) -> str:
    """Some topic that this principal may read."""
    return next(name for name in TOPIC_NAMES if principal.may("READ", "topic", name))


class Visitor:
    """Somebody who connects under a name and tries, by bare requests: no client looks first whether it may.

    For each name whether it was done (True) or refused for want of a right (False). Any other answer is an error.
    """

    def __init__(self, connection: KafkaConnection) -> None:
        self._client = AIOKafkaClient(**connection.client_settings())

    async def __aenter__(self) -> Self:
        await self._client.bootstrap()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def reads(self, topics: Collection[str]) -> dict[str, bool]:
        """Fetch the first partition of each."""
        asked = FetchRequest(100, 1, 1_000_000, 0, [(topic, [(0, 0, 10_000)]) for topic in topics])
        told = await self._ask(asked)
        return {topic: _done(partition[1]) for topic, [partition] in told.topics}

    async def writes(self, topics: Collection[str]) -> dict[str, bool]:
        """A tombstone of a key that nobody has, to each: whoever reads the topic has something to pass over."""
        told = await self._ask(ProduceRequest(None, -1, 5_000, [(topic, [(0, _tombstone())]) for topic in topics]))
        return {topic: _done(partition[1]) for topic, [partition] in told.topics}

    async def commits(self, groups: Collection[str], topic: str) -> dict[str, bool]:
        """An offset of a topic that it may read, for each group."""
        return {group: await self._commits(group, topic) for group in groups}

    async def transacts(self, ids: Collection[str]) -> dict[str, bool]:
        """Take each transactional id over, as a producer does when it starts."""
        return {one: await self._starts(one) for one in ids}

    async def is_idempotent(self) -> bool:
        """Start as an idempotent producer."""
        return await self._starts(None)

    async def _commits(self, group: str, topic: str) -> bool:
        request = OffsetCommitRequest(group, -1, "", -1, [(topic, [(0, 0, "")])])
        return _done(await self._when_loaded(request, lambda told: told.topics[0][1][0][1]))

    async def _starts(self, transactional_id: str | None) -> bool:
        return _done(await self._when_loaded(InitProducerIdRequest(transactional_id, 10_000), lambda told: told.error_code))

    async def _when_loaded(self, request: Any, code_of: Callable[[Any], int]) -> int:
        codes: list[int] = []

        async def answered() -> bool:
            codes.append(code_of(await self._ask(request)))
            return codes[-1] not in _LOADING

        await until(answered, what="the coordinator has loaded")
        return codes[-1]

    async def _ask(self, request: Any) -> Any:
        return await self._client.send(self._client.get_random_node(), request)

async def make_coordinators(connection: KafkaConnection) -> None:
    """The broker makes its own topics of groups and transactions when somebody first asks for them."""
    async with AIOKafkaProducer(transactional_id="the first", **connection.client_settings()):
        pass
    async with AIOKafkaConsumer(TOPIC_NAMES[0], group_id="the first", **connection.client_settings()):
        pass


def told(connection: KafkaConnection, topics: Collection[str]) -> dict[str, set[str]]:
    """What the broker's authorizer says that this name may do with each topic."""
    client = AdminClient({**connection.librdkafka_settings(), "log_level": "0"})
    asked = client.describe_topics(TopicCollection(list(topics)), include_authorized_operations=True)
    return {topic: _operations(future) for topic, future in asked.items()}


def take(connection: KafkaConnection, right: Granted) -> None:
    """Take one right away, which the hub never does."""
    one = AclBindingFilter(
        ResourceType[right.kind], right.name, ResourcePatternType[right.pattern], right.principal, right.host,
        AclOperation[right.operation], AclPermissionType[right.permission],
    )
    client = AdminClient({**connection.librdkafka_settings(), "log_level": "0"})
    [taken] = client.delete_acls([one]).values()
    taken.result(timeout=15)


def _tombstone() -> bytes:
    batch = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1_000)
    batch.append(0, 0, b"a visitor's", None, [])
    return bytes(batch.build())


def _done(code: int) -> bool:
    if code in _UNAUTHORIZED:
        return False
    assert code == 0, kafka.for_code(code)
    return True


def _operations(asked: Any) -> set[str]:
    refused = asked.exception(timeout=15)
    if refused is None:
        return {operation.name for operation in asked.result().authorized_operations or ()}
    assert isinstance(refused, KafkaException)
    assert refused.args[0].name() == "TOPIC_AUTHORIZATION_FAILED"
    return set()

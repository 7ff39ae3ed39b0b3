"""Table 1 against a cluster: what should be there, what is there, and the difference. Creates what is missing; never deletes.

Alters one thing, by one function that nobody calls but who moves the cases: how many partitions the log has.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from contracts.kafka_connection import KafkaConnection
from contracts.topics import SEQUENCED, TOPICS, of_vendor
from hub.errors import HubError

_BROKERS_OWN = -1
"""The broker's `default.replication.factor` decides: only who runs the cluster knows."""


class ClusterUnreachable(HubError):
    """No broker of the cluster answers."""


class TopicsRefused(HubError):
    """The cluster will not create or describe topics for us."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A topic as table 1 has it, for one vendor where it is a vendor's."""

    name: str
    partitions: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as the cluster has it."""

    partitions: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as table 1 has it. `what`: `topic` (missing), `partitions` or a setting's name."""

    topic: str
    what: str
    wanted: str
    found: str


def wanted(vendors: Collection[str]) -> tuple[Wanted, ...]:
    """Every topic the hub needs for these vendors."""
    return tuple(
        Wanted(name, topic.partitions, topic.config)
        for topic in TOPICS
        for name in dict.fromkeys(of_vendor(topic, vendor) for vendor in (vendors or ("",)))
        if vendors or "<vendor>" not in topic.name
    )


def differences(wanted: Collection[Wanted], found: Mapping[str, Found]) -> tuple[Difference, ...]:
    """What is missing or otherwise. More partitions than wanted are a difference too: keys would move. Only the log may grow."""
    return tuple(one for topic in wanted for one in _compare(topic, found.get(topic.name)))


async def create(connection: KafkaConnection, *, vendors: Collection[str]) -> tuple[str, ...]:
    """Create what is missing; what is there is left as it is, so that a second run is safe. Gives the names created."""
    async with administering(connection) as admin:
        new = [NewTopic(one.name, one.partitions, _BROKERS_OWN, {}, dict(one.config)) for one in wanted(vendors)]
        answer = await admin.create_topics(new)
    return tuple(name for name, code, *_ in answer.topic_errors if _was_created(name, code))


async def grow(connection: KafkaConnection, topic: str, partitions: int) -> None:
    """Give a topic so many partitions in all. Its keys move: only for who moves what hangs on them too. Raises ClusterUnreachable."""
    async with administering(connection) as admin:
        await admin.create_partitions({topic: NewPartitions(partitions)})


async def check(connection: KafkaConnection, *, vendors: Collection[str]) -> tuple[Difference, ...]:
    """What is not as table 1 has it; empty when all is well."""
    return differences(wanted(vendors), await find(connection, names=[one.name for one in wanted(vendors)]))


async def find(connection: KafkaConnection, *, names: Collection[str]) -> dict[str, Found]:
    """These topics as the cluster has them; those it lacks are left out."""
    async with administering(connection) as admin:
        described = [one for one in await admin.describe_topics(list(names)) if _is_there(one["topic"], one["error_code"])]
        configs = await _configs(admin, [one["topic"] for one in described])
    return {one["topic"]: Found(len(one["partitions"]), configs[one["topic"]]) for one in described}


async def partitions(connection: KafkaConnection) -> dict[str, int]:
    """Every topic that we may see, and how many partitions it has."""
    async with administering(connection) as admin:
        return {one["topic"]: len(one["partitions"]) for one in await admin.describe_topics() if _is_there(one["topic"], one["error_code"])}


async def copies(connection: KafkaConnection, names: Collection[str]) -> dict[str, tuple[int, int]]:
    """Of these topics: how many copies its poorest partition has, and how many of them are in sync."""
    async with administering(connection) as admin:
        described = [one for one in await admin.describe_topics(list(names)) if _is_there(one["topic"], one["error_code"])]
    return {
        one["topic"]: (min(len(part["replicas"]) for part in one["partitions"]), min(len(part["isr"]) for part in one["partitions"]))
        for one in described
    }


def _compare(topic: Wanted, found: Found | None) -> list[Difference]:
    if found is None:
        return [Difference(topic.name, "topic", "there", "missing")]
    pairs = {"partitions": (str(topic.partitions), str(found.partitions))}
    if topic.name == SEQUENCED.name and found.partitions > topic.partitions:
        del pairs["partitions"]  # by `hub grow`: a worker checks that the cases have moved with it
    pairs |= {key: (value, found.config.get(key, "unset")) for key, value in topic.config.items()}
    return [Difference(topic.name, what, want, have) for what, (want, have) in pairs.items() if want != have]


async def _configs(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    told: dict[str, dict[str, str]] = {}
    for code, _, _, name, entries in (resource for answer in answers for resource in answer.resources):
        _is_there(name, code)
        told[name] = {entry[0]: entry[1] for entry in entries}
    return told


def _was_created(name: str, code: int) -> bool:
    # create_topics gives its errors back and raises none
    return _passes(name, code, unless=TopicAlreadyExistsError)


def _is_there(name: str, code: int) -> bool:
    return _passes(name, code, unless=UnknownTopicOrPartitionError)


def _passes(name: str, code: int, *, unless: type[KafkaError]) -> bool:
    error = for_code(code)
    if error not in (NoError, unless):
        raise TopicsRefused(f"{name}: the cluster says {error.__name__}.")
    return error is NoError


@asynccontextmanager
async def administering(connection: KafkaConnection) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client for as long as one is inside. Raises ClusterUnreachable, also for what goes wrong inside."""
    admin = AIOKafkaAdminClient(**connection.client_settings(), request_timeout_ms=10_000)
    try:
        await admin.start()
        yield admin
    except KafkaError as error:
        servers = ", ".join(connection.bootstrap)
        # a wrong password ends the connection, and looks like a cluster that is away
        or_password = " or does not take name and password" if connection.sasl_mechanism else ""
        raise ClusterUnreachable(f"The Kafka cluster at {servers} does not answer{or_password} ({type(error).__name__}).") from error
    finally:
        await admin.close()

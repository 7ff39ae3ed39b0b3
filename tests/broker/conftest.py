"""What the tests against the broker stand on, beside what they share with all others. A module that needs another ground has its own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from hub.certify.numbered import VENDORS
from tests.broker.cluster import Cluster
from tests.broker.ground import Ground, standing
from tests.broker.subscriber import Subscriber, subscriber


@pytest.fixture
def cluster(kafka_bootstrap: str) -> Cluster:
    """The session's broker, as these tests use it."""
    return Cluster(kafka_bootstrap)


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """A broker and a database of the module's own, with nothing else in them: its tests may stop both, and kill who works on them."""
    with standing() as ground:
        yield ground


@pytest.fixture
async def portal(ground: Ground) -> AsyncIterator[Subscriber]:
    """Subscribes to all that leaves."""
    async with subscriber(ground.kafka.bootstrap, VENDORS) as listening:
        yield listening

"""The broker's own fixtures."""

import pytest

from tests.broker.cluster import Cluster


@pytest.fixture
def cluster(kafka_bootstrap: str) -> Cluster:
    """The session's broker, as these tests use it."""
    return Cluster(kafka_bootstrap)

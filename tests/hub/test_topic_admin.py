"""Table 1 against a real cluster."""

import pytest

from contracts.kafka_connection import KafkaConnection
from contracts.topics import INBOX, SEQUENCED, of_vendor
from hub.local.ports import free_pair
from hub.topic_admin import ClusterUnreachable, Difference, Found, TopicsRefused, Wanted, check, create, differences, find, wanted

VENDORS = ("bjerk", "topic-admin")


def test_every_vendor_has_its_own_topics_and_the_others_are_there_once() -> None:
    """Two vendors: their three topics each, the rest shared."""
    names = [one.name for one in wanted(VENDORS)]
    assert len(names) == len(set(names))
    assert {of_vendor(INBOX, vendor) for vendor in VENDORS} <= set(names)
    assert names.count(SEQUENCED.name) == 1


def test_without_vendors_there_are_no_vendors_topics() -> None:
    """A placeholder is never a topic's name."""
    assert not any("<" in one.name or ".." in one.name for one in wanted(()))


def test_a_missing_topic_other_partitions_and_another_setting_are_differences() -> None:
    """Each is told with what was wanted and what was found."""
    want = [Wanted("a", 3, {}), Wanted("b", 3, {"cleanup.policy": "compact"})]
    assert differences(want, {"b": Found(4, {"cleanup.policy": "delete"})}) == (
        Difference("a", "topic", "there", "missing"),
        Difference("b", "partitions", "3", "4"),
        Difference("b", "cleanup.policy", "compact", "delete"),
    )


@pytest.mark.broker
async def test_what_is_created_is_as_table_1_has_it_and_a_second_run_creates_nothing(kafka_bootstrap: str) -> None:
    """Missing before, right after, and safe to run again."""
    connection = KafkaConnection((kafka_bootstrap,))
    missing = {one.topic for one in await check(connection, vendors=VENDORS) if one.what == "topic"}
    assert {of_vendor(INBOX, vendor) for vendor in VENDORS} <= missing
    assert set(await create(connection, vendors=VENDORS)) == missing
    assert await check(connection, vendors=VENDORS) == ()
    assert await create(connection, vendors=VENDORS) == ()


@pytest.mark.broker
async def test_an_error_in_the_clusters_answer_is_raised(kafka_bootstrap: str) -> None:
    """The library gives errors back without raising: a name that cannot be is not passed over."""
    connection = KafkaConnection((kafka_bootstrap,))
    with pytest.raises(TopicsRefused, match="InvalidTopic"):
        await create(connection, vendors=("not a name",))


@pytest.mark.broker
async def test_a_topic_that_is_not_there_is_left_out(kafka_bootstrap: str) -> None:
    """And asking for it does not make it."""
    connection = KafkaConnection((kafka_bootstrap,))
    for _ in range(2):
        assert await find(connection, names=["never-made"]) == {}


async def test_a_cluster_that_does_not_answer_is_named() -> None:
    """One clear line with the address."""
    server = f"127.0.0.1:{free_pair()}"
    with pytest.raises(ClusterUnreachable, match=server):
        await check(KafkaConnection((server,)), vendors=VENDORS)

"""A transaction that does not end is seen by who may only ask for offsets."""

from datetime import UTC, datetime, timedelta

from aiokafka import AIOKafkaProducer, TopicPartition

from consumers.spans import open_since, standing_on
from tests.broker.cluster import Cluster

LATER, EARLIER = timedelta(seconds=10), timedelta(hours=-1)


async def test_a_transaction_is_seen_while_it_stays_open(cluster: Cluster) -> None:
    """On its partition alone, from when it began until it is committed; a younger one is nobody's concern."""
    topic = await cluster.topic("hanging", 2)
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, transactional_id=topic)
    await producer.start()

    async def hanging(than: timedelta) -> list[TopicPartition]:
        return await open_since(cluster.connection, await standing_on(cluster.connection, {topic: 2}), before=datetime.now(UTC) + than)

    try:
        async with producer.transaction():
            await producer.send_and_wait(topic, b"before", partition=1)
        assert await hanging(LATER) == []
        async with producer.transaction():
            await producer.send_and_wait(topic, b"open", partition=1)
            assert await hanging(LATER) == [TopicPartition(topic, 1)]
            assert await hanging(EARLIER) == []
        assert await hanging(LATER) == []
    finally:
        await producer.stop()

"""The examples on the real broker: what is put lies there in order, and a subscriber sees what was committed and nothing else."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.topics import ERRORS, INBOX, OUTBOX, of_vendor
from examples.epj import Step, heard, put
from examples.portal import subscribe
from examples.scenario import scenario
from examples.subscriber import Heard, Record, records

pytestmark = pytest.mark.broker
LIMIT = 30


@pytest.fixture
async def vendor(kafka_bootstrap: str) -> str:
    """A vendor of this test's own, with its topics."""
    name = f"v{uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(of_vendor(topic, name), 2, 1) for topic in (INBOX, OUTBOX, ERRORS)])
    await admin.close()
    return name


async def test_each_patients_messages_lie_on_the_inbox_in_their_order(kafka_bootstrap: str, vendor: str) -> None:
    """Where `put` says they lie; the key keeps one patient on one partition."""
    steps = [replace(step, vendor=vendor) for step in scenario(date(2026, 3, 2))]
    lie = await put(kafka_bootstrap, steps)
    found = await first(len(steps), kafka_bootstrap, of_vendor(INBOX, vendor))
    assert {place.topic for place in lie} == {of_vendor(INBOX, vendor)}
    for key in {step.key for step in steps}:
        assert [record.value for record in found if record.key == key] == [step.body for step in steps if step.key == key]
        assert len({place.partition for place, step in zip(lie, steps, strict=True) if step.key == key}) == 1


async def test_a_subscriber_never_sees_what_was_not_committed(kafka_bootstrap: str, vendor: str) -> None:
    """An aborted transaction lies on the topic all the same: `read_committed` passes over it."""
    topic = of_vendor(ERRORS, vendor)
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, transactional_id=vendor)
    await producer.start()
    for value, commits in ((b'{"n": 1}', False), (b'{"n": 2}', True)):
        await producer.begin_transaction()
        await producer.send_and_wait(topic, value, key=b"k", headers=[("ce_type", b"hub.transport.error.v1")], partition=0)
        await (producer.commit_transaction() if commits else producer.abort_transaction())
    await producer.stop()
    async with asyncio.timeout(LIMIT), aclosing(subscribe(kafka_bootstrap, topic)) as events:
        assert await anext(events) == Heard(topic, "k", {"ce_type": "hub.transport.error.v1"}, {"n": 2})


async def test_a_vendor_hears_both_its_outbox_and_its_errors(kafka_bootstrap: str, vendor: str) -> None:
    """One subscription; XML has no CloudEvents type."""
    sent = [(of_vendor(topic, vendor), topic.carries.encode()) for topic in (OUTBOX, ERRORS)]
    async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap) as producer:
        for topic, value in sent:
            await producer.send_and_wait(topic, value)
    found: set[tuple[str, bytes | None]] = set()
    async with asyncio.timeout(LIMIT), aclosing(heard(kafka_bootstrap, vendor)) as told:
        while len(found) < len(sent):
            record = await anext(told)
            assert record.type is None
            found.add((record.topic, record.value))
    assert found == set(sent)


def test_a_step_and_a_record_print_nothing_of_a_person() -> None:
    """Bodies and values stay out of a log that shows one."""
    step: Step = scenario(date(2026, 3, 2))[0]
    assert "MsgHead" not in repr(step)
    assert "MsgHead" not in repr(Record("a", "k", {}, step.body))


async def first(count: int, bootstrap: str, topic: str) -> list[Record]:
    """The first records of a topic; a TimeoutError when they do not come."""
    async with asyncio.timeout(LIMIT), aclosing(records(bootstrap, topic)) as told:
        return [await anext(told) for _ in range(count)]

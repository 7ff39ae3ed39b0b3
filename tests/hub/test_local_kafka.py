"""The local broker: real, alone on the loopback, and gone when its starter is gone."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from hub.local.kafka import LocalKafka
from hub.local.ports import EPHEMERAL, LOOPBACK, PortTaken

_KILLED_STARTER = """
import os, signal, sys
from pathlib import Path
from hub.local.kafka import LocalKafka
kafka = LocalKafka(Path(sys.argv[1]), port=0)
kafka.start()
print(kafka.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.broker
async def test_a_message_written_before_a_kill_is_read_after_it(tmp_path: Path) -> None:
    """What the broker has acknowledged survives kill -9, and the broker comes back on the same port."""
    with LocalKafka(tmp_path, port=0) as kafka:
        await _create(kafka, "kept")
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
            await producer.send_and_wait("kept", b"a")
        before = kafka.bootstrap
        kafka.kill()
        kafka.start()
        assert kafka.bootstrap == before
        async with AIOKafkaConsumer("kept", bootstrap_servers=before, auto_offset_reset="earliest") as consumer:
            assert (await consumer.getone()).value == b"a"


@pytest.mark.broker
def test_the_broker_listens_on_the_loopback_alone_below_the_ephemeral_ports(local_kafka: LocalKafka) -> None:
    """Nothing outside this machine reaches it, and no client's own source port can collide with it."""
    listening = [
        c.laddr for c in psutil.Process(local_kafka.pid).net_connections("tcp") if c.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert all(address.ip in (LOOPBACK, f"::ffff:{LOOPBACK}") and address.port < EPHEMERAL for address in listening)


@pytest.mark.broker
def test_a_second_start_in_the_folder_uses_the_running_broker_and_leaves_it(local_kafka: LocalKafka) -> None:
    """Two commands in one folder share a broker; only its starter stops it."""
    with LocalKafka(local_kafka.folder, port=0) as second:
        assert (second.bootstrap, second.pid) == (local_kafka.bootstrap, local_kafka.pid)
    assert local_kafka.is_running


@pytest.mark.broker
def test_a_taken_port_is_named_before_anything_is_written(local_kafka: LocalKafka, tmp_path: Path) -> None:
    """Another program on the port is told by its number, with what to do."""
    with pytest.raises(PortTaken, match=str(local_kafka.port)):
        LocalKafka(tmp_path, port=local_kafka.port).start()
    assert not (tmp_path / "data").exists()


@pytest.mark.broker
def test_the_broker_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    """kill -9 of the starter leaves no broker behind: its leash closes."""
    starter = subprocess.run(
        [sys.executable, "-c", _KILLED_STARTER, str(tmp_path)], capture_output=True, text=True, timeout=120, check=False,
    )
    pid = int(starter.stdout)
    if psutil.pid_exists(pid):
        psutil.Process(pid).wait(30)
    assert not LocalKafka(tmp_path).is_running


async def _create(kafka: LocalKafka, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 1, 1)])
    finally:
        await admin.close()

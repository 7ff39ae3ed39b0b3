"""The real Apache Kafka, one KRaft node, for newcomers and tests. Never listens beyond the loopback, never outlives its starter.

The broker runs under a leash: a shell that reads a pipe of the starter's. When the starter ends, however it ends, the pipe closes and the
shell ends the broker. It has a session of its own, so that Ctrl-C in a terminal reaches the hub first and the broker is stopped after it.
A second command in the same folder finds the running broker and uses it; only its starter stops it.
"""

import asyncio
import atexit
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psutil
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from contracts.kafka_connection import KafkaConnection
from hub.errors import HubError
from hub.local import Progress, silent
from hub.local.jars import kafka_jars
from hub.local.java import find_java
from hub.local.lock import one_starter
from hub.local.ports import LOOPBACK, answers, free_pair, require_free

PORT = 19_092
"""Where a newcomer's broker listens; its controller has the port above."""
_CLUSTER_ID = "EPJ-hub-local-broker-A"
_START_SECONDS, _STOP_SECONDS = 90.0, 30.0
# a line on the pipe lets go of the broker; an end without one means that the starter is gone
_LEASH = 'exec 3<&0; "$@" & echo $! >"$0"; broker=$!; (read -r _ <&3 || kill $broker) & exec 3<&-; wait $broker'
_PLAIN = """\
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
"""
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
message.max.bytes=18000000
replica.fetch.max.bytes=18000000
auto.create.topics.enable=false
log.cleaner.dedupe.buffer.size=8388608
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=1000
"""


class BrokerDidNotStart(HubError):
    """The local broker ended, or did not answer in time."""


class LocalKafka:
    """A broker in a folder. `port=0` picks free ports; `heap` is Java's -Xmx. `progress` hears each step."""

    def __init__(
        self, folder: Path, *, port: int = PORT, heap: str = "320m", progress: Progress = silent
    ) -> None:
        self.folder = folder.resolve()
        self.heap = heap
        self._port, self._progress = port, progress
        self._leash: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """The port clients use; of a running broker, the one it has."""
        return self._port

    @property
    def bootstrap(self) -> str:
        """What clients are given as bootstrap servers."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def connection(self) -> KafkaConnection:
        """How its starter reaches it."""
        return KafkaConnection((self.bootstrap,))

    @property
    def pid(self) -> int | None:
        """The broker's process id, or None when it is not running."""
        broker = self._broker()
        return broker.pid if broker else None

    @property
    def is_running(self) -> bool:
        """Whether the broker's process is alive."""
        return self._broker() is not None

    @property
    def is_mine(self) -> bool:
        """Whether this object started it, and so stops it."""
        return self._leash is not None

    @property
    def log(self) -> Path:
        """The broker's own words."""
        return self.folder / "broker.log"

    def start(self) -> None:
        """Start and wait until it answers; formats the folder the first time. A broker already running in the folder is used."""
        with one_starter(self.folder):
            if self.is_running:
                self._port = self._port_in_use()
            else:
                self._start_new()
            self._await_answer()

    def stop(self) -> None:
        """Let the broker write what it has and end. Only for the starter: a broker of somebody else's is left alone."""
        self._end(lambda broker: broker.terminate())

    def kill(self) -> None:
        """End it at once, as `kill -9` does."""
        self._end(lambda broker: broker.kill())

    def restart(self) -> None:
        """Stop, and start on the same port with the same data."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start_new(self) -> None:
        self._port = self._port or free_pair()
        require_free(self._port, self._port + 1)
        jars = kafka_jars(self._progress)
        java = [str(find_java()), f"-Xmx{self.heap}", "-XX:+ExitOnOutOfMemoryError",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", ":".join(map(str, jars))]
        self._write_properties()
        self._format_once(java)
        self._progress(f"starting Apache Kafka on {self.bootstrap}")
        self._spawn([*java, "kafka.Kafka", str(self._properties)])

    def _write_properties(self) -> None:
        self._properties.write_text(
            self._words().format(host=LOOPBACK, port=self._port, controller=self._port + 1, data=self._data),
        )

    def _words(self) -> str:
        """The broker's properties, with {host}, {port}, {controller} and {data} to be filled in."""
        return _PROPERTIES + self._listeners()

    def _listeners(self) -> str:
        """Who may connect, and how: the part of the broker's properties in which brokers differ."""
        return _PLAIN

    def _format_arguments(self) -> list[str]:
        return ["format", "-t", _CLUSTER_ID, "-c", str(self._properties)]

    def _format_once(self, java: list[str]) -> None:
        if (self._data / "meta.properties").exists():
            return
        self._progress("formatting the broker's folder")
        tool = [*java, "kafka.tools.StorageTool", *self._format_arguments()]
        with self.log.open("ab") as log:
            # on its standard output stand keys that are derived from passwords
            done = subprocess.run(  # noqa: S603 - our own words
                tool, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, check=False,
            )
        if done.returncode:
            raise BrokerDidNotStart(f"The broker's folder could not be formatted. Its own words are in {self.log}")

    def _spawn(self, command: list[str]) -> None:
        self._pid_file.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._leash = subprocess.Popen(  # noqa: S603 - our own words
                ["/bin/sh", "-c", _LEASH, str(self._pid_file), *command],
                stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
            )
        atexit.register(self.stop)

    def _await_answer(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._leash and self._leash.poll() is not None:
                break
            if answers(self._port) and _has_a_broker(self.connection):
                return
            time.sleep(0.1)
        self.kill()
        raise BrokerDidNotStart(f"Apache Kafka did not start. Its own words are in {self.log}")

    def _end(self, how: Callable[[psutil.Process], None]) -> None:
        leash, self._leash = self._leash, None
        if leash is None:
            return
        atexit.unregister(self.stop)
        _end_process(self._broker(), how)
        # the newline lets the leash's reader go without a kill
        leash.communicate(b"\n", timeout=_STOP_SECONDS)
        self._pid_file.unlink(missing_ok=True)

    def _broker(self) -> psutil.Process | None:
        try:
            broker = psutil.Process(int(self._pid_file.read_text()))
            # a process id is given anew after a while: this one must be running in our folder
            return broker if str(self._properties) in broker.cmdline() else None
        except (OSError, ValueError, psutil.Error):
            return None

    def _port_in_use(self) -> int:
        listeners = next(line for line in self._properties.read_text().splitlines() if line.startswith("listeners="))
        return int(listeners.partition(",")[0].rpartition(":")[2])

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _pid_file(self) -> Path:
        return self.folder / "broker.pid"


def _end_process(process: psutil.Process | None, how: Callable[[psutil.Process], None]) -> None:
    if process is None:
        return
    try:
        how(process)
        process.wait(_STOP_SECONDS)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        process.kill()


def _has_a_broker(connection: KafkaConnection) -> bool:
    """Whether the cluster names a broker: a node that is still fenced accepts connections and is not named."""
    found: list[bool] = []
    # a thread of its own: the caller may be inside a running event loop
    asking = threading.Thread(target=lambda: found.append(asyncio.run(_names_a_broker(connection))))
    asking.start()
    asking.join()
    return found == [True]


async def _names_a_broker(connection: KafkaConnection) -> bool:
    admin = AIOKafkaAdminClient(**connection.client_settings(), request_timeout_ms=3000)
    try:
        await admin.start()
        return bool((await admin.describe_cluster())["brokers"])
    except (KafkaError, OSError):
        return False
    finally:
        await admin.close()

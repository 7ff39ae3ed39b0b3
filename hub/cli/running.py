"""`hub run`: the hub itself. One worker in this process, or several supervised ones."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Final

import typer
from rich.console import Console

from hub.ground import Ground, standing
from hub.logs import get, writing
from hub.settings import Settings, read_settings
from hub.topic_admin import create

log = get("run")
RESTART_AFTER: Final = 1.0
"""Seconds before a worker that ended is started again."""
STOP_WITHIN: Final = 30.0
"""Seconds that all workers together have to finish their transactions; then they are killed."""


def run(
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes; each takes its share of the partitions.")] = 1,
) -> None:
    """Run the hub until Ctrl-C: reception of all inboxes, and casework.

    With no cluster or database named, local ones are started in the data folder.

    Example: [bold]HUB_KAFKA_BOOTSTRAP_SERVERS=kafka-1:9092 HUB_DATABASE_URL=postgresql://hub@db/hub hub run --workers 4[/bold]
    """
    settings, console = read_settings(), Console(stderr=True, highlight=False, soft_wrap=True)
    with standing(settings, progress=lambda line: console.print(line, style="dim")) as ground:
        asyncio.run(prepare(settings, ground))
        console.print(f"The hub works. Health and metrics: http://{settings.http_host}:{settings.http_port}/health/ready", style="dim")
        if workers == 1:
            in_this_process(settings, ground)
        else:
            with writing(level=settings.log_level, form=settings.log_format):
                Supervised(settings, workers).run()


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


async def prepare(settings: Settings, ground: Ground) -> None:
    """The tables always; the topics only on our own local broker: a cluster's topics are its owner's (`hub topics create`).

    The register's file and that of the tokens are read, so that a wrong one stops the start before any worker does.
    """
    from hub.memory.migrate import migrate  # SQLAlchemy and Alembic: a second of every command's start

    settings.entrance()
    if settings.names_register:
        settings.register()
    await migrate(ground.database_url)
    if settings.is_local:
        await create(ground.kafka, vendors=settings.register().vendors)


def in_this_process(settings: Settings, ground: Ground) -> None:
    """One worker, on uvloop where there is one."""
    from hub.worker import new_metrics, work  # the command line starts without the stations

    metrics = new_metrics()
    log_as_set = writing(level=settings.log_level, form=settings.log_format, dropped=metrics.log_dropped)
    with log_as_set, asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(work(
            settings, kafka=ground.kafka, database_url=ground.database_url, http_port=settings.http_port, metrics=metrics,
        ))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, where there is one."""
    try:
        import uvloop  # not on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop


@dataclass(slots=True)
class Supervised:
    """Several workers, each a process of its own on the next port; one that ends is started again."""

    settings: Settings
    workers: int
    _processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    _stopping: bool = False

    def run(self) -> None:
        """Until a signal comes; then every worker finishes its transaction."""
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self._stop)
        try:
            while not self._stopping:
                self._start_missing()
                time.sleep(RESTART_AFTER)
        finally:
            self._end_all()

    def _start_missing(self) -> None:
        for number in range(self.workers):
            process = self._processes.get(number)
            if process is None or process.poll() is not None:
                if process is not None:
                    log.error("worker_ended", worker=number, status=process.returncode)
                self._processes[number] = self._start(number)

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        environment = os.environ | {"HUB_HTTP_PORT": str(self.settings.http_port + number)}
        command = [sys.executable, "-m", "hub", "run", "--workers", "1"]
        return subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603  our own command

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _end_all(self) -> None:
        for process in self._processes.values():
            process.terminate()
        until = time.monotonic() + STOP_WITHIN
        for process in self._processes.values():
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()

"""`hub kafka`: the local broker in the foreground. Never for production."""

import signal
import threading
from typing import Annotated

import typer
from rich.console import Console

from hub.errors import HubError
from hub.local.kafka import PORT, LocalKafka
from hub.settings import read_settings


class BrokerEnded(HubError):
    """The local broker ended by itself."""


def kafka(
    port: Annotated[int, typer.Option(help="Where clients find it; the port above is its controller's. 0: any free pair.")] = PORT,
    heap: Annotated[str, typer.Option(help="Java's memory.")] = "320m",
) -> None:
    """Start the local Apache Kafka and keep it until Ctrl-C.

    Example: [bold]hub kafka --port 29092[/bold]
    """
    console = Console(highlight=False, soft_wrap=True)
    broker = LocalKafka(
        read_settings().data_dir / "kafka", port=port, heap=heap, progress=lambda line: console.print(line, style="dim")
    )
    ended = _ended_by_signal()
    with broker:
        if not broker.is_mine:
            console.print(f"Apache Kafka answers on {broker.bootstrap} already; another command started it.")
            return
        console.print(f"Apache Kafka answers on [bold]{broker.bootstrap}[/bold] (process {broker.pid}). Ctrl-C stops it.")
        _keep(broker, ended)
    console.print("Stopped.")


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("kafka")(kafka)


def _ended_by_signal() -> threading.Event:
    ended = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: ended.set())
    return ended


def _keep(broker: LocalKafka, ended: threading.Event) -> None:
    while not ended.wait(1):
        if not broker.is_running:
            raise BrokerEnded(f"Apache Kafka ended by itself. Its own words are in {broker.log}")

"""`hub kafka`: the local broker in the foreground, open or with its doors shut. Never for production, never shows a password."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from contracts.rights import VENDOR_PRINCIPAL, principals
from contracts.topics import VENDOR
from hub.errors import HubError
from hub.local import Progress
from hub.local.kafka import PORT, LocalKafka
from hub.settings import Settings, read_settings


class BrokerEnded(HubError):
    """The local broker ended by itself."""


def kafka(
    port: Annotated[int | None, typer.Option(
        help="Where clients find it; the port above is its controller's. 0: any free pair.", show_default=f"{PORT}, secure {PORT + 2}",
    )] = None,
    heap: Annotated[str, typer.Option(help="Java's memory.")] = "320m",
    secure: Annotated[bool, typer.Option(
        "--secure", help="With TLS, passwords and rights as a real cluster has them: topics, and a file for each who may connect.",
    )] = False,
) -> None:
    """Start the local Apache Kafka and keep it until Ctrl-C.

    Example: [bold]hub kafka --secure[/bold]
    """
    console = Console(highlight=False, soft_wrap=True)
    settings = read_settings()
    broker = _broker(settings, port=port, heap=heap, secure=secure, progress=lambda line: console.print(line, style="dim"))
    ended = _ended_by_signal()
    with broker:
        if not broker.is_mine:
            console.print(f"Apache Kafka answers on {broker.bootstrap} already; another command started it.")
            return
        if secure:
            _tell_doors(broker, settings, console)
        console.print(f"Apache Kafka answers on [bold]{broker.bootstrap}[/bold] (process {broker.pid}). Ctrl-C stops it.")
        _keep(broker, ended)
    console.print("Stopped.")


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("kafka")(kafka)


def _broker(settings: Settings, *, port: int | None, heap: str, secure: bool, progress: Progress) -> LocalKafka:
    if not secure:
        return LocalKafka(settings.data_dir / "kafka", port=PORT if port is None else port, heap=heap, progress=progress)
    from hub.local.secure_kafka import PORT as SECURE_PORT  # certificates: only a secure broker needs their library
    from hub.local.secure_kafka import SecureKafka

    return SecureKafka(settings.data_dir / "secure-kafka", port=SECURE_PORT if port is None else port, heap=heap, progress=progress)


def _tell_doors(broker: LocalKafka, settings: Settings, console: Console) -> None:
    from hub.doors.quotas import Quota
    from hub.doors.trial import furnish
    from hub.local.secure_kafka import SecureKafka

    if not isinstance(broker, SecureKafka):
        raise TypeError("a broker without doors")
    quota = Quota(settings.vendor_producer_byte_rate, settings.vendor_consumer_byte_rate, settings.vendor_request_percentage)
    files = asyncio.run(furnish(broker, settings.register(), quota, group_prefix=settings.group_prefix))
    for line in _doors(files, broker.ca_file):
        console.print(line, markup=False)


def _doors(files: dict[str, Path], ca_file: Path) -> Iterator[str]:
    who = {principal.name: principal.who for principal in principals(())}
    width = max(map(len, files))
    yield f"Its authority, for every client to verify it by: {ca_file}"
    yield "How each reaches it, with its password (readable by you alone):"
    for name, file in files.items():
        told = who.get(name) or (VENDOR_PRINCIPAL.who if name.startswith(VENDOR_PRINCIPAL.name.removesuffix(VENDOR)) else "everything")
        yield f"  {name:<{width}}  {file}  ({told})"
    yield "The *.env are for `hub` itself:  set -a; . FILE; set +a; hub run"
    yield "The *.properties are librdkafka's names, for everybody else's client. What each may do: docs/rights.md"


def _ended_by_signal() -> threading.Event:
    ended = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: ended.set())
    return ended


def _keep(broker: LocalKafka, ended: threading.Event) -> None:
    while not ended.wait(1):
        if not broker.is_running:
            raise BrokerEnded(f"Apache Kafka ended by itself. Its own words are in {broker.log}")

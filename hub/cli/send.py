"""`hub send`: files onto a vendor's inbox. Prints coordinates, never content."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from contracts.topics import INBOX, of_vendor
from hub.errors import WrongUse
from hub.files import FileUnusable, find_files, read_file
from hub.sending import Arrival
from hub.sending import send as sending
from hub.settings import read_settings
from hub.visiting import register_in_force, require_topic, running_kafka
from schemas.splitting import messages_in

Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders: then every *.xml below them.", show_default=False)]
Vendor = Annotated[str, typer.Option(help="Whose inbox. It must be in the register.", show_default=False)]


def send(path: Paths, vendor: Vendor) -> None:
    """Put messages on a vendor's inbox and print where each arrived: one record a message, in order, byte for byte.

    Without HUB_KAFKA_BOOTSTRAP_SERVERS the local broker of a running hub is used; none is started.

    Example: [bold]hub send --vendor fjord confirmation.xml more/[/bold]

    Exit 0: all arrived. 1: some not. 2: wrong use; then nothing was sent.
    """
    settings = read_settings()
    found = find_files(path)
    if found.unusable:
        raise FileUnusable("\n".join((*found.unusable, "Nothing was sent.")))
    connection = running_kafka(settings)
    _require_vendor(vendor, register_in_force(settings, connection).vendors)
    require_topic(connection, of_vendor(INBOX, vendor), mend=f"hub topics create --vendor {vendor}")
    refused = asyncio.run(_printed(sending(_messages(found.files), vendor=vendor, connection=connection)))
    raise typer.Exit(int(refused))


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("send")(send)


def _require_vendor(vendor: str, vendors: Iterable[str]) -> None:
    if vendor not in vendors:
        raise WrongUse(f"--vendor: the register has no vendor of that name. It has: {', '.join(vendors)}")


def _messages(files: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for file in files:
        yield from ((str(file), piece.body) for piece in messages_in(read_file(file)))


async def _printed(arrivals: AsyncIterator[Arrival]) -> bool:
    """A line each. Whether some were refused."""
    console = Console(highlight=False, soft_wrap=True, markup=False)
    count, refused = 0, 0
    async for arrival in arrivals:
        count, refused = count + 1, refused + (arrival.where is None)
        console.print(f"{arrival.file} → {arrival.where or 'refused: larger than an inbox takes'}")
    console.print(f"{count - refused} sent, {refused} refused.")
    return bool(refused)

"""`hub drain`, `hub grow`: the log is emptied of what waits, and given more partitions. Neither runs beside a hub that works."""

import asyncio
from typing import Annotated

import typer

from hub.growing import MOST
from hub.growing import grow as grown
from hub.settings import read_settings
from hub.visiting import running_kafka, visited_database

Partitions = Annotated[int, typer.Argument(min=1, max=MOST, help="How many the log is to have in all.", show_default=False)]


def drain() -> None:
    """Decide everything that stands in the log, and end. Stop every hub first: this one reads no input.

    Example: [bold]hub drain[/bold]
    """
    from hub.draining import drain as drained  # the command line starts without the stations

    settings = read_settings()
    connection = running_kafka(settings)
    with visited_database(settings) as url:
        asyncio.run(drained(settings, connection=connection, database_url=url))
    typer.echo("Everything in the log is decided.")


def grow(partitions: Partitions) -> None:
    """Give the log more partitions, and move every case to its new place. Stop every hub and run hub drain first.

    Running it again is safe, whatever stopped it; no hub starts before it has come to its end. Back up the database first.

    Example: [bold]hub grow 12[/bold]
    """
    settings = read_settings()
    connection = running_kafka(settings)
    with visited_database(settings) as url:
        cases = asyncio.run(grown(connection, database_url=url, prefix=settings.group_prefix, partitions=partitions))
    typer.echo(f"The log has {partitions} partitions, and {cases} cases lie where it has them. Start the hub again.")


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("drain")(drain)
    app.command("grow")(grow)

"""`hub pseudonyms rotate`: the cases get the names of a new key. Shows counts, never a name and never a person."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from hub.renaming import Renaming
from hub.settings import read_settings
from hub.visiting import running_kafka, visited_database

_pseudonyms = typer.Typer(help="The names of the cases.", no_args_is_help=True)

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only count what would be renamed and forgotten.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of lines.")]


@_pseudonyms.callback()
def _root() -> None:
    """The names of the cases.

    Example: [bold]hub pseudonyms rotate --dry-run[/bold]
    """


@_pseudonyms.command()
def rotate(dry_run: DryRun = False, as_json: Json = False) -> None:
    """Name every case by a new key. Stop every hub and run hub drain first; afterwards the old key is needed no more.

    HUB_PSEUDONYM_KEY and its version are the new key's, HUB_PREVIOUS_PSEUDONYM_KEY and its version the old one's. Running it again is safe,
    whatever stopped it; no hub starts before it has come to its end. Back up the database first.

    Example: [bold]hub pseudonyms rotate --dry-run[/bold]

    JSON: renamed cases, citizens, letters, sent, deadlines; forgotten cases; statements told anew.
    """
    from hub.rotating import rotate as rotated  # the command line starts without the log's decoders

    settings = read_settings()
    renaming = Renaming(settings.previous_pseudonyms(), settings.pseudonyms())
    connection = running_kafka(settings)
    with visited_database(settings) as url:
        done = asyncio.run(rotated(
            connection, database_url=url, prefix=settings.group_prefix, renaming=renaming, keep=not dry_run, say=_progress,
        ))
    counts = asdict(done.memory) | {"statements": done.statements}
    if as_json:
        typer.echo(json.dumps(counts))
        return
    for what, count in counts.items():
        typer.echo(f"{count:>8} {what}")
    typer.echo("Nothing was changed." if dry_run else "Every case has its new name. Take the previous key away and start the hub again.")


def add(app: typer.Typer) -> None:
    """Add the command and its subcommand."""
    app.add_typer(_pseudonyms, name="pseudonyms")


def _progress(line: str) -> None:
    Console(stderr=True, highlight=False).print(line, style="dim")

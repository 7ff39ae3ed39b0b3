"""`hub rebuild`: the database made anew from the log, and the proof. Prints counts alone, never what is in a message."""

import asyncio
import json
import time
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.table import Column, Table

from hub.database_url import for_asyncpg
from hub.errors import WrongUse
from hub.settings import read_settings
from hub.visiting import require_topic, running_kafka, visited_database

if TYPE_CHECKING:
    from hub.rebuilding.rebuild import Rebuilding, Result

_TELL_EVERY: Final = 2.0

Into = Annotated[str | None, typer.Option(metavar="URL", show_default=False, help=(
    "Into this empty database, beside a hub that may work: it is compared with the hub's own, which is left as it is."
))]
Accept = Annotated[bool, typer.Option("--accept", help="Let the hub go on although the proof found differences.")]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]


def rebuild(into: Into = None, accept: Accept = False, as_json: Json = False) -> None:
    """Fold the log again into a database that was lost or is older than Kafka, with nothing leaving, and prove the result equal.

    Stop all workers first; they decide nothing on a database that is behind. It can be interrupted and run again: it goes on where it was.

    Example: [bold]hub rebuild[/bold], or beside a hub that works: [bold]hub rebuild --into postgresql://hub@db/proof[/bold]

    JSON, an object: folded, equal, proof (what, compared, missing, extra, note). Exit 0: equal. 1: not equal, and the hub still waits.
    """
    from contracts.topics import SEQUENCED
    from hub.rebuilding.rebuild import Rebuilding  # the command line starts without the stations

    settings = read_settings()
    connection = running_kafka(settings)
    require_topic(connection, SEQUENCED.name, mend="it is the log: without it nothing can be rebuilt.")
    with visited_database(settings) as url:
        asked = Rebuilding(
            connection, settings.group_prefix, url, _address(into), timedelta(days=settings.keep_days), settings.pseudonym_key_version,
        )
        result = asyncio.run(_rebuilt(asked, accept))
    if as_json:
        told = [asdict(one) for one in result.proof]
        typer.echo(json.dumps({"folded": result.folded, "equal": result.is_equal, "proof": told}, indent=2))
    else:
        _print(result)
    raise typer.Exit(int(not result.is_equal))


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rebuild")(rebuild)


def _address(url: str | None) -> str | None:
    try:
        return for_asyncpg(url) if url else None
    except ValueError as error:
        raise WrongUse("--into: postgresql://user:password@host:port/database") from error


async def _rebuilt(asked: "Rebuilding", accept: bool) -> "Result":
    from hub.memory.migrate import migrate
    from hub.rebuilding.rebuild import rebuild as rebuilt

    await migrate(asked.target)
    return await rebuilt(asked, accept=accept, progress=_Told())


class _Told:
    """A line now and then."""

    def __init__(self) -> None:
        self._console, self._told_at = Console(stderr=True, highlight=False), time.monotonic()

    def __call__(self, folded: int, offsets: int) -> None:
        if time.monotonic() - self._told_at >= _TELL_EVERY:
            self._told_at = time.monotonic()
            self._console.print(f"{folded:,} records folded, of at most {offsets:,}", style="dim")


def _print(result: "Result") -> None:
    table = Table(
        "compared", Column("rows", justify="right"), Column("missing", justify="right"), Column("too many", justify="right"), "", box=None,
    )
    for one in result.proof:
        table.add_row(one.what, f"{one.compared:,}", str(one.missing or ""), str(one.extra or ""), one.note)
    console = Console(highlight=False, markup=False)
    console.print(table)
    verdict = "Equal: the hub may go on." if result.is_equal else "Not equal. The hub waits; look first, then decide: hub rebuild --accept."
    console.print(f"{result.folded:,} records folded. {verdict}", soft_wrap=True)

"""`hub clean`: forget at once what the workers would forget by and by. Never what is waited for, and never by this machine's clock."""

import asyncio
import json
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cleaning import is_over
from hub.memory.rows import FROM_THE_START
from hub.settings import read_settings
from hub.visiting import visited_database, visited_memory

if TYPE_CHECKING:
    from hub.memory.memory import Memory

DryRun = Annotated[bool, typer.Option("--dry-run", help="Count what would go, and take nothing.")]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of lines.")]


def clean(dry_run: DryRun = False, as_json: Json = False) -> None:
    """Take from the database what is older than HUB_KEEP_DAYS: claims, what was sent, letters that were dealt with, cases that are over.

    The workers do the same in small steps while they work, so nobody needs this command. It may run beside them, and be stopped anywhere.

    Example: [bold]hub clean --dry-run[/bold]

    JSON, an object: rows by table.
    """
    settings = read_settings()
    with visited_database(settings) as url:
        rows = asyncio.run(_cleaned(url, timedelta(days=settings.keep_days), dry_run))
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for table, count in rows.items():
        typer.echo(f"{count:>9} {table}")
    typer.echo(f"{sum(rows.values())} rows {'would go' if dry_run else 'went'}, older than {settings.keep_days} days.")


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("clean")(clean)


async def _cleaned(url: str, keep: timedelta, dry_run: bool) -> dict[str, int]:
    rows: Counter[str] = Counter()
    async with visited_memory(url) as memory:
        for partition, at in (await memory.lanes_marked()).items():
            rows.update(await (_would_go if dry_run else _gone)(memory, partition, at, keep))
    return dict(rows)


async def _would_go(memory: "Memory", partition: int, at: datetime, keep: timedelta) -> dict[str, int]:
    return dict((await memory.would_clean(partition, before=at - keep, is_over=partial(is_over, at=at))).rows)


async def _gone(memory: "Memory", partition: int, at: datetime, keep: timedelta) -> Counter[str]:
    rows: Counter[str] = Counter()
    start, more = FROM_THE_START, True
    while more:
        step = await memory.clean_lane(partition, before=at - keep, cases_from=start, is_over=partial(is_over, at=at))
        rows.update(step.rows)
        start, more = step.cases_from, step.more
    return rows

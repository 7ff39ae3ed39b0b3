"""`hub doctor`: what is wrong with what the hub stands on, in words, with what to do. It looks, and changes nothing."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.table import Column, Table

from hub.errors import HubError
from hub.settings import Settings, read_settings
from hub.visiting import running_kafka, visited_database

if TYPE_CHECKING:
    from hub.doctor.facts import Seen
    from hub.doctor.judging import Finding

_COLOURS: Final = {"well": "green", "warning": "yellow", "wrong": "red", "unseen": "red"}

Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]


def doctor(as_json: Json = False) -> None:
    """Look at the broker, the topics, the database, the register, the clocks and the disks, and say what is wrong and what to do.

    Example: [bold]hub doctor[/bold]

    JSON, a list: where, level (well, warning, wrong, unseen), words, mend. Exit 0: well, warnings at most. 1: something is wrong.
    2: not everything could be looked at.
    """
    from hub.doctor.judging import exit_code, judged  # the command line starts without the stations

    findings = judged(_looked(read_settings()))
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in findings], indent=2))
    else:
        Console(highlight=False).print(_table(findings))
    raise typer.Exit(exit_code(findings))


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def _looked(settings: Settings) -> "Seen":
    from hub.doctor.looking import seen

    why = dict[str, str]()
    connection = url = None
    with ExitStack() as held:
        try:
            connection = running_kafka(settings)
        except HubError as nothing:
            why["cluster"] = str(nothing)
        try:
            url = held.enter_context(visited_database(settings))
        except HubError as nothing:
            why["database"] = str(nothing)
        return asyncio.run(seen(connection, url, prefix=settings.group_prefix, folder=settings.data_dir, why=why))


def _table(findings: "Sequence[Finding]") -> Table:
    table = Table(Column("", no_wrap=True), Column("where", no_wrap=True), "what is so", "what to do", box=None, pad_edge=False)
    for one in findings:
        table.add_row(f"[{_COLOURS[one.level]}]{one.level}[/]", one.where, one.words, one.mend)
    return table

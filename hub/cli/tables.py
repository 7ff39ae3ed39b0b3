"""`hub processes`, `hub formats`: tables 4 and 2 for people, and as JSON. Never show a message."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Column, Table

from hub.processes import PROCESSES, ROWS, Need, Row, process_named
from schemas.formats import FORMATS, Format

Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")]
Shown = Mapping[str, Any]

_TYPES: Final = {process.name: [str(funksjon.value) for funksjon in process.types] for process in PROCESSES}
_PARTS: Final = {
    "conversation": "ConversationRef", "xcal": "xCal", "helsepersonell": "Helsepersonell", "pasientrelasjon": "Pasientrelasjon",
    "vedlegg": "vedlegg",
}
"""The parts a message may need, under their fields' names."""


def processes(as_json: Json = False) -> None:
    """Show table 4: every legal message of every process, what it needs, and whether this hub carries it.

    Example: [bold]hub processes --json[/bold]

    JSON, a list of messages: process, types, versions (those that have it), element, code, text, system, direction, timing, needs (part:
    required or optional), carried, topic (null: none of its own), command (the portal's, that sends it; null: none), listed (false: the
    standard does not list it here, and it is read all the same).
    """
    if as_json:
        _print_json(map(_row, ROWS))
        return
    table = Table(
        Column("process", no_wrap=True), "element", "code", "text", "direction", "timing", "needs", Column("carried", overflow="fold"),
        title="Table 4",
    )
    for row in map(_row, ROWS):
        parts = ", ".join(name if need == Need.REQUIRED else f"({name})" for name, need in row["needs"].items())
        carried = row["topic"] or "yes" if row["carried"] else "not yet"
        table.add_row(row["process"], row["element"], row["code"], row["text"], row["direction"], row["timing"], parts, carried)
    _print(table)


def formats(as_json: Json = False) -> None:
    """Show table 2: the formats, which of them are read, and where each stands in a message.

    Example: [bold]hub formats --json[/bold]

    JSON, a list of formats: name, version, namespace, root, place (root, content or inside), supported.
    """
    rows = [_format(row) for row in FORMATS]
    if as_json:
        _print_json(rows)
        return
    _print(_table("Table 2", rows, ("name", "version", "place", "supported", "namespace")))


def add(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (processes, formats):
        app.command(command.__name__)(command)


def _row(row: Row) -> dict[str, Any]:
    needs = {name: getattr(row, field).value for field, name in _PARTS.items() if getattr(row, field) is not Need.ABSENT}
    return {
        "process": row.process, "types": _TYPES[row.process],
        "versions": [version for version in process_named(row.process).versions if row.is_in(version)],
        "element": row.element, "code": row.code.value, "text": row.code.tekst,
        "system": row.system, "direction": row.direction.value, "timing": row.timing.value, "needs": needs,
        "carried": row.translator is not None, "topic": row.topic.name if row.topic else None,
        "command": row.command.family.type if row.command else None, "listed": row.listed,
    }


def _format(row: Format) -> dict[str, Any]:
    return {
        "name": row.name, "version": row.version, "namespace": row.namespace, "root": row.root, "place": row.place,
        "supported": row.supported,
    }


def _table(title: str, rows: Iterable[Shown], names: Sequence[str]) -> Table:
    table = Table(*(Column(name.replace("_", " "), overflow="fold") for name in names), title=title)
    for row in rows:
        table.add_row(*(_said(row[name]) for name in names))
    return table


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _print(table: Table) -> None:
    Console(highlight=False, markup=False).print(table)


def _print_json(rows: Iterable[Shown]) -> None:
    typer.echo(json.dumps(list(rows), ensure_ascii=False, indent=2))

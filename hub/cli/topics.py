"""`hub topics`: table 1 for people, and against a cluster; with `--acls` table 5 too. Creates what is missing; never alters or deletes."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from contracts.kafka_connection import KafkaConnection
from contracts.rights import Principal, principals
from contracts.topics import PARTIES, TOPICS
from hub import topic_admin
from hub.doors import rights
from hub.doors.rights import Compared
from hub.ground import standing_kafka
from hub.settings import Settings, read_settings
from hub.visiting import visited_register

Vendors = Annotated[list[str] | None, typer.Option("--vendor", help="A vendor; may be repeated. Without: every vendor of the register.")]
Acls = Annotated[bool, typer.Option("--acls", help="The rights of table 5 as well; the cluster's brokers need an authorizer.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")]

_topics = typer.Typer(help="Table 1: the topics.", invoke_without_command=True)


@_topics.callback()
def show(context: typer.Context, as_json: Json = False) -> None:
    """Show table 1: every topic, what it carries and how it is kept; or set it against a cluster (create, check).

    Example: [bold]hub topics --json[/bold]
    """
    if context.invoked_subcommand:
        return
    rows = [asdict(topic) | {"config": topic.config} for topic in TOPICS]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = Table(Column("topic", no_wrap=True), "way", "carries", "key", "partitions", "kept", title="Table 1: the topics")
    for topic in TOPICS:
        kept = "newest per key" if topic.compacted else f"{topic.retention_days} days"
        table.add_row(topic.name, topic.direction, topic.carries, topic.key, str(topic.partitions), kept)
    Console(highlight=False).print(table)


@_topics.command()
def create(vendor: Vendors = None, acls: Acls = False) -> None:
    """Create the topics that are missing, and with --acls the rights. What is there is left as it is: running it twice is safe.

    Example: [bold]hub topics create --vendor fjord --vendor vidde --acls[/bold]
    """
    settings = read_settings()
    with standing_kafka(settings, progress=_progress) as connection:
        vendors = _vendors(settings, vendor, connection)
        made = asyncio.run(topic_admin.create(connection, vendors=vendors))
        for name in made:
            typer.echo(f"created {name}")
        typer.echo(f"{len(made)} created, {len(topic_admin.wanted(vendors)) - len(made)} were there.")
        if acls:
            _grant(connection, _principals(settings, vendors))


@_topics.command()
def check(vendor: Vendors = None, acls: Acls = False, as_json: Json = False) -> None:
    """Compare a cluster with table 1, and with --acls its rights with table 5. Exit 0: as it should be, 1: differences.

    Example: [bold]hub topics check --vendor fjord --acls[/bold]

    JSON: a list of differences; with --acls an object, with them as topics, and rights as missing and surplus.
    """
    settings = read_settings()
    with standing_kafka(settings, progress=_progress) as connection:
        vendors = _vendors(settings, vendor, connection)
        found = asyncio.run(topic_admin.check(connection, vendors=vendors))
        compared = asyncio.run(rights.compare(connection, _principals(settings, vendors))) if acls else None
    if as_json:
        typer.echo(json.dumps(_as_json(found, compared), indent=2))
    else:
        _print_differences(found)
        _print_compared(compared)
    raise typer.Exit(int(bool(found or (compared and (compared.missing or compared.surplus)))))


def add(app: typer.Typer) -> None:
    """Add the command and its two subcommands."""
    app.add_typer(_topics, name="topics")


def _vendors(settings: Settings, given: list[str] | None, connection: KafkaConnection) -> tuple[str, ...]:
    """Those given; else the register's, which has none before its own topic is created."""
    if given or settings.names_register:
        return tuple(given or settings.register().vendors)
    is_there = asyncio.run(topic_admin.find(connection, names=[PARTIES.name]))
    return visited_register(connection).vendors if is_there else ()


def _principals(settings: Settings, vendors: tuple[str, ...]) -> tuple[Principal, ...]:
    return principals(vendors, group_prefix=settings.group_prefix)


def _grant(connection: KafkaConnection, wanted: tuple[Principal, ...]) -> None:
    missing = asyncio.run(rights.compare(connection, wanted)).missing
    asyncio.run(rights.grant(connection, missing))
    for right in missing:
        typer.echo(f"given   {right}")
    typer.echo(f"{len(missing)} rights given, {len(rights.wanted(wanted)) - len(missing)} were there.")


def _as_json(found: tuple[topic_admin.Difference, ...], compared: Compared | None) -> object:
    topics = [asdict(one) for one in found]
    return topics if compared is None else {"topics": topics, "rights": asdict(compared)}


def _print_compared(compared: Compared | None) -> None:
    if compared is None:
        return
    for word, some in (("missing", compared.missing), ("surplus", compared.surplus)):
        for right in some:
            typer.echo(f"{word} {right}")
    if not (compared.missing or compared.surplus):
        typer.echo("All rights are as table 5 has them.")


def _print_differences(found: tuple[topic_admin.Difference, ...]) -> None:
    if not found:
        typer.echo("All topics are as table 1 has them.")
        return
    table = Table(Column("topic", no_wrap=True), "what", "table 1", "cluster")
    for one in found:
        table.add_row(one.topic, one.what, one.wanted, one.found)
    Console(highlight=False).print(table)


def _progress(line: str) -> None:
    Console(stderr=True, highlight=False).print(line, style="dim")

"""`hub parties`: table 3 for people, as it stands in the file or on the topic; and the file published as the register."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Final

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Column, Table

from contracts.kafka_connection import KafkaConnection
from contracts.party import Party
from contracts.topics import PARTIES
from hub import register_topic, topic_admin
from hub.errors import HubError, WrongUse
from hub.parties import Register, read_register
from hub.register import Differences, differences
from hub.settings import DEMO_REGISTER, Settings, read_settings
from hub.visiting import NothingThere, require_topic, running_kafka, visited_parties, visited_register

_MISSING: Final = "topic"
_COLUMNS: Final = ("her id", "level 1", "name", "vendor", "processes", "valid")

Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")]
Live = Annotated[bool, typer.Option("--live", help="What stands on the topic of the running cluster, instead of the file.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")]
File = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The register. Without: HUB_PARTIES_FILE.", show_default=False)]

_parties = typer.Typer(help="Table 3: the register of parties.", invoke_without_command=True)


class NotPublished(HubError):
    """The cluster did not take the register; it stands as it stood."""


@_parties.callback()
def show(context: typer.Context, as_json: Json = False, live: Live = False) -> None:
    """Show table 3: the register of parties, as the settings name it (without HUB_PARTIES_FILE: the demo's); or publish it.

    Example: [bold]HUB_PARTIES_FILE=parties.toml hub parties[/bold]

    JSON, a list of parties with the fields of contracts/party.py; vendor null: the portal's own, or nobody's here.
    """
    if context.invoked_subcommand:
        return
    settings = read_settings()
    found = (visited_register(running_kafka(settings)) if live else settings.register()).party
    if as_json:
        typer.echo(json.dumps([party.model_dump(mode="json") for party in found], ensure_ascii=False, indent=2))
        return
    table = Table(*(Column(name, overflow="fold") for name in _COLUMNS), title="Table 3")
    for party in found:
        table.add_row(*_row(party))
    Console(highlight=False, markup=False).print(table)


@_parties.command()
def publish(file: File = None, dry_run: DryRun = False) -> None:
    """Make a file the register that is in force: only what differs is written, all of it at once. Running workers take it, no restart.

    The vendors' topics must be there: hub topics create. Running it twice is safe: the second time writes nothing.

    Example: [bold]hub parties publish parties.toml --dry-run[/bold]
    """
    settings = read_settings()
    register = read_register(_file(settings, file))
    connection = running_kafka(settings)
    require_topic(connection, PARTIES.name, mend="hub topics create")
    _require_topics(connection, register)
    found = differences(register, visited_parties(connection)) if dry_run else _published(register, connection)
    _print(found)
    if dry_run:
        typer.echo("Nothing was written (--dry-run).")
    if file and settings.parties_file and file.resolve() != settings.parties_file.resolve():
        _note("HUB_PARTIES_FILE names another file: a worker that starts with this setting publishes that one again.")


def add(app: typer.Typer) -> None:
    """Add the command and its subcommand."""
    app.add_typer(_parties, name="parties")


def _file(settings: Settings, given: Path | None) -> Path:
    if not given and not settings.names_register:
        # by a slip, every party of a real register would be taken away and the demo's put in their place
        raise WrongUse("FILE: name the register, here or in HUB_PARTIES_FILE. The demo's is published on the local broker only.")
    return given or settings.parties_file or DEMO_REGISTER


def _require_topics(connection: KafkaConnection, register: Register) -> None:
    """A message for a party whose vendor has no outbox would hold up all that come after it."""
    missing = {one.topic for one in asyncio.run(topic_admin.check(connection, vendors=register.vendors)) if one.what == _MISSING}
    if missing:
        wanted = " ".join(f"--vendor {vendor}" for vendor in register.vendors)
        raise NothingThere(f"The cluster lacks {', '.join(sorted(missing))}: hub topics create {wanted}. Nothing was published.")


def _published(register: Register, connection: KafkaConnection) -> Differences:
    try:
        return asyncio.run(register_topic.publish(register, connection))
    except (KafkaError, TimeoutError) as error:
        raise NotPublished(f"The cluster did not take the register ({type(error).__name__}). Doing it again is safe.") from error


def _print(found: Differences) -> None:
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for word, parties in (("added", found.added), ("changed", found.changed)):
        for party in parties:
            console.print(f"{word:<8} {party.her_id}  {party.name}")
    for key in found.removed:
        console.print(f"{'removed':<8} {key.decode('ascii', 'backslashreplace')}")
    counted = (len(found.added), "added"), (len(found.changed), "changed"), (len(found.removed), "removed"), (found.unchanged, "unchanged")
    console.print(f"{', '.join(f'{count} {word}' for count, word in counted)}.")


def _row(party: Party) -> tuple[str, ...]:
    processes = ", ".join(f"{one.process} {one.version}" for one in party.processes)
    return party.her_id, party.level_1, party.name, party.vendor or "(the portal)", processes, _valid(party)


def _valid(party: Party) -> str:
    days = (("from", party.valid_from), ("until", party.valid_until))
    return " ".join(f"{word} {day}" for word, day in days if day) or "always"


def _note(line: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(line, style="yellow", markup=False)

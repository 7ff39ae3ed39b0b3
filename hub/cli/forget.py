"""`hub forget`: a person is forgotten. Their number is asked for or read from a file, is never an argument, and is never shown."""

import asyncio
import json
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from contracts.kafka_connection import KafkaConnection
from contracts.topics import (
    ACCESS,
    APPOINTMENT_STATUS,
    APPOINTMENTS,
    CITIZENS,
    COMMANDS,
    DELIVERIES,
    INBOX,
    OUTBOX,
    REPLIES,
    SEQUENCED,
    SYNC,
    Topic,
)
from hub.errors import WrongUse
from hub.settings import Settings, read_settings
from hub.visiting import register_in_force, running_kafka, visited_database
from schemas.national_id import NationalId

if TYPE_CHECKING:
    from hub.forgetting import Whom
    from hub.memory.forgetting import Found

_LONGEST: Final = 100
_HOLDING: Final = (
    INBOX, SYNC, OUTBOX, COMMANDS, SEQUENCED, APPOINTMENTS, DELIVERIES, REPLIES, APPOINTMENT_STATUS, ACCESS, CITIZENS,
)
"""Topics whose values hold what a message says of a person."""
File = Annotated[Path | None, typer.Option(metavar="FILE", help="A file with the number alone; without it the number is asked for.")]
Offices = Annotated[list[str] | None, typer.Option("--office", metavar="HER-ID", help="An office that left the register; may be repeated.")]
WithLetters = Annotated[bool, typer.Option("--with-letters", help="Discard the letters that wait, and tell their senders.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only count what is known.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of lines.")]


def forget(
    file: File = None, office: Offices = None, with_letters: WithLetters = False, dry_run: DryRun = False, as_json: Json = False,
) -> None:
    """Forget a person at every office: cases, letters, what was sent and is waited for, and what stands on the compacted topics.

    Runs beside the hub, which decides it in the order of each case. Says what cannot be taken away, and until when it is kept.

    Example: [bold]hub forget --dry-run[/bold]

    JSON: known (counts before), left (counts after; null with --dry-run), remains (topic, until). Exit 0: nothing is left, 1: something is.
    """
    settings, patient = read_settings(), _patient(file)
    connection = running_kafka(settings)
    whom = _whom(settings, connection, patient, office or [])
    with visited_database(settings) as url:
        if dry_run:
            known, left = asyncio.run(_looked(connection, url, whom)), None
        else:
            known, left = asyncio.run(_forgotten(settings, connection, url, whom, with_letters=with_letters))
    (_print_json if as_json else _print)(known, left)
    raise typer.Exit(int(left is not None and any(left.values())))


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("forget")(forget)


def _patient(file: Path | None) -> NationalId:
    """Raises WrongUse, without what was read."""
    if file is not None:
        try:
            told = file.read_text("ascii")[:_LONGEST]
        except (OSError, ValueError):
            raise WrongUse("--file: it cannot be read") from None
    elif sys.stdin.isatty():
        told = str(typer.prompt("National id (not shown)", hide_input=True, err=True))
    else:
        told = sys.stdin.readline(_LONGEST)
    patient = NationalId(told.strip())
    if patient.series is None:
        raise WrongUse("what was given is no national id: 11 digits of which date and control digits hold")
    return patient


def _whom(settings: Settings, connection: KafkaConnection, patient: NationalId, offices: list[str]) -> "Whom":
    from hub.forgetting import Whom  # the command line starts without the log's decoders

    register = register_in_force(settings, connection)
    known = {her_id for party in register.party for her_id in (party.her_id, party.level_1)}
    return Whom(patient, frozenset(known | set(offices)), settings.pseudonyms())


async def _looked(connection: KafkaConnection, url: str, whom: "Whom") -> dict[str, int]:
    from hub.forgetting import look
    from hub.memory.jobs import connected

    async with connected(url) as database:
        held = await look(connection, database, whom)
    return _counts(held.found) | {"statements": held.standing}


async def _forgotten(
    settings: Settings, connection: KafkaConnection, url: str, whom: "Whom", *, with_letters: bool,
) -> tuple[dict[str, int], dict[str, int]]:
    from hub.forgetting import forget as forgotten

    held, left = await forgotten(connection, whom, database_url=url, prefix=settings.group_prefix, with_letters=with_letters)
    return _counts(held.found) | {"statements": held.standing}, _counts(left)


def _counts(found: "Found") -> dict[str, int]:
    return found._asdict() | {"waiting": len(found.waiting)}


def _remains() -> list[dict[str, str]]:
    """What ends by retention alone: no record can be taken out of the middle of a topic."""
    today = datetime.now(UTC).date()
    return [{"topic": topic.name, "until": _until(topic, today)} for topic in _HOLDING]


def _until(topic: Topic, today: date) -> str:
    if topic.compacted:
        return "its next compaction" if topic.direction == "out" else "the portal takes it away"
    return (today + timedelta(days=topic.retention_days)).isoformat()


def _print_json(known: dict[str, int], left: dict[str, int] | None) -> None:
    typer.echo(json.dumps({"known": known, "left": left, "remains": _remains()}, indent=2))


def _print(known: dict[str, int], left: dict[str, int] | None) -> None:
    for what, count in known.items():
        typer.echo(f"{count:>8} {what}" + ("" if left is None or what not in left else f", {left[what]} left"))
    console = Console(highlight=False, soft_wrap=True)
    if left is None:
        console.print("Nothing was changed.")
        return
    console.print("What cannot be taken out, and until when it is kept:")
    for one in _remains():
        console.print(f"  {one['topic']}: {one['until']}", markup=False)
    console.print("  backups of the database and the cluster: as you keep them")

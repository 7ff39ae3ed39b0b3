"""`hub new-vendor`: everything that a vendor needs to send its first message. Safe to run twice; never shows a password."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from contracts.party import ActiveProcess, Party
from contracts.rights import vendor_principal
from contracts.topics import ERRORS, INBOX, OUTBOX, SYNC, of_vendor
from hub.doors import admission
from hub.doors.admission import Lacking, Newcomer
from hub.doors.passwords import file_for
from hub.doors.quotas import Quota
from hub.errors import WrongUse
from hub.parties import first_fault
from hub.processes import PROCESSES
from hub.settings import Settings, read_settings
from hub.visiting import running_kafka

Name = Annotated[str, typer.Argument(help="Small letters, digits and hyphens: the vendor's name in its topics.", show_default=False)]
HerId = Annotated[str, typer.Option("--her-id", help="Of its office, level 2.", show_default=False)]
Level1 = Annotated[str, typer.Option("--level-1", help="HER-id of the organisation that the office belongs to.", show_default=False)]
Office = Annotated[str, typer.Option("--office", help="The office's name.", show_default=False)]
Processes = Annotated[list[str] | None, typer.Option(
    "--process", help="What the office has active, such as Timereservasjon or 'Timereservasjon 1.1'; may be repeated.",
)]
File = Annotated[Path | None, typer.Option("--file", help="Where the password goes: a new file. Without: in HUB_DATA_DIR.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what is lacking, and do nothing.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of lines.")]


def new_vendor(
    name: Name, her_id: HerId, level_1: Level1, office: Office, process: Processes = None, file: File = None, dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Let a vendor in: its topics, rights, quotas and password, and its office in the register. What is there stays: safe to run twice.

    Needs a cluster with an authorizer, and an administrator's name in HUB_KAFKA_USERNAME. Another office of the same vendor: run it again.

    Example: [bold]hub new-vendor nyvik --her-id 8400401 --level-1 8400400 --office "Nyvik legesenter" --process Timereservasjon[/bold]

    JSON: vendor, principal, and what was lacking: topics, rights, password, quota, in_file, in_register; file; dry_run.
    """
    settings = read_settings()
    party = _party(name, her_id=her_id, level_1=level_1, office=office, processes=process or [])
    connection = running_kafka(settings)
    newcomer = _newcomer(settings, party, file)
    lacks = admission.lacking(connection, newcomer)
    if not dry_run:
        admission.admit(connection, newcomer, lacks)
    if as_json:
        typer.echo(json.dumps(_as_json(newcomer, lacks, dry_run=dry_run), ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for line in (*_done(newcomer, lacks, dry_run=dry_run), *(() if dry_run else _next(newcomer, connection.ca_file))):
        console.print(line)


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("new-vendor")(new_vendor)


def _party(vendor: str, *, her_id: str, level_1: str, office: str, processes: list[str]) -> Party:
    active = tuple(map(_active, processes))
    try:
        return Party(her_id=her_id, level_1=level_1, name=office, vendor=vendor, processes=active)
    except ValidationError as error:
        raise WrongUse(f"The register cannot hold this: {first_fault(error)}") from None


def _active(given: str) -> ActiveProcess:
    name, _, version = given.partition(" ")
    versions = next((process.versions for process in PROCESSES if process.name == name), None)
    if versions is None:
        raise WrongUse("--process: table 4 has no process of this name; `hub processes` lists them.")
    if version and version not in versions:
        raise WrongUse(f"--process: {name} has the versions {', '.join(versions)}.")
    return ActiveProcess(process=name, version=version or versions[-1])


def _newcomer(settings: Settings, party: Party, file: Path | None) -> Newcomer:
    vendor = party.vendor or ""
    quota = Quota(settings.vendor_producer_byte_rate, settings.vendor_consumer_byte_rate, settings.vendor_request_percentage)
    beside = file_for(vendor_principal(vendor).name, settings.data_dir / "credentials")
    return Newcomer(vendor, party, quota, (file or beside).resolve(), settings.parties_file)


def _as_json(newcomer: Newcomer, lacks: Lacking, *, dry_run: bool) -> dict[str, object]:
    return {
        "vendor": newcomer.vendor, "principal": newcomer.principal.name, "topics": list(lacks.topics),
        "rights": [str(right) for right in lacks.rights], "password": lacks.password, "quota": lacks.quota, "in_file": lacks.in_file,
        "in_register": lacks.in_register, "file": str(newcomer.password_file) if lacks.password else None, "dry_run": dry_run,
    }


def _done(newcomer: Newcomer, lacks: Lacking, *, dry_run: bool) -> Iterator[str]:
    made, there = ("lacking" if dry_run else "made"), "was there"
    name = newcomer.principal.name
    yield from (f"{made:<10} topic {topic}" for topic in lacks.topics)
    yield from (f"{made:<10} right {right}" for right in lacks.rights)
    yield f"{made if lacks.quota else there:<10} quota of {name}"
    yield f"{made if lacks.password else there:<10} password of {name}{f', in {newcomer.password_file}' if lacks.password else ''}"
    if newcomer.register_file:
        yield f"{made if lacks.in_file else there:<10} party {newcomer.party.her_id} in {newcomer.register_file}"
    yield f"{made if lacks.in_register else there:<10} party {newcomer.party.her_id} in the register"
    if lacks.nothing:
        yield "Nothing was lacking."
    if dry_run:
        yield "Nothing was done (--dry-run)."


def _next(newcomer: Newcomer, ca_file: Path | None) -> Iterator[str]:
    vendor, name = newcomer.vendor, newcomer.principal.name
    inbox, sync, outbox, errors = (of_vendor(topic, vendor) for topic in (INBOX, SYNC, OUTBOX, ERRORS))
    authority = f" and {ca_file}" if ca_file else ""
    yield ""
    yield f"Next. Give the vendor its password's file{authority} by a way that nobody else sees, and delete what lies here."
    yield f"It writes to {inbox}, and answers to the portal's questions to {sync}."
    yield f"It reads {outbox} and {errors}, with isolation.level=read_committed and a group.id that begins with {name}."
    if not newcomer.party.processes:
        yield "No process is active yet: what its office sends is refused until the register says so (hub parties publish)."

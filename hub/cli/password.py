"""`hub password`: a name of table 5 gets its password, another one, or none. Never shows one."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from contracts.rights import principals, vendor_principal
from contracts.topics import VENDORS_PREFIX
from hub.doors import passwords
from hub.errors import HubError, WrongUse
from hub.settings import read_settings
from hub.visiting import running_kafka

Name = Annotated[str, typer.Argument(help="Of table 5, such as hub, portal or epj.fjord.", show_default=False)]
File = Annotated[Path | None, typer.Option("--file", help="Where the password goes: a new file. Without: in HUB_DATA_DIR.")]
New = Annotated[bool, typer.Option("--new", help="Another password, where there is one: from now on the old one opens nothing.")]
Take = Annotated[bool, typer.Option("--take", help="No password: nobody connects under this name any more.")]


class HasPassword(HubError):
    """The name has a password, and nobody asked for another."""


def password(name: Name, file: File = None, new: New = False, take: Take = False) -> None:
    """Give a name of table 5 a password, in a new file that only you can read. It is shown nowhere else.

    Who is connected stays connected: a client that is to use another password is started anew with it.

    Example: [bold]hub password epj.fjord --new --file fjord.properties[/bold]
    """
    if new and take:
        raise WrongUse("--new, --take: one of them.")
    _require_name(name)
    settings = read_settings()
    connection = running_kafka(settings)
    if take:
        was_there = asyncio.run(passwords.take_password(connection, name))
        typer.echo(f"{name}: {'has no password any more' if was_there else 'had no password'}.")
        return
    if not new and asyncio.run(passwords.has_password(connection, name)):
        raise HasPassword(f"{name} has a password already. Another one: --new")
    written = (file or passwords.file_for(name, settings.data_dir / "credentials")).resolve()
    asyncio.run(passwords.give_passwords(connection, {name: written}))
    typer.echo(f"{name}: its password is in {written}")


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("password")(password)


def _require_name(name: str) -> None:
    shared = [principal.name for principal in principals(())]
    vendor = name.removeprefix(VENDORS_PREFIX)
    if name not in shared and (vendor == name or vendor_principal(vendor).name != name or "." in vendor):
        raise WrongUse(f"Table 5 has no such name. It has {', '.join(shared)}, and {VENDORS_PREFIX}NAME for each vendor.")

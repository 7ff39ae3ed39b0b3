"""`hub contracts`: writes what we publish of our promises, and says no when it is stale or would break somebody.

Needs no broker and no database.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

import contracts
from contracts.compatibility import breaks_between
from contracts.publishing import artefacts
from hub.errors import HubError, WrongUse

PUBLISHED = Path(contracts.__file__).parent / "published"
_SCHEMAS, _BASELINE = "schemas", "baseline"

Folder = Annotated[Path, typer.Option("--folder", help="Where the published contracts lie.", show_default=False)]

_contracts = typer.Typer(help="What we publish of our promises: JSON Schemas and AsyncAPI.", no_args_is_help=True)


class BreaksPromise(HubError):
    """A release would break those who read or write by the last one."""


@_contracts.command()
def publish(
    folder: Folder = PUBLISHED,
    release: Annotated[bool, typer.Option("--release", help="Take it as released: later changes are judged against it.")] = False,
) -> None:
    """Write the JSON Schemas and the AsyncAPI document from the contracts in the code.

    Example: [bold]hub contracts publish[/bold]
    """
    made = artefacts()
    if release:
        _refuse_breaks(folder, made)
        made |= _as_baseline(made)
    for name in sorted(_superfluous(folder, made)):
        (folder / name).unlink()
        typer.echo(f"removed {name}")
    for name, text in made.items():
        _write(folder / name, text)
    typer.echo(f"{len(made)} files in {folder}")


@_contracts.command()
def check(folder: Folder = PUBLISHED) -> None:
    """Compare what is published with the code, and the code with what was last released. Exit 1: stale, or breaks somebody.

    Example: [bold]hub contracts check[/bold]
    """
    if not folder.is_dir():
        raise WrongUse(f"{folder}: no such folder")
    told = [*stale(folder), *breaking(folder)]
    for line in told:
        typer.echo(line)
    if told:
        raise typer.Exit(1)
    typer.echo("What is published is what the code promises, and breaks nobody.")


def add(app: typer.Typer) -> None:
    """Add the command and its subcommands."""
    app.add_typer(_contracts, name="contracts")


def stale(folder: Path) -> list[str]:
    """One line a file that is not what the code makes: missing, different, or left over."""
    made = artefacts()
    missing = [name for name in made if not (folder / name).is_file()]
    differs = [name for name, text in made.items() if name not in missing and (folder / name).read_text("utf-8") != text]
    return [
        *(f"stale: {name} is missing; run: hub contracts publish" for name in missing),
        *(f"stale: {name} is not what the code promises; run: hub contracts publish" for name in differs),
        *(f"stale: {name} is of nothing that is promised; run: hub contracts publish" for name in sorted(_superfluous(folder, made))),
    ]


def breaking(folder: Path) -> list[str]:
    """One line a change that breaks those who read or write by what was last released."""
    return _breaks(folder, artefacts())


def _breaks(folder: Path, made: Mapping[str, str]) -> list[str]:
    old = {path.name: _load(path) for path in sorted((folder / _BASELINE).glob("*.json"))}
    new = {Path(name).name: json.loads(text) for name, text in made.items() if name.startswith(_SCHEMAS)}
    unreleased = [f"unreleased: {name} is in no baseline; run: hub contracts publish --release" for name in sorted(new.keys() - old.keys())]
    return [*(f"breaking: {broken}" for broken in breaks_between(old, new)), *unreleased]


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise WrongUse(f"{path}: not JSON") from error


def _refuse_breaks(folder: Path, made: Mapping[str, str]) -> None:
    if broken := [line for line in _breaks(folder, made) if line.startswith("breaking")]:
        raise BreaksPromise("\n".join([*broken, "Nothing was released. Give it a new version, and keep the old one."]))


def _as_baseline(made: Mapping[str, str]) -> dict[str, str]:
    return {f"{_BASELINE}/{Path(name).name}": text for name, text in made.items() if name.startswith(_SCHEMAS)}


def _superfluous(folder: Path, made: Mapping[str, str]) -> set[str]:
    """Schemas of what is promised no more."""
    return {f"{_SCHEMAS}/{path.name}" for path in (folder / _SCHEMAS).glob("*.json")} - made.keys()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")

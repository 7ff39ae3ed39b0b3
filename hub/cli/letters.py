"""`hub letters`, `hub letter`: the messages that wait for an operator.

Never prints what is in one: `hub letter ID --save FILE` gives the bytes to a file, for its owner's eyes alone.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Column, Table

from contracts.failures import Failure, Rule
from hub.cli import where
from hub.errors import HubError, WrongUse
from hub.memory.rows import AtFault, Letter, LetterGroup
from hub.settings import read_settings
from hub.visiting import visited_database, visited_memory
from schemas.uuids import is_uuid

if TYPE_CHECKING:
    from hub.memory.memory import Memory

T = TypeVar("T")
_UUID_WIDTH: Final = 36
_RULES: Final = {rule.id: rule for rule in Rule}

Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
All = Annotated[bool, typer.Option("--all", help="Those that are dealt with as well.")]
Fault = Annotated[AtFault | None, typer.Option(help="Only those whose fault is the sender's, the hub's, or was told at the door.")]
Vendor = Annotated[str | None, typer.Option(help="Only this vendor's.")]
Where = Annotated[list[str] | None, typer.Option("--where", metavar="KEY=VALUE", help=where.HELP)]
Parked = Annotated[bool, typer.Option("--parked", help="The messages that wait behind a letter, instead of letters.")]
Group = Annotated[bool, typer.Option("--group", help="Count them by what went wrong and where.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")]
One = Annotated[UUID, typer.Argument(metavar="LETTER", help="The letter's id.", show_default=False)]
Save = Annotated[Path | None, typer.Option(metavar="FILE", help="Write the message to this new file. It holds person data.")]


def letters(
    every: All = False, fault: Fault = None, vendor: Vendor = None, conditions: Where = None, parked: Parked = False, group: Group = False,
    limit: Limit = 100, as_json: Json = False,
) -> None:
    """List the letters: messages that could not be delivered, the newest first. Without --all those that nobody has dealt with.

    Fault sender: the message is wrong, its sender has been told. door: refused before it was read. hub: our fault, it can be replayed; what
    comes after it in its case waits behind it, parked.

    Example: [bold]hub letters --where fault=hub --group[/bold]

    JSON, a list of letters: letter_id, written_at, fault, rule, path, line, vendor, process, msg_id, case, source, resolved, behind.
    With --group: count, fault, rule, vendor, process, path, oldest, newest.
    """
    wanted = where.wanted_by(conditions or (), fault=fault, vendor=vendor, parked=parked, resolved=None if every else False)
    if group:
        _print_groups(_asked(lambda memory: memory.letter_groups(wanted)), as_json=as_json)
        return
    found = _asked(lambda memory: memory.letters(wanted, limit=limit))
    if as_json:
        typer.echo(json.dumps([_shown(one) for one in found], indent=2))
        return
    if not found:
        typer.echo(_NONE[parked, every])
        return
    Console(highlight=False, markup=False).print(_table(found))


_NONE: Final = {
    (False, False): "No letters wait.", (False, True): "No letters.",
    (True, False): "Nothing is parked.", (True, True): "Nothing was parked.",
}


def letter(one: One, save: Save = None, as_json: Json = False) -> None:
    """Show what is known of one letter, and what to do about it.

    Example: [bold]hub letter 0b7c1a5e-0f64-5c3e-9d52-6f1f0a7b1c01 --save message.xml[/bold]
    """
    looked = _asked(lambda memory: _looked(memory, one))
    if looked is None:
        raise WrongUse(f"{one}: there is no such letter.")
    found = looked.letter
    if as_json:
        typer.echo(json.dumps(looked.shown(), indent=2))
    else:
        _print_letter(looked)
    if save:
        _save(found, save)


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("letters")(letters)
    app.command("letter")(letter)


def _asked(question: "Callable[[Memory], Awaitable[T]]") -> T:
    async def ask(url: str) -> T:
        async with visited_memory(url) as memory:
            return await question(memory)

    with visited_database(read_settings()) as url:
        return asyncio.run(ask(url))


@dataclass(frozen=True, slots=True)
class Looked:
    """A letter, and what has to do with it."""

    letter: Letter
    parked: int
    """How many messages wait behind it."""
    waits_for: UUID | None
    """Of a parked message: the letter that it waits for now."""

    def shown(self) -> dict[str, Any]:
        """As `--json` has it."""
        return {**_shown(self.letter), "parked": self.parked, "waits_for": str(self.waits_for) if self.waits_for else None}


async def _looked(memory: "Memory", letter_id: UUID) -> Looked | None:
    letter = await memory.letter(letter_id)
    if letter is None:
        return None
    waits = letter.behind is not None and letter.resolved is None
    parked = 0 if letter.resolved else await memory.parked_behind(letter)
    return Looked(letter, parked, await memory.waits_for(letter) if waits else None)


# for people

def _shown(letter: Letter) -> dict[str, Any]:
    """What may be shown: a MsgId only where it is a UUID, since nobody knows what else a sender writes there."""
    msg_id = letter.msg_id if letter.msg_id and is_uuid(letter.msg_id) else None
    return {
        "letter_id": str(letter.letter_id), "written_at": letter.written_at.isoformat(), "fault": letter.fault, "rule": letter.rule,
        "path": letter.path, "line": letter.line, "vendor": letter.vendor, "process": letter.process, "msg_id": msg_id,
        "case": letter.case_key, "source": str(letter.source), "resolved": letter.resolved,
        "behind": str(letter.behind) if letter.behind else None,
    }


def _print_groups(groups: Sequence[LetterGroup], *, as_json: bool) -> None:
    shown = [{**asdict(group), "oldest": group.oldest.isoformat(), "newest": group.newest.isoformat()} for group in groups]
    if as_json:
        typer.echo(json.dumps(shown, indent=2))
        return
    table = Table(
        Column("letters", justify="right"), Column("fault, and its rule", overflow="fold"), Column("vendor, process", overflow="fold"),
        Column("oldest, newest", no_wrap=True), box=None, padding=(0, 1, 0, 0), pad_edge=False,
    )
    for group in groups:
        rule = f"{group.fault}: {group.rule}" + (f"\n  {group.path}" if group.path else "")
        between = f"{group.oldest:%Y-%m-%d %H:%M}Z\n{group.newest:%Y-%m-%d %H:%M}Z"
        table.add_row(str(group.count), rule, f"{group.vendor}\n{group.process or ''}", between)
    Console(highlight=False, markup=False).print(table if groups else "No letters.")


def _table(found: Sequence[Letter]) -> Table:
    """Fits into 80 columns, with the id whole: it is what the other commands take. The rest is told by `hub letter`."""
    table = Table(
        Column("letter, and its rule", min_width=_UUID_WIDTH, overflow="fold"), Column("written, resolved", no_wrap=True),
        Column("fault", no_wrap=True), Column("vendor", overflow="fold"), box=None, padding=(0, 1, 0, 0), pad_edge=False,
    )
    for one in found:
        written = f"{one.written_at:%Y-%m-%d %H:%M}Z\n{one.resolved or ''}"
        table.add_row(f"{one.letter_id}\n  {one.rule}", written, one.fault, one.vendor)
    return table


def _print_letter(looked: Looked) -> None:
    table = Table("", "", show_header=False, box=None)
    for name, value in looked.shown().items():
        table.add_row(name.replace("_", " "), "" if value is None else str(value))
    for name, value in _advice(looked.letter):
        table.add_row(name, value)
    Console(highlight=False, markup=False).print(table)


def _advice(letter: Letter) -> Iterator[tuple[str, str]]:
    # of the hub's own fault the rule names the exception and its place, for which there is no row
    if rule := Rule.SET_ASIDE if letter.fault == "hub" else _RULES.get(letter.rule):
        hint = Failure.of(rule, expected="…").hint
        yield from (("en", hint.en), ("nb", hint.nb))
    if letter.behind:
        yield "next", "Nothing: it has its turn when the letter is dealt with that it waits for."
    elif letter.resolved is None:
        yield "next", _NEXT[letter.fault]
        yield from _commands(letter)


def _commands(letter: Letter) -> Iterator[tuple[str, str]]:
    if letter.fault != "hub":
        return
    if letter.body:
        yield "try", f"hub replay {letter.letter_id} --dry-run"
        yield "replay", f"hub replay {letter.letter_id}"
    yield "discard", f"hub discard {letter.letter_id} --reason TEXT"


_NEXT: Final = {
    "hub": "Mend the fault and replay it, if its bytes were kept; or discard it, and its sender is told to send it anew.",
    "sender": "Nothing: its sender has been told, and sends it anew with a new MsgId.",
    "door": "Nothing: its sender has been told, and may send it again as it should be.",
}


def _save(letter: Letter, file: Path) -> None:
    if letter.body is None:
        raise HubError(f"{letter.letter_id}: its bytes are not kept.")
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as held:
            held.write(letter.body)
    except OSError as error:
        raise WrongUse(f"{file}: cannot be written ({error.strerror})") from error
    told = f"{file}: written. See what is wrong with it: hub check {file}"
    Console(stderr=True, highlight=False, soft_wrap=True).print(told, markup=False)

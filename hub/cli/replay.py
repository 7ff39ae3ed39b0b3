"""`hub replay`, `hub discard`: what an operator decides about letters. Prints what became of each, never what is in one."""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import typer
from rich.console import Console

from contracts.kafka_connection import KafkaConnection
from contracts.records import Outgoing
from contracts.topics import SEQUENCED
from hub import letters as acts
from hub.errors import WrongUse
from hub.memory.rows import Letter, ResolvedAs
from hub.reading import Combination, Desk
from hub.reception import Reception
from hub.settings import Settings, read_settings
from hub.visiting import register_in_force, require_topic, running_kafka, visited_database, visited_memory

if TYPE_CHECKING:
    from hub.memory.memory import Memory

_LONGEST_REASON: Final = 500
_NATIONAL_ID: Final = re.compile(r"\d{6}[ -]?\d{5}")

Some = Annotated[list[UUID], typer.Argument(metavar="LETTER...", help="The letters' ids.", show_default=False)]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why, for those who come after. Without person data.", show_default=False)]
Wait = Annotated[float, typer.Option(min=0, max=600, help="Seconds to wait until casework has decided.")]


def replay(some: Some, wait: Wait = acts.WITHIN) -> None:
    """Send letters on whose fault was the hub's, once it is mended: each is read again at the front door.

    A rejected message is never replayed: its sender sends it anew. Running it twice is safe: a letter is settled once.

    Example: [bold]hub replay 0b7c1a5e-0f64-5c3e-9d52-6f1f0a7b1c01[/bold]

    Exit 0: all delivered. 1: some not, or not decided yet.
    """
    settings = read_settings()
    connection = running_kafka(settings)
    reception = Reception(_desk(settings, connection))
    _act(settings, connection, some, "replayed", lambda letter: acts.replay(letter, reception), wait=wait)


def discard(some: Some, reason: Reason, wait: Wait = acts.WITHIN) -> None:
    """Decide that letters whose fault was the hub's are not to be delivered. Their senders are told to send them anew.

    Example: [bold]hub discard 0b7c1a5e-0f64-5c3e-9d52-6f1f0a7b1c01 --reason "sent anew by telephone agreement"[/bold]

    Exit 0: all discarded. 1: some not, or not decided yet.
    """
    if not reason.strip() or len(reason) > _LONGEST_REASON:
        raise WrongUse(f"--reason: 1 to {_LONGEST_REASON} characters")
    if _NATIONAL_ID.search(reason):
        raise WrongUse("--reason: eleven digits in a row may be a person's number; say it without")
    now, settings = datetime.now(UTC), read_settings()
    _act(settings, running_kafka(settings), some, "discarded", lambda letter: acts.discard(letter, reason=reason, at=now), wait=wait)


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("replay")(replay)
    app.command("discard")(discard)


def _desk(settings: Settings, connection: KafkaConnection) -> Desk:
    register = register_in_force(settings, connection)
    return Desk(settings.pseudonyms(), register, Combination(settings.combination_rule), settings.max_message_bytes)


def _act(
    settings: Settings, connection: KafkaConnection, ids: Sequence[UUID], to_be: ResolvedAs, record_of: Callable[[Letter], Outgoing], *,
    wait: float,
) -> None:
    """Write the decision for each that is fit, wait, tell. Always ends the command."""
    require_topic(connection, SEQUENCED.name, mend="hub topics create")
    with visited_database(settings) as url:
        well = asyncio.run(_acted(url, connection, dict.fromkeys(ids), to_be, record_of, wait))
    raise typer.Exit(int(not well))


async def _acted(
    url: str, connection: KafkaConnection, ids: Iterable[UUID], to_be: ResolvedAs, record_of: Callable[[Letter], Outgoing], wait: float,
) -> bool:
    async with visited_memory(url) as memory:
        fit, unfit = await _fit(memory, ids, to_be)
        _tell(unfit)
        if fit:
            await acts.append([record_of(one) for one in fit], connection=connection)
        ends = [await _told(memory, one, wait) for one in fit]
    return not unfit and all(ends)


async def _fit(memory: "Memory", ids: Iterable[UUID], to_be: ResolvedAs) -> tuple[list[Letter], list[str]]:
    """Those it may be done with, in the log's order: what is of one case stays in order. And a line for each of the others."""
    fit, unfit = [], []
    for letter_id in ids:
        try:
            fit.append(await acts.waiting_letter(memory, letter_id, to_be=to_be))
        except acts.LetterUnfit as error:
            unfit.append(str(error))
    return sorted(fit, key=lambda one: (one.written_at, one.offset)), unfit


async def _told(memory: "Memory", letter: Letter, wait: float) -> bool:
    Console(stderr=True, highlight=False).print(f"{letter.letter_id}: in the log, waiting for casework", style="dim", markup=False)
    settled = await acts.settled(memory, letter, within=wait)
    _print_settled(letter, settled)
    return settled.became in (acts.Became.DELIVERED, acts.Became.DISCARDED)


def _print_settled(letter: Letter, settled: acts.Settled) -> None:
    more = f", in letter {settled.letter_id}" if settled.letter_id else ""
    if settled.became is acts.Became.WAITING:
        more = ". Does a hub run? Repeating the command is safe."
    Console(highlight=False, soft_wrap=True).print(f"{letter.letter_id}: {settled.became.value}{more}", markup=False)


def _tell(lines: Iterable[str]) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for line in lines:
        console.print(line, style="red", markup=False)

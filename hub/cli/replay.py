"""`hub replay`, `hub discard`: what an operator decides about letters. Prints what became of each, never what is in one.

Letters are taken in the log's order, some at a time; each is in the log before it is called so, and is decided once however often it is
sent. So a run may be stopped at any moment and run again: what was dealt with is refused by name.
"""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import typer

from contracts.kafka_connection import KafkaConnection
from contracts.records import Outgoing
from contracts.topics import SEQUENCED
from hub import letters as acts
from hub.cli import choosing, dry_run, where
from hub.cli.choosing import AT_ONCE, Chosen, handfuls, in_numbers, line, meant, say
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

Some = Annotated[list[UUID] | None, typer.Argument(metavar="LETTER...", help="The letters' ids.", show_default=False)]
Where = Annotated[list[str] | None, typer.Option("--where", metavar="KEY=VALUE", help=where.HELP + " Instead of ids.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would pass now, and what would leave. Writes nothing.")]
Rate = Annotated[float | None, typer.Option(min=0.01, help="At most so many letters a second.", show_default=False)]
Reason = Annotated[
    str, typer.Option(metavar="TEXT", help="Why, for the message's sender, who is told it. Without person data.", show_default=False),
]
Wait = Annotated[float, typer.Option(min=0, max=600, help="Seconds to wait until casework has decided.")]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of lines.")]


def replay(
    some: Some = None, conditions: Where = None, only_try: DryRun = False, rate: Rate = None, wait: Wait = acts.WITHIN,
    as_json: Json = False,
) -> None:
    """Send letters on whose fault was the hub's, once it is mended: each is read again at the front door, in the log's order.

    What is parked behind a letter has its turn with it. A rejected message is never replayed: its sender sends it anew; but a dry run shows
    what a mended rule would let pass. Running it twice is safe: a letter is settled once.

    Example: [bold]hub replay --where fault=hub --where vendor=fjord --dry-run[/bold], then the same with [bold]--rate 5[/bold]

    Exit 0: all delivered (or would be). 1: some not, or not decided yet.

    JSON, a list: letter_id, became, letter, released; or of a dry run: letter_id, outcome, why, events, of_the_past, behind.
    """
    settings = read_settings()
    chosen = choosing.chosen(some, conditions, fault=None if only_try else "hub")
    connection = running_kafka(settings)
    reception = Reception(_desk(settings, connection))
    if only_try:
        dry_run.dry_run(settings, chosen, reception, as_json=as_json)
    how = How(lambda letter: acts.replay(letter, reception), "replayed", wait, rate, as_json)
    _act(settings, connection, chosen, how)


def discard(some: Some, reason: Reason, wait: Wait = acts.WITHIN, as_json: Json = False) -> None:
    """Decide that letters whose fault was the hub's are not to be delivered. Their senders are told so, and why.

    What is parked behind a letter has its turn then.

    Example: [bold]hub discard 0b7c1a5e-0f64-5c3e-9d52-6f1f0a7b1c01 --reason "agreed by telephone"[/bold]

    Exit 0: all discarded. 1: some not, or not decided yet.
    """
    if not some:
        raise WrongUse("LETTER...: at least one id")
    if not reason.strip() or len(reason) > _LONGEST_REASON or not reason.isprintable():
        raise WrongUse(f"--reason: 1 to {_LONGEST_REASON} characters, on one line")
    if _NATIONAL_ID.search(reason):
        raise WrongUse("--reason: eleven digits in a row may be a person's number; say it without")
    now, settings = datetime.now(UTC), read_settings()
    how = How(lambda letter: acts.discard(letter, reason=reason, at=now), "discarded", wait, None, as_json)
    _act(settings, running_kafka(settings), tuple(dict.fromkeys(some)), how)


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("replay")(replay)
    app.command("discard")(discard)


@dataclass(frozen=True, slots=True)
class How:
    """What is done with each letter."""

    record_of: Callable[[Letter], Outgoing]
    to_be: ResolvedAs
    wait: float
    rate: float | None
    as_json: bool


def _desk(settings: Settings, connection: KafkaConnection) -> Desk:
    register = register_in_force(settings, connection)
    return Desk(settings.pseudonyms(), register, Combination(settings.combination_rule), settings.max_message_bytes)


def _act(settings: Settings, connection: KafkaConnection, chosen: Chosen, how: How) -> None:
    """Write the decision for each that is fit, wait, tell. Always ends the command."""
    require_topic(connection, SEQUENCED.name, mend="hub topics create")
    with visited_database(settings) as url:
        told = asyncio.run(_acted(url, connection, chosen, how))
    if how.as_json:
        typer.echo(json.dumps([one.as_json() for one in told], indent=2))
    elif len(told) != 1:
        _tell_sum(told)
    raise typer.Exit(int(not all(one.is_well for one in told)))


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one letter; or why nothing could be done with it."""

    letter_id: UUID
    settled: acts.Settled | None
    unfit: str = ""

    @property
    def is_well(self) -> bool:
        """As it was meant."""
        return self.settled is not None and self.settled.became in (acts.Became.DELIVERED, acts.Became.DISCARDED)

    @property
    def became(self) -> str:
        """In words."""
        return self.settled.became.value if self.settled else self.unfit

    def as_json(self) -> dict[str, Any]:
        """The documented keys."""
        settled = self.settled or acts.Settled(acts.Became.WAITING)
        other = str(settled.letter_id) if settled.letter_id else None
        return {"letter_id": str(self.letter_id), "became": self.became, "letter": other, "released": settled.released}


async def _acted(url: str, connection: KafkaConnection, chosen: Chosen, how: How) -> list[Told]:
    async with visited_memory(url) as memory:
        ids = await meant(memory, chosen)
        return [one async for one in _each(memory, connection, ids, how)]


async def _each(memory: "Memory", connection: KafkaConnection, ids: Sequence[UUID], how: How) -> AsyncIterator[Told]:
    began, done = time.monotonic(), 0
    for some in handfuls(ids, most=max(1, min(AT_ONCE, int(how.rate or AT_ONCE)))):
        if how.rate:
            await asyncio.sleep(max(0.0, began + done / how.rate - time.monotonic()))
        done += len(some)
        async for one in _handful(memory, connection, some, how):
            yield one
        if len(ids) > len(some):
            say(f"{done} of {len(ids)}")


async def _handful(memory: "Memory", connection: KafkaConnection, some: Iterable[UUID], how: How) -> AsyncIterator[Told]:
    fit, unfit = await _fit(memory, some, how.to_be)
    for one in unfit:
        say(one.unfit, style="red")
        yield one
    if fit:
        await acts.append([how.record_of(letter) for letter in fit], connection=connection)
    for letter in fit:
        say(f"{letter.letter_id}: in the log, waiting for casework")
        told = Told(letter.letter_id, await acts.settled(memory, letter, within=how.wait))
        if not how.as_json:
            _print(told)
        yield told


async def _fit(memory: "Memory", ids: Iterable[UUID], to_be: ResolvedAs) -> tuple[list[Letter], list[Told]]:
    """Those it may be done with, in the log's order: what is of one case stays in order. And why it cannot be done with the others."""
    fit, unfit = [], []
    for letter_id in ids:
        try:
            fit.append(await acts.waiting_letter(memory, letter_id, to_be=to_be))
        except acts.LetterUnfit as error:
            unfit.append(Told(letter_id, None, str(error)))
    return sorted(fit, key=lambda one: (one.written_at, one.offset)), unfit


# for people

def _print(told: Told) -> None:
    settled = told.settled or acts.Settled(acts.Became.WAITING)
    more = f", in letter {settled.letter_id}" if settled.letter_id else ""
    if settled.became is acts.Became.PARKED:
        more = f": {settled.letter_id}"
    if settled.became is acts.Became.WAITING:
        more = ". Does a hub run? Repeating the command is safe."
    if settled.released:
        more += f", and {settled.released} that waited behind it had their turn"
    line(f"{told.letter_id}: {told.became}{more}")


def _tell_sum(told: Sequence[Told]) -> None:
    counted = Counter(one.settled.became.value if one.settled else "not possible" for one in told)
    line(f"{len(told)} letters: " + in_numbers(counted) if told else "No letters wait that are meant.")

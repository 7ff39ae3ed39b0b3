"""`hub replay --dry-run`: what would pass now, and with which events. Writes nothing, and prints nothing of what is in a message."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import typer

from contracts.failures import Outcome
from hub import rehearsal
from hub.cli.choosing import Chosen, handfuls, in_numbers, line, meant, say
from hub.errors import WrongUse
from hub.memory.rows import Letter
from hub.reception import Reception
from hub.settings import Settings
from hub.visiting import visited_database, visited_memory

if TYPE_CHECKING:
    from hub.memory.memory import Memory

def dry_run(settings: Settings, chosen: Chosen, reception: Reception, *, as_json: bool) -> None:
    """Try them all, and tell. Always ends the command: exit 0 when all would be delivered."""
    with visited_database(settings) as url:
        tried, without_bytes = asyncio.run(_rehearsed(url, chosen, reception))
    if as_json:
        typer.echo(json.dumps([_tried_json(one) for one in tried], indent=2))
    else:
        for one in tried:
            _print_tried(one)
        _tell_sum_of_outcomes(tried)
    for letter_id in without_bytes:
        say(f"{letter_id}: its bytes are not kept, so it cannot be tried.", style="red")
    raise typer.Exit(int(bool(without_bytes) or not all(one.itself.outcome is Outcome.DELIVERED for one in tried)))


async def _rehearsed(url: str, chosen: Chosen, reception: Reception) -> tuple[list[rehearsal.Tried], list[UUID]]:
    tried: list[rehearsal.Tried] = []
    without_bytes: list[UUID] = []
    async with visited_memory(url) as memory:
        for some in handfuls(await meant(memory, chosen)):
            letters = [await _letter(memory, letter_id) for letter_id in some]
            without_bytes += [letter.letter_id for letter in letters if not letter.body]
            tried += await rehearsal.rehearse(memory, [letter for letter in letters if letter.body], reception, at=datetime.now(UTC))
    return tried, without_bytes


async def _letter(memory: "Memory", letter_id: UUID) -> Letter:
    letter = await memory.letter(letter_id)
    if letter is None:
        raise WrongUse(f"{letter_id}: there is no such letter.")
    return letter


def _tried_json(tried: rehearsal.Tried) -> dict[str, Any]:
    return {
        "letter_id": str(tried.letter_id), **_rehearsed_json(tried.itself), "behind": [_rehearsed_json(each) for each in tried.behind],
    }


def _rehearsed_json(one: rehearsal.Rehearsed) -> dict[str, Any]:
    return {"outcome": one.outcome.value, "why": one.why, "events": dict(one.events), "of_the_past": one.of_the_past}


def _print_tried(tried: rehearsal.Tried) -> None:
    line(f"{tried.letter_id}: would be {_in_words(tried.itself)}")
    for each in tried.behind:
        line(f"  behind it: would be {_in_words(each)}")


def _in_words(one: rehearsal.Rehearsed) -> str:
    why = f" ({one.why})" if one.why else ""
    events = "".join(f"\n    {number} × {name}" for name, number in one.events)
    past = f"\n    {one.of_the_past} of the notifications about what has begun already" if one.of_the_past else ""
    return f"{one.outcome.value}{why}{events}{past}"


def _tell_sum_of_outcomes(tried: Sequence[rehearsal.Tried]) -> None:
    counted = Counter(each.outcome.value for one in tried for each in (one.itself, *one.behind))
    line(f"{len(tried)} letters tried, nothing written. Would be: " + (in_numbers(counted) or "nothing"))

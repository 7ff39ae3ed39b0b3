"""Which letters a command means, in which order and how many at a time; and how such a command speaks."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from rich.console import Console

from hub.cli import where
from hub.errors import WrongUse
from hub.memory.rows import Wanted

if TYPE_CHECKING:
    from hub.memory.memory import Memory

AT_ONCE: Final = 20
"""Letters in hand: their bytes are read only when their turn comes."""
Chosen = tuple[UUID, ...] | Wanted
"""Letters by their ids, or by what they have in common."""


def chosen(some: Sequence[UUID] | None, conditions: Sequence[str] | None, *, fault: str | None) -> Chosen:
    """What was asked for. `fault`: of those that are chosen by what they have in common. Raises WrongUse."""
    if bool(some) == bool(conditions):
        raise WrongUse("LETTER... or --where KEY=VALUE: one of the two says which letters are meant")
    return tuple(dict.fromkeys(some)) if some else where.wanted_by(conditions or (), fault=fault)


async def meant(memory: "Memory", of: Chosen) -> Sequence[UUID]:
    """Their ids: in the log's order where it is ours to choose, else as they were given."""
    return await memory.letter_ids(of) if isinstance(of, Wanted) else of


def handfuls(ids: Sequence[UUID], *, most: int = AT_ONCE) -> Iterator[Sequence[UUID]]:
    """Some at a time."""
    return (ids[start : start + most] for start in range(0, len(ids), most))


def in_numbers(counted: Counter[str]) -> str:
    """`3 delivered, 1 rejected`."""
    return ", ".join(f"{number} {what}" for what, number in counted.most_common())


def line(words: str) -> None:
    """To whoever reads or pipes it."""
    Console(highlight=False, soft_wrap=True).print(words, markup=False)


def say(words: str, *, style: str = "dim") -> None:
    """To whoever watches."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(words, style=style, markup=False)

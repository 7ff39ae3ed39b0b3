"""What is sent in a run: pushes of the offices, questions and bookings of the portal, in one order by chance, with re-sends between them.

What follows from them comes from `epj.py` and `portal.py`: AppRecs, answers and cancellations.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from hub.certify.commands import booking, question
from hub.certify.numbered import Letter, push, with_resends

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many of each, re-sends not counted."""

    pushes: int
    questions: int
    bookings: int
    booked_before: float = 0.8
    """Share of the whole in which all bookings are."""


def traffic(amounts: Amounts, *, cases: int, resends: float, seed: int, now: Now) -> Iterator[Letter]:
    """Each push and each command has the next number of its own row; a question is made when it is asked for."""
    chance = random.Random(seed)  # noqa: S311  traffic that can be made again
    return with_resends(_letters(amounts, cases, chance, now), resends, chance)


def _letters(amounts: Amounts, cases: int, chance: random.Random, now: Now) -> Iterator[Letter]:
    pushes = commands = 0
    for kind in _order(amounts, chance):
        case = chance.randrange(cases)
        if kind == "push":
            yield push(pushes, case, chance)
            pushes += 1
        else:
            yield question(commands, case, at=now()) if kind == "question" else booking(commands, case)
            commands += 1


def _order(amounts: Amounts, chance: random.Random) -> list[str]:
    """The last part has no bookings in it."""
    pushes, questions = (int(count * amounts.booked_before) for count in (amounts.pushes, amounts.questions))
    first = ["push"] * pushes + ["question"] * questions + ["booking"] * amounts.bookings
    rest = ["push"] * (amounts.pushes - pushes) + ["question"] * (amounts.questions - questions)
    chance.shuffle(first)
    chance.shuffle(rest)
    return first + rest

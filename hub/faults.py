"""A fault of ours, told without its words: the exception's types and our own lines. An exception's text may quote a message."""

import traceback
from pathlib import Path
from types import TracebackType
from typing import Final

LONGEST: Final = 64
"""Characters of a fault: a letter keeps it in place of a rule's id (`hub/memory/schema.py`), and must never be refused for it."""
DEATHS: Final = 3
"""So often a record may kill the process that has it in hand before it is set aside."""
_ROOT: Final = Path(__file__).resolve().parent.parent
OURS: Final = ("contracts", "schemas", "translators", "consumers", "producers", "hub", "examples")
"""Our packages: what lies beside them, such as an environment, is not ours."""
_LONGEST_CHAIN: Final = 8


class ProcessKilled(Exception):
    """The process ended over this record, again and again: it is set aside without being tried once more."""


class ProcessKilledAgain(ProcessKilled):
    """Also while it was set aside: it is not even decoded."""


class FailsInTurn(Exception):
    """Of a record that sets free what is parked: the `nth` of those failed when its turn came, and does when that is redone."""

    def __init__(self, nth: int) -> None:
        super().__init__(nth)
        self.nth = nth


def fault_of(error: BaseException) -> str:
    """For example `KeyError at hub/case/fold.py:81`; only the type when no line of ours is on the way. Cut to `LONGEST`."""
    return " at ".join((type(error).__name__, *own_lines(error.__traceback__)[-1:]))[:LONGEST]


def own_lines(trace: TracebackType | None) -> list[str]:
    """Where in our own files an exception passed, outermost first, as `file:line`."""
    places = ((Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(trace, limit=None))
    inside = ((path.relative_to(_ROOT), line) for path, line in places if path.is_relative_to(_ROOT))
    return [f"{path.as_posix()}:{line}" for path, line in inside if path.parts[0] in OURS]


def type_names(fault: BaseException | None) -> str:
    """The exception's type and those of its causes, innermost last."""
    names: list[str] = []
    while fault is not None and len(names) < _LONGEST_CHAIN:
        names.append(type(fault).__name__)
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return " < ".join(names)

"""What waits behind a letter: which way of its case a message holds up, and what becomes of those behind it (Resequencer). Pure.

A message that the hub failed on must not be overtaken by what was said after it. So it holds up its case, in its direction, until an
operator has dealt with it; the other direction and all other cases flow on. Never decides what a message means.
"""

from dataclasses import replace

from hub.case.entries import Entry, Read, Unread
from hub.case.state import Case, HeldUp
from hub.processes import Direction, Row, Timing, row_of
from schemas.documents import MsgInfo
from schemas.kodeverk.ack_7304 import Ack7304

_WANTS_NO_RECEIPT = (Ack7304.N, Ack7304.F)


def way_of(entry: Entry) -> Direction | None:
    """The way of its case in which this message waits its turn, and makes others wait.

    None: it never waits. A rejected one is answered at once; an AppRec, a synchronous answer and a test order nothing; a command of the
    portal is told of at once, whatever becomes of it.
    """
    if isinstance(entry, Unread):
        return Direction(entry.way) if entry.way else None
    if not isinstance(entry, Read):
        return None
    return way_of_row(row_of(entry.process, entry.element, entry.code), entry.message.msg_info)


def way_of_row(row: Row, info: MsgInfo) -> Direction | None:
    """The same, of a message of which only its row and envelope are known. None also where it names no patient: then it has no case."""
    if info.patient is None or info.patient.national_id is None or row.direction is Direction.BOTH:
        return None
    is_synchronous = row.timing is Timing.SYNC or (row.timing is Timing.AS_REQUEST and info.ack in _WANTS_NO_RECEIPT)
    return None if is_synchronous else row.direction


def held_up(case: Case, way: Direction | None) -> HeldUp | None:
    """What later messages of this way wait for."""
    return next((held for held in case.held_up if held.way == way), None)


def held_by(case: Case, letter_id: str | None) -> HeldUp | None:
    """What this letter makes wait."""
    return next((held for held in case.held_up if held.letter == letter_id), None)


def holding(case: Case, way: Direction, letter_id: str, *, parked: int = 0) -> Case:
    """The case when this letter holds up the way, with so many messages behind it."""
    others = tuple(held for held in case.held_up if held.way != way)
    return replace(case, held_up=(*others, HeldUp(way, letter_id, parked)))


def one_more(case: Case, held: HeldUp) -> Case:
    """The case with one message more behind the letter."""
    return holding(case, Direction(held.way), held.letter, parked=held.parked + 1)


def renamed(case: Case, held: HeldUp, letter_id: str) -> Case:
    """The case when those behind wait for another letter now."""
    return holding(case, Direction(held.way), letter_id, parked=held.parked)


def free(case: Case, held: HeldUp) -> Case:
    """The case when nothing holds up that way any more."""
    return replace(case, held_up=tuple(other for other in case.held_up if other.way != held.way))

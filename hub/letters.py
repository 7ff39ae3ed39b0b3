"""Letters and what an operator may do with them: send on what the hub failed at once the fault is mended, or decide against it.

Both are records of the log like any other: casework claims the letter, so that doing it twice is doing it once. A message that was at fault
itself is never sent on: its sender sends a new one. Never prints, never delivers by itself, never shows what is in a letter.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from uuid import UUID

from aiokafka.errors import KafkaError

from contracts.failures import Fault
from contracts.kafka_connection import KafkaConnection, RecordRefused
from contracts.records import Outgoing, Received
from contracts.topics import vendor_of
from hub.case.entries import Discard, Origin
from hub.errors import HubError
from hub.log_record import to_log
from hub.memory.rows import Letter, ResolvedAs, Wanted
from hub.processes import Timing, find_row, process_of
from hub.reading import Sequenced
from hub.reception import Reception
from producers.sequencer import Sequencer
from schemas.documents import MsgInfo
from schemas.kodeverk.ack_7304 import Ack7304
from schemas.message import Opened, open_message
from schemas.parsing import envelope_of_broken

if TYPE_CHECKING:
    from hub.memory.memory import Memory

WITHIN: Final = 30.0
"""Seconds to wait for the log to take records, and for casework to decide them."""
_LOOK_EVERY: Final = 0.1


class LetterUnfit(HubError):
    """This letter cannot be replayed or discarded; the words say which and why."""


class NotTaken(HubError):
    """The log did not take the records in time."""


class Became(StrEnum):
    """What a replay or discard led to."""

    DELIVERED = "delivered"
    """Now; or it had been already, because its sender sent it once more meanwhile."""
    REJECTED = "rejected"
    """Read anew, the message itself was at fault: its sender has been told."""
    SET_ASIDE = "set aside again"
    PARKED = "parked behind an earlier letter of its case"
    DISCARDED = "discarded"
    WAITING = "written to the log, not decided yet"


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a letter."""

    became: Became
    letter_id: UUID | None = None
    """The new letter, or the one that it is parked behind, where there is one."""
    released: int = 0
    """How many messages that were parked behind it have had their turn."""


async def waiting_letter(memory: "Memory", letter_id: UUID, *, to_be: ResolvedAs) -> Letter:
    """The letter with its bytes, if this may be done with it. Raises LetterUnfit."""
    letter = await memory.letter(letter_id)
    if letter is None:
        raise LetterUnfit(f"{letter_id}: there is no such letter.")
    if why := _unfit(letter, to_be):
        raise LetterUnfit(f"{letter_id}: {why}")
    return letter


def _unfit(letter: Letter, to_be: ResolvedAs) -> str | None:
    if letter.resolved:
        return f"it has been {letter.resolved} already."
    if letter.behind:
        return f"it is parked, and has its turn when the letter is dealt with that it waits for; it cannot be {to_be} before."
    if letter.fault != "hub":
        return f"the message was at fault, not the hub; it cannot be {to_be}. Its sender has been told, and sends it anew with a new MsgId."
    if to_be == "replayed" and not letter.body:
        return "its bytes were not kept, so it cannot be replayed. Discard it: its sender is told to send it anew."
    if to_be == "replayed" and not _came_by_inbox(letter):
        return "it did not come by a vendor's inbox, so it cannot be replayed."
    return None


def _came_by_inbox(letter: Letter) -> bool:
    try:
        return vendor_of(letter.source.topic) == letter.vendor
    except ValueError:
        return False


def replay(letter: Letter, reception: Reception) -> Outgoing:
    """Its bytes, read again at the front door under the letter's own coordinates: the record for the log."""
    return reception.sequence(Received(letter.source, letter.vendor, letter.written_at, letter.body), letter_id=str(letter.letter_id))


def discard(letter: Letter, *, reason: str, at: datetime) -> Outgoing:
    """An operator's decision against it: the record for the log. Its sender is told that it was discarded, and the reason."""
    body = letter.body or b""
    origin = Origin(letter.source, letter.vendor, at, sha256(body).digest(), str(letter.letter_id))
    key = letter.case_key or letter.source.topic_partition
    return to_log(Sequenced(key, Discard(origin, reason, _to_answer(body))), None)


def _to_answer(body: bytes) -> MsgInfo | None:
    """Whom to send the negative AppRec; None where none can be addressed or none is wanted: then a transport error tells it."""
    opened = _opened(body)
    info = opened.envelope() if opened else envelope_of_broken(body)
    return info if info and _wants_apprec(info, opened) else None


def _opened(body: bytes) -> Opened | None:
    try:
        return open_message(body)
    except Fault:
        return None


def _wants_apprec(info: MsgInfo, opened: Opened | None) -> bool:
    """As reading has it: not where none is asked for, and never for a synchronous message."""
    return info.ack != Ack7304.N and not (opened and _is_synchronous(opened))


def _is_synchronous(opened: Opened) -> bool:
    said = opened.recognised
    process = process_of(said.type_v)
    row = find_row(process.name, said.element, said.code.v if said.code else None) if process else None
    return row is not None and row.timing is Timing.SYNC


async def append(records: Sequence[Outgoing], *, connection: KafkaConnection, within: float = WITHIN) -> None:
    """Into the log, in order; returns when the broker has them all. Raises NotTaken: doing it again is safe."""
    sequencer = Sequencer(connection)
    try:
        async with asyncio.timeout(within):
            await sequencer.start()
            await sequencer.send(records)
    except (KafkaError, TimeoutError, RecordRefused) as error:
        raise NotTaken(f"The log did not take it ({type(error).__name__}). Doing it again is safe.") from error
    finally:
        await sequencer.stop()


async def settled(memory: "Memory", letter: Letter, *, within: float = WITHIN) -> Settled:
    """Wait until casework has decided, and say what became of it; `WAITING` when it has not in time."""
    try:
        async with asyncio.timeout(within):
            return await _settled(memory, letter)
    except TimeoutError:
        return Settled(Became.WAITING)


async def _settled(memory: "Memory", letter: Letter) -> Settled:
    while (resolved := await _resolved(memory, letter)) is None:  # noqa: ASYNC110  another process decides
        await asyncio.sleep(_LOOK_EVERY)
    released = await memory.released_with(letter.letter_id)
    if resolved == "discarded":
        return Settled(Became.DISCARDED, released=released)
    # the resolution and the new letter are one transaction: if there is none, there was none
    wanted = Wanted(resolved=None, parked=None, source=letter.source)
    anew = [one for one in await memory.letters(wanted) if _follows(one, letter)]
    if not anew:
        return Settled(Became.DELIVERED, released=released)
    if anew[0].behind:
        return Settled(Became.PARKED, anew[0].behind)
    return Settled(Became.SET_ASIDE if anew[0].fault == "hub" else Became.REJECTED, anew[0].letter_id, released)


async def _resolved(memory: "Memory", letter: Letter) -> ResolvedAs | None:
    now = await memory.letter(letter.letter_id)
    return now.resolved if now else None


def _follows(one: Letter, letter: Letter) -> bool:
    return one.letter_id != letter.letter_id and one.written_at >= letter.written_at

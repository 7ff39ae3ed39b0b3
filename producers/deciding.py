"""Have a lane's records decided: as many as can be, and what cannot be decided alone set aside (rule 11). Knows no Kafka.

Never passes over a record: one that can be neither decided nor set aside holds its partition.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeGuard

from contracts.records import Outgoing
from producers.backing_off import MOST
from producers.blame import Trouble
from producers.observer import LaneObserver
from producers.work import FencedOff, Hold, LaneKey, LaneWork, Record, Unavailable, Verdict

log = logging.getLogger(__name__)

ALONE_TRIES = 3
"""A record whose work fails alone this often is set aside."""
WITHOUT_BLAME = (Hold, FencedOff, OSError)
"""The work does no input or output of its own: what it meets there is the machine's, and ends. Everything else that it raises is the
record's, memory and recursion included; a cancellation is no `Exception`, and ends the lane."""
CANNOT_BE_SET_ASIDE = "cannot_be_set_aside"
"""What a lane waits for then: us."""


class Unanswered(Exception):
    """The work gave no verdict for the first record."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Answers for the first records of a batch; none: the first record must wait."""

    answers: Sequence[Sequence[Outgoing]]
    hold: Hold | None = None


def _answered(verdict: Verdict) -> TypeGuard[Sequence[Outgoing]]:
    return not isinstance(verdict, Exception)


def _at_fault(verdict: Verdict) -> TypeGuard[Exception]:
    return isinstance(verdict, Exception) and not isinstance(verdict, WITHOUT_BLAME)


@dataclass(frozen=True, slots=True)
class Decider:
    """The work of one lane, with its partition's troubles."""

    work: LaneWork
    lane: LaneKey
    trouble: Trouble
    observer: LaneObserver

    async def settle(self, records: Sequence[Record]) -> Settled:
        """Answers for the first records of these. `FencedOff`: the lane is lost.

        A batch that fails as a whole is halved until what fails stands alone.
        """
        try:
            verdicts = await self._decided(records)
        except FencedOff:
            raise
        except Unavailable as hold:
            return Settled((), hold)
        except OSError as error:
            return Settled((), Hold(reason=type(error).__name__))
        except Exception as error:  # noqa: BLE001  a poison record may raise anything, and may spoil the whole batch
            if len(records) > 1:
                return await self.settle(records[: len(records) // 2])
            verdicts = [error]
        return await self._settled(records[0], verdicts)

    async def _decided(self, records: Sequence[Record]) -> Sequence[Verdict]:
        started = time.perf_counter()
        verdicts = await self.work.decide(self.lane, records, condemned=self.trouble.condemned_among(records))
        self.observer.decided(self.lane.partition, time.perf_counter() - started, len(verdicts))
        return verdicts

    async def _settled(self, first: Record, verdicts: Sequence[Verdict]) -> Settled:
        """Everything up to the first exception: what is behind it is decided anew when it is settled (rule 15)."""
        answers = [verdict for verdict in takewhile(_answered, verdicts) if _answered(verdict)]
        if answers:
            return Settled(answers)
        verdict = verdicts[0] if verdicts else Unanswered()
        return await self._alone(first, verdict) if _at_fault(verdict) else _without_blame(verdict)

    async def _alone(self, record: Record, verdict: Verdict) -> Settled:
        self.observer.isolated(self.lane.partition)
        for _ in range(ALONE_TRIES - 1):
            if not _at_fault(verdict):
                return _without_blame(verdict)
            verdict = await self._verdict_on(record)
        return await self._set_aside(record, verdict) if _at_fault(verdict) else _without_blame(verdict)

    async def _set_aside(self, record: Record, error: Exception) -> Settled:
        """By the work, in the transaction that would have delivered the record."""
        self.trouble.condemn(record.offset, error)
        verdict = await self._verdict_on(record)
        if not _at_fault(verdict):
            return _without_blame(verdict)
        log.error("cannot_be_set_aside", extra={"lane": record.partition, "offset": record.offset, "reason": type(verdict).__name__})
        return Settled((), Hold(MOST, CANNOT_BE_SET_ASIDE))

    async def _verdict_on(self, record: Record) -> Verdict:
        try:
            verdicts = await self._decided([record])
        except Exception as error:  # noqa: BLE001  a poison record may raise anything
            return error
        return verdicts[0] if verdicts else Unanswered()


def _without_blame(verdict: Verdict) -> Settled:
    if isinstance(verdict, OSError):
        verdict = Hold(reason=type(verdict).__name__)
    if isinstance(verdict, Hold):
        return Settled((), verdict)
    if isinstance(verdict, Exception):
        raise verdict
    return Settled([verdict])

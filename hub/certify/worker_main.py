"""`hub run` that can be harmed from inside: `python -m hub.certify.worker_main FOLDER`. FOLDER holds the signs of the run.

It dies between its two commits or stands still inside a transaction when the sign for it is up, fails on the messages that are marked to
fail until they are mended, and has a clock that can be wrong. Everything else is production's. It ends when its standard input does: it
never outlives the run that started it.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from unittest import mock
from uuid import UUID

from aiokafka import AIOKafkaProducer

import hub.deadlines
import hub.worker
from checker.terms import DEADLY
from hub.casework import Casework
from hub.certify.failing import MarkedToFail, failing_on_marks
from hub.certify.numbered import number_of
from hub.certify.signs import CLOCK, CRASH, MENDED, STOP, STOPPED, Signs
from hub.cli import main
from producers.work import LaneKey, Record, Verdict

LOOK_EVERY: Final = 0.2
"""Seconds between two looks at the clock's sign."""
_KIND_AT: Final = 112
_time, _now = time.time, datetime.now


class Harmed:
    """Every seam of one worker, and what it reads to know when."""

    def __init__(self, signs: Signs) -> None:
        self._signs = signs
        self._wrong = 0

    def planted(self) -> ExitStack:
        """All of them, as long as the stack is open."""
        threading.Thread(target=self._watch_clock, daemon=True).start()
        held = ExitStack()
        held.enter_context(failing_on_marks(self._is_mended, self._fail))
        held.enter_context(mock.patch.object(hub.worker, "Casework", self._crashing()))
        held.enter_context(mock.patch.object(AIOKafkaProducer, "commit_transaction", self._stopping()))
        # whoever asks the process for the time, and who would like to
        held.enter_context(mock.patch.object(time, "time", self._wrong_time))
        held.enter_context(_wrong_datetime(hub.deadlines, self))
        return held

    @property
    def wrong(self) -> timedelta:
        """By how much the clock is."""
        return timedelta(seconds=self._wrong)

    def _wrong_time(self) -> float:
        return _time() + self._wrong

    def _is_mended(self, msg_id: str) -> bool:
        return number_of(msg_id) < self._signs.number(MENDED)

    def _fail(self, msg_id: str) -> None:
        if UUID(msg_id).int >> _KIND_AT == DEADLY:
            _tell("KILLED by a message")
            os.kill(os.getpid(), signal.SIGKILL)
        raise MarkedToFail

    def _crashing(self) -> type[Casework]:
        signs = self._signs

        class CrashBetween(Casework):
            """Casework that dies once between the two commits."""

            async def decide(self, lane: LaneKey, records: Sequence[Record], *, condemned: Mapping[int, Exception]) -> Sequence[Verdict]:
                """The database has the batch; Kafka shall not hear of it from us."""
                verdicts = await super().decide(lane, records, condemned=condemned)
                if verdicts and signs.take(CRASH):
                    _tell(f"CRASH between the commits: lane {lane.partition}, {len(verdicts)} records")
                    os.kill(os.getpid(), signal.SIGKILL)
                return verdicts

        return CrashBetween

    def _stopping(self) -> Any:
        commit, signs = AIOKafkaProducer.commit_transaction, self._signs

        async def commit_transaction(producer: AIOKafkaProducer) -> None:
            if signs.take(STOP):
                _tell("STOPPED inside a transaction")
                signs.put(STOPPED, os.getpid())
                os.kill(os.getpid(), signal.SIGSTOP)
            await commit(producer)

        return commit_transaction

    def _watch_clock(self) -> None:
        while True:
            self._wrong = self._signs.number(CLOCK)
            time.sleep(LOOK_EVERY)


def _wrong_datetime(module: ModuleType, harmed: Harmed) -> Any:
    class Wrong(datetime):
        """Says what the wrong clock shows."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            """Now, by it."""
            return _now(tz) + harmed.wrong

    return mock.patch.object(module, "datetime", Wrong)


def _tell(words: str) -> None:
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


def end_with_standard_input() -> None:
    """Whoever started us is gone."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    harmed = Harmed(Signs(Path(sys.argv.pop())))
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    sys.argv[1:] = ["run"]
    with harmed.planted():
        main()

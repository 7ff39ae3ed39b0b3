"""`hub run` with a way to die: `python -m tests.chaos.worker_main FLAG`.

When the file FLAG is there, the next batch that the database has committed takes it away, and the process kills itself before Kafka's
transaction begins. It also ends when its standard input does: it never outlives the test that started it.
"""

import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import hub.worker
from hub.casework import Casework
from hub.cli import main
from producers.work import LaneKey, Record, Verdict


class CrashBetween(Casework):
    """Casework that dies once between the two commits."""

    flag: Path

    async def decide(self, lane: LaneKey, records: Sequence[Record], *, condemned: Mapping[int, Exception]) -> Sequence[Verdict]:
        """The database has the batch; Kafka shall not hear of it from us."""
        verdicts = await super().decide(lane, records, condemned=condemned)
        if verdicts and _taken(self.flag):
            print(f"CRASH between the commits: lane {lane.partition}, {len(verdicts)} records", file=sys.stderr, flush=True)  # noqa: T201  the test reads it
            os.kill(os.getpid(), signal.SIGKILL)
        return verdicts


def _taken(flag: Path) -> bool:
    try:
        flag.unlink()
    except FileNotFoundError:
        return False
    return True


def end_with_standard_input() -> None:
    """Whoever started us is gone."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def end_with_standard_input_in_the_background() -> None:
    """Beside the worker."""
    threading.Thread(target=end_with_standard_input, daemon=True).start()


if __name__ == "__main__":
    CrashBetween.flag = Path(sys.argv.pop())
    end_with_standard_input_in_the_background()
    sys.argv[1:] = ["run"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hub.worker, "Casework", CrashBetween)
        main()

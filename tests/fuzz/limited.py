"""`python -m tests.fuzz.limited FOLDER [PLANTED]`: every file of a folder put in, under the limits of the hostile inputs.

A line of JSON each, in the order of their names.
"""

import json
import os
import sys
from pathlib import Path

from tests.fuzz.planted import plant
from tests.fuzz.target import check
from tests.hostile import trying


def limited(body: bytes) -> dict[str, object]:
    """What one input cost, and what it broke; empty where nothing."""
    told, status = trying.in_a_child(lambda: trying.tried_within(lambda given: str(check(given)), body))
    if os.WIFSIGNALED(status):
        return {"broken": f"signal {os.WTERMSIG(status)}", "seconds": float(trying.CPU_SECONDS), "grown": 0, "times_input": 0.0}
    found = trying.Tried(**json.loads(told))
    over = max(0, found.grown - trying.CONSTANT) / max(1, len(body))
    broken = found.outcome if found.outcome.endswith("escaped") else "memory" if found.grown > found.allowed else ""
    return {"broken": broken, "seconds": found.seconds, "grown": found.grown, "times_input": over}


if __name__ == "__main__":
    trying.warm()
    for name in sys.argv[2:]:
        plant(name)
    for path in sorted(Path(sys.argv[1]).iterdir()):
        sys.stdout.write(json.dumps(limited(path.read_bytes())) + "\n")
        sys.stdout.flush()

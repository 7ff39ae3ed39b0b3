"""A certificate, made by the command as anyone would make it: the real broker and database, three workers, every kind of harm, no fault.

`make certify` makes one alone; this small one is part of `make test`.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from checker.verdict import COUNTED
from hub.certify.schedule import kinds
from tests.broker.ground import plain_environment

pytestmark = [pytest.mark.certify, pytest.mark.broker, pytest.mark.database]

MESSAGES: Final = 3_500
HAPPENED: Final = {"accepted", "answered", "broken", "connected", "free-slots", "practitioners", "rejected", "sent", "timed-out"}
"""What a run must have tried for its verdict to mean something."""
HINDERED: Final = 2
"""So many kinds of harm may have been kept from being done by others, on a slow machine."""


def test_nothing_is_lost_doubled_or_out_of_order_whatever_breaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every count of a small certificate is zero, and every kind of harm was done."""
    command = [sys.executable, "-m", "hub", "certify", "--scale", "small", "--out", str(tmp_path)]
    with capsys.disabled():
        ended = subprocess.run(command, env=plain_environment(), check=False)
    made = json.loads((tmp_path / "certificate.json").read_text("utf-8"))
    assert {count: made[count] for count in COUNTED} == dict.fromkeys(COUNTED, 0), made["found"]
    assert ended.returncode == 0, made["workers_wrong"]
    assert made["messages"] > MESSAGES
    assert made["became"].keys() >= HAPPENED
    done = {harm["what"] for harm in made["harm_done"]}
    assert len({kind.value for kind in kinds(1)} - done) <= HINDERED, made["hindered"]
    assert "<svg" in (tmp_path / "certificate.html").read_text("utf-8")

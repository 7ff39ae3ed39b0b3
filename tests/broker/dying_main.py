"""`hub run` with two ways to die over a message, as native code does: `python -m tests.broker.dying_main`.

A body that holds `MARK` ends the process in reception, by a signal; the translator of the push 11 ends it in casework, without one.
"""

import os
import signal
import sys
import threading
from dataclasses import replace
from typing import Final

import pytest

from contracts.records import Received
from hub import processes, reception
from hub.certify.worker_main import end_with_standard_input
from hub.cli import main
from hub.reading import Desk, Sequenced, read
from schemas.documents import Hodemelding
from translators.statements import Statement

MARK: Final = b"<!-- the reader dies here -->"
CODE: Final = "11"
"""Of the push that kills."""


def dying_translator(message: Hodemelding) -> tuple[Statement, ...]:
    """No exception, no word."""
    os._exit(9)


def dying_reader(received: Received, desk: Desk, *, letter_id: str | None = None) -> Sequenced:
    """A segmentation fault, now and then."""
    if MARK in (received.body or b""):
        os.kill(os.getpid(), signal.SIGSEGV)
    return read(received, desk, letter_id=letter_id)


if __name__ == "__main__":
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    sys.argv[1:] = ["run"]
    key = ("Timereservasjon", "Foresporsel", CODE)
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(processes._BY_KEY, key, replace(processes._BY_KEY[key], translator=dying_translator))
        patched.setattr(reception, "read", dying_reader)
        main()

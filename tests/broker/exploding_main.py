"""`hub run` with two mistakes planted: `python -m tests.broker.exploding_main`. Both exceptions quote the message, as a library's would.

The translator of the push 11 fails, in casework; a body that holds `MARK` fails in reception.
"""

import sys
from dataclasses import replace
from typing import Final

import pytest

from contracts.records import Received
from hub import processes, reception
from hub.cli import main
from hub.reading import Desk, Sequenced, read
from schemas.documents import Hodemelding
from translators.statements import Statement

MARK: Final = b"<!-- the reader fails here -->"
KEY: Final = ("Timereservasjon", "Foresporsel", "11")


def exploding_translator(message: Hodemelding) -> tuple[Statement, ...]:
    """Quotes what it was given."""
    patient = message.msg_info.patient
    assert patient is not None
    assert patient.national_id is not None
    raise ValueError(f"cannot translate {patient.family_name} {patient.national_id.reveal()} {message.icalendar}")


def exploding_reader(received: Received, desk: Desk, *, letter_id: str | None = None) -> Sequenced:
    """Quotes the whole message, now and then."""
    if MARK in (received.body or b""):
        raise ValueError((received.body or b"").decode())
    return read(received, desk, letter_id=letter_id)


if __name__ == "__main__":
    sys.argv[1:] = ["run"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(processes._BY_KEY, KEY, replace(processes._BY_KEY[KEY], translator=exploding_translator))
        patched.setattr(reception, "read", exploding_reader)
        main()

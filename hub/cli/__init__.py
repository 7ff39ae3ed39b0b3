"""The command `hub`. One file a command, each added by its `add(app)`; a new command is a file and a name in `_FILES`.

What a person has to know is one clear line on standard error, never a traceback. Wrong use exits with 2.
"""

import sys

import typer
from rich.console import Console

from hub.cli import (
    certify,
    check,
    clean,
    contracts,
    demo,
    doctor,
    forget,
    grow,
    kafka,
    letters,
    new_vendor,
    parties,
    password,
    pseudonyms,
    rebuild,
    replay,
    running,
    send,
    tables,
    topics,
)
from hub.errors import HubError
from hub.faults import own_lines, type_names
from hub.logs import writing
from hub.parties import RegisterUnreadable

_FILES = (
    demo, running, kafka, topics, contracts, check, send, letters, replay, clean, rebuild, doctor, tables, parties, new_vendor, password,
    grow, pseudonyms, forget, certify,
)
_OUR_FAULT, _WRONG_USE = 70, 2

app = typer.Typer(
    name="hub",
    help="Between the journal systems of clinics and the citizens' portal, over Apache Kafka.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,  # they would show the values of variables
    add_completion=False,
)
for _file in _FILES:
    _file.add(app)


@app.callback()
def _root() -> None:
    """Between the journal systems of clinics and the citizens' portal, over Apache Kafka."""


def main() -> None:
    """Run the command line; the process's exit code is its answer."""
    sys.exit(run())


def run() -> int:
    """Run it and give the exit code."""
    try:
        # libraries are silent at a terminal: what matters reaches a person as an error of ours; `hub run` writes its own log
        with writing(level="critical", form="console"):
            app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except HubError as told:
        return _tell(str(told), told.exit_code)
    except RegisterUnreadable as told:
        return _tell(str(told), _WRONG_USE)
    except Exception as fault:  # noqa: BLE001 - its words may quote a message: the types and our own lines are what may be shown
        where = ", ".join(own_lines(fault.__traceback__)[-2:]) or "a library"
        return _tell(f"A fault of the hub's own: {type_names(fault)} at {where}.", _OUR_FAULT)
    return 0


def _tell(line: str, code: int) -> int:
    Console(stderr=True, highlight=False, soft_wrap=True).print(line, style="red", markup=False)
    return code

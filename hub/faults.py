"""A fault of ours, told without its words: the exception's type and our own line. An exception's text may quote a message."""

import traceback
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def fault_of(error: BaseException) -> str:
    """For example `KeyError at hub/case/fold.py:81`; only the type when no line of ours is on the way."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(_ROOT)]
    kind = type(error).__name__
    if not ours:
        return kind
    return f"{kind} at {Path(ours[-1].filename).relative_to(_ROOT).as_posix()}:{ours[-1].lineno}"

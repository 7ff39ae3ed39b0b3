"""One starter at a time: two commands that begin together in one folder get one broker and one database, never two."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def one_starter(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel lets go of it when the process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "start.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield

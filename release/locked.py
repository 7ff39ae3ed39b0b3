"""What requirements.lock and the lock of Kafka's jars name: the one source of what a release stands on. Reads no network."""

import importlib.metadata
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hub.local.jars import read_lock

ROOT: Final = Path(__file__).resolve().parent.parent
REQUIREMENTS: Final = ROOT / "requirements.lock"
OURS: Final = "epj-hub"
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_JAR: Final = re.compile(r"(?P<name>.+?)-(?P<version>\d[^-]*(-\d[^-]*)?)\.jar")


@dataclass(frozen=True, slots=True)
class Locked:
    """One package or jar."""

    name: str
    version: str
    sums: tuple[str, ...]
    """SHA-256 of every file of it that may be installed."""
    is_jar: bool = False


def packages(lock: Path = REQUIREMENTS) -> Iterator[Locked]:
    """Every package of the lock, whatever platform it is for."""
    for block in re.split(r"\n(?=\S)", lock.read_text("utf-8").strip()):
        required = Requirement(re.split(r"\s*\\?\n", block, maxsplit=1)[0].removesuffix(" \\"))
        (pin,) = required.specifier
        yield Locked(canonicalize_name(required.name), pin.version, tuple(_HASH.findall(block)))


def jars() -> Iterator[Locked]:
    """Every jar of the local broker."""
    for file, digest in read_lock().items():
        named = _JAR.fullmatch(file)
        yield Locked(*((named["name"], named["version"]) if named else (file, "")), (digest,), is_jar=True)


def needed(name: str = OURS) -> frozenset[str]:
    """The packages that a hub in production needs, here: the rest of the lock is for whoever develops it, or for another platform."""
    seen: set[tuple[str, str]] = set()
    waiting = [(canonicalize_name(name), "")]
    while waiting:
        distribution, extra = one = waiting.pop()
        if one not in seen:
            seen.add(one)
            required = _required_by(distribution, extra)
            waiting += [(canonicalize_name(each.name), wanted) for each in required for wanted in ("", *each.extras)]
    return frozenset(distribution for distribution, _ in seen) - {name}


def _required_by(distribution: str, extra: str) -> Iterable[Requirement]:
    try:
        lines = importlib.metadata.requires(distribution) or []
    except importlib.metadata.PackageNotFoundError:  # of another platform
        return []
    required = map(Requirement, lines)
    return [each for each in required if each.marker is None or each.marker.evaluate({"extra": extra})]

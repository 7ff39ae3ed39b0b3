"""Apache Kafka's own jars: downloaded once, and compared with the sums in kafka-jars.lock before every use.

A jar whose sum differs is never run, and neither is one the lock does not name.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from hub.errors import HubError
from hub.local import Progress, silent

COORDINATES = "org.apache.kafka:kafka_2.13:4.2.2+org.slf4j:slf4j-simple:1.7.36"
LOCK = Path(__file__).with_name("kafka-jars.lock")


class JarsDiffer(HubError):
    """What was downloaded is not what the lock file names."""


class JarsMissing(HubError):
    """The jars could not be downloaded."""


def kafka_jars(progress: Progress = silent, *, lock: Path = LOCK) -> tuple[Path, ...]:
    """The class path of the broker, each jar compared with the lock. Downloads what is not in the user's cache (43 MB)."""
    jars = download(progress)
    compare(jars, locked=read_lock(lock))
    return jars


def download(progress: Progress = silent) -> tuple[Path, ...]:
    """Resolve and download, telling each jar."""
    import jgo  # imported late: 0.2 s that only the local broker needs
    from jgo.maven import PythonResolver

    try:
        # all_jars: the environment's own classpath omits what it sorts as modules
        return tuple(jgo.build(COORDINATES, resolver=PythonResolver(progress_callback=_telling(progress))).all_jars)
    except (OSError, RuntimeError) as fault:  # requests' exceptions are OSErrors
        raise JarsMissing(
            f"Apache Kafka's jars could not be downloaded ({type(fault).__name__}). They are needed once; is this machine on the net?"
        ) from fault


def compare(jars: tuple[Path, ...], *, locked: dict[str, str]) -> None:
    """Raise `JarsDiffer` unless these are exactly the jars of the lock."""
    found = sums(jars)
    wrong = sorted(name for name in found.keys() | locked.keys() if found.get(name) != locked.get(name))
    if wrong:
        raise JarsDiffer(
            f"These jars are not the ones in {LOCK.name}: {', '.join(wrong)}. Delete them from the Maven and jgo caches "
            "and try again; if they still differ, do not run them."
        )


def sums(jars: tuple[Path, ...]) -> dict[str, str]:
    """The sha256 of each, by file name."""
    return {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in jars}


def read_lock(lock: Path = LOCK) -> dict[str, str]:
    """The sums promised: one `name sha256` a line."""
    rows = (line.split() for line in lock.read_text("ascii").splitlines())
    return {name: digest for name, digest in rows}  # noqa: C416 - says what the two are


def write_lock(lock: Path = LOCK) -> None:
    """Write the lock from what the coordinates give today: for `make lock`, read by a person before it is committed."""
    found = sums(download())
    lock.write_text("".join(f"{name} {found[name]}\n" for name in sorted(found)), "ascii")


def _telling(progress: Progress) -> Callable[[str, int], AbstractContextManager[Callable[[int], None]]]:
    @contextmanager
    def one(name: str, size: int) -> Iterator[Callable[[int], None]]:
        progress(f"downloading {name} ({size / 1_000_000:.1f} MB)")
        yield lambda _: None

    return one


if __name__ == "__main__":
    write_lock()

"""What newcomers and tests stand on: a real Apache Kafka and a real PostgreSQL, from wheels and jars. Never for production."""

from collections.abc import Callable

Progress = Callable[[str], None]
"""Hears one line per step, for a person who waits."""


def silent(line: str) -> None:
    """Tell nobody."""

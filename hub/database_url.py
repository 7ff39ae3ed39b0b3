"""One address of the database, in the two spellings its two clients want. Never prints it: it may hold a password."""

import re

_PLAIN, _SQLALCHEMY = "postgresql://", "postgresql+asyncpg://"
_ALSO = ("postgres://", _SQLALCHEMY, _PLAIN)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]*)(:\d{1,5})?")
"""A host with its port: a password with an unescaped sign ends up there, and the driver's error would quote it."""


def for_asyncpg(url: str) -> str:
    """`postgresql://...`, whichever way it was spelt. ValueError when it is no PostgreSQL address."""
    for prefix in _ALSO:
        address = url.removeprefix(prefix)
        if url.startswith(prefix) and all(map(_HOST.fullmatch, _hosts(address))):
            return _PLAIN + address
    raise ValueError("not a PostgreSQL address")


def for_sqlalchemy(url: str) -> str:
    """`postgresql+asyncpg://...`, whichever way it was spelt."""
    return for_asyncpg(url).replace(_PLAIN, _SQLALCHEMY, 1)


def _hosts(address: str) -> list[str]:
    return re.split(r"[/?]", address, maxsplit=1)[0].rpartition("@")[2].split(",")

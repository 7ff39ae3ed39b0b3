"""One address of the database, in the two spellings its two clients want. Never prints it: it may hold a password."""

_PLAIN, _SQLALCHEMY = "postgresql://", "postgresql+asyncpg://"
_ALSO = ("postgres://", _SQLALCHEMY, _PLAIN)


def for_asyncpg(url: str) -> str:
    """`postgresql://...`, whichever way it was spelt. ValueError when it is no PostgreSQL address."""
    for prefix in _ALSO:
        if url.startswith(prefix):
            return _PLAIN + url.removeprefix(prefix)
    raise ValueError("not a PostgreSQL address")


def for_sqlalchemy(url: str) -> str:
    """`postgresql+asyncpg://...`, whichever way it was spelt."""
    return for_asyncpg(url).replace(_PLAIN, _SQLALCHEMY, 1)

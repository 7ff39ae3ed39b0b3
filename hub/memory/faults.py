"""Every no of the database, as a fact. None of them quotes a value: the driver's words do, and stay behind.

Nothing here is a message's fault but `ValueRefused`: what we cannot classify holds the lane, it never makes a letter.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from hub.errors import HubError


class DatabaseAway(HubError):
    """The database cannot be reached, does not answer, or has no room: hold and try again."""


class CommitUnknown(DatabaseAway):
    """The connection was lost during the commit: the rows may be there or not. `rewind` before the batch is done again."""


class FencedOff(HubError):
    """Somebody newer owns the lane. What was to be written is not written."""


class ValueRefused(HubError):
    """The database refuses a value of a record in this batch: alone, that record is set aside."""


class OffsetWentBack(HubError):
    """The group's committed offset is lower than it was: redoing from there would deliver anew what was delivered."""


class DatabaseBehind(HubError):
    """The database knows less than Kafka has committed: lost, or an older dump. Nobody decides before `hub rebuild` has mended it."""


class SchemaUnfit(HubError):
    """The database's tables are not those of this program."""


class CasesElsewhere(HubError):
    """The log has another number of partitions than the cases were arranged for."""


class NamedOtherwise(HubError):
    """The cases go by names of another pseudonym key's version."""


REFUSING = ("22", "23", "54")
"""SQLSTATE classes that speak of a value: data exception, integrity constraint, program limit (a key too long for its index)."""
UNFITTING = ("0A", "3F", "42")
"""Classes that speak of our statement against these tables. Every other class speaks of the server."""


def fault_of(error: BaseException) -> HubError | None:
    """What an error of the driver says, without its words; None: it does not come from the database."""
    if isinstance(error, asyncpg.PostgresError):
        return _fault_of_state(error.sqlstate or "XX000")
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
        return ValueRefused("the database driver refuses a value")
    if isinstance(error, OSError | asyncio.TimeoutError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return DatabaseAway(f"the database cannot be reached ({type(error).__name__})")
    return None


def _fault_of_state(state: str) -> HubError:
    if state[:2] in REFUSING:
        return ValueRefused(f"the database refuses a value (SQLSTATE {state})")
    if state[:2] in UNFITTING:
        return SchemaUnfit(f"the database's tables do not fit (SQLSTATE {state})")
    return DatabaseAway(f"the database does not answer (SQLSTATE {state})")


@contextmanager
def facts() -> Iterator[None]:
    """Around what speaks to the database, and nothing else: the driver's errors leave as ours."""
    try:
        yield
    except Exception as error:
        if (fault := fault_of(error)) is None:
            raise
        raise fault from None

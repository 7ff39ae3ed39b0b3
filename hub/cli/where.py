"""`--where KEY=VALUE`: which letters are meant, the same for every command that takes many."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, get_args

from hub.errors import WrongUse
from hub.memory.rows import AtFault, Wanted

KEYS: Final = ("fault", "vendor", "rule", "process", "before", "after")
HELP: Final = f"Only those with this: {', '.join(KEYS)} (times as 2026-11-26T03:00, UTC). May be given several times: all must hold."


def wanted_by(conditions: Iterable[str], **given: Any) -> Wanted:
    """What is asked for. Raises WrongUse for a key, a fault or a time that is none. `given`: fields that other options have set."""
    found: dict[str, Any] = {}
    for condition in conditions:
        key, equals, value = condition.partition("=")
        if key not in KEYS or not equals or not value:
            raise WrongUse(f"--where {condition}: KEY=VALUE is meant, KEY one of {', '.join(KEYS)}")
        if key in found:
            raise WrongUse(f"--where {condition}: {key} is given twice")
        found[key] = _value(key, value)
    return Wanted(**{**found, **{key: value for key, value in given.items() if value is not None or key not in found}})


def _value(key: str, value: str) -> object:
    if key in ("before", "after"):
        return _time(key, value)
    if key == "fault" and value not in get_args(AtFault):
        raise WrongUse(f"--where fault={value}: one of {', '.join(get_args(AtFault))} is meant")
    return value


def _time(key: str, value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise WrongUse(f"--where {key}={value}: a time such as 2026-11-26T03:00 is meant") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)

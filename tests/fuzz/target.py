"""What must hold of any bytes on an inbox: one of the outcomes, no exception, and the same again when they come twice.

An input that begins like a golden command (`{`) is the portal's; anything else is a vendor's.
"""

import json
from typing import Any, Final

from contracts.failures import Outcome
from contracts.topics import COMMANDS
from hub.case.entries import Declined, Entry, Unread
from hub.log_record import from_log
from tests.story import Hub, Told

_OF_VIDDE: Final = b"8900"
"""How the HER-ids of the other vendor's parties begin: from its own inbox, or nothing would come past the door."""
_FIRST: Final = frozenset({Outcome.DELIVERED, Outcome.REJECTED, Outcome.REFUSED})
_SECOND: Final = _FIRST | {Outcome.DUPLICATE}


class Broken(AssertionError):
    """What must hold does not."""


def check(body: bytes) -> Outcome:
    """Put it in twice. Raises Broken for an outcome that nothing designed, and whatever escapes."""
    hub = Hub()
    first = _told(hub, body)
    _judge(first, _FIRST)
    _judge(_told(hub, body), _SECOND)
    for record in hub.log:
        from_log(record)
    return first.decision.outcome


def _told(hub: Hub, body: bytes) -> Told:
    if command := _command(body):
        headers = {"ce_type": f"portal.command.{command.get('type')}.v1", "ce_id": str(command.get("id"))}
        return hub.told_of(COMMANDS.name, json.dumps(command.get("data")).encode(), headers=_encodable(headers))
    return hub.send(body, vendor="vidde" if _OF_VIDDE in body else "fjord")


def _command(body: bytes) -> dict[str, Any] | None:
    if not body.startswith(b"{"):
        return None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _encodable(headers: dict[str, str]) -> dict[str, str]:
    # a header is bytes: half a pair of surrogates, which JSON can spell, cannot stand in one
    return {name: value.encode("utf-8", "replace").decode() for name, value in headers.items()}


def _judge(told: Told, designed: frozenset[Outcome]) -> None:
    entry: Entry = told.entry
    if isinstance(entry, Unread | Declined) and entry.fault:
        raise Broken(entry.fault)
    if told.decision.outcome not in designed:
        raise Broken(told.decision.outcome)


def check_quietly(body: bytes) -> None:
    """For libFuzzer, which takes nothing back."""
    check(body)

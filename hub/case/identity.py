"""What a record of the log is called by, whatever kind it is: the id its sender gave it, and the claim it makes. Never a person's name.

A table a question: a new kind of entry adds its rows.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from hub.case.entries import Broken, Commanded, Declined, Discard, Due, Entry, Forget, Freed, Read, Receipt, Receipted, Refused, Rejected
from schemas.documents import MsgInfo
from schemas.uuids import is_uuid

AHEAD: Final = timedelta(minutes=5)
"""How far a sender's clock may be ahead: a GenDate beyond that is taken as when the message came, or it would win for ever."""


def msg_id_of(entry: Entry) -> str | None:
    """The id its sender gave it, as it was written; None where none could be read."""
    found: str | None = _MSG_ID.get(type(entry), _nothing)(entry)
    return found


def answered_id(entry: Entry) -> str | None:
    """The id of the message that this one answers, by which it is compared; None where it answers none."""
    found: str | None = _ANSWERED.get(type(entry), _nothing)(entry)
    return found


def own_claim(entry: Entry) -> tuple[str, str] | None:
    """(scope, id) under which it is one message however often it is sent; None where only its coordinates tell it apart."""
    found: tuple[str, str] | None = _CLAIM.get(type(entry), _nothing)(entry)
    return found


def folded(msg_id: str) -> str:
    """An id to compare by: a UUID is the same one in capitals."""
    return msg_id.lower() if is_uuid(msg_id) else msg_id


def _nothing(_entry: Entry) -> None:
    return None


def _parent(info: MsgInfo) -> str | None:
    reference = info.conversation_ref
    return folded(reference.ref_to_parent) if reference else None


_Table = Mapping[type[Entry], Callable[[Any], Any]]
_MSG_ID: Final[_Table] = {
    Read: lambda entry: entry.message.msg_info.msg_id,
    Commanded: lambda entry: entry.command_id,
    Rejected: lambda entry: entry.msg_info.msg_id,
    Receipt: lambda entry: entry.apprec.id,
    Receipted: lambda entry: entry.apprec.id,
    Discard: lambda entry: entry.msg_info.msg_id if entry.msg_info else None,
    Refused: lambda entry: entry.msg_id,
    Declined: lambda entry: entry.command_id,
    Due: lambda entry: entry.command_id,
    Broken: lambda entry: entry.command_id,
}
_ANSWERED: Final[_Table] = {
    Receipt: lambda entry: folded(entry.apprec.original_msg_id.id),
    Receipted: lambda entry: folded(entry.apprec.original_msg_id.id),
    Read: lambda entry: _parent(entry.message.msg_info),
    Rejected: lambda entry: _parent(entry.msg_info),
}
_CLAIM: Final[_Table] = {
    Read: lambda entry: (f"msg:{entry.sender}", folded(entry.message.msg_info.msg_id)),
    Rejected: lambda entry: (f"msg:{entry.sender}", folded(entry.msg_info.msg_id)),
    Receipt: lambda entry: (f"apprec:{entry.sender}", folded(entry.apprec.id)),
    Commanded: lambda entry: ("command", entry.command_id),
    Declined: lambda entry: ("command", entry.command_id) if entry.command_id else None,
    Due: lambda entry: ("due", f"{entry.command_id}/{entry.what}"),
    Receipted: lambda entry: ("passed on", str(entry.origin.source)),
    Broken: lambda entry: ("passed on", str(entry.origin.source)),
    Freed: lambda entry: ("freed", entry.letter_id),
    Forget: lambda entry: ("forget", entry.forget_id),
}

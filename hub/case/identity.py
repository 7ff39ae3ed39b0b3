"""What a record of the log is called by, whatever kind it is: the id its sender gave it, and the claim it makes. Never a person's name."""

from datetime import timedelta
from typing import Final

from hub.case.entries import Discard, Entry, Read, Receipt, Rejected, Unread
from schemas.uuids import is_uuid

AHEAD: Final = timedelta(minutes=5)
"""How far a sender's clock may be ahead: a GenDate beyond that is taken as when the message came, or it would win for ever."""


def msg_id_of(entry: Entry) -> str | None:
    """The id its sender gave it, as it was written; None where none could be read."""
    match entry:
        case Read():
            return entry.message.msg_info.msg_id
        case Rejected():
            return entry.msg_info.msg_id
        case Receipt():
            return entry.apprec.id
        case Discard():
            return entry.msg_info.msg_id if entry.msg_info else None
        case Unread():
            return None
        case _:
            return entry.msg_id


def folded(msg_id: str) -> str:
    """An id to compare by: a UUID is the same one in capitals."""
    return msg_id.lower() if is_uuid(msg_id) else msg_id


def own_claim(entry: Entry) -> tuple[str, str] | None:
    """(scope, id) under which it is one message however often it is sent; None where only its coordinates tell it apart."""
    match entry:
        case Read():
            return f"msg:{entry.sender}", folded(entry.message.msg_info.msg_id)
        case Rejected():
            return f"msg:{entry.sender}", folded(entry.msg_info.msg_id)
        case Receipt():
            return f"apprec:{entry.sender}", folded(entry.apprec.id)
        case _:
            return None

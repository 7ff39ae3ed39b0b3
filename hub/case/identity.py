"""What a record of the log is called by, whatever kind it is: the id its sender gave it, and the claim it makes. Never a person's name."""

from hub.case.entries import Discard, Entry, Read, Receipt, Rejected, Unread


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


def own_claim(entry: Entry) -> tuple[str, str] | None:
    """(scope, id) under which it is one message however often it is sent; None where only its coordinates tell it apart."""
    match entry:
        case Read():
            return f"msg:{entry.sender}", entry.message.msg_info.msg_id
        case Rejected():
            return f"msg:{entry.sender}", entry.msg_info.msg_id
        case Receipt():
            return f"apprec:{entry.sender}", entry.apprec.id
        case _:
            return None

"""The checker's part that judges the AppRecs that a sender hears. Pure."""

from collections.abc import Iterator
from typing import Final

from checker.facts import Facts, Kind, Mail
from checker.of_events import more_than_once
from contracts.topics import INBOX, OUTBOX

_RECEIPTED: Final = frozenset({Kind.PUSH, Kind.ANSWER})
"""What asks for an AppRec. A reply is waited for and asks for none; an AppRec is never answered."""
_TAKEN, _REFUSED = "1", "2"


def receipts_missing(facts: Facts) -> list[str]:
    """Its sender waits for it."""
    return sorted(mail.msg_id for mail in facts.mail.values() if mail.kind in _RECEIPTED and mail.msg_id not in facts.receipts)


def receipts_doubled(facts: Facts) -> list[str]:
    """One AppRec per MsgId, whatever happens."""
    return more_than_once(facts.receipts)


def receipts_wrong(facts: Facts) -> Iterator[str]:
    """Negative of what was taken, positive of what was discarded, in another vendor's outbox, or of nothing that asked for one."""
    for record, mail in facts.documents:
        if mail.kind is Kind.RECEIPT and not _is_owed(facts, record.topic, mail):
            yield mail.answers


def _is_owed(facts: Facts, outbox: str, receipt: Mail) -> bool:
    answered = facts.mail.get(receipt.answers)
    if answered is None or answered.kind not in _RECEIPTED:
        return False
    inbox = facts.copies[answered.msg_id][0].topic
    owed = _REFUSED if answered.msg_id in facts.discarded else _TAKEN
    return receipt.code == owed and outbox == inbox.replace(INBOX.name[-len("inbox"):], OUTBOX.name[-len("outbox"):])

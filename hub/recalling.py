"""What a batch must know before it is folded: asked of memory in one go, and once more of what only the first answer shows. Pure but for
the asking.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol
from uuid import UUID

from hub.case.decision import Claimed
from hub.case.entries import Commanded, Entry, Read, Receipt, Rejected
from hub.case.identity import answered_id
from hub.case.state import Case
from hub.items import Item
from hub.log_record import from_kept
from hub.memory.rows import Asked, Claim, Known

ANSWERS: Final = (Receipt, Rejected, Read)
"""What may answer a command."""
SENT_AGAIN: Final = frozenset({Claimed.DUPLICATE, Claimed.OTHER_CONTENT})


class Knows(Protocol):
    """Memory, as far as it is asked here."""

    async def recall(self, asked: Asked) -> Known:
        """What it knows of these."""


async def recalled(memory: Knows, items: Sequence[Item], in_hand: Mapping[str, Case]) -> Known:
    """What memory knows of these, claims included.

    Whoever lost the claim on its MsgId claims its own coordinates: what was sent again may have been written twice by reception as well,
    and is told once.
    """
    known = await memory.recall(_asked(items, in_hand))
    again = [item for item in items if item.entry.origin.letter_id is None and item.claimed(known) in SENT_AGAIN]
    waiting = [from_kept(letter.reading or b"") for letter in known.parked]
    if not again and not waiting:
        return known
    more = await memory.recall(replace(_asked_of(waiting), claims=tuple(map(coordinates, again))))
    return replace(
        known, owners={**known.owners, **more.owners}, sent={**known.sent, **more.sent}, citizens={**known.citizens, **more.citizens},
    )


def coordinates(item: Item) -> Claim:
    """The claim of where it came from, whatever id it has."""
    return replace(item.claims[0], scope="source", id=f"{item.entry.origin.source}#")


def _asked(items: Sequence[Item], in_hand: Mapping[str, Case]) -> Asked:
    keys = {item.case_key for item in items if item.has_case} - in_hand.keys()
    letters = {UUID(item.entry.origin.letter_id) for item in items if item.entry.origin.letter_id}
    parked_in = {item.case_key for item in items if item.has_case and item.deals_with_a_letter}
    return replace(
        _asked_of([item.entry for item in items]), claims=tuple(claim for item in items for claim in item.claims),
        case_keys=tuple(keys), letter_ids=tuple(letters), parked_in=tuple(parked_in),
    )


def _asked_of(entries: Sequence[Entry]) -> Asked:
    answered = {answered_id(entry) for entry in entries if isinstance(entry, ANSWERS)}
    persons = {asked_for(entry) for entry in entries}
    return Asked(
        sent_ids=tuple(msg_id for msg_id in answered if msg_id), persons=tuple(person for person in persons if person),
    )


def asked_for(entry: Entry) -> str | None:
    """The citizen of whom it matters whether they are digitally active."""
    return entry.person if isinstance(entry, Read | Commanded) else None

"""A batch while it is folded: each record decided after the one before it, on what memory knew and what the batch itself has brought. Pure.

Casework and the dry run fold alike. Never asks memory, and never writes.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from hub.case.decide import decide, set_aside
from hub.case.decision import Claimed, Context, Decision, Parked, Place
from hub.case.entries import Entry, Read
from hub.case.identity import answered_id
from hub.case.state import Case
from hub.faults import FailsInTurn, fault_of
from hub.items import Item
from hub.keeping import Pair, letter_of, news_of, sent_by
from hub.log_record import from_kept
from hub.memory.rows import Claim, ClaimKey, Known, Letter, News, Sent
from hub.processes import Direction
from hub.recalling import ANSWERS, SENT_AGAIN, asked_for, coordinates
from schemas.wire import decoder

_CASE: Final = decoder(Case)


class FoldFailed(Exception):
    """The fold raised at this item: a fault of ours."""

    def __init__(self, at: int, error: Exception) -> None:
        super().__init__(at)
        self.at, self.error = at, error


class Folded:
    """The cases as they become, and every decision. `in_hand`: cases that are newer here than in what memory answered."""

    def __init__(self, known: Known, in_hand: Mapping[str, Case]) -> None:
        self._known, self._in_hand = known, in_hand
        self._pairs: list[Pair] = []
        self._decisions: list[Decision] = []
        self._citizens: dict[str, bool] = {}
        self._just_sent: dict[str, Sent] = {}
        self._changed: dict[str, Pair] = {}
        self._letters: dict[UUID, Letter] = {}
        self._parked: dict[str, list[Letter]] = {}

    @property
    def decisions(self) -> list[Decision]:
        """One an item, in order."""
        return self._decisions

    @property
    def cases(self) -> dict[str, Case]:
        """The cases that changed."""
        return {key: decision.case for key, (_, decision) in self._changed.items()}

    def take(self, at: int, item: Item) -> None:
        """Fold one item. Raises FoldFailed."""
        case = self._case(item.case_key) if item.has_case else Case()
        try:
            decision = self._decided(item, case)
        except Exception as error:
            raise FoldFailed(at, error) from error
        self._decisions.append(decision)
        self._note(item, decision)
        for each in decision.released:
            self._note(_in_its_turn(item, each.parked), each.decision)
        if item.has_case and decision.case is not case:
            self._changed[item.case_key] = (item, decision)

    def _note(self, item: Item, decision: Decision) -> None:
        """What the next records of this batch must know of it."""
        self._pairs.append((item, decision))
        if sent := sent_by(item, decision):
            self._just_sent[sent.msg_id] = sent
        if decision.citizen:
            self._citizens[decision.citizen[0]] = decision.citizen[1]
        if letter := letter_of(item, decision):
            self._letters[letter.letter_id] = letter
        if letter and letter.behind:
            self._waiting_in(item.case_key).append(letter)
        had_their_turn = {each.parked.letter_id for each in decision.released}
        if had_their_turn:
            self._parked[item.case_key] = [one for one in self._waiting_in(item.case_key) if one.letter_id not in had_their_turn]

    def news(self) -> News:
        """What memory is to keep of the batch."""
        return news_of(self._pairs, self._changed)

    def _decided(self, item: Item, case: Case) -> Decision:
        context = replace(
            self._context(item, self._claimed(item)), letter_open=self._letter_is_open(item), letter_at=self._letter_at(item),
            parked=self._behind(item),
        )
        if item.condemned is not None and not isinstance(item.condemned, FailsInTurn) and context.claimed is Claimed.FIRST:
            return set_aside(case, item.entry, context, fault=fault_of(item.condemned))
        return decide(case, item.entry, context)

    def _context(self, item: Item, claimed: Claimed) -> Context:
        sent = self._sent(item.entry)
        return Context(
            stamp=item.stamp, case_key=item.case_key, claimed=claimed, body=item.record.value or b"",
            asked_in=_asked_in(sent, item), of_another=_is_another(sent, item), is_active=self._is_active(item.entry),
        )

    def _behind(self, item: Item) -> tuple[Parked, ...]:
        """What waits in the case of a record that may end that."""
        if not item.deals_with_a_letter:
            return ()
        return tuple(self._parked_behind(item, nth, letter) for nth, letter in enumerate(self._waiting_in(item.case_key), 1))

    def _parked_behind(self, item: Item, nth: int, letter: Letter) -> Parked:
        record = item.record._replace(value=letter.body)
        waiting = replace(item, record=record, entry=from_kept(letter.reading or b""), claims=(), nth=nth)
        fails = fault_of(item.condemned) if isinstance(item.condemned, FailsInTurn) and item.condemned.nth == nth else None
        return Parked(letter.letter_id, waiting.entry, replace(self._context(waiting, Claimed.FIRST), first_fails=fails))

    def _waiting_in(self, case_key: str) -> list[Letter]:
        """What is parked in the case, in order. Done again, a batch may hold what is parked and what frees it."""
        if case_key not in self._parked:
            self._parked[case_key] = [letter for letter in self._known.parked if letter.case_key == case_key]
        return self._parked[case_key]

    def _letter(self, item: Item) -> Letter | None:
        """The letter that a replay or a discard deals with: known, or written by this batch, as when it is done again."""
        letter_id = item.entry.origin.letter_id
        return None if letter_id is None else self._known.letters.get(UUID(letter_id)) or self._letters.get(UUID(letter_id))

    def _letter_at(self, item: Item) -> Place | None:
        letter = self._letter(item)
        return Place(letter.case_key, Direction(letter.direction)) if letter and letter.case_key and letter.direction else None

    def _claimed(self, item: Item) -> Claimed:
        claimed = item.claimed(self._known)
        if claimed in SENT_AGAIN and (owner := self._known.owners.get(_key(coordinates(item)))):
            is_mine = (owner.partition, owner.offset) == (item.record.partition, item.record.offset)
            return claimed if is_mine else Claimed.WRITTEN_TWICE
        return claimed

    def _case(self, key: str) -> Case:
        if key in self._changed:
            return self._changed[key][1].case
        if key in self._in_hand:
            return self._in_hand[key]
        state = self._known.cases.get(key)
        return _CASE.decode(state) if state else Case()

    def _sent(self, entry: Entry) -> Sent | None:
        """The command that is answered. Done again, a batch may hold both, which came in two when it was done first."""
        if not isinstance(entry, ANSWERS) or (msg_id := answered_id(entry)) is None:
            return None
        sent = self._known.sent.get(msg_id) or self._just_sent.get(msg_id)
        return sent if sent and sent.of_portal else None

    def _is_active(self, entry: Entry) -> bool:
        """Who was never spoken of is not; but where nobody asks, everybody is."""
        person = asked_for(entry)
        return person is None or self._citizens.get(person, self._known.citizens.get(person, False))

    def _letter_is_open(self, item: Item) -> bool:
        """The letter is there, the fault is ours, nobody has dealt with it, and this record claims it first."""
        if item.entry.origin.letter_id is None:
            return True
        letter = self._letter(item)
        is_ours = letter is not None and letter.resolved is None and letter.fault == "hub" and letter.behind is None
        return is_ours and item.claims_its_letter(self._known)


def _in_its_turn(item: Item, parked: Parked) -> Item:
    """A parked message, as the record's own that it was decided with."""
    return replace(item, record=item.record._replace(value=parked.context.body), entry=parked.entry, nth=parked.context.stamp.nth)


def _asked_in(sent: Sent | None, item: Item) -> str | None:
    """Only the vendor that a command was sent to may receipt or answer it."""
    return sent.case_key if sent and sent.vendor == item.entry.origin.vendor else None


def _is_another(sent: Sent | None, item: Item) -> bool:
    """Whoever was not asked has no say in what becomes of a command."""
    if sent is None:
        return False
    return sent.vendor != item.entry.origin.vendor or (isinstance(item.entry, Read) and sent.case_key != item.case_key)


def _key(claim: Claim) -> ClaimKey:
    return claim.scope, claim.id

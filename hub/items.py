"""The log's records, decoded for casework, and what each of them claims (Idempotent Receiver). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from contracts.records import Source
from hub.case.decision import Claimed
from hub.case.entries import Discard, Entry, Freed, Origin, Unread, is_of_a_case
from hub.case.identity import msg_id_of, own_claim
from hub.faults import ProcessKilledAgain, fault_of
from hub.log_record import KindUnknown, from_log
from hub.memory.faults import ValueRefused
from hub.memory.rows import Claim, Known, Owner
from producers.work import Hold, Record
from schemas.uuids import is_uuid
from translators.cloud_event import Stamp

NEWER_AGAIN_AFTER: Final = 5.0
"""Seconds that a lane holds at a record of a newer version. Its worker does not learn the kind meanwhile: a newer one takes the lane."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Item:
    """One record, decoded. `condemned`: it failed alone too often and is to be set aside."""

    record: Record
    entry: Entry
    case_key: str
    """The key it is ordered by."""
    claims: tuple[Claim, ...]
    """The message's id first; a replay or discard claims its letter last."""
    condemned: Exception | None = None
    nth: int = 0
    """Of what was parked and has its turn with this record: which of them, from 1."""

    @property
    def deals_with_a_letter(self) -> bool:
        """What is parked in its case may have its turn."""
        return self.entry.origin.letter_id is not None or isinstance(self.entry, Freed)

    @property
    def has_case(self) -> bool:
        """It concerns a patient at an office, a letter of theirs or a command; everything else only has an order."""
        return is_of_a_case(self.entry)

    @property
    def at(self) -> datetime:
        """When the log took it."""
        return appended_at(self.record)

    @property
    def stamp(self) -> Stamp:
        """Where in the log it stands, and what caused it."""
        msg_id = msg_id_of(self.entry)
        cause = msg_id if msg_id and is_uuid(msg_id) else None
        return Stamp(self.record.partition, self.record.offset, self.at, str(self.entry.origin.source), cause, self.nth)

    def claimed(self, known: Known) -> Claimed:
        """What the claims say of the message."""
        claim = self.claims[0]
        owner = known.owners[claim.scope, claim.id]
        if self._is_mine(owner):
            return Claimed.FIRST
        if owner.source == claim.source:
            return Claimed.FIRST if self.entry.origin.letter_id else Claimed.WRITTEN_TWICE
        return Claimed.DUPLICATE if owner.digest == claim.digest else Claimed.OTHER_CONTENT

    def claims_its_letter(self, known: Known) -> bool:
        """Of a replay or discard: nobody claimed the letter before."""
        claim = self.claims[-1]
        return self._is_mine(known.owners[claim.scope, claim.id])

    def _is_mine(self, owner: Owner) -> bool:
        return (owner.partition, owner.offset) == (self.record.partition, self.record.offset)


def decoded(records: Sequence[Record], condemned: Mapping[int, Exception]) -> tuple[list[Item], Exception | None]:
    """The records decoded, up to one that cannot be; that one's error, unless it is condemned already.

    What a newer version of the hub wrote is no fault of anybody's: the lane holds until a worker of that version has it.
    """
    items: list[Item] = []
    for record in records:
        error = condemned.get(record.offset)
        try:
            entry = _entry(record, error)
        except KindUnknown as newer:
            return items, Hold(NEWER_AGAIN_AFTER, type(newer).__name__)
        except Exception as undecodable:  # noqa: BLE001  a record of the log that we cannot decode is a fault of ours
            if error is None:
                return items, undecodable
            entry = Unread(_log_origin(record), fault_of(error))
        items.append(Item(record, entry, (record.key or b"").decode(), _claims(record, entry, error), error))
    return items, None


def _entry(record: Record, condemned: Exception | None) -> Entry:
    return Unread(_log_origin(record), fault_of(condemned)) if isinstance(condemned, ProcessKilledAgain) else from_log(record)


def appended_at(record: Record) -> datetime:
    """When the log took it."""
    return _EPOCH + timedelta(milliseconds=record.timestamp_ms)


def _log_origin(record: Record) -> Origin:
    return Origin(Source(record.topic, record.partition, record.offset), "unknown", appended_at(record), b"")


def _claims(record: Record, entry: Entry, condemned: Exception | None) -> tuple[Claim, ...]:
    origin = entry.origin
    claim = partial(Claim, source=origin.source, digest=origin.digest, offset=record.offset)
    own = () if isinstance(entry, Discard) else (claim(*_own_id(entry, condemned)),)
    return (*own, claim("letter", origin.letter_id)) if origin.letter_id else own


def _own_id(entry: Entry, condemned: Exception | None) -> tuple[str, str]:
    """(scope, id). What has no id of its own, or one that the database refuses, claims its coordinates."""
    own = None if isinstance(condemned, ValueRefused) else own_claim(entry)
    return own or ("source", f"{entry.origin.source}#{entry.origin.letter_id or ''}")

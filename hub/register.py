"""The register as it stands on its topic: records folded into parties, and what a file would change there. Pure.

What stands on the topic is a register or it is none: one record that is no party, or parties that contradict each other, and the last good
register stays. All records of one batch are folded together, so that a change of several parties is never seen half done. What was
refused is remembered as well: the change that mends it may come as a difference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from pydantic import ValidationError

from contracts.party import Party
from contracts.records import Outgoing
from contracts.topics import PARTIES
from hub.parties import Register, first_fault

Change = tuple[bytes, bytes | None]
"""A key and its new value; None takes it away."""
Held = Mapping[bytes, bytes]
"""What stands on the topic: the newest value of each key."""
_NOBODY: Final = Register(party=())


class Reason(StrEnum):
    """Why what stands on the topic is no register."""

    NO_PARTY = "no_party"
    """A value is no party of the contract."""
    OTHER_KEY = "other_key"
    """A party stands under a key that is not its HER-id."""
    CONTRADICTION = "contradiction"
    """The parties contradict each other, or one of them says what no register says."""


class NoRegister(Exception):
    """What stands on the topic is no register; the words say where and why."""

    def __init__(self, reason: Reason, words: str) -> None:
        super().__init__(words)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class InForce:
    """What stands on the topic, and the register that is in force: the last good one that stood there."""

    held: Held = field(default_factory=dict)
    register: Register = _NOBODY
    refused: Reason | None = None
    """Why what stands there now is not the register."""


def fold(before: InForce, changes: Iterable[Change]) -> InForce:
    """After these changes, taken together."""
    held = changed(before.held, changes)
    try:
        return InForce(held, register_of(held))
    except NoRegister as no:
        return replace(before, held=held, refused=no.reason)


def changed(held: Held, changes: Iterable[Change]) -> Held:
    """What stands after these changes, in their order."""
    newest = {**held, **dict(changes)}
    return {key: value for key, value in newest.items() if value is not None}


def register_of(held: Held) -> Register:
    """The register that stands there, by HER-id. Raises NoRegister."""
    parties = [_party(key, value) for key, value in held.items()]
    try:
        return Register(party=tuple(sorted(parties, key=lambda party: int(party.her_id))))
    except ValidationError as error:
        raise NoRegister(Reason.CONTRADICTION, first_fault(error)) from None


def _party(key: bytes, value: bytes) -> Party:
    name = key.decode("ascii", "backslashreplace")
    try:
        party = Party.model_validate_json(value)
    except ValidationError as error:
        raise NoRegister(Reason.NO_PARTY, f"{name}: {first_fault(error)}") from None
    if party.her_id != name:
        raise NoRegister(Reason.OTHER_KEY, f"{name}: the key is not the party's HER-id")
    return party


# what a file would change

@dataclass(frozen=True, slots=True)
class Differences:
    """What must be written so that the topic says what a register says."""

    added: tuple[Party, ...]
    changed: tuple[Party, ...]
    removed: tuple[bytes, ...]
    """Keys: what stands under them may be no party."""
    unchanged: int

    @property
    def records(self) -> tuple[Outgoing, ...]:
        """One a difference; a tombstone for what is gone."""
        written = (Outgoing(PARTIES.name, key_of(party), _value(party)) for party in (*self.added, *self.changed))
        return (*written, *(Outgoing(PARTIES.name, key, None) for key in self.removed))


def differences(register: Register, held: Held) -> Differences:
    """Between a register and what stands on the topic."""
    wanted = {key_of(party): party for party in register.party}
    added = tuple(party for key, party in wanted.items() if key not in held)
    other = tuple(party for key, party in wanted.items() if key in held and not _says(held[key], party))
    return Differences(added, other, tuple(sorted(held.keys() - wanted.keys())), len(wanted) - len(added) - len(other))


def key_of(party: Party) -> bytes:
    """The key under which the party stands."""
    return party.her_id.encode()


def _says(value: bytes, party: Party) -> bool:
    """By meaning: who wrote it may have written it otherwise."""
    try:
        return Party.model_validate_json(value) == party
    except ValidationError:
        return False


def _value(party: Party) -> bytes:
    return party.model_dump_json(exclude_none=True).encode()


EMPTY: Final = InForce()
"""Nothing has been read yet."""

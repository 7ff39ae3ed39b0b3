"""Table 3: the parties. Who may send from which topic, to whom a message may be handed on, and which processes a party has active.

The register follows the CPP model (dialogue.md 7): a communication party (level 2) belongs to an organisation (level 1), and publishes
the processes it supports. A frozen value: production, `check` and tests read the same. Never takes one that contradicts itself:
who may send for whom would then be an accident of its order.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from contracts.party import ActiveProcess, Party
from hub.processes import PROCESSES, Process

PORTAL: Final = "portal"
"""Stands where a vendor stands for what comes from the portal itself: no vendor may have the name."""
OFFICE: Final = "Helsepersonell"
"""The part of a process that an office plays."""
_NO_VENDOR: Final = "(the portal)"
_KNOWN: Final = frozenset(process.name for process in PROCESSES)


class RegisterUnreadable(Exception):
    """The register's file cannot be used; the words name the place in the file."""


class Register(BaseModel):
    """All parties."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    party: tuple[Party, ...]

    @model_validator(mode="after")
    def _without_contradiction(self) -> Self:
        for contradiction in _contradictions(self.party):
            raise PydanticCustomError("contradiction", "{words}", {"words": contradiction})
        return self

    @cached_property
    def _by_her_id(self) -> Mapping[str, Party]:
        return {party.her_id: party for party in self.party}

    @cached_property
    def _level_1(self) -> Mapping[str, Party]:
        # by number and not by place: a topic has no order that lasts
        return {party.level_1: party for party in sorted(self.party, key=_number, reverse=True)}

    @cached_property
    def vendors(self) -> tuple[str, ...]:
        """Every vendor, sorted."""
        return tuple(sorted({party.vendor for party in self.party if party.vendor}))

    @cached_property
    def portal(self) -> Party | None:
        """The portal's own party, which sends the commands: no vendor's, and no office's. The lowest HER-id, where there are several."""
        own = (party for party in self.party if party.vendor is None and not any(OFFICE in active.roles for active in party.processes))
        return min(own, key=_number, default=None)

    def find(self, her_id: str | None) -> Party | None:
        """The party of this HER-id. An organisation that sends as a single level is found by its level 1: its lowest HER-id answers."""
        return self._by_her_id.get(her_id or "") or self._level_1.get(her_id or "")


def active_version(party: Party, process: str) -> str | None:
    """The newest version of the process that the party has active as an office, or None. On which day is not asked: `Party.is_valid`."""
    versions = [active.version for active in party.processes if active.process == process and OFFICE in active.roles]
    return max(versions, key=_version, default=None)


def common_version(party: Party, process: Process) -> str | None:
    """The newest version of the process that the party has active as an office and that we know; None without one (dialogue.md 7)."""
    active = {one.version for one in party.processes if one.process == process.name and OFFICE in one.roles}
    return next((version for version in reversed(process.versions) if version in active), None)


def has_active(party: Party, process: str) -> bool:
    """The party has the process as an office, in any version."""
    return active_version(party, process) is not None


def read_register(path: Path) -> Register:
    """Read and validate the register. Raises RegisterUnreadable with the place of the first fault."""
    try:
        return parse_register(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise RegisterUnreadable(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RegisterUnreadable(f"{path}: {error}") from error


def parse_register(text: str, where: str) -> Register:
    """Validate what a register's file holds. Raises RegisterUnreadable with `where` and the place of the first fault."""
    try:
        return Register.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise RegisterUnreadable(f"{where}: {error}") from error
    except ValidationError as error:
        raise RegisterUnreadable(f"{where}: {first_fault(error)}") from error


def with_party(register: Register, party: Party) -> Register:
    """The register and one party more. Raises RegisterUnreadable when they contradict each other."""
    try:
        return Register(party=(*register.party, party))
    except ValidationError as error:
        raise RegisterUnreadable(f"with {party.her_id}: {first_fault(error)}") from error


def first_fault(error: ValidationError) -> str:
    """The place and what is wrong there, without what was given."""
    first = error.errors()[0]
    return ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))


def _number(party: Party) -> int:
    return int(party.her_id)


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


# what no register says

def _contradictions(parties: tuple[Party, ...]) -> Iterator[str]:
    for at, party in enumerate(parties):
        yield from (f"party.{at}.{words}" for words in _within(party))
    yield from _given_twice(parties)
    yield from _of_two_vendors(parties)


def _within(party: Party) -> Iterator[str]:
    """What is wrong with a party by itself."""
    if party.vendor == PORTAL:
        yield f"vendor: {PORTAL} stands for the portal itself, and is no vendor's name"
    if party.valid_from and party.valid_until and party.valid_until < party.valid_from:
        yield "valid_until: the day lies before valid_from"
    for at, active in enumerate(party.processes):
        yield from (f"processes.{at}.process: {words}" for words in _of_process(active, before=party.processes[:at]))


def _of_process(active: ActiveProcess, *, before: tuple[ActiveProcess, ...]) -> Iterator[str]:
    if active.process not in _KNOWN:
        yield "table 4 has no process of this name; `hub processes` lists them"
    if any((active.process, active.version) == (other.process, other.version) for other in before):
        yield f"{active.process} {active.version} is given twice"


def _given_twice(parties: tuple[Party, ...]) -> Iterator[str]:
    counted = Counter(party.her_id for party in parties)
    return (f"the HER-id {her_id} is given to {count} parties" for her_id, count in counted.items() if count > 1)


def _of_two_vendors(parties: tuple[Party, ...]) -> Iterator[str]:
    """An organisation may send under either of its HER-ids: each is to name one inbox, and not another party of somebody else's."""
    owners: dict[str, set[str]] = {}
    for party in parties:
        for her_id in (party.her_id, party.level_1):
            owners.setdefault(her_id, set()).add(party.vendor or _NO_VENDOR)
    return (
        f"the HER-id {her_id} stands under more than one vendor: {', '.join(sorted(names))}"
        for her_id, names in owners.items() if len(names) > 1
    )

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
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from hub.processes import PROCESSES

_PORTAL: Final = "(the portal)"
_KNOWN: Final = frozenset(process.name for process in PROCESSES)


def _known(process: str) -> str:
    if process not in _KNOWN:
        raise PydanticCustomError("unknown_process", "table 4 has no process of this name; `hub processes` lists them")
    return process


HerId = Annotated[str, Field(pattern=r"^\d{1,12}$")]
ProcessName = Annotated[str, AfterValidator(_known)]


class RegisterUnreadable(Exception):
    """The register's file cannot be used; the words name the place in the file."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Active(_Row):
    """A process that a party has active, in a version."""

    process: ProcessName
    version: str


class Party(_Row):
    """One communication party."""

    her_id: HerId
    level_1: HerId
    name: str
    vendor: Annotated[str | None, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")] = None
    """Whose topics carry its messages. None: the portal's own party."""
    processes: tuple[Active, ...] = ()

    def has_active(self, process: str) -> bool:
        """The process is published by this party, in any version."""
        return any(active.process == process for active in self.processes)


class Register(_Row):
    """All parties."""

    party: tuple[Party, ...]

    @model_validator(mode="after")
    def _without_contradiction(self) -> Self:
        for contradiction in (*_given_twice(self.party), *_of_two_vendors(self.party)):
            raise PydanticCustomError("contradiction", "{words}", {"words": contradiction})
        return self

    @cached_property
    def _by_her_id(self) -> Mapping[str, Party]:
        return {party.her_id: party for party in self.party}

    @cached_property
    def _level_1(self) -> Mapping[str, Party]:
        return {party.level_1: party for party in reversed(self.party)}

    @cached_property
    def vendors(self) -> tuple[str, ...]:
        """Every vendor, sorted."""
        return tuple(sorted({party.vendor for party in self.party if party.vendor}))

    def find(self, her_id: str | None) -> Party | None:
        """The party of this HER-id; an organisation that sends as a single level is found by its level 1."""
        return self._by_her_id.get(her_id or "") or self._level_1.get(her_id or "")


def _given_twice(parties: tuple[Party, ...]) -> Iterator[str]:
    counted = Counter(party.her_id for party in parties)
    return (f"the HER-id {her_id} is given to {count} parties" for her_id, count in counted.items() if count > 1)


def _of_two_vendors(parties: tuple[Party, ...]) -> Iterator[str]:
    """An organisation may send under either of its HER-ids: each is to name one inbox, and not another party of somebody else's."""
    owners: dict[str, set[str]] = {}
    for party in parties:
        for her_id in (party.her_id, party.level_1):
            owners.setdefault(her_id, set()).add(party.vendor or _PORTAL)
    return (
        f"the HER-id {her_id} stands under more than one vendor: {', '.join(sorted(names))}"
        for her_id, names in owners.items() if len(names) > 1
    )


def read_register(path: Path) -> Register:
    """Read and validate the register. Raises RegisterUnreadable with the place of the first fault."""
    try:
        return Register.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise RegisterUnreadable(f"{path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise RegisterUnreadable(f"{path}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise RegisterUnreadable(": ".join(filter(None, (str(path), ".".join(map(str, first["loc"])), first["msg"])))) from error

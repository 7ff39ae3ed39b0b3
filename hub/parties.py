"""Table 3: the parties. Who may send from which topic, to whom a message may be handed on, and which processes a party has active.

The register follows the CPP model (dialogue.md 7): a communication party (level 2) belongs to an organisation (level 1), and publishes
the processes it supports. A frozen value: production, `check` and tests read the same.
"""

import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

HerId = Annotated[str, Field(pattern=r"^\d{1,12}$")]


class RegisterUnreadable(Exception):
    """The register's file cannot be used; the words name the place in the file."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Active(_Row):
    """A process that a party has active, in a version."""

    process: str
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
        raise RegisterUnreadable(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error

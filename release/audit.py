"""`python -m release.audit`: asks the advisory service about every package of requirements.lock (pip-audit).

Exit 0: each was looked up and none has a known weakness. 1: some have. 69: some could not be looked up, so nobody knows; pip-audit itself
would end with 0 there.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from release.locked import REQUIREMENTS, ROOT

WELL, WEAK, UNKNOWN = 0, 1, 69
_COMMAND: Final = (
    sys.executable, "-m", "pip_audit", "--requirement", str(REQUIREMENTS), "--disable-pip", "--require-hashes", "--format", "json",
    "--progress-spinner", "off",
)


@dataclass(frozen=True, slots=True)
class Audited:
    """What was found."""

    looked_up: int
    not_looked_up: int
    weaknesses: tuple[str, ...]
    """`package version: id, mended in ...` each."""

    @property
    def exit_code(self) -> int:
        """A known weakness counts more than what nobody knows."""
        return WEAK if self.weaknesses else UNKNOWN if self.not_looked_up or not self.looked_up else WELL

    def lines(self) -> Sequence[str]:
        """In words."""
        unknown = f"The advisory service did not answer for {self.not_looked_up or 'all'} packages: nobody knows. Try where it is reached."
        looked_up = f"{self.looked_up} packages looked up, {len(self.weaknesses)} known weaknesses."
        return [*self.weaknesses, looked_up, *([unknown] if self.not_looked_up or not self.looked_up else [])]


def audited(report: str) -> Audited:
    """Of pip-audit's JSON; what is none is an answer about nothing."""
    try:
        found: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Audited(0, 0, ())
    skipped = [each for each in found if "skip_reason" in each]
    weak = tuple(
        f"{each['name']} {each['version']}: {one['id']}, mended in {', '.join(one['fix_versions']) or 'nothing yet'}"
        for each in found for one in each.get("vulns", ())
    )
    return Audited(len(found) - len(skipped), len(skipped), weak)


def version() -> str:
    """The hub's."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def main() -> int:
    """Ask, and tell."""
    done = subprocess.run(_COMMAND, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    found = audited(done.stdout)
    sys.stdout.write("\n".join(found.lines()) + "\n")
    return found.exit_code


if __name__ == "__main__":
    sys.exit(main())

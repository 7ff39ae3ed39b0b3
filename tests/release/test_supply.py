"""The bill of materials names all that the locks name, and an audit that could not look is no audit."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.errors import WrongUse
from hub.local.jars import read_lock
from release import audit, bill_of_materials
from release.audit import UNKNOWN, WEAK, WELL, audited
from release.locked import REQUIREMENTS, Locked, jars, needed, packages

AT = datetime(2026, 6, 1, tzinfo=UTC)


def test_every_package_of_the_lock_has_its_sums() -> None:
    """A package without one would be installed whatever a mirror gives; nothing is read over."""
    found = list(packages())
    assert len(found) == len(re.findall(r"^[a-z0-9]", REQUIREMENTS.read_text(), re.MULTILINE)) > 80
    assert [each.name for each in found if not each.sums] == []
    assert len(re.findall("--hash=", REQUIREMENTS.read_text())) == sum(len(each.sums) for each in found)


def test_every_jar_has_its_name_version_and_sum() -> None:
    """By the lock that every start compares with."""
    found = list(jars())
    assert {digest for each in found for digest in each.sums} == set(read_lock().values())
    assert [each.name for each in found if not each.version] == []
    assert "4.2.2" in {each.version for each in found if each.name == "kafka-clients"}


def test_what_production_needs_leaves_the_tools_of_development_out() -> None:
    """Followed from the hub's own dependencies, through theirs and their extras."""
    found = needed()
    assert {"lxml", "aiokafka", "sqlalchemy", "pydantic-core", "greenlet"} <= found
    assert not found & {"pytest", "ruff", "mypy", "atheris", "pip-audit", "hatchling"}
    assert found <= {each.name for each in packages()}


def test_the_bill_names_everything_and_says_what_is_not_delivered(tmp_path: Path) -> None:
    """CycloneDX, with a name that a scanner can look up."""
    bill_of_materials.main(["bill", str(tmp_path / "out" / "bill.json")])
    found = json.loads((tmp_path / "out" / "bill.json").read_text())
    assert (found["bomFormat"], found["specVersion"], found["metadata"]["component"]["name"]) == ("CycloneDX", "1.6", "epj-hub")
    named = {each["name"]: each for each in found["components"]}
    assert len(found["components"]) == len([*packages(), *jars()])
    assert (named["lxml"]["scope"], named["lxml"]["purl"].startswith("pkg:pypi/lxml@")) == ("required", True)
    assert named["pytest"]["scope"] == named["kafka-clients"]["scope"] == "excluded"
    assert named["kafka-clients"]["hashes"][0]["alg"] == "SHA-256"


def test_the_bill_of_the_same_locks_is_the_same() -> None:
    """And of others another."""
    def made(version: str) -> str:
        return bill_of_materials.bill([Locked("a", version, ("0" * 64,))], in_production=frozenset({"a"}), at=AT)

    assert made("1") == made("1") != made("2")


def test_a_bill_without_a_file_is_wrong_use() -> None:
    """It is told what to name."""
    with pytest.raises(WrongUse, match="Name the file"):
        bill_of_materials.main(["bill"])


_GOOD = {"name": "a", "version": "1", "vulns": []}
_WEAK = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}, {"id": "PYSEC-2", "fix_versions": []}]}
_SKIPPED = {"name": "c", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(("report", "exit_code", "said"), [
    ({"dependencies": [_GOOD]}, WELL, ["1 packages looked up, 0 known weaknesses."]),
    ({"dependencies": [_GOOD, _WEAK]}, WEAK, ["b 2: PYSEC-1, mended in 3", "b 2: PYSEC-2, mended in nothing yet"]),
    ({"dependencies": [_WEAK, _SKIPPED]}, WEAK, ["b 2: PYSEC-1, mended in 3"]),
    ({"dependencies": [_GOOD, _SKIPPED]}, UNKNOWN, ["1 packages looked up, 0 known weaknesses."]),
    ({"dependencies": []}, UNKNOWN, ["0 packages looked up, 0 known weaknesses."]),
    ({}, UNKNOWN, ["0 packages looked up, 0 known weaknesses."]),
    ("no JSON", UNKNOWN, ["0 packages looked up, 0 known weaknesses."]),
])
def test_an_audit_says_what_it_knows_and_what_it_does_not(report: object, exit_code: int, said: list[str]) -> None:
    """A service that did not answer is not a clean bill of health: pip-audit would end with 0."""
    found = audited(report if isinstance(report, str) else json.dumps(report))
    assert found.exit_code == exit_code
    assert set(said) <= set(found.lines())
    assert any("nobody knows" in line for line in found.lines()) == bool(found.not_looked_up or not found.looked_up)


def test_the_audit_asks_of_the_lock() -> None:
    """Of what is installed by `make setup`, not of whatever is in somebody's environment."""
    assert str(REQUIREMENTS) in audit._COMMAND
    assert audit.version()

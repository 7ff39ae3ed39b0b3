"""`python -m release.bill_of_materials FILE`: all that a release stands on, as CycloneDX JSON, from the two lock files alone.

Made twice of the same locks it is the same but for its time. Asks no network.
"""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from hub.errors import WrongUse
from release.audit import version
from release.locked import OURS, Locked, jars, needed, packages

_ARGUMENTS: Final = 2


def bill(locked: Iterable[Locked], *, in_production: frozenset[str], at: datetime) -> str:
    """CycloneDX 1.6. What is not needed in production has the scope `excluded`: the tools of development, and Kafka's jars."""
    components = [_component(each, in_production) for each in locked]
    made = Bom(components=components, serial_number=uuid5(NAMESPACE_URL, repr(sorted(str(each.bom_ref) for each in components))))
    made.metadata.timestamp = at
    made.metadata.component = Component(name=OURS, version=version(), type=ComponentType.APPLICATION, bom_ref=OURS)
    made.register_dependency(made.metadata.component, [each for each in components if each.scope is ComponentScope.REQUIRED])
    return str(JsonV1Dot6(made).output_as_string(indent=1))


def _component(locked: Locked, in_production: frozenset[str]) -> Component:
    kind = "jar" if locked.is_jar else "pypi"
    return Component(
        name=locked.name, version=locked.version, type=ComponentType.LIBRARY, bom_ref=f"{kind}:{locked.name}@{locked.version}",
        purl=None if locked.is_jar else PackageURL("pypi", name=locked.name, version=locked.version),
        scope=ComponentScope.REQUIRED if locked.name in in_production and not locked.is_jar else ComponentScope.EXCLUDED,
        # one sum says which file it is; a package of many files has one for each platform, and the lock has them
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in locked.sums[:1] if len(locked.sums) == 1],
    )


def main(arguments: list[str]) -> None:
    """Write the file. Raises WrongUse where none is named."""
    if len(arguments) != _ARGUMENTS:
        raise WrongUse("Name the file: python -m release.bill_of_materials FILE")
    file = Path(arguments[1])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(bill([*packages(), *jars()], in_production=needed(), at=datetime.now(UTC)) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv)

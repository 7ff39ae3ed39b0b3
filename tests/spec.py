"""Where the published specification lies: the folder of `HUB_SPEC_DIR`. Nothing of it is in the repository."""

import os
from pathlib import Path

import pytest

MISSING = "HUB_SPEC_DIR must name the folder of the published specification (xsd/, examples/, kodeverk.json): this test compares with it"


def spec_dir() -> Path:
    """The folder with `xsd/`, `examples/` and `kodeverk.json`. Without it a test is skipped, and says so; on a build server it fails."""
    folder = Path(os.environ.get("HUB_SPEC_DIR") or "/nonexistent")
    if (folder / "kodeverk.json").is_file():
        return folder
    if os.environ.get("CI"):
        pytest.fail(MISSING, pytrace=False)
    pytest.skip(MISSING)

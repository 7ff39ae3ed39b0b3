"""Where the published specification lies: the folder of `HUB_SPEC_DIR`. Nothing of it is in the repository."""

import os
from pathlib import Path

import pytest


def spec_dir() -> Path:
    """The folder with `xsd/`, `examples/` and `kodeverk.json`. Fails the test with a plain message when it is not given."""
    folder = Path(os.environ.get("HUB_SPEC_DIR") or "/nonexistent")
    if not (folder / "kodeverk.json").is_file():
        pytest.fail("HUB_SPEC_DIR must name the folder of the published specification (xsd/, examples/, kodeverk.json)", pytrace=False)
    return folder

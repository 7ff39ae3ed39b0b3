"""Where the published specification is: the folder HUB_SPEC_DIR names. Nothing of it is in this repository."""

import os
from pathlib import Path


def spec_folder() -> Path:
    """The folder, or a clear failure: a test that needs the published examples never passes without them."""
    named = os.environ.get("HUB_SPEC_DIR")
    if not named or not Path(named).is_dir():
        raise AssertionError(
            "HUB_SPEC_DIR does not name a folder: set it to the folder of the published specification "
            "(it holds `examples` and the schemas). These tests do not pass without it."
        )
    return Path(named)

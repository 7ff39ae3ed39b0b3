"""Whether a citizen is digitally active: the value of a record on `portal.citizens.v1`. The key is the portal's own; it is never read."""

from typing import Annotated

from pydantic import Field

from contracts.promise import Promise


class CitizenStatus(Promise):
    """Said by the portal whenever it changes. Who was never spoken of is not active."""

    national_id: Annotated[str, Field(pattern=r"^[0-9]{11}$", repr=False)]
    """FNR or D-number."""
    active: bool
    """The citizen, or somebody who acts for them, uses the portal."""

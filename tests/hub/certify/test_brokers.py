"""Which partition of the coordinators' topics a name belongs to: as Java has it, so that the right node is killed."""

import pytest

from hub.certify.brokers import COORDINATORS, coordinator_partition


@pytest.mark.parametrize(("name", "hashed"), [("", 0), ("a", 97), ("hub", 103_669), ("polygenelubricants", 0)])
def test_a_name_is_hashed_as_java_does(name: str, hashed: int) -> None:
    """The last of these has the lowest number there is, which has no opposite: its sign is taken away, and nothing is left."""
    assert coordinator_partition(name) == hashed % COORDINATORS

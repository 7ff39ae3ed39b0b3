"""Records and lanes for the tests of what needs no broker."""

from producers.work import LaneKey, Record

LANE = LaneKey("in", 0, 1000, 1)


def record(offset: int, value: bytes | None = b"x") -> Record:
    """A record of the lane's partition."""
    return Record("in", 0, offset, 0, b"k", value, ())

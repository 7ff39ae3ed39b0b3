"""Whether an id is a UUID as the standard wants it. Never parses or normalises: an id is kept as it was written."""

import re

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def is_uuid(text: str) -> bool:
    """Whether the text is 8-4-4-4-12 hexadecimal digits, of either case."""
    return _UUID.fullmatch(text) is not None

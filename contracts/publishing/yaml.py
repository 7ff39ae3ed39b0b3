"""Writes a document as YAML 1.2 that a person can read. It never reads any, and needs no library: JSON's strings and numbers are YAML."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

_PLAIN_KEY: Final = re.compile(r"[a-z][a-zA-Z0-9_.-]{2,}(?<!yes)(?<!off)(?<!true)(?<!false)(?<!null)")
"""A key that needs no quotes. Never as short as the words that YAML 1.1 takes for truth values (y, no, on)."""
_LINES: Final = re.compile(r"\S.*\n(.*\n)+")
"""A text of several lines, written as lines."""


def to_yaml(document: dict[str, Any]) -> str:
    """The document in block style. What is not plain is written as JSON writes it."""
    return "\n".join(_block(document, "")) + "\n"


def _block(value: Any, indent: str) -> Iterator[str]:
    items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in items:
        lead = f"{indent}-" if key is None else f"{indent}{key if _PLAIN_KEY.fullmatch(key) else _scalar(key)}:"
        if isinstance(item, dict | list) and item:
            yield lead
            yield from _block(item, indent + "  ")
        elif isinstance(item, str) and _LINES.fullmatch(item):
            yield f"{lead} |"
            yield from (f"{indent}  {line}" if line else "" for line in item.splitlines())
        else:
            yield f"{lead} {_scalar(item)}"


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

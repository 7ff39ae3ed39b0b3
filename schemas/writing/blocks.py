"""What the writers are made of: an element, a coded value, an attribute, each as escaped text.

Names, with their prefixes, come from the writers alone and are never escaped. What a document holds always is.
"""

import re
from functools import lru_cache
from typing import Final

from schemas.documents import Kode

DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
"""The first line of every message we write."""

_UNSAFE = re.compile('[&<>"\x00-\x1f\ud800-\udfff\ufffe\uffff]')
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_ILLEGAL = "\ufffd"


def text(name: str, value: str | None) -> str:
    """An optional element that holds text; nothing where there is none."""
    return required(name, value) if value else ""


def required(name: str, value: str | None) -> str:
    """An element that the schema requires: it stands empty where there is no text."""
    return f"<{name}>{escaped(value)}</{name}>" if value else f"<{name}/>"


@lru_cache(maxsize=4096)
def cv(name: str, kode: Kode) -> str:
    """A coded value that names its code system."""
    return f"<{name}{attribute('V', kode.v)}{attribute('S', kode.s)}{attribute('DN', kode.dn)}{attribute('OT', kode.ot)}/>"


def optional_cv(name: str, kode: Kode | None) -> str:
    """The same, or nothing."""
    return cv(name, kode) if kode else ""


@lru_cache(maxsize=4096)
def cs(name: str, kode: Kode) -> str:
    """A coded value whose place tells its code system: V and DN are all that it can hold."""
    return f"<{name}{attribute('V', kode.v)}{attribute('DN', kode.dn)}/>"


def attribute(name: str, value: str | None) -> str:
    """An attribute with the blank in front of it; nothing for None."""
    return "" if value is None else f' {name}="{escaped(value)}"'


def escaped(value: str) -> str:
    """A text as XML holds it, in an element or between quotes. A character that XML cannot hold becomes U+FFFD."""
    return _UNSAFE.sub(_replacement, value) if _UNSAFE.search(value) else value


def _replacement(match: re.Match[str]) -> str:
    return _ESCAPED.get(match[0], _ILLEGAL)

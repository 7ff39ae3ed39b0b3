"""Strict Base64: what `xs:base64Binary` allows and nothing else. The schema validator lets garbage pass, so attachments are decoded here.

Never guesses, never repairs, and never says which character was wrong.
"""

import binascii
from collections.abc import Callable

from contracts.failures import Failure, Fault, Rule

_WHITESPACE = b" \t\r\n"
"""XML's, allowed anywhere; no other."""


def decode(text: str | None, *, place: Callable[[], tuple[str | None, int | None]] = lambda: (None, None)) -> bytes:
    """The bytes of a Base64 text; empty for none. Raises `Fault` (BAD_BASE64) at the place, which is asked for only then."""
    content = _decoded(text or "")
    if content is None:
        raise Fault(Failure.of(Rule.BAD_BASE64, *place()))
    return content


def _decoded(text: str) -> bytes | None:
    if not text.isascii():
        return None
    packed = text.encode("ascii").translate(None, _WHITESPACE)
    try:
        content = binascii.a2b_base64(packed, strict_mode=True)
    except binascii.Error:
        return None
    return content if _ends_as_it_should(packed, content) else None


def _ends_as_it_should(packed: bytes, content: bytes) -> bool:
    # XML Schema 1.0 part 2, 3.2.16: the bits that padding leaves over must be zero.
    if len(packed) != (len(content) + 2) // 3 * 4:  # binascii takes padding that nothing needs
        return False
    rest = len(content) % 3
    return not rest or binascii.b2a_base64(content[-rest:], newline=False) == packed[-4:]

"""Base64 is decoded strictly, because the schema validator does not look."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.failures import Failure, Fault, Rule
from schemas import validation
from schemas.base64_content import decode
from tests.schemas.breaking import FIXTURES, parsed

GARBAGE = ("!!!!", "QUJ", "QUJD=", "QQ=", "Q===", "=QUJD", "QQ==QQ==", "QUJD-_", "QUJÅ", "QUJD\u00a0", "QUJD\x0c", "QR==", "QUJ=", "<>")


@given(st.binary(), st.sampled_from([" ", "\n", "\r\n", "\t", ""]), st.integers(1, 80))
def test_any_bytes_come_back_whatever_whitespace_breaks_the_lines(content: bytes, gap: str, width: int) -> None:
    """Whitespace may stand anywhere, as in the value space of xs:base64Binary."""
    text = base64.b64encode(content).decode()
    assert decode(gap.join(text[i : i + width] for i in range(0, len(text), width)) + gap) == content


def test_no_text_is_no_bytes() -> None:
    """An empty element is allowed by the type."""
    assert decode(None) == decode("") == decode(" \n") == b""


@pytest.mark.parametrize("text", GARBAGE)
def test_garbage_is_refused_without_being_quoted(text: str) -> None:
    """Wrong signs, lengths, padding and left-over bits are one failure, at the place given."""
    with pytest.raises(Fault) as raised:
        decode(text, place=lambda: ("/MsgHead", 7))
    assert raised.value.failure == Failure.of(Rule.BAD_BASE64, "/MsgHead", 7)
    assert raised.value.__context__ is None


def test_the_schema_alone_lets_garbage_pass() -> None:
    """Why this module exists: libxml2 takes signs that are no Base64."""
    root = parsed(next(file for file in FIXTURES if file.stem == "request-RT-on-behalf"))
    next(root.iter("{*}Base64Container")).text = "!!!!"
    assert validation.violation(root) is None

"""Documents as msgpack, from reception to casework. Never a contract: only our own log carries it, beside the original bytes."""

from typing import Any, TypeVar

import msgspec

from schemas.national_id import NationalId

T = TypeVar("T")


def _encode_own(value: object) -> str:
    if isinstance(value, NationalId):
        return value.reveal()
    raise NotImplementedError


def _decode_own(expected: type, value: Any) -> Any:
    if expected is NationalId and isinstance(value, str):
        return NationalId(value)
    raise NotImplementedError


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_encode_own)


def encode(document: object) -> bytes:
    """A document, or any part of one, as msgpack. Holds person data: only for records whose value holds it too."""
    return _ENCODER.encode(document)


def decoder(kind: type[T]) -> msgspec.msgpack.Decoder[T]:
    """A decoder of one kind of document, to be kept: building it costs more than using it.

    Its `decode` raises `msgspec.DecodeError` for what we did not write.
    """
    return msgspec.msgpack.Decoder(kind, dec_hook=_decode_own)

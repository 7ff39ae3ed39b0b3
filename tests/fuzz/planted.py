"""Faults that can be put into the reader, to show that the search finds them: each bites on a message with two MsgIds, which no seed is."""

from typing import Any, Final

import hub.reading
import hub.reception


def _crash(body: bytes) -> None:
    if body.count(b"<MsgId>") > 1:
        raise KeyError


def _hang(body: bytes) -> None:
    while body.count(b"<MsgId>") > 1:
        pass


def _grow(body: bytes) -> None:
    held = []
    while body.count(b"<MsgId>") > 1:
        held.append(bytearray(b"x") * 16_777_216)


PLANTED: Final = {"crash": _crash, "hang": _hang, "memory": _grow}


def plant(name: str) -> None:
    """Put the fault into this process's reception, for good."""
    read = hub.reading.read

    def with_fault(received: Any, *given: Any, **named: Any) -> Any:
        PLANTED[name](received.body or b"")
        return read(received, *given, **named)

    setattr(hub.reception, "read", with_fault)  # noqa: B010 - a type checker takes the assignment for a slip

"""A mistake of ours, planted: the translators of a run fail on messages that are marked to fail, until they are mended."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Any, Final
from unittest import mock

from checker.terms import is_marked
from hub import processes
from schemas.documents import Hodemelding
from translators.statements import Statement

Translator = Callable[[Hodemelding], tuple[Statement, ...]]
IsMended = Callable[[str], bool]
_ROWS: Final = processes._BY_KEY  # noqa: SLF001  production has no door for mistakes


class MarkedToFail(Exception):
    """The run meant this message to fail."""


def failing_on_marks(is_mended: IsMended, fail: Callable[[str], None] | None = None) -> AbstractContextManager[Any]:
    """While it lasts. `is_mended` is asked each time, by MsgId; `fail` says otherwise how it fails than by raising MarkedToFail."""
    mistaken = {
        key: replace(row, translator=partial(_translated, row.translator, is_mended, fail or _raise))
        for key, row in _ROWS.items() if row.translator
    }
    return mock.patch.dict(_ROWS, mistaken)


def _translated(translator: Translator, is_mended: IsMended, fail: Callable[[str], None], message: Hodemelding) -> tuple[Statement, ...]:
    msg_id = message.msg_info.msg_id
    if is_marked(msg_id) and not is_mended(msg_id):
        fail(msg_id)
    return translator(message)


def _raise(_msg_id: str) -> None:
    raise MarkedToFail

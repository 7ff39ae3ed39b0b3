"""Messages that are marked to fail: they do, in production's own translators, until they are mended; nobody else does."""

import random

import pytest

from checker.terms import is_marked
from hub.certify.failing import MarkedToFail, failing_on_marks
from hub.certify.numbered import Letter, poison, push
from hub.processes import row_of
from schemas.message import open_message


def translated(letter: Letter) -> object:
    """As casework has it done."""
    code = next(code for code in ("05", "07", "08") if f'V="{code}"' in letter.body.decode())
    return row_of("Timereservasjon", "Foresporsel", code).translate(open_message(letter.body).hodemelding())


def test_a_marked_message_fails_until_it_is_mended() -> None:
    """By its MsgId."""
    letter, mended = poison(7, 3, random.Random(1)), set[str]()
    assert is_marked(letter.msg_id)
    with failing_on_marks(mended.__contains__):
        with pytest.raises(MarkedToFail):
            translated(letter)
        mended.add(letter.msg_id)
        assert translated(letter)


def test_no_other_message_fails() -> None:
    """Nor any at all when the run is over."""
    with failing_on_marks(lambda _msg_id: False):
        assert translated(push(7, 3, random.Random(1)))
    assert translated(poison(7, 3, random.Random(1)))

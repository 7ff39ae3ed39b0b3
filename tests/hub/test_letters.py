"""What may be done with a letter, and the record it becomes. Pure: no broker, no database."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from contracts.records import Outgoing, Source
from hub import letters
from hub.case.entries import Discard, Entry, Read
from hub.log_record import from_log
from hub.memory.rows import Letter
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk
from hub.reception import Reception
from producers.work import Record
from tests import messages

AT = datetime(2026, 1, 15, 8, tzinfo=UTC)
CANARY = "Kanarifugl"
DESK = Desk(Pseudonyms(b"k" * 32))
BODY = messages.message(dialog=messages.foresporsel("05"), calendar=messages.icalendar())
LETTER = Letter(
    UUID(int=1), "hub", "KeyError at hub/case/fold.py:1", None, None, "fjord", "Timereservasjon", messages.MSG_ID, "1.abc",
    Source("epj.fjord.inbox", 0, 7), 12, AT, BODY,
)


class Remembering:
    """Memory's answer to the one question that is asked of it."""

    def __init__(self, letter: Letter | None) -> None:
        self._letter = letter

    async def letter(self, _: UUID) -> Letter | None:
        """The letter."""
        return self._letter


def _entry(record: Outgoing) -> Entry:
    return from_log(Record(record.topic, 0, 0, 0, record.key, record.value, record.headers))


def _discarded(body: bytes | None = BODY, **more: Any) -> tuple[Outgoing, Discard]:
    record = letters.discard(replace(LETTER, body=body, **more), reason=CANARY, at=AT)
    entry = _entry(record)
    assert isinstance(entry, Discard)
    return record, entry


def test_a_replayed_letter_is_read_again_under_its_own_coordinates() -> None:
    """It claims its letter, and is the message it was: same source, same bytes, same vendor."""
    record = letters.replay(LETTER, Reception(DESK))
    entry = _entry(record)
    assert isinstance(entry, Read)
    assert (entry.origin.source, entry.origin.vendor, entry.origin.letter_id) == (LETTER.source, "fjord", str(LETTER.letter_id))
    assert record.value == BODY


@pytest.mark.parametrize(("unlike", "why"), [
    ({"fault": "sender"}, "at fault"),
    ({"fault": "door"}, "at fault"),
    ({"resolved": "discarded"}, "discarded already"),
    ({"resolved": "replayed"}, "replayed already"),
    ({"body": None}, "bytes were not kept"),
    ({"vendor": "unknown"}, "vendor's inbox"),
    ({"source": Source("something", 0, 1)}, "vendor's inbox"),
])
async def test_what_must_not_be_replayed_is_refused_by_name(unlike: dict[str, Any], why: str) -> None:
    """With the letter's id and the reason."""
    memory: Any = Remembering(replace(LETTER, **unlike))
    with pytest.raises(letters.LetterUnfit, match=f"{LETTER.letter_id}.*{why}"):
        await letters.waiting_letter(memory, LETTER.letter_id, to_be="replayed")


async def test_a_letter_that_is_not_there_is_refused_by_name() -> None:
    """Nothing is written for it."""
    memory: Any = Remembering(None)
    with pytest.raises(letters.LetterUnfit, match="no such letter"):
        await letters.waiting_letter(memory, LETTER.letter_id, to_be="discarded")


async def test_a_letter_without_its_bytes_may_still_be_discarded() -> None:
    """Its sender must hear something."""
    memory: Any = Remembering(replace(LETTER, body=None))
    assert await letters.waiting_letter(memory, LETTER.letter_id, to_be="discarded")


def test_a_discard_is_ordered_with_its_case_and_holds_whom_to_answer() -> None:
    """The bytes themselves are not needed again."""
    record, entry = _discarded()
    assert (record.key, record.value) == (b"1.abc", None)
    assert entry.msg_info is not None
    assert entry.msg_info.msg_id == messages.MSG_ID


def test_a_discard_of_what_has_no_case_is_ordered_with_its_source() -> None:
    """As it came in."""
    assert _discarded(case_key=None)[0].key == b"epj.fjord.inbox/0"


@pytest.mark.parametrize("ack", ["J", "F", None])
def test_a_negative_apprec_answers_who_wanted_one(ack: str | None) -> None:
    """J, only on errors, or nothing said."""
    assert _discarded(messages.message(ack=ack))[1].msg_info is not None


@pytest.mark.parametrize("body", [
    messages.message(ack="N"), None, b"", b"\0\1", messages.message(dialog=messages.foresporsel("HLT", system="7601")),
])
def test_nobody_gets_an_apprec_who_wants_none_or_cannot_be_addressed(body: bytes | None) -> None:
    """Ack N, a synchronous message, or nothing to read: a transport error tells it."""
    assert _discarded(body)[1].msg_info is None


def test_a_broken_message_is_answered_where_its_envelope_could_be_read() -> None:
    """The end is missing, the sender is not."""
    assert _discarded(BODY[:-40])[1].msg_info is not None


def test_an_operators_words_are_shown_nowhere() -> None:
    """Neither in a key nor where a discard is printed."""
    record, entry = _discarded()
    assert CANARY not in repr(entry)
    assert CANARY.encode() not in (record.key or b"")
    assert entry.reason == CANARY

"""What was expected is told in both languages."""

import pytest

from contracts.failures import Failure, Rule
from contracts.norwegian import PHRASES, in_norwegian
from schemas.expectations import KINDS, NO_MORE
from schemas.explain import ANY_FAULT, FAULTS
from schemas.parsing import ENCODINGS, NOTHING_BEFORE
from schemas.reading.times import A_DATE, A_DURATION, A_TIME

TOLD = {*KINDS.values(), *(words for _, words in FAULTS), ANY_FAULT, NO_MORE, NOTHING_BEFORE, ENCODINGS, A_DATE, A_TIME, A_DURATION}


@pytest.mark.parametrize("phrase", sorted(TOLD))
def test_every_phrase_of_the_explainer_and_the_readers_has_its_norwegian(phrase: str) -> None:
    """A new kind of fault must be put into Norwegian before it can be told."""
    assert phrase in PHRASES


@pytest.mark.parametrize(
    ("english", "norwegian"),
    [
        ("one of Ack, Sender", "en av Ack, Sender"),
        ("one of Ack, Sender and 3 more", "en av Ack, Sender og 3 til"),
        ("at most 200 characters", "høyst 200 tegn"),
        ("at most 40000 tags and 20000 attributes", "høyst 40000 tagger og 20000 attributter"),
        ("a number of at most 9 digits", "et tall på høyst 9 siffer"),
        ("the fixed value v1.2 2006-05-24", "den faste verdien v1.2 2006-05-24"),
        ("ConversationRef", "ConversationRef"),
    ],
)
def test_lists_limits_and_names_keep_what_they_name(english: str, norwegian: str) -> None:
    """Only our words around a name are translated."""
    assert in_norwegian(english) == norwegian


def test_a_hint_speaks_one_language_at_a_time() -> None:
    """The Norwegian hint holds no English phrase."""
    hint = Failure.of(Rule.SCHEMA, expected="date and time").hint
    assert "date and time" in hint.en
    assert "dato og klokkeslett" in hint.nb
    assert "date and time" not in hint.nb

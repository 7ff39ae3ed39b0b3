"""The case's name: it stands for a person and shows nothing of one."""

import re

import pytest

from hub.pseudonyms import Pseudonyms
from schemas.national_id import NationalId
from tests import messages as m

NAMES = Pseudonyms(b"the key of these tests")
KAJA, TOR = NationalId(m.national_id()), NationalId(m.national_id(3, 11, 52, added=65))


def test_a_pseudonym_is_a_version_and_sixteen_bytes() -> None:
    """A new key gives new names, and both can be told apart."""
    assert re.fullmatch(r"1\.[0-9a-f]{32}", NAMES.of(KAJA, office="8800001"))
    assert Pseudonyms(b"another", version="2").of(KAJA, office="8800001").startswith("2.")


def test_the_same_patient_at_the_same_office_has_one_name() -> None:
    """Whoever asks, and however often."""
    again = NationalId(KAJA.reveal())
    assert NAMES.of(KAJA, office="8800001") == Pseudonyms(b"the key of these tests").of(again, office="8800001")


def test_another_patient_office_or_key_has_another_name() -> None:
    """Names cannot be joined across offices."""
    names = {
        NAMES.of(KAJA, office="8800001"), NAMES.of(TOR, office="8800001"), NAMES.of(KAJA, office="8900001"),
        Pseudonyms(b"another key").of(KAJA, office="8800001"), NAMES.of_request("8800001"), NAMES.of_request(KAJA.reveal()),
        NAMES.of_person(KAJA),
    }
    assert len(names) == 7


@pytest.mark.parametrize("shown", [repr(NAMES), str(NAMES), f"{NAMES}"])
def test_the_key_is_never_shown(shown: str) -> None:
    """Who has it can find the persons."""
    assert "the key of these tests" not in shown


def test_a_pseudonym_holds_no_digits_of_the_number() -> None:
    """It is hashed, not hidden."""
    assert KAJA.reveal() not in NAMES.of(KAJA, office="8800001")

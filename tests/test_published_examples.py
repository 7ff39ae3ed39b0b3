"""The published examples, byte for byte: what the hub makes of each is what the specification's `expected.json` says, in words.

The examples lie in the folder of `HUB_SPEC_DIR` and are no part of the repository.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.events import FAMILIES
from contracts.failures import Outcome
from contracts.records import Outgoing
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk
from tests.story import KEY, Hub, Told, type_of

CARRIED_SINCE = {
    "official/timereservasjon-1.2-03-free-slots.xml", "official/behandleroversikt-1.1-20-practitioners.xml",
    "official/test-1.1-KT-request.xml",
}
"""What the list has as not carried yet: delivered now, and told to nobody, since nobody here has asked."""
FIRST_STAGE = 24
"""How many there are: a file that vanished from the list would silently not be tried."""
_PORTAL = {"appointment", "appointment.status", "access", "delivery", "notification"}
"""What the list speaks of. Letters, journal and transport errors are shown elsewhere."""


def in_words(out: Outgoing) -> str | None:
    """`hub.appointment.not-booked.v1` is `appointment not booked`; None for what the list does not speak of."""
    family = next((family for family in FAMILIES if type_of(out) in family.types), None)
    if family is None or family.name not in _PORTAL:
        return None
    noun = "status" if family.name == "appointment.status" else family.name
    what = (type_of(out) or "").removeprefix(f"hub.{family.name}").removesuffix(f".v{family.version}").strip(".")
    return f"{noun} {what if what == 'no-show' else what.replace('-', ' ')}".strip()


def told_of(file: Path) -> Told:
    """What becomes of the message, offline and without a register, as `hub check` does it."""
    return Hub(Desk(Pseudonyms(KEY))).send(file.read_bytes())


def expected(spec_dir: Path) -> list[dict[str, Any]]:
    """The list."""
    rows: list[dict[str, Any]] = json.loads((spec_dir / "examples" / "expected.json").read_text("utf-8"))
    return [row | ({"outcome": "delivered"} if row["file"] in CARRIED_SINCE else {}) for row in rows]


def made_of(told: Told) -> tuple[str, list[str]]:
    """Outcome and events in words. A reminder depends on the day: the examples' appointments are long past."""
    return told.decision.outcome.value, sorted(words for out in told.outgoing if (words := in_words(out)))


def test_every_published_example_gives_what_is_expected(spec_dir: Path) -> None:
    """Outcome and events of all, in one comparison that shows every difference."""
    rows = expected(spec_dir)
    wanted = {row["file"]: (row["outcome"], sorted(row["events"])) for row in rows}
    assert {row["file"]: made_of(told_of(spec_dir / "examples" / row["file"])) for row in rows} == wanted
    assert len(rows) == FIRST_STAGE


def test_no_published_example_is_left_out_of_the_list(spec_dir: Path) -> None:
    """Each XML file of the folder stands in the list."""
    examples = spec_dir / "examples"
    assert {path.relative_to(examples).as_posix() for path in examples.rglob("*.xml")} == {row["file"] for row in expected(spec_dir)}


def test_no_published_example_is_a_fault_of_ours(spec_dir: Path) -> None:
    """Whatever the hub says of real messages, it never falls over one."""
    outcomes = {told_of(path).decision.outcome for path in (spec_dir / "examples").rglob("*.xml")}
    assert Outcome.SET_ASIDE not in outcomes


def test_a_wrapped_message_is_refused_by_the_name_of_its_fault(spec_dir: Path) -> None:
    """The foreign wrapping is named, not what may be wrong inside it."""
    told = told_of(spec_dir / "examples" / "in-the-wild" / "wrapped-refs-out-of-order.xml")
    assert told.decision.failure is not None
    assert told.decision.failure.rule == "WRAPPED"


def test_a_communication_test_is_answered_and_the_slips_of_the_others_are_read(spec_dir: Path) -> None:
    """KT gets its RKT; of the practitioners the value decides, not the name beside it; a slot's end before its start is dropped by name."""
    official = spec_dir / "examples" / "official"
    (rkt,) = told_of(official / "test-1.1-KT-request.xml").written
    assert b'V="RKT"' in (rkt.value or b"")
    assert told_of(official / "behandleroversikt-1.1-20-practitioners.xml").decision.note == "answers nothing"
    slots = told_of(official / "timereservasjon-1.2-03-free-slots.xml")
    assert {"end-before-start", "contact-with-blank"} <= set(getattr(slots.entry, "leniencies", ()))


def test_a_slip_of_the_published_free_slot_request_is_a_leniency(spec_dir: Path) -> None:
    """It asks for a receipt though it is synchronous: delivered, no AppRec, and told."""
    told = told_of(spec_dir / "examples" / "official" / "timereservasjon-1.2-HLT-request.xml")
    assert getattr(told.entry, "leniencies", ()) == ("ack-on-synchronous",)
    assert told.receipts == []


@pytest.mark.parametrize(("type_", "words"), [
    ("hub.appointment.not-booked.v1", "appointment not booked"), ("hub.appointment.status.v1", "status"),
    ("hub.appointment.no-show.v1", "appointment no-show"), ("hub.notification.new.v1", "notification new"), ("hub.journal.v1", None),
])
def test_an_event_is_compared_in_words(type_: str, words: str | None) -> None:
    """The words of the list are not the code's."""
    assert in_words(Outgoing("any", None, b"{}", (("ce_type", type_.encode()),))) == words

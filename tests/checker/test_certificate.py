"""The certificate: what is written for machines and for people, of a run without harm and of one in which something was found."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from checker.verdict import COUNTED
from contracts.topics import APPOINTMENTS
from hub.certify.certificate import Certificate, certificate, document, line
from hub.certify.harming import Done
from hub.certify.numbered import patient_of
from hub.certify.page import page
from hub.certify.run import Order, Outcome
from hub.certify.schedule import Harm, What, kinds
from tests.checker.planting import World, a_push, facts_of, without

ORDER = Order(minutes=1.0, seed=1, scale="small", nodes=3)


def made(
    world: World, *, ended: tuple[int, ...] = (-9, 1), stopped: tuple[int, ...] = (0, 0), unready: tuple[str, ...] = (),
) -> Certificate:
    """Of a run in which one worker was killed."""
    first = min(record.timestamp_ms for records in world.values() for record in records)
    done = Done(Harm(1.0, What.KILL, 0, 0), first + 1_000, first + 1_500, "killed <at> once")
    return certificate(ORDER, Outcome(facts_of(world), (done,), ended, stopped, unready))


def test_the_document_has_the_nine_counts_and_what_they_are_of(honest: World) -> None:
    """All of it JSON; zero where nothing was found."""
    told = json.loads(json.dumps(document(made(honest))))
    assert {count: told[count] for count in COUNTED} == dict.fromkeys(COUNTED, 0)
    assert (told["messages"], told["harms"], told["result"]) == (599 + 232, 1, "PASS")
    assert (told["seed"], told["scale"], told["nodes"], told["minutes"]) == (1, "small", 3, 1.0)
    assert told["harm_done"][0] | {"longest_stall_seconds": 0} == {
        "what": "worker killed", "at_seconds": 1.0, "lasted_seconds": 0.5, "longest_stall_seconds": 0, "told": "killed <at> once",
    }


def test_what_was_found_is_told_with_examples(honest: World) -> None:
    """And the result is a failure."""
    events = without(a_push)(list(honest[APPOINTMENTS.name]))
    found = made(honest.but({APPOINTMENTS.name: events}))
    assert document(found)["lost"] == 1
    assert len(document(found)["found"]["lost"]) == 1
    assert line(found).startswith("RESULT FAIL messages=831 harms=1 lost=1 ")
    assert "Something was found" in page(found)


@pytest.mark.parametrize("codes", [{"ended": (-11,)}, {"ended": (70,)}, {"stopped": (1,)}, {"stopped": (-9,)}, {"unready": ("no lanes",)}])
def test_a_worker_that_does_as_none_should_is_found(honest: World, codes: dict[str, Any]) -> None:
    """It ends by itself, or not when it is asked to, or does not recover."""
    assert not made(honest, **codes).is_clean
    assert made(honest).is_clean


def test_what_was_not_done_is_said(honest: World) -> None:
    """Kinds that the schedule had no time for, and those that no run does."""
    left_out = made(honest).left_out
    assert left_out.keys() == {what.value for what in {*kinds(3)} - {What.KILL}}


def test_the_page_needs_nothing_beside_itself(honest: World) -> None:
    """No script, no style sheet, no picture, no font of anybody's; and nothing of what it is told is taken for markup."""
    drawn = page(made(honest))
    assert "Nothing lost" in drawn
    assert "<svg" in drawn
    assert not re.search(r"<script|<link|<img|url\(|https?://|@import", drawn)
    assert "killed &lt;at&gt; once" in drawn


def test_no_person_stands_in_a_certificate(honest: World) -> None:
    """Nor the name of a machine or a folder."""
    told = json.dumps(document(made(honest))) + page(made(honest))
    assert not [case for case in range(25) if patient_of(case) in told]
    assert "Myrstad" not in told
    assert "/" not in json.dumps(document(made(honest))["machine"])


def test_a_run_in_which_nothing_was_sent_has_a_page_too(honest: World) -> None:
    """Of nothing."""
    empty = replace(made(honest), flow=())
    assert "Nothing was sent." in page(empty)

"""How long it took: told by the broker's clock, whatever a worker's says."""

import json

from checker.delays import WATCHED_MS, Flow, delays, flow, stalls
from checker.facts import Facts, Seen
from checker.terms import HarmTime, Terms
from contracts.topics import APPOINTMENTS, INBOX, of_vendor
from tests.checker.planting import World, facts_of

VENDOR = "berg"
TERMS = Terms({"8300101": VENDOR}, receipt_within=facts_of(World({}, ())).terms.receipt_within)
INBOX_OF_BERG = of_vendor(INBOX, VENDOR)


def sent(number: int, at_ms: int) -> Seen:
    """A push, taken by the broker at this moment."""
    return Seen(INBOX_OF_BERG, 0, number, at_ms, None, b"<MsgHead><MsgId>%d</MsgId>" % number, ())


def told(number: int, at_ms: int) -> Seen:
    """Its event."""
    data = {"appointment": {"appointment_id": "a", "revision": number}}
    return Seen(APPOINTMENTS.name, 0, number, at_ms, b"c", json.dumps(data).encode(), (("ce_cause", b"%d" % number),))


def facts(*pairs: tuple[int, int]) -> Facts:
    """Messages that were sent and told at these moments."""
    topics = {
        INBOX_OF_BERG: [sent(number, at) for number, (at, _) in enumerate(pairs)],
        APPOINTMENTS.name: [told(number, at) for number, (_, at) in enumerate(pairs)],
    }
    return Facts(topics, TERMS)


def test_delays_are_told_from_the_first_copy_to_the_event() -> None:
    """In seconds: the half, nearly all, and the longest."""
    found = delays(facts((0, 100), (0, 200), (0, 300), (1_000, 9_000)))
    assert (found.p50, found.p99, found.longest) == (0.3, 8.0, 8.0)


def test_a_run_without_events_has_no_delays() -> None:
    """And no fault of its own."""
    assert delays(facts()).longest == 0
    assert flow(facts()) == []


def test_a_stall_belongs_to_the_harm_that_it_follows() -> None:
    """The longest between the harm's beginning and the next harm's; what lasts beyond that is told whole."""
    seen = facts((0, 1_000), (0, 1_500), (0, 9_500), (0, 10_000), (0, 13_000))
    harms = [HarmTime("first", 1_400, 1_400), HarmTime("second", 9_600, 9_700)]
    assert stalls(seen, harms) == [8.0, 3.0]


def test_a_stall_long_after_the_last_harm_is_not_its() -> None:
    """Traffic ends at some time."""
    late = 10_000 + WATCHED_MS
    assert stalls(facts((0, 9_000), (0, 10_500), (0, late + 1_000), (0, late + 9_000)), [HarmTime("last", 10_000, 10_000)]) == [
        (late + 1_000 - 10_500) / 1000,
    ]


def test_it_is_no_stall_when_nothing_waits() -> None:
    """The hub has told everything, and the next message comes after a while."""
    assert stalls(facts((0, 1_000), (8_900, 9_000)), [HarmTime("harm", 500, 500)]) == [0.1]


def test_the_flow_has_every_second_from_the_first_record_on() -> None:
    """What was sent and what left, also where it was nothing."""
    assert flow(facts((5_000, 7_100), (5_900, 7_200))) == [Flow(0, 2, 0), Flow(1, 0, 0), Flow(2, 0, 2)]


def test_an_undisturbed_run_is_quick(honest: World) -> None:
    """Nothing waits in it but what was parked, and that is not counted."""
    assert delays(facts_of(honest)).longest == 0

"""The demo's table, offline: each step's way is put together from what the hub tells, and every exchange comes to its end."""

import random
from datetime import timedelta

import pytest
from rich.console import Console

from examples.exchanges import SOON, exchanges
from examples.scenario import scenario
from hub import demo
from hub.cli.demo import Newest, table
from hub.ways import Way, Ways
from tests.examples.decided import NOW as MORNING
from tests.examples.decided import TODAY as MONDAY
from tests.examples.decided import as_record, decided
from tests.examples.played import NOW, TICK, TODAY, Play, Played

ENDS: dict[str, tuple[str, list[str]]] = {
    "find free slots": ("answered", ["HLT"]),
    "book the first": ("answered", ["RT", "AppRec OK"]),
    "the same slot again": ("answered", ["RT", "AppRec OK"]),
    "one to be phoned for": ("not-sent", []),
    "cancel it": ("answered", ["ART", "AppRec OK"]),
    "no free slot": ("answered", ["HLT"]),
    "office refuses": ("answered", ["RT", "AppRec OK"]),
    "citizen is blocked": ("refused", ["HLT"]),
    "EPJ rejects it": ("rejected", ["RT"]),
    "EPJ is silent": ("timed-out", ["HLT"]),
    "book for a child": ("answered", ["RT", "on behalf: FO", "AppRec OK"]),
    "planned visits": ("answered", ["HBT"]),
    "practitioners": ("answered", ["HB"]),
    "communication test": ("answered", ["KT"]),
}
"""The outcome that is shown, and what the EPJ got."""


@pytest.fixture(scope="module")
def played() -> dict[str, Played]:
    """Every exchange, decided offline."""
    return Play(NOW).all(exchanges(TODAY))


def watched(played: Played, *, seed: int | None = None) -> Way:
    """The way of an exchange, by what the topics hold of it: in the log's order, or in any."""
    ways = Ways()
    way = ways.asking(played.exchange, played.asked.id)
    for request, step in ((request, step) for request in played.requests for step in played.answered):
        ways.answering(request, step)
    left = played.left
    for record in left if seed is None else random.Random(seed).sample(left, len(left)):
        ways.hear(record)
    return way


def sent() -> Ways:
    """The ways of what the offices send by themselves: each is told of before its sender knows where it lies."""
    ways = Ways()
    for one in decided(scenario(MONDAY), at=MORNING):
        way = ways.sending(one.step)
        for out in one.decision.outgoing:
            ways.hear(as_record(out))
        ways.sent(way, one.sequenced.entry.origin.source)
    return ways


def text_of(ways: list[Way], *, width: int = 100) -> str:
    """The table as it is printed."""
    console = Console(width=width, no_color=True)
    with console.capture() as printed:
        console.print(table(ways))
    return printed.get()


@pytest.mark.parametrize("name", ENDS)
def test_an_exchange_comes_to_its_end_and_shows_how(played: dict[str, Played], name: str) -> None:
    """All that it waits for comes: otherwise the demo would wait for nothing."""
    way = watched(played[name])
    assert way.complete.is_set(), way.missing
    assert (way.outcome, way.answers) == ENDS[name]
    assert way.sender == "portal"


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_topics_decides_nothing(played: dict[str, Played], seed: int) -> None:
    """Records of different topics come in any order."""
    for one in played.values():
        in_order, shuffled = watched(one), watched(one, seed=seed)
        assert (shuffled.outcome, shuffled.told, sorted(shuffled.got)) == (in_order.outcome, in_order.told, sorted(in_order.got))
        assert (shuffled.milliseconds, shuffled.missing) == (in_order.milliseconds, ())


def test_an_exchange_takes_from_its_command_to_its_last_record(played: dict[str, Played]) -> None:
    """A silent office takes until the deadline, which the portal has counted from a tick before."""
    assert watched(played["EPJ is silent"]).milliseconds == (SOON - TICK) / timedelta(milliseconds=1)


def test_what_is_missing_is_named(played: dict[str, Played]) -> None:
    """The answer of an EPJ that was switched off."""
    ways, one = Ways(), played["book the first"]
    way = ways.asking(one.exchange, one.asked.id)
    for out in one.decisions[0].outgoing:
        ways.hear(as_record(out))
    assert not way.complete.is_set()
    assert way.outcome == "sent"
    assert way.missing == (
        "AppRec OK", "appointment.confirmed", "appointment.status", "delivery.accepted", "delivery.answered", "notification.new",
    )


async def test_a_step_that_does_not_come_to_its_end_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that whoever plays it knows where to look."""
    monkeypatch.setattr(demo, "WITHIN", 0.0)
    with pytest.raises(demo.DemoIncomplete, match=r"'find free slots'.*HLT, reply\.free-slots"):
        await demo.ended(Ways().asking(exchanges(TODAY)[0], "an id"))


def test_a_message_sent_unasked_has_its_outcome_and_its_answer() -> None:
    """The scenario's, by what its topics hold."""
    ways = {way.name: way for way in sent().ways}
    assert all(way.complete.is_set() for way in ways.values())
    assert (ways["the same again"].outcome, ways["the same again"].answers) == ("duplicate", [])
    assert (ways["broken date"].outcome, ways["broken date"].answers) == ("rejected", ["AppRec T02"])
    assert ways["booking request"].answers == ["handed on to epj.fjord.outbox"]
    assert ways["unknown process"].answers == ["transport:unsupported-message"]


def test_what_belongs_to_no_step_is_passed_over(played: dict[str, Played]) -> None:
    """The topics hold earlier rounds, and what others have sent."""
    ways = Ways()
    way = ways.asking(exchanges(TODAY)[0], "an id of another round")
    for record in played["book the first"].left:
        ways.hear(record)
    assert (way.told, way.got, way.outcome) == ({}, [], None)


def test_the_table_shows_each_step_in_a_hundred_columns(played: dict[str, Played]) -> None:
    """What, from whom, the outcome, what the portal was told and what the EPJ got."""
    text = text_of([*sent().ways, *(watched(one) for one in played.values())])
    assert max(map(len, text.splitlines())) <= 100
    lines = {" ".join(line.split()) for line in text.splitlines()}
    assert "new appointment fjord delivered appointment.confirmed, .status, AppRec OK 0" in lines
    assert any(line.startswith("one to be phoned for portal not-sent delivery.not-sent (must-call)") for line in lines)
    assert all(name in text for name in ENDS)


@pytest.mark.parametrize("height", [12, 24, 60])
def test_a_screen_shows_the_newest_steps_that_it_holds(played: dict[str, Played], height: int) -> None:
    """The last one always; before the first has begun, a table without a row."""
    ways: list[Way] = []
    console = Console(width=100, height=height)
    assert console.render_lines(Newest(ways))
    for one in played.values():
        ways.append(watched(one))
        lines = ["".join(part.text for part in line) for line in console.render_lines(Newest(ways))]
        assert len(lines) < height
        assert any(line.startswith(one.exchange.name) for line in lines)


def test_the_table_holds_nothing_of_a_person(played: dict[str, Played]) -> None:
    """It may be shown to anybody."""
    text = text_of([watched(one) for one in played.values()], width=300)
    for request in (request for one in played.values() for request in one.requests if request.national_id):
        assert not any(word and word in text for word in (request.national_id, request.family_name, request.given_name))

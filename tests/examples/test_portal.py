"""The example portal: the highest revision wins, whatever arrives first; it knows what it asked, and waits no longer than it will."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator

from contracts.commands import Cancel, Command, FindFreeSlots, Person
from contracts.topics import APPOINTMENT_STATUS, DELIVERIES, REPLIES
from examples.exchanges import exchanges
from examples.made_up import FJORD, synthetic_national_id
from examples.notifier import ExampleNotifier
from examples.portal import ExamplePortal, wanted
from examples.subscriber import Heard, Record, hear
from hub.cli.contracts import PUBLISHED
from tests.examples.decided import TODAY, heard
from tests.examples.played import NOW, Play

WHO = Person(national_id=synthetic_national_id("who"), family_name="Berg", given_name="Nora")


def question(deadline: datetime | None = None) -> FindFreeSlots:
    """Which slots are free?"""
    deadline = deadline or datetime.now(UTC) + timedelta(seconds=30)
    return FindFreeSlots(receiver=FJORD.her_id, patient=WHO, deadline=deadline, from_date=TODAY, to_date=TODAY)


def told_of(command_id: str, kind: str, **data: object) -> Heard:
    """What the hub tells of a command."""
    topic = REPLIES.name if kind.startswith("reply") else DELIVERIES.name
    return Heard(topic, command_id, {"ce_type": f"hub.{kind}.v1"}, data)


# what it shows

def test_the_portal_shows_how_each_appointment_stands() -> None:
    """After the whole scenario: one cancelled, one nobody came to, one confirmed; one service blocked."""
    portal = ExamplePortal()
    for event in heard():
        portal.take(event)
    assert sorted(appointment["state"] for appointment in portal.appointments.values()) == ["cancelled", "confirmed", "no-show"]
    assert [access["service"] for access in portal.blocked.values()] == ["Timereservasjon"]


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_arrival_decides_nothing(seed: int) -> None:
    """The same events, shuffled: the same picture, and the same things left to tell."""
    events = heard()
    in_order, shuffled = _pictures(events), _pictures(random.Random(seed).sample(events, len(events)))
    assert shuffled == in_order


def test_reading_everything_again_changes_nothing() -> None:
    """A subscriber that starts from the beginning ends where it was."""
    events = heard()
    assert _pictures(events + [event for event in events if event.topic == APPOINTMENT_STATUS.name])[0] == _pictures(events)[0]


def test_a_tombstone_takes_an_appointment_off_the_list() -> None:
    """It proved to be another one."""
    portal, events = ExamplePortal(), [event for event in heard("new appointment") if event.topic == APPOINTMENT_STATUS.name]
    for event in (*events, hear(Record(APPOINTMENT_STATUS.name, events[0].key, {}, None))):
        portal.take(event)
    assert portal.appointments == {}


def test_a_service_that_is_opened_again_is_no_longer_blocked() -> None:
    """The newest record of the key says how it is."""
    portal, (blocked,) = ExamplePortal(), heard("service blocked")
    portal.take(blocked)
    portal.take(replace(blocked, data={**(blocked.data or {}), "blocked": False}))
    assert portal.blocked == {}


def test_an_event_of_an_unknown_type_and_an_unknown_field_pass_by() -> None:
    """What is added later breaks no reader of today."""
    portal, notifier = ExamplePortal(), ExampleNotifier()
    for event in heard():
        newer = replace(event, data={**(event.data or {}), "added": "later"})
        for reader in (portal, notifier):
            reader.take(newer)
            reader.take(Heard("some-other-topic", "k", {"ce_type": "hub.unheard-of.v1"}, {}))
    assert len(portal.appointments) == 3


# what it asks

def every_command() -> list[Command]:
    """Of each exchange of the demo."""
    return [played.asked.command for played in Play(NOW).all(exchanges(TODAY)).values()]


@pytest.mark.parametrize("command", every_command(), ids=lambda command: command.family.name)
def test_what_it_writes_is_what_the_published_schema_promises(command: Command) -> None:
    """A portal that has no Python validates by the same file."""
    asked = ExamplePortal().ask(command)
    schema = json.loads((PUBLISHED / "schemas" / f"command.{command.family.name}.v{command.family.version}.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(json.loads(asked.value))
    assert asked.headers["ce_type"] == command.family.type
    assert {"ce_specversion", "ce_id", "ce_source", "content-type"} <= asked.headers.keys()


def test_nothing_of_a_person_stands_in_a_header_or_a_report() -> None:
    """Headers are read by whoever runs the cluster, and reports of failed tests by anybody."""
    asked = ExamplePortal().ask(question())
    assert WHO.national_id in asked.value.decode()
    assert not any(WHO.national_id in value or WHO.family_name in value for value in asked.headers.values())
    assert WHO.national_id not in repr(asked)


def test_two_commands_that_are_alike_are_two() -> None:
    """A new try needs a new id."""
    portal, asks = ExamplePortal(), question()
    assert portal.ask(asks).id != portal.ask(asks).id
    assert len(portal.asked) == 2


async def test_the_reply_is_found_by_the_commands_id() -> None:
    """Somebody else's is passed by, and one of a kind that nobody knows yet is a reply all the same."""
    portal = ExamplePortal()
    asked = portal.ask(question())
    for command_id in ("somebody else's", asked.id):
        portal.take(told_of(command_id, "reply.unheard-of", added="later"))
    reply = await portal.reply_to(asked)
    assert reply is not None
    assert (reply.key, reply.kind) == (asked.id, "reply.unheard-of")


async def test_the_portal_waits_no_longer_than_its_own_patience() -> None:
    """When the hub itself is away nothing comes, not even that nothing came."""
    portal = ExamplePortal()
    asked = portal.ask(question(deadline=datetime.now(UTC)))
    assert await portal.reply_to(asked, patience=timedelta(0)) is None


async def test_only_a_question_has_a_reply() -> None:
    """Whoever waits for the reply to a booking would wait for ever."""
    portal = ExamplePortal()
    asked = portal.ask(Cancel(receiver=FJORD.her_id, patient=WHO, appointment_id=uuid4()))
    with pytest.raises(TypeError, match="question"):
        await portal.reply_to(asked)


def test_a_command_has_its_story_whatever_order_it_comes_in() -> None:
    """A quick office has answered before its receipt is told; an unknown step is kept."""
    portal = ExamplePortal()
    asked = portal.ask(question())
    for step in ("sent", "answered", "accepted", "unheard-of"):
        portal.take(told_of(asked.id, f"delivery.{step}"))
    assert list(asked.story) == ["sent", "answered", "accepted", "unheard-of"]


def test_a_slot_is_booked_as_the_reply_had_it() -> None:
    """All that decides whether it can be booked; a field that is added later is left out."""
    found = {
        "uid": "a", "party": "8100101", "starts_at": "2026-06-06T07:00:00Z", "kinds": ["Hastetime"], "must_call": False,
        "available_at": "2026-06-05T07:00:00Z", "about": "Kontroll", "added": "later",
    }
    slot = wanted(found)
    assert (slot.uid, slot.party, slot.kinds, slot.must_call) == ("a", "8100101", ("Hastetime",), False)
    assert slot.available_at == datetime(2026, 6, 5, 7, tzinfo=UTC)


def _pictures(events: list[Heard]) -> tuple[object, object, object]:
    portal, notifier = ExamplePortal(), ExampleNotifier()
    for event in events:
        portal.take(event)
        notifier.take(event)
    waiting = {one: sorted(event.headers["ce_id"] for event in all_of_one) for one, all_of_one in notifier.waiting.items()}
    return portal.appointments, portal.blocked, waiting

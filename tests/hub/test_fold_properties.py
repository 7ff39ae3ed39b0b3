"""What the fold promises for any order of messages, commands, receipts, deadlines, re-sends, replays and re-runs: tried by hypothesis, on
the pure path. `tests.hub.fold_stories` makes the stories.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from contracts.failures import Outcome
from contracts.records import Outgoing
from contracts.refusals import Refusal
from contracts.topics import APPOINTMENT_STATUS, APPOINTMENTS, DELIVERIES, NOTIFICATIONS, REPLIES
from hub.case.deadlines import What
from hub.case.decision import Decision
from hub.case.entries import Commanded, Declined, Discard, Entry, Read, Rejected
from hub.case.identity import msg_id_of
from hub.case.parking import way_of
from hub.case.state import Case
from schemas.kodeverk.ack_7304 import Ack7304
from tests import asking, mail
from tests import messages as m
from tests.hub.fold_stories import ASKING_STORIES, MESSAGES, STORIES, Step, Story, deal_with_all_letters, settled, tell
from tests.story import Hub, Told, data_of, is_xml, model_of, type_of

_KEPT = settings(
    max_examples=250, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)


# the promises, each a function from what was told to an AssertionError

Promise = Callable[[Hub], None]


def revisions_rise_by_one(hub: Hub) -> None:
    """Each appointment's revisions are 1, 2, 3 ... and its status is never another than the last one told."""
    revisions: dict[str, int] = defaultdict(int)
    for out in _all(hub):
        if out.topic == APPOINTMENTS.name:
            appointment = data_of(out)["appointment"]
            assert appointment["revision"] == revisions[appointment["appointment_id"]] + 1
            revisions[appointment["appointment_id"]] += 1
        elif out.topic == APPOINTMENT_STATUS.name and out.value is not None:
            appointment = data_of(out)["appointment"]
            assert appointment["revision"] == revisions[appointment["appointment_id"]]


def what_is_published_is_what_stands(hub: Hub) -> None:
    """The last word told of each appointment is how the case has it, also after a merge."""
    last: dict[str, Any] = {}
    for out in _all(hub):
        if out.topic == APPOINTMENTS.name:
            last[data_of(out)["appointment"]["appointment_id"]] = data_of(out)
    standing = {a.id: a for key in _case_keys(hub) for a in hub.case(key).appointments}
    assert {key for key, told in last.items() if "merged_into" not in told} == standing.keys()
    for key, appointment in standing.items():
        told = last[key]["appointment"]
        starts_at = datetime.fromisoformat(told["starts_at"]) if "starts_at" in told else None
        assert (told["state"], told["revision"], starts_at) == (
            appointment.state.value, appointment.revision, appointment.details.starts_at,
        )


def each_message_has_its_one_receipt(hub: Hub) -> None:
    """One AppRec at most for each MsgId, and exactly one for each that was delivered, rejected or discarded here and asked for it."""
    receipts: dict[str, int] = defaultdict(int)
    owed: dict[str, int] = defaultdict(int)
    for told in hub.told:
        for out in told.receipts:
            receipts[_original(out)] += 1
        for msg_id in filter(None, map(_owed, told.decided)):
            owed[msg_id] += 1
    assert receipts == owed
    assert set(receipts.values()) <= {1}


def an_older_word_never_wins(hub: Hub) -> None:
    """What is told of an appointment is never older than what was told of it before."""
    newest: dict[str, datetime] = {}
    for told in hub.told:
        for out in told.outgoing:
            if out.topic != APPOINTMENTS.name or _says(out) in {"merged", "requested", "cancellation-requested"}:
                continue
            appointment = data_of(out)["appointment"]
            stated_at = datetime.fromisoformat(appointment["stated_at"])
            assert stated_at >= newest.get(appointment["appointment_id"], stated_at)
            newest[appointment["appointment_id"]] = stated_at


def nothing_overtakes_in_its_case(hub: Hub) -> None:
    """In each direction of a case, what is delivered is delivered in the order in which it first came, whatever was set aside."""
    came: dict[tuple[bytes | None, object], list[str]] = defaultdict(list)
    last: dict[tuple[bytes | None, object], int] = {}
    for record, told in zip(hub.log, hub.told, strict=True):
        way = (record.key, way_of(told.entry))
        if (msg_id := msg_id_of(told.entry)) and msg_id not in came[way]:
            came[way].append(msg_id)
        for entry, decision in told.decided:
            way = (record.key, way_of(entry))
            if isinstance(entry, Read) and way[1] and decision.outcome is Outcome.DELIVERED:
                at = came[way].index(entry.message.msg_info.msg_id)
                assert at > last.get(way, -1)
                last[way] = at


def everything_parked_has_its_turn(hub: Hub) -> None:
    """What is parked waits behind a letter that waits itself; where no letter of a case waits, nothing is parked."""
    resolved = {row.letter_id for row in hub.ledger.resolutions}
    waiting = [row for row in hub.ledger.letters if row.letter_id not in resolved]
    parked = Counter((row.case_key, row.direction) for row in waiting if row.behind)
    letters = {(row.case_key, row.direction): str(row.letter_id) for row in waiting if row.direction and not row.behind}
    held = {(key, held.way): held for key in _case_keys(hub) for held in hub.case(key).held_up}
    assert {place: one.letter for place, one in held.items()} == letters
    assert {place: one.parked for place, one in held.items() if one.parked} == parked


def nobody_is_notified_without_news(hub: Hub) -> None:
    """Each notification belongs to a happening of the same record, of the same appointment and revision."""
    for told in hub.told:
        happened = {_about(out) for out in told.outgoing if out.topic == APPOINTMENTS.name}
        for out in told.outgoing:
            if out.topic == NOTIFICATIONS.name:
                assert (data_of(out)["appointment_id"], data_of(out)["revision"]) in happened


def what_is_merged_is_silent(hub: Hub) -> None:
    """After `merged`, nothing is ever told of that id again but its own tombstone."""
    gone: set[str] = set()
    for out in _all(hub):
        subject = dict(out.headers).get("ce_subject", b"").decode()
        assert subject not in gone
        if out.topic == APPOINTMENT_STATUS.name and out.value is None:
            assert (out.key or b"").decode() in gone
        if _says(out) == "merged":
            gone.add(subject)


def what_is_written_twice_has_no_effect(hub: Hub) -> None:
    """Of two records with the same source, the second leaves no trace, also of a duplicate.

    What is passed on, and the deadlines that one command set, have one source and are not the same.
    """
    first: dict[object, Told] = {}
    for told in hub.told:
        entry = told.entry
        before = first.setdefault((entry.origin.source, type(entry), getattr(entry, "what", None)), told)
        if told is before or told.entry.origin.letter_id:
            continue
        assert (told.decision.outcome, told.outgoing) == (Outcome.DUPLICATE, [])


def events_keep_their_word(hub: Hub) -> None:
    """The data of each is valid by its model; keys, headers and all but the portal's data hold no national id."""
    for out in _all(hub):
        if type_of(out):
            model_of(out)
        around = b" ".join([out.key or b"", *(value for _, value in out.headers)])
        hidden = around if out.topic.startswith("portal.") or is_xml(out) else around + (out.value or b"")
        assert mail.KAJA.encode() not in hidden
        assert mail.TOR.encode() not in hidden


def patients_are_kept_apart(hub: Hub) -> None:
    """What a message about one patient causes holds nothing of the other."""
    numbers = {mail.KAJA: mail.TOR, mail.TOR: mail.KAJA}
    for told in hub.told:
        if isinstance(told.entry, Read | Commanded) and (patient := told.entry.message.msg_info.patient) and patient.national_id:
            other = numbers[patient.national_id.reveal()].encode()
            assert not any(other in (out.value or b"") for out in told.outgoing)


def each_question_has_its_one_reply(hub: Hub) -> None:
    """Never two, and when every deadline has come exactly one: also for a question that was not sent, was broken, or is our fault."""
    replies = Counter(data_of(out)["command"] for out in _all(hub) if out.topic == REPLIES.name)
    questions = {id_ for id_, entry in _commands(hub).items() if _is_question(entry)}
    assert replies == dict.fromkeys(questions, 1)


def each_command_has_its_legal_story(hub: Hub) -> None:
    """Every command has one, and it is a path of the state machine."""
    stories: dict[str, list[str]] = {id_: [] for id_ in _commands(hub)}
    for told in _steps(hub):
        stories[told["request"]].append(told["what"])
    questions = {id_ for id_, entry in _commands(hub).items() if _is_question(entry)}
    for id_, story in stories.items():
        assert _is_legal(story, of_question=id_ in questions), story


def _is_legal(story: list[str], *, of_question: bool) -> bool:
    """Sent or not first and once; then, of a request, each step at most once, and nothing is missed that came before."""
    if story[:1] != ["sent"] or of_question:
        return story in (["sent"], ["not-sent"])
    counted = Counter(story[1:])
    once = all(number == 1 for number in counted.values()) and counted["accepted"] + counted["rejected"] <= 1
    known = counted.keys() <= {"accepted", "rejected", "overdue", "answered", "unanswered"}
    return once and known and not any(_precedes(story, *pair) for pair in _NEVER_AFTER)


_NEVER_AFTER = (
    ("accepted", "overdue"), ("rejected", "overdue"), ("answered", "overdue"), ("answered", "unanswered"), ("rejected", "unanswered"),
    ("rejected", "answered"),
)
"""The second is never told after the first."""


def _precedes(story: list[str], first: str, second: str) -> bool:
    return first in story and second in story and story.index(first) < story.index(second)


def nobody_is_remembered_after_the_end(hub: Hub) -> None:
    """The latest version of a case whose requests are all ended holds no national id."""
    latest = {row.case_key: row.state for row in hub.ledger.cases}
    for key, state in latest.items():
        if not any(c.sent and not c.ended for c in hub.case(key).conversations):
            assert not any(number.encode() in state for number in (mail.KAJA, mail.TOR))


def nothing_is_waited_for_without_end(hub: Hub) -> None:
    """When every deadline has come, each that was set is met once it is over, and a question's is."""
    waiting = {c.msg_id for key in _case_keys(hub) for c in hub.case(key).conversations if c.is_waiting_question}
    assert (hub.ledger.open_deadlines(), waiting) == ([], set())


PROMISES: tuple[Promise, ...] = (
    revisions_rise_by_one, what_is_published_is_what_stands, each_message_has_its_one_receipt, an_older_word_never_wins,
    nobody_is_notified_without_news, what_is_merged_is_silent, what_is_written_twice_has_no_effect, events_keep_their_word,
    patients_are_kept_apart, each_command_has_its_legal_story, nobody_is_remembered_after_the_end, nothing_overtakes_in_its_case,
    everything_parked_has_its_turn,
)
AT_THE_END: tuple[Promise, ...] = (each_question_has_its_one_reply, nothing_is_waited_for_without_end)
"""Kept when every deadline has come."""


@_KEPT
@given(STORIES)
def test_the_fold_keeps_every_promise_in_any_order(story: Story) -> None:
    """All promises above, for any story."""
    hub = tell(story)
    for promise in PROMISES:
        promise(hub)


@_KEPT
@given(ASKING_STORIES)
def test_the_fold_keeps_every_promise_also_to_the_portal(story: Story) -> None:
    """Commands, answers of all kinds, receipts and deadlines, in any order; at the end each question has its reply."""
    hub = tell(story)
    for promise in PROMISES:
        promise(hub)
    settled(hub)
    for promise in (*PROMISES, *AT_THE_END):
        promise(hub)


@_KEPT
@given(ASKING_STORIES, st.integers(0, 18), st.booleans())
def test_a_re_run_with_commands_gives_the_same_bytes(story: Story, offset: int, anew: bool) -> None:
    """Also what is sent, passed on, waited for and met."""
    hub = settled(tell(story))
    kept = _kept(hub)
    before = hub.run_again(min(offset, len(hub.log)), anew=anew)
    assert hub.outgoing[len(hub.outgoing) - len(before):] == before
    assert _kept(hub) == kept


@_KEPT
@given(STORIES, st.integers(0, 14), st.booleans())
def test_a_re_run_from_any_offset_gives_the_same_bytes(story: Story, offset: int, anew: bool) -> None:
    """The log from any offset once more, in one batch, by the same or another worker: the same outgoing, the same cases."""
    hub = tell(story)
    cases = {key: hub.case(key) for key in _case_keys(hub)}
    before = hub.run_again(min(offset, len(hub.log)), anew=anew)
    assert hub.outgoing[len(hub.outgoing) - len(before):] == before
    assert {key: hub.case(key) for key in _case_keys(hub)} == cases


@_KEPT
@given(STORIES, MESSAGES)
def test_an_identical_re_send_changes_nothing_and_notifies_nobody(story: Story, step: Step) -> None:
    """After any story: the same statement under a new MsgId gives no event, and leaves appointments and access as they stood."""
    hub = tell(story)
    deal_with_all_letters(hub)
    hub.send(step.body(801), vendor=step.vendor)
    before = _standing(hub)
    again = hub.send(step.body(802), vendor=step.vendor)
    assert (again.decision.outcome, again.whats) == (Outcome.DELIVERED, [])
    assert _standing(hub) == before


@_KEPT
@given(STORIES, MESSAGES)
def test_a_duplicate_changes_nothing_and_is_not_answered(story: Story, step: Step) -> None:
    """After any story: the same bytes once more are a duplicate, whatever came between."""
    hub = tell([step, *story])
    before = _standing(hub)
    again = hub.send(step.body(step.mine(1)), vendor=step.vendor)
    assert again.decision.outcome is Outcome.DUPLICATE
    assert (again.events, again.receipts, again.handed_on) == ([], [], [])
    assert _standing(hub) == before


# each promise is fed a story in which it was broken

def _asking() -> Hub:
    """A question that is answered, and a booking that is accepted and confirmed."""
    hub = Hub()
    hub.command(asking.free_slots(), m.msg_id(950))
    hub.send(mail.answer("04", number=1, parent=950, ack="N"))
    hub.command(asking.book(), m.msg_id(951))
    hub.send(asking.receipt(951, number=2))
    hub.send(mail.answer("05", mail.slot(), number=3, parent=951, at=2))
    return settled(hub)


def _at(index: int, change: Callable[[list[Outgoing]], list[Outgoing]]) -> Hub:
    hub = _asking()
    told = hub.told[index]
    hub.told[index] = replace(told, decision=replace(told.decision, outgoing=change(told.outgoing)))
    return hub


def _twice(topic: str) -> Callable[[list[Outgoing]], list[Outgoing]]:
    return lambda outgoing: [*outgoing, *(out for out in outgoing if out.topic == topic)]


def _named(old: str, new: str) -> Callable[[list[Outgoing]], list[Outgoing]]:
    """The same, told as another step."""
    return lambda outgoing: [
        out._replace(headers=tuple((name, value.replace(old.encode(), new.encode())) for name, value in out.headers)) for out in outgoing
    ]


@pytest.mark.parametrize(("promise", "hub"), [
    (each_question_has_its_one_reply, lambda: _at(1, _without(REPLIES.name))),
    (each_question_has_its_one_reply, lambda: _at(1, _twice(REPLIES.name))),
    (each_question_has_its_one_reply, lambda: _at(1, _with(m.msg_id(950).encode(), m.msg_id(951).encode()))),
    (each_command_has_its_legal_story, lambda: _at(0, _without(DELIVERIES.name))),
    (each_command_has_its_legal_story, lambda: _at(2, _without(DELIVERIES.name))),
    (each_command_has_its_legal_story, lambda: _at(2, _twice(DELIVERIES.name))),
    (each_command_has_its_legal_story, lambda: _at(2, _named("delivery.sent", "delivery.not-sent"))),
    (each_command_has_its_legal_story, lambda: _at(4, _twice(DELIVERIES.name))),
    (each_command_has_its_legal_story, lambda: _at(4, _named("delivery.accepted", "delivery.sent"))),
    (each_command_has_its_legal_story, lambda: _at(5, _named("delivery.answered", "delivery.rejected"))),
    (each_command_has_its_legal_story, lambda: _at(5, _named("delivery.answered", "delivery.overdue"))),
    (each_command_has_its_legal_story, lambda: _at(5, _twice(DELIVERIES.name))),
], ids=lambda given: given.__name__)
def test_a_promise_to_the_portal_that_is_broken_is_noticed(promise: Promise, hub: Callable[[], Hub]) -> None:
    """A reply or step too few or too many, of another command, or out of its order."""
    promise(_asking())
    with pytest.raises((AssertionError, KeyError)):
        promise(hub())


def test_a_number_that_is_remembered_too_long_is_noticed() -> None:
    """The case as it was while the request was open, kept after its end."""
    hub = _asking()
    nobody_is_remembered_after_the_end(hub)
    ended = hub.ledger.cases[-1]
    hub.ledger.cases.append(replace(ended, state=ended.state + mail.KAJA.encode()))
    hub.case = lambda _key: Case()  # type: ignore[assignment, method-assign]  # what cannot be decoded is told of as without open requests
    with pytest.raises(AssertionError):
        nobody_is_remembered_after_the_end(hub)


def test_a_deadline_that_stays_open_is_noticed() -> None:
    """One that nothing met."""
    hub = _asking()
    nothing_is_waited_for_without_end(hub)
    hub.ledger.met.pop()
    with pytest.raises(AssertionError):
        nothing_is_waited_for_without_end(hub)


def _told(hub: Hub, change: Callable[[list[Outgoing]], list[Outgoing]]) -> Hub:
    hub.told[-1] = replace(hub.told[-1], decision=replace(hub.told[-1].decision, outgoing=change(hub.told[-1].outgoing)))
    return hub


def _confirmed() -> Hub:
    hub = Hub()
    hub.send(mail.push("05", number=1, at=2))
    hub.send(mail.push("07", mail.slot(day=13), number=2, at=3))
    return hub


def _without(topic: str) -> Callable[[list[Outgoing]], list[Outgoing]]:
    return lambda outgoing: [out for out in outgoing if out.topic != topic]


def _with(old: bytes, new: bytes) -> Callable[[list[Outgoing]], list[Outgoing]]:
    return lambda outgoing: [out._replace(value=(out.value or b"").replace(old, new)) for out in outgoing]


@pytest.mark.parametrize(("promise", "change"), [
    (revisions_rise_by_one, _with(b'"revision":2', b'"revision":3')),
    (what_is_published_is_what_stands, _with(b'"state":"confirmed"', b'"state":"cancelled"')),
    (each_message_has_its_one_receipt, lambda outgoing: [out for out in outgoing if not is_xml(out)]),
    (each_message_has_its_one_receipt, lambda outgoing: [*outgoing, *(out for out in outgoing if is_xml(out))]),
    (an_older_word_never_wins, _with(b'"stated_at":"2026-06-01T07:03', b'"stated_at":"2026-06-01T07:01')),
    (nobody_is_notified_without_news, _without(APPOINTMENTS.name)),
    (events_keep_their_word, _with(b'"revision":2', b'"revision":0')),
    (events_keep_their_word, lambda outgoing: [out._replace(key=mail.KAJA.encode()) for out in outgoing]),
    (patients_are_kept_apart, _with(mail.KAJA.encode(), mail.TOR.encode())),
], ids=lambda given: getattr(given, "__name__", ""))
def test_a_broken_promise_is_noticed(promise: Promise, change: Callable[[list[Outgoing]], list[Outgoing]]) -> None:
    """What leaves is falsified, and the promise says no."""
    promise(_confirmed())
    with pytest.raises((AssertionError, ValueError)):
        promise(_told(_confirmed(), change))


def _held_up() -> Hub:
    hub = Hub()
    hub.send(mail.push("05", number=1), condemned=True)
    hub.send(mail.push("08", number=2, at=1))
    deal_with_all_letters(hub)
    return hub


def test_a_message_that_overtakes_is_noticed() -> None:
    """Two that had their turn, in the wrong order."""
    hub = _held_up()
    nothing_overtakes_in_its_case(hub)
    told = hub.told[-1]
    hub.told[-1] = replace(told, entry=told.decision.released[0].parked.entry, decision=replace(told.decision, released=(
        replace(told.decision.released[0], parked=replace(told.decision.released[0].parked, entry=told.entry)),
    )))
    with pytest.raises(AssertionError):
        nothing_overtakes_in_its_case(hub)


def test_what_is_parked_for_ever_is_noticed() -> None:
    """Its release is not remembered."""
    hub = _held_up()
    everything_parked_has_its_turn(hub)
    hub.ledger.resolutions.pop()
    with pytest.raises(AssertionError):
        everything_parked_has_its_turn(hub)


# reading what was told

def _all(hub: Hub) -> Iterator[Outgoing]:
    for told in hub.told:
        yield from told.outgoing


def _commands(hub: Hub) -> dict[str, Commanded | Declined]:
    """Every command by its id: whoever has it first."""
    found: dict[str, Commanded | Declined] = {}
    for told in hub.told:
        if isinstance(told.entry, Commanded | Declined) and (command_id := msg_id_of(told.entry)):
            found.setdefault(command_id, told.entry)
    return found


def _is_question(entry: Commanded | Declined) -> bool:
    return entry.is_question if isinstance(entry, Declined) else any(one.what is What.ANSWER for one in entry.deadlines)


def _steps(hub: Hub) -> Iterator[dict[str, Any]]:
    """The steps of commands. That an id was used twice is told beside the story of the first."""
    for out in _all(hub):
        data = data_of(out) if out.topic == DELIVERIES.name else {}
        if "command" in data and data.get("reason", {}).get("code") != Refusal.COMMAND_ID_USED_TWICE.code:
            yield {**data, "what": (type_of(out) or "").removeprefix("hub.delivery.").removesuffix(".v1")}


def _kept(hub: Hub) -> tuple[object, ...]:
    """What memory has, but for its claims."""
    ledger = hub.ledger
    return ({key: hub.case(key) for key in _case_keys(hub)}, ledger.sent, ledger.deadlines, ledger.met, ledger.letters, ledger.resolutions)


def _case_keys(hub: Hub) -> list[str]:
    return sorted({row.case_key for row in hub.ledger.cases})


def _standing(hub: Hub) -> dict[str, Case]:
    """Without conversations: a new request is remembered, though it is about the same."""
    shown = {key: hub.case(key) for key in _case_keys(hub)}
    bare = [(key, [replace(a, stated_at=None) for a in case.appointments], case.access) for key, case in shown.items()]
    return {
        key: Case(appointments=tuple(sorted(found, key=lambda a: a.id)), access=access) for key, found, access in bare if found or access
    }


def _says(out: Outgoing) -> str:
    return (type_of(out) or "").removeprefix("hub.appointment.").removesuffix(".v1")


def _about(out: Outgoing) -> tuple[str, int]:
    appointment = data_of(out)["appointment"]
    return appointment["appointment_id"], appointment["revision"]


def _original(receipt: Outgoing) -> str:
    return etree.fromstring(receipt.value or b"").findtext("{*}OriginalMsgId/{*}Id") or ""


def _owed(decided: tuple[Entry, Decision]) -> str | None:
    entry, decision = decided
    if isinstance(entry, Read) and decision.outcome is Outcome.DELIVERED:
        wanted = entry.message.msg_info.ack in (Ack7304.J, None) and entry.hand_on_to is None
        return entry.message.msg_info.msg_id if wanted else None
    if isinstance(entry, Rejected) and decision.outcome is Outcome.REJECTED:
        return entry.msg_info.msg_id if entry.msg_info.ack != Ack7304.N else None
    if isinstance(entry, Discard) and decision.outcome is Outcome.REJECTED and entry.msg_info:
        return entry.msg_info.msg_id
    return None

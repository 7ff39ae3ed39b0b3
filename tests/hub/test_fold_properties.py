"""What the fold promises for any order of messages, re-sends, replays and re-runs: tried by hypothesis, on the pure path.

A story is a list of steps about two patients at one office. Few names, slots, requests and times, so that they meet often.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from contracts.failures import Outcome
from contracts.records import Outgoing
from contracts.topics import APPOINTMENT_STATUS, APPOINTMENTS, NOTIFICATIONS
from hub.case.entries import Read, Rejected
from hub.case.state import Case
from schemas.kodeverk.ack_7304 import Ack7304
from tests import mail
from tests.story import Hub, Told, data_of, is_xml, model_of, type_of

PUSHES = ("05", "07", "08", "11", "MOA")
ANSWERS = ("05", "06", "07", "08", "09", "34", "26", "30", "31", "33")
WITH_CALENDAR = {"05", "07"}
PLACES = ("Rom 4", "Rom 7", "Hjemmebesøk")
_KEPT = settings(
    max_examples=250, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One message, by what matters to the case."""

    kind: str
    code: str
    who: int
    name: int
    also: int | None
    day: int
    place: str
    at: int
    request: int
    calendar: bool
    ack: str | None
    text: str | None
    status: str | None

    def body(self, number: int) -> bytes:
        """The message, with this number as its MsgId."""
        slot = mail.slot(self.name, day=self.day, also=self.also, place=self.place, status=self.status)
        if self.kind == "push":
            return mail.push(self.code, slot, number=number, at=self.at, who=self.who, ack=self.ack)
        if self.kind == "request":
            return mail.request(self.code, slot, number=number, at=self.at, who=self.who)
        slots = (slot,) if self.calendar or self.code in WITH_CALENDAR else ()
        return mail.answer(
            self.code, *slots, number=number, parent=900 + self.request, at=self.at, text=self.text, who=self.who, ack=self.ack,
        )

    @property
    def vendor(self) -> str:
        """Whose inbox it comes by."""
        return "vidde" if self.kind == "request" else "fjord"


@dataclass(frozen=True, slots=True)
class Again:
    """Something that has been sent before comes again: `what` says how."""

    what: str
    which: int


KINDS = st.sampled_from([
    *(("push", code) for code in PUSHES), *(("answer", code) for code in ANSWERS), ("request", "RT"), ("request", "ART"),
])
MESSAGES: st.SearchStrategy[Step] = st.builds(
    lambda kind, **given: Step(*kind, **given), KINDS, who=st.sampled_from((0, 0, 0, 1)), name=st.integers(1, 3),
    also=st.sampled_from((None, None, 1, 2, 3)), day=st.integers(11, 13), place=st.sampled_from(PLACES[:1] * 3 + PLACES),
    at=st.integers(0, 4), request=st.integers(0, 3), calendar=st.booleans(), ack=st.sampled_from(("J", "J", None, "N")),
    text=st.sampled_from((None, "Ja", "Nei")), status=st.sampled_from((None, None, "CANCELLED", "COMPLETED")),
)
AGAIN = st.builds(Again, st.sampled_from(("re-sent", "new id", "written twice", "set aside", "replayed", "other content", "broken")),
                  st.integers(0, 20))
STORIES = st.lists(st.one_of(MESSAGES, MESSAGES, AGAIN), max_size=14)
Story = list[Step | Again]
Sent = list[tuple[Step, int, bytes]]
"""What has been sent, with the number that its MsgId was made of."""


def tell(story: Story) -> Hub:
    """Send a story to a new hub."""
    hub, sent = Hub(), Sent()
    for number, step in enumerate(story, 1):
        if isinstance(step, Step):
            # a request is known by its number to the answers that may come before or after it
            mine = 900 + step.request if step.kind == "request" else number
            sent.append((step, mine, step.body(mine)))
            hub.send(sent[-1][2], vendor=step.vendor)
        elif sent:
            _again(hub, step, sent, number)
    return hub


def _again(hub: Hub, again: Again, sent: Sent, number: int) -> None:
    step, mine, body = sent[again.which % len(sent)]
    bodies = {
        "re-sent": body, "new id": step.body(500 + number), "other content": replace(step, day=20).body(mine),
        "set aside": step.body(600 + number), "broken": step.body(700 + number).replace(b"Patient>", b"Pasient>"),
    }
    if again.what in bodies:
        hub.send(bodies[again.what], vendor=step.vendor, condemned=again.what == "set aside")
    elif again.what == "replayed":
        _replay_first_letter(hub)
    else:
        _write_twice(hub, hub.told[again.which % len(hub.told)])


def _write_twice(hub: Hub, told: Told) -> None:
    if told.entry.origin.letter_id is None:
        hub.send(told.body, vendor=told.entry.origin.vendor, source=told.entry.origin.source)


def _replay_first_letter(hub: Hub) -> None:
    for letter in [letter for letter in hub.ledger.letters if letter.fault == "hub"][:1]:
        hub.replay(str(letter.letter_id), hub.told[letter.offset].body or b"", vendor=letter.vendor)


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
    """One AppRec at most for each MsgId, and exactly one for each that was delivered or rejected here and asked for it."""
    receipts: dict[str, int] = defaultdict(int)
    owed: dict[str, int] = defaultdict(int)
    for told in hub.told:
        for out in told.receipts:
            receipts[_original(out)] += 1
        if (msg_id := _owed(told)) is not None:
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
    """Of two records with the same source, the second leaves no trace, also of a duplicate."""
    first: dict[object, Told] = {}
    for told in hub.told:
        before = first.setdefault(told.entry.origin.source, told)
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
        if isinstance(told.entry, Read) and (patient := told.entry.message.msg_info.patient) and patient.national_id:
            other = numbers[patient.national_id.reveal()].encode()
            assert not any(other in (out.value or b"") for out in told.outgoing)


PROMISES: tuple[Promise, ...] = (
    revisions_rise_by_one, what_is_published_is_what_stands, each_message_has_its_one_receipt, an_older_word_never_wins,
    nobody_is_notified_without_news, what_is_merged_is_silent, what_is_written_twice_has_no_effect, events_keep_their_word,
    patients_are_kept_apart,
)


@_KEPT
@given(STORIES)
def test_the_fold_keeps_every_promise_in_any_order(story: Story) -> None:
    """All promises above, for any story."""
    hub = tell(story)
    for promise in PROMISES:
        promise(hub)


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
    again = hub.send(step.body(900 + step.request if step.kind == "request" else 1), vendor=step.vendor)
    assert again.decision.outcome is Outcome.DUPLICATE
    assert (again.events, again.receipts, again.handed_on) == ([], [], [])
    assert _standing(hub) == before


# each promise is fed a story in which it was broken

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


# reading what was told

def _all(hub: Hub) -> Iterator[Outgoing]:
    for told in hub.told:
        yield from told.outgoing


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


def _owed(told: Told) -> str | None:
    entry, decision = told.entry, told.decision
    if isinstance(entry, Read) and decision.outcome is Outcome.DELIVERED:
        wanted = entry.message.msg_info.ack in (Ack7304.J, None) and entry.hand_on_to is None
        return entry.message.msg_info.msg_id if wanted else None
    if isinstance(entry, Rejected) and decision.outcome is Outcome.REJECTED:
        return entry.msg_info.msg_id if entry.msg_info.ack != Ack7304.N else None
    return None

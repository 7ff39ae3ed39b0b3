"""Stories for the fold's properties: lists of steps about two patients at one office, made by hypothesis and told to a new hub.

Few names, slots, requests and times, so that they meet often. Never says what the fold promises: that is the properties'.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol, Self

from hypothesis import strategies as st

from contracts.commands import Command
from contracts.records import PORTAL, Outgoing
from contracts.topics import COMMANDS
from hub import letters as acts
from tests import asking, mail
from tests import messages as m
from tests.story import Hub

PUSHES = ("05", "07", "08", "11", "MOA")
ANSWERS = ("05", "06", "07", "08", "09", "34", "26", "30", "31", "33")
QUICK_ANSWERS = ("01", "02", "03", "04", "20", "21", "RKT")
ASKS = ("book", "book", "cancel", "free slots", "planned visits", "practitioners", "connection")
WITH_CALENDAR = {"05", "07"}
PLACES = ("Rom 4", "Rom 7", "Hjemmebesøk")
FIRST_COMMAND = 50
"""Added to a request's number: a command of the portal's, and no request of another office's."""
_LATE = datetime(2100, 1, 1, tzinfo=UTC)
_NOWHERE = "0b7c1a5e-0f64-4c3e-9d52-6f1f0a7b1c01"


class Sendable(Protocol):
    """A step by which something comes in."""

    def mine(self, number: int) -> int:
        """What its id is made of, when it is the step with this number."""

    def send(self, hub: Hub, number: int, *, condemned: bool = False) -> None:
        """Send it under the id that is made of this number. `condemned`: something of ours fails on it."""

    def broken(self, hub: Hub, number: int) -> None:
        """Send it as nobody can read it."""

    def other(self) -> Self:
        """The same with other content."""


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
        if self.kind == "quick":
            return self._quick(number, slot)
        slots = (slot,) if self.calendar or self.code in WITH_CALENDAR else ()
        return mail.answer(
            self.code, *slots, number=number, parent=900 + self.request, at=self.at, text=self.text, who=self.who, ack=self.ack,
        )

    def _quick(self, number: int, slot: str) -> bytes:
        if self.code == "RKT":
            return _rkt(number, parent=900 + self.request, at=self.at)
        process = "BEHANDLEROVERSIKT" if self.code in {"20", "21"} else "TIMERESERVASJON"
        answer = mail.answer(
            self.code, *((slot,) if self.code in {"01", "03"} else ()), number=number, parent=900 + self.request, at=self.at, who=self.who,
            ack="N", process=process,
        )
        listed = m.document(m.helsepersonel_liste()).encode() if self.code == "20" else b""
        return answer.replace(b"</MsgHead>", listed + b"</MsgHead>")

    @property
    def vendor(self) -> str:
        """Whose inbox it comes by."""
        return "vidde" if self.kind == "request" else "fjord"

    def mine(self, number: int) -> int:
        """A request is known by its number to the answers that may come before or after it."""
        return 900 + self.request % FIRST_COMMAND if self.kind == "request" else number

    def send(self, hub: Hub, number: int, *, condemned: bool = False) -> None:
        """To the inbox of its vendor."""
        hub.send(self.body(number), vendor=self.vendor, condemned=condemned)

    def broken(self, hub: Hub, number: int) -> None:
        """With a tag that does not fit."""
        hub.send(self.body(number).replace(b"Dialogmelding>", b"Dialog>"), vendor=self.vendor)

    def other(self) -> Self:
        """On another day, and with other words."""
        return replace(self, day=20, at=5)


def _rkt(number: int, *, parent: int, at: int) -> bytes:
    dialog = m.dialogmelding('<Notat><TemaKodet V="RKT" S="2.16.578.1.12.4.1.1.7603" DN="-"/></Notat>')
    return m.message(
        type_v="DIALOG_INNBYGGER_TEST", ack="N", conversation=m.conversation(m.msg_id(parent), m.msg_id(parent)), dialog=dialog, patient="",
        msg_id=m.msg_id(number), gen_date=mail.gen_date(at), sender=m.office(mail.OFFICE), receiver=m.portal(mail.PORTAL),
    )


@dataclass(frozen=True, slots=True)
class Asks:
    """A command of the portal. One that cancels means an appointment that is known when it is sent, if there is any."""

    what: str
    who: int
    name: int
    day: int
    request: int

    def _command(self, hub: Hub) -> Command:
        if self.what == "cancel":
            known = [a.id for key in sorted({row.case_key for row in hub.ledger.cases}) for a in hub.case(key).appointments]
            return asking.cancel(known[self.name % len(known)] if known else _NOWHERE, who=self.who)
        made: dict[str, Callable[[], Command]] = {
            "book": lambda: asking.book(self.name, who=self.who, day=self.day),
            "free slots": lambda: asking.free_slots(who=self.who, until=_LATE),
            "planned visits": lambda: asking.planned_visits(who=self.who, until=_LATE),
            "practitioners": lambda: asking.practitioners(who=self.who, until=_LATE),
            "connection": lambda: asking.connection(until=_LATE),
        }
        return made[self.what]()

    def mine(self, _number: int) -> int:
        """Answers and receipts know it by its number."""
        return 900 + self.request

    def send(self, hub: Hub, number: int, *, condemned: bool = False) -> None:
        """To the portal's topic."""
        hub.command(self._command(hub), m.msg_id(number), condemned=condemned)

    def broken(self, hub: Hub, number: int) -> None:
        """A field is missing."""
        headers = {"ce_type": self._command(hub).family.type, "ce_id": m.msg_id(number)}
        hub.told_of(COMMANDS.name, b'{"receiver": "8800002"}', headers=headers)

    def other(self) -> Self:
        """About the other patient, on another day."""
        return replace(self, who=1 - self.who, day=20)


@dataclass(frozen=True, slots=True)
class Receipts:
    """An AppRec, of whoever was asked or of another vendor."""

    request: int
    error: str | None
    at: int
    vendor: str

    def mine(self, number: int) -> int:
        """Each has an id of its own."""
        return number

    def _body(self, number: int) -> bytes:
        sender = mail.OFFICE if self.vendor == "fjord" else mail.OTHER
        return asking.receipt(900 + self.request, number=number, at=self.at, error=self.error, sender=sender)

    def send(self, hub: Hub, number: int, *, condemned: bool = False) -> None:
        """To the inbox of its vendor."""
        hub.send(self._body(number), vendor=self.vendor, condemned=condemned)

    def broken(self, hub: Hub, number: int) -> None:
        """Cut off."""
        hub.send(self._body(number)[:-20], vendor=self.vendor)

    def other(self) -> Self:
        """The opposite."""
        return replace(self, error=None if self.error else "T02")


@dataclass(frozen=True, slots=True)
class FallsDue:
    """The next deadline comes, if any is open."""


@dataclass(frozen=True, slots=True)
class Again:
    """Something that has been sent before comes again: `what` says how."""

    what: str
    which: int


_KINDS = st.sampled_from([
    *(("push", code) for code in PUSHES), *(("answer", code) for code in ANSWERS), ("request", "RT"), ("request", "ART"),
])
_QUICK = st.sampled_from([("quick", code) for code in QUICK_ANSWERS])
_PERSON, _NAME, _DAY = st.sampled_from((0, 0, 0, 1)), st.integers(1, 3), st.integers(11, 13)
_OF_COMMAND = st.integers(FIRST_COMMAND, FIRST_COMMAND + 2)
_DETAILS: dict[str, st.SearchStrategy[Any]] = {
    "who": _PERSON, "name": _NAME, "also": st.sampled_from((None, None, 1, 2, 3)), "day": _DAY,
    "place": st.sampled_from(PLACES[:1] * 3 + PLACES), "at": st.integers(0, 4), "calendar": st.booleans(),
    "ack": st.sampled_from(("J", "J", None, "N")), "text": st.sampled_from((None, "Ja", "Nei")),
    "status": st.sampled_from((None, None, "CANCELLED", "COMPLETED")),
}


def _step(kind: tuple[str, str], **given: Any) -> Step:
    return Step(*kind, **given)


MESSAGES: st.SearchStrategy[Step] = st.builds(_step, _KINDS, request=st.one_of(st.integers(0, 3), _OF_COMMAND), **_DETAILS)
_AT_ONCE = st.builds(_step, _QUICK, request=_OF_COMMAND, **_DETAILS)
_ASKED = st.builds(Asks, st.sampled_from(ASKS), _PERSON, _NAME, _DAY, _OF_COMMAND)
_RECEIPTED = st.builds(
    Receipts, _OF_COMMAND, st.sampled_from((None, None, "E35")), st.integers(0, 4), st.sampled_from(("fjord", "fjord", "fjord", "vidde")),
)
_AGAIN = st.builds(Again, st.sampled_from(("re-sent", "new id", "written twice", "set aside", "replayed", "replayed",
                                                "discarded", "fails again", "other content", "broken")),
                   st.integers(0, 20))
OfAStory = Step | Asks | Receipts | FallsDue | Again
Story = list[OfAStory]
STORIES: st.SearchStrategy[Story] = st.lists(st.one_of(MESSAGES, MESSAGES, _AGAIN), max_size=14)
"""Offices and others alone."""
ASKING_STORIES: st.SearchStrategy[Story] = st.lists(
    st.one_of(_ASKED, _ASKED, MESSAGES, _AT_ONCE, _RECEIPTED, st.just(FallsDue()), _AGAIN), max_size=18,
)
"""The portal asks too."""
Sent = list[tuple[Sendable, int]]
"""What has been sent, with the number that its id was made of."""


def tell(story: Story) -> Hub:
    """Send a story to a new hub."""
    hub, sent = Hub(), Sent()
    for number, step in enumerate(story, 1):
        if isinstance(step, FallsDue):
            fall_due(hub)
        elif not isinstance(step, Again):
            sent.append((step, step.mine(number)))
            step.send(hub, sent[-1][1])
        elif sent:
            _again(hub, step, sent, number)
    return hub


def fall_due(hub: Hub) -> None:
    """The next deadline, if any is open."""
    if hub.ledger.open_deadlines():
        hub.fall_due()


def settled(hub: Hub) -> Hub:
    """The hub when every deadline has come."""
    while hub.ledger.open_deadlines():
        hub.fall_due()
    return hub


def _again(hub: Hub, again: Again, sent: Sent, number: int) -> None:
    step, mine = sent[again.which % len(sent)]
    ways: dict[str, Callable[[], None]] = {
        "re-sent": lambda: step.send(hub, mine), "new id": lambda: step.send(hub, 500 + number),
        "other content": lambda: step.other().send(hub, mine), "set aside": lambda: step.send(hub, 600 + number, condemned=True),
        "broken": lambda: step.broken(hub, 700 + number), "replayed": lambda: _replay(hub, again.which),
        "discarded": lambda: _discard(hub, again.which),
        "fails again": lambda: _replay(hub, again.which, condemned=True),
        "written twice": lambda: _write_twice(hub, again.which % len(hub.log)),
    }
    ways[again.what]()


def _write_twice(hub: Hub, offset: int) -> None:
    """Reception, or the watch over deadlines, writes a record of the log once more."""
    if hub.told[offset].entry.origin.letter_id is None:
        record = hub.log[offset]
        hub.append(Outgoing(record.topic, record.key, record.value, tuple(record.headers)), at=hub.now)


def _replay(hub: Hub, which: int, *, condemned: bool = False) -> None:
    """An operator sends a letter on; it may have been dealt with, or wait behind another."""
    letters = [letter for letter in hub.ledger.letters if letter.fault == "hub" and letter.vendor != PORTAL]
    if letters:
        letter = letters[which % len(letters)]
        hub.replay(str(letter.letter_id), letter.body or b"", vendor=letter.vendor, condemned=condemned)


def _discard(hub: Hub, which: int) -> None:
    letters = [letter for letter in hub.ledger.letters if letter.fault == "hub"]
    if letters:
        letter = letters[which % len(letters)]
        hub.append(acts.discard(letter, reason="made by the test", at=hub.now), at=hub.now)


def deal_with_all_letters(hub: Hub) -> None:
    """An operator sends everything on, until nothing waits."""
    while waiting := [letter for letter in hub.ledger.open_letters() if letter.vendor != PORTAL]:
        hub.replay(str(waiting[0].letter_id), waiting[0].body or b"", vendor=waiting[0].vendor)

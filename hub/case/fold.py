"""One message's statements told to the case, one after the other: what stands afterwards, and the events that tell it.

Never decides whether a message may be heard: claims, checks and letters are `decide`'s.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import singledispatchmethod
from typing import Final
from uuid import UUID

from contracts.events import Access, Delivery
from contracts.events.appointment import AppointmentState as State
from contracts.records import Outgoing
from hub.case import appointments, conversations, stories
from hub.case.appointments import Told
from hub.case.conversations import Speaker
from hub.case.state import Appointment, Case, Conversation, Sending, ServiceAccess
from translators.appointment_to_events import Standing, happening, notifications, status, tombstone
from translators.cloud_event import Stamp, cloud_event, key_of_access, key_of_request
from translators.statements import AboutAppointment, Asked, AskedToAnswer, Blocked, Details, Replied, RequestEnded, Said, Statement

ASK_AGAIN_AFTER: Final = timedelta(days=7)
"""No message ever lifts a block, so the portal may let the citizen try again after this long."""
QUESTION_FORGOTTEN_AFTER: Final = timedelta(days=1)
"""A question that has its reply leaves the case sooner: only an answer that comes late still asks for it."""
FORGOTTEN_AFTER: Final = timedelta(days=400)
"""What is over and was not spoken of for this long leaves the case: a case must not grow for ever."""
_NOTIFIES: Final = {"confirmed": "new", "changed": "changed", "cancelled": "cancelled", "not-booked": "refused"}
_UNPUBLISHED: Final = frozenset({State.REQUESTED, State.NOT_BOOKED})
"""What was never given to the citizen does not stand among the appointments."""


@dataclass(slots=True)
class Fold:
    """The case while one message is told to it. `outgoing` grows in the order in which subscribers shall see it."""

    case: Case
    case_key: str
    stamp: Stamp
    speaker: Speaker
    of_another: bool = False
    """What it answers was asked of another office, or for another patient: it has no say in what becomes of that."""
    outgoing: list[Outgoing] = field(default_factory=list)
    note: str | None = None
    about: str | None = None
    """Id of the appointment last spoken of."""

    def tell_all(self, statements: tuple[Statement, ...]) -> None:
        """Tell every statement of one message, then close the request it answers."""
        self.case = forgetting(self.case, self.stamp.at)
        if self.speaker.is_answer and all(isinstance(s, AboutAppointment) for s in statements):
            self._hear_access(blocked=False, text=None)
        request = conversations.answered_by(self.speaker, self.case) if self.speaker.is_answer else None
        for statement in statements:
            self.tell(statement)
        if request and request.sent and not request.sent.is_question and any(isinstance(s, Replied) for s in statements):
            return
        self.case = conversations.closed(
            self.speaker, self.case, appointment_id=self.about, at=self.stamp.at, booked=any(map(_books, statements)),
        )
        if request and request.sent and not request.ended and not request.sent.is_question:
            self.outgoing.append(stories.answered(request, code=self.speaker.code, at=self.speaker.stated_at, leaving=self._leaving))

    def send(self, sent: Sending, statements: tuple[Statement, ...]) -> None:
        """Remember the request that leaves for the portal, begin its story, and tell what it states."""
        request = self.speaker.msg_id
        self.case = conversations.sending(self.case, request, sent, at=self.stamp.at)
        self.tell_all(statements)
        kept = conversations.of_request(request, self.case)
        if kept is not None:
            self.outgoing.append(stories.step("sent", kept, leaving=self._leaving))

    @singledispatchmethod
    def tell(self, statement: Statement) -> None:
        """Tell one statement."""
        raise NotImplementedError(type(statement).__name__)

    @tell.register
    def _(self, statement: AboutAppointment) -> None:
        if self._answers_question():
            self._reply_unfit()
            if statement.details is None:
                return
        if not self._tell_of(statement.said, statement.details) and not conversations.was_answered(self.speaker, self.case):
            self._tell_refused(self.speaker.text)

    @tell.register
    def _(self, statement: RequestEnded) -> None:
        if self._answers_question():
            self._reply_refused(statement.text)
        elif not self._refuse(statement.details) and not conversations.was_answered(self.speaker, self.case):
            self._tell_refused(statement.text)

    @tell.register
    def _(self, statement: Blocked) -> None:
        if not conversations.was_answered(self.speaker, self.case):
            self._hear_access(blocked=True, text=statement.text)
        if self._answers_question():
            self._reply_refused(statement.text)
        else:
            self._refuse(statement.details, notify=False)

    @tell.register
    def _(self, _statement: Asked | AskedToAnswer) -> None:
        return

    @tell.register
    def _(self, statement: Replied) -> None:
        request = self._question()
        if request is None or request.sent is None:
            return
        if request.sent.code != statement.asked:
            self._reply_unfit()
            return
        if self.speaker.patient:
            self._hear_access(blocked=False, text=None)
        self.outgoing.append(stories.reply(statement, request, leaving=self._leaving))

    # questions

    def _answers_question(self) -> bool:
        """It answers a question that we sent, whether it is still waited for or not."""
        request = conversations.answered_by(self.speaker, self.case)
        return request is not None and request.sent is not None and request.sent.is_question

    def _question(self) -> Conversation | None:
        """The question that waits for this answer. A late answer, or one to nothing, is a line in the journal and nothing else."""
        request = conversations.answered_by(self.speaker, self.case)
        if request is not None and request.is_waiting_question:
            return request
        self.note = "late" if request is not None and request.ended else conversations.UNMATCHED
        return None

    def _reply_refused(self, text: str | None) -> None:
        if request := self._question():
            self.outgoing.append(stories.no_reply("refused", request, leaving=self._leaving, code=self.speaker.code, text=text))

    def _reply_unfit(self) -> None:
        """It answers something else than was asked: whoever waits need not wait longer."""
        if request := self._question():
            self.note = "answer unfit"
            self.outgoing.append(stories.no_reply("broken", request, leaving=self._leaving))
            self.case = conversations.remembered(self.case, conversations.ended(request))

    @property
    def _leaving(self) -> stories.Leaving:
        return stories.Leaving(self.stamp, len(self.outgoing))

    # appointments

    def _tell_of(self, said: Said, details: Details | None, *, notify: bool = True) -> bool:
        """False when another request's appointment stands in the slot that is refused: then it is this request that is refused."""
        told = Told(
            said, details, self.speaker.stated_at, self.stamp.at, self.speaker.service,
            first_answer=not conversations.was_answered(self.speaker, self.case), text=self.speaker.text,
        )
        known, before = self._meant(told)
        self.about = before.id
        stands = self._stands_by_another(before, said)
        if stands or self._is_past(before, told):
            self._tell_as_it_stands(known, before, notify=notify)
        else:
            self._tell_now(known, appointments.after(before, told), told, notify=notify)
        return not stands

    def _is_past(self, before: Appointment, told: Told) -> bool:
        if appointments.is_older(before, told):
            self.note = "older"
            return True
        return self._overtaken(told.said)

    def _stands_by_another(self, before: Appointment, said: Said) -> bool:
        """Asked for twice, booked or cancelled once: the refusal of the one request does not undo what the other got."""
        if said is Said.CANCELLATION_REFUSED:
            return before.revision > 0 and before.state in appointments.OVER
        stands = said is Said.NOT_BOOKED and before.revision > 0 and before.state in appointments.STANDING
        conversation = conversations.answered_by(self.speaker, self.case)
        return stands and not (conversation and conversation.booked)

    def _tell_as_it_stands(self, known: Appointment, now: Appointment, *, notify: bool) -> None:
        """Nothing new was said; but two names that proved one may make it another than subscribers know."""
        if known.revision and appointments.differ(known, now):
            self._tell_news(known, now, appointments.AS_IT_STANDS[now.state], notify=notify)
        else:
            self.note = self.note or "unchanged"
            self._keep(now)

    def _tell_now(self, known: Appointment, now: Appointment, told: Told, *, notify: bool) -> None:
        if appointments.is_news(known, now, told):
            self._tell_news(known, now, told.said, notify=notify)
        else:
            self.note = "unchanged"
            self._keep(now)
        # also what asks for nothing new: its answer may come without a calendar
        self._remember_asked(now, told.said)

    def _tell_news(self, known: Appointment, now: Appointment, said: Said, *, notify: bool) -> None:
        now = replace(now, revision=known.revision + 1, told_at=self.stamp.at, published=now.published or _is_to_publish(now))
        self._keep(now)
        self._publish(known, now, said, notify=notify)

    def _overtaken(self, said: Said) -> bool:
        """The answer came before its request: the request is history."""
        mine = next((c for c in self.case.conversations if c.msg_id == self.speaker.msg_id), None)
        return said in appointments.BY_CITIZEN and mine is not None and mine.ended

    def _meant(self, told: Told) -> tuple[Appointment, Appointment]:
        """As subscribers know it, and as it is now that all its names are known to be one."""
        names = (told.details.names if told.details else ()) or self._thread_name()
        conversation = conversations.answered_by(self.speaker, self.case)
        found = appointments.find(self.case, names, conversation=conversation, details=told.details)
        if not found:
            return (begun := appointments.begun(self.case_key, names, told)), begun
        oldest = found[0]
        for younger in found[1:]:
            oldest = self._merge(oldest, younger)
        return found[0], oldest if set(names).issubset(oldest.names) else replace(oldest, names=tuple(dict.fromkeys(oldest.names + names)))

    def _thread_name(self) -> tuple[str, ...]:
        """An answer without a calendar, to a request never seen, still is about something: its conversation."""
        thread = self.speaker.thread or self.speaker.answers or self.speaker.msg_id
        return (f"conversation:{thread}",)

    def _merge(self, older: Appointment, younger: Appointment) -> Appointment:
        gone = self._standing(replace(younger, revision=younger.revision + 1))
        self.outgoing.append(happening(
            "merged", gone, stamp=self.stamp, index=len(self.outgoing), code=self.speaker.code, answers=None, merged_into=UUID(older.id),
        ))
        if younger.published:
            self.outgoing.append(tombstone(UUID(younger.id)))
        self.case = replace(
            self.case,
            appointments=tuple(a for a in self.case.appointments if a.id != younger.id),
            conversations=tuple(
                replace(c, appointment_id=older.id) if c.appointment_id == younger.id else c for c in self.case.conversations
            ),
        )
        return appointments.merged(older, younger)

    def _publish(self, before: Appointment, now: Appointment, said: Said, *, notify: bool) -> None:
        what = Said.CHANGED if said is Said.CONFIRMED and before.revision and before.state is State.CONFIRMED else said
        standing, speaker = self._standing(now), self.speaker
        self.outgoing.append(happening(
            what.value, standing, stamp=self.stamp, index=len(self.outgoing), code=speaker.code, answers=speaker.answers,
        ))
        if now.published:
            self.outgoing.append(status(standing, stamp=self.stamp, index=len(self.outgoing)))
        kind = _NOTIFIES.get(what) if notify and appointments.is_more_than_words(before, now) else None
        self.outgoing += notifications(kind, standing, stamp=self.stamp, index=len(self.outgoing))

    def _standing(self, appointment: Appointment) -> Standing:
        speaker = self.speaker
        return Standing(
            UUID(appointment.id), appointment.revision, appointment.state, appointment.details, self.case_key, speaker.patient,
            speaker.office, appointment.service, stated_at=appointment.stated_at or speaker.stated_at,
        )

    def _keep(self, appointment: Appointment) -> None:
        if appointment.revision:
            kept = {a.id: a for a in self.case.appointments} | {appointment.id: appointment}
            self.case = replace(self.case, appointments=tuple(kept.values()))

    def _remember_asked(self, appointment: Appointment, said: Said) -> None:
        if said in appointments.BY_CITIZEN:
            self.case = conversations.asked(self.speaker, self.case, asks=said, appointment_id=appointment.id, at=self.stamp.at)

    # requests that end, and access to a service

    def fail(self, msg_id: str) -> None:
        """The request could not be taken: nothing is booked, and what stands goes on standing."""
        self._refuse(None)
        request = conversations.of_request(msg_id, self.case)
        if request is not None:
            self.case = conversations.remembered(self.case, conversations.ended(request))

    def _refuse(self, details: Details | None, *, notify: bool = True) -> bool:
        """The request ends without an answer. True when it was about an appointment and that has been told."""
        conversation = conversations.answered_by(self.speaker, self.case)
        names = details.names if details else ()
        meant = next(iter(appointments.find(self.case, names, conversation=conversation, details=None)), None)
        if meant is None and details is None:
            return False
        if meant is not None and meant.state is not State.REQUESTED:
            return self._refuse_cancellation(meant, details, notify=notify)
        return self._tell_of(Said.NOT_BOOKED, details, notify=notify)

    def _refuse_cancellation(self, meant: Appointment, details: Details | None, *, notify: bool) -> bool:
        """What stands goes on standing, what is over stays over; it is news only when its cancellation had been asked for."""
        if meant.state is not State.CANCELLATION_REQUESTED:
            return False
        self._tell_of(Said.CANCELLATION_REFUSED, details, notify=notify)
        return True

    def _tell_refused(self, text: str | None) -> None:
        speaker = self.speaker
        if self.of_another:
            self.note = conversations.UNMATCHED
            return
        refused = Delivery(
            request=speaker.answers or speaker.msg_id, at=speaker.stated_at, code=speaker.code, service=speaker.service, text=text,
        )
        key = key_of_request(refused.request)
        self.outgoing.append(cloud_event(refused, "refused", stamp=self.stamp, key=key, index=len(self.outgoing)))

    def _hear_access(self, *, blocked: bool, text: str | None) -> None:
        """The newest word on the service wins; only a change, or a new block, is told (architecture 3)."""
        speaker = self.speaker
        known = next((a for a in self.case.access if a.service == speaker.service), None)
        if known and (speaker.stated_at < known.stated_at or (speaker.stated_at, blocked) == (known.stated_at, known.blocked)):
            return
        others = tuple(a for a in self.case.access if a.service != speaker.service)
        self.case = replace(self.case, access=(*others, ServiceAccess(speaker.service, speaker.stated_at, blocked)))
        if blocked or (known and known.blocked):
            self._tell_access(blocked=blocked, text=text)

    def _tell_access(self, *, blocked: bool, text: str | None) -> None:
        speaker = self.speaker
        access = Access(
            case=self.case_key, patient=speaker.patient, office=speaker.office, service=speaker.service, blocked=blocked,
            since=speaker.stated_at, ask_again_after=speaker.stated_at + ASK_AGAIN_AFTER if blocked else None, text=text,
            answers=speaker.answers,
        )
        key = key_of_access(self.case_key, speaker.service)
        what = "blocked" if blocked else "opened"
        self.outgoing.append(cloud_event(access, what, stamp=self.stamp, key=key, index=len(self.outgoing)))


def _books(statement: Statement) -> bool:
    return isinstance(statement, AboutAppointment) and statement.said in {Said.CONFIRMED, Said.CHANGED}


def _is_to_publish(appointment: Appointment) -> bool:
    """It has been given to the citizen, and it is known when it is."""
    return appointment.state not in _UNPUBLISHED and appointment.details.starts_at is not None


def forgetting(case: Case, at: datetime) -> Case:
    """The case without what is over and was not spoken of for `FORGOTTEN_AFTER`, and without questions that have had their reply."""
    since, questions_since = at - FORGOTTEN_AFTER, at - QUESTION_FORGOTTEN_AFTER
    conversations_kept = tuple(c for c in case.conversations if c.told_at >= (questions_since if _is_replied(c) else since))
    if len(conversations_kept) == len(case.conversations) and all(a.told_at >= since for a in case.appointments):
        return case
    return replace(
        case,
        appointments=tuple(a for a in case.appointments if a.told_at >= since or (a.details.starts_at or a.told_at) >= since),
        conversations=conversations_kept,
    )


def _is_replied(conversation: Conversation) -> bool:
    return conversation.sent is not None and conversation.sent.is_question and conversation.ended

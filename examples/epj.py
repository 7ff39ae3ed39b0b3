"""An EPJ vendor as an outsider would write it: of the hub it knows the topics' names and nothing else.

It tells the portal of its appointments unasked, reads its outbox and answers what the portal asks there, and reads what the hub says on
outbox and errors. Never validates what it writes: some of it is meant to be refused.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from contracts.records import Source
from contracts.topics import ERRORS, INBOX, MAX_INBOX_BYTES, OUTBOX, SYNC, Topic, of_vendor
from examples import writing
from examples.answers import SILENCE, USUAL, Answer
from examples.made_up import OSLO, PORTAL, Party, Patient, Slot, id_of
from examples.outbox import Request, read
from examples.subscriber import Record, records
from examples.writing import Envelope, Original

TIMERESERVASJON: Final = "DIALOG_INNBYGGER_TIMERESERVASJON"


@dataclass(frozen=True, slots=True)
class Step:
    """One message to send."""

    name: str
    vendor: str
    body: bytes = field(repr=False)
    msg_id: str
    key: str
    """Keeps one patient's messages on one partition, in their order. Never the patient's number."""
    topic: Topic = field(default=INBOX, repr=False)
    """Or the one for answers that somebody waits for."""


class ExampleEpj:
    """One office's EPJ. `run` makes the ids: another run is another set of messages."""

    def __init__(self, office: Party, *, run: str) -> None:
        if office.vendor is None:
            raise ValueError("the portal has no EPJ")
        self.office, self.vendor, self._run = office, office.vendor, run
        self.script: dict[str, Answer] = {}
        """What is answered otherwise than usual, by the request's MsgId."""
        self._records: dict[str, str] = {}
        """Its own number of each patient who asked."""

    # unasked

    def push(self, name: str, code: str, patient: Patient, slot: Slot, *, at: datetime, message_type: str = TIMERESERVASJON) -> Step:
        """The office tells the portal of an appointment: 05 new, 07 changed, 08 cancelled, 11 not met."""
        documents = (writing.asks(code, "7602"), writing.calendar((slot,), self.office))
        return self._message(name, patient, documents, at=at, message_type=message_type)

    def request(self, name: str, code: str, patient: Patient, slot: Slot, *, receiver: Party, at: datetime) -> Step:
        """The office asks another office for an appointment on the patient's behalf: RT."""
        documents = (writing.asks(code, "7601"), writing.calendar((slot,), receiver))
        return self._message(name, patient, documents, at=at, receiver=receiver)

    # to another office, or to a request that the hub never saw

    def answer(
        self, name: str, code: str, patient: Patient, *, to: str, text: str, at: datetime, slot: Slot | None = None,
        receiver: Party = PORTAL,
    ) -> Step:
        """The office answers the request with this MsgId."""
        documents = (writing.says(code, text), *([writing.calendar((slot,), self.office)] if slot else []))
        return self._message(name, patient, documents, at=at, receiver=receiver, answers=to)

    def receipt(self, name: str, original: Step, *, written_at: datetime, receiver: Party, at: datetime) -> Step:
        """The office has taken a message, written then, that was handed on to it."""
        return self._receipt(name, Original(TIMERESERVASJON, original.msg_id, written_at, receiver), key=original.key, at=at)

    # to the portal

    def answers(self, request: Request, *, at: datetime) -> list[Step]:
        """What the office sends when the portal asks, by the script or as usual: the AppRec that is owed, and its own word.

        What another office asks, and what another office is asked, is not answered here.
        """
        if (request.sender, request.receiver) != (PORTAL.her_id, self.office.her_id):
            return []
        usual = USUAL.get(request.code)
        answer = self.script.get(request.msg_id) or (usual(at.astimezone(OSLO).date()) if usual else SILENCE)
        return list(self._answers(request, answer, at))

    def _answers(self, request: Request, answer: Answer, at: datetime) -> Iterator[Step]:
        patient = self._patient(request)
        key = patient.record if patient else request.msg_id
        if request.wants_receipt:
            original = Original(request.type, request.msg_id, request.written_at, PORTAL)
            yield self._receipt(f"receipt of {request.msg_id}", original, key=key, at=at, error=answer.error)
        if answer.code:
            yield self._message(
                f"answer to {request.msg_id}", patient, list(self._documents(request, answer)), at=at, answers=request.msg_id,
                message_type=request.type, key=key, wants_receipt=request.wants_receipt,
            )

    def _documents(self, request: Request, answer: Answer) -> Iterator[str]:
        slots = (request.slot,) if answer.names_the_time and request.slot else answer.slots
        yield writing.says(answer.code or "", answer.text)
        if slots:
            yield writing.calendar(slots, self.office)
        if answer.practitioners:
            yield writing.practitioner_list(answer.practitioners)

    def _patient(self, request: Request) -> Patient | None:
        if request.national_id is None:
            return None
        record = self._records.setdefault(request.national_id, str(uuid4()))
        return Patient(request.national_id, request.family_name, request.given_name, record)

    # Kafka

    async def put(self, bootstrap: str, steps: Iterable[Step]) -> list[Source]:
        """Put these messages on this vendor's topics. ValueError for another vendor's."""
        mine = list(steps)
        if any(step.vendor != self.vendor for step in mine):
            raise ValueError("another vendor's message")
        return await put(bootstrap, mine)

    def heard(self, bootstrap: str) -> AsyncGenerator[Record, None]:
        """What the hub sends this vendor: receipts and messages (XML), errors and notices (JSON)."""
        return heard(bootstrap, self.vendor)

    async def work(self, bootstrap: str, *, answering: Callable[[Request, Step], None] | None = None) -> None:
        """Answer what the portal asks from now on, until cancelled. `answering` is told of each message before it is sent.

        A vendor would commit its offsets; this one reads all again, and leaves what was asked before it was switched on.
        """
        since = datetime.now(UTC)
        async with producing(bootstrap) as producer, aclosing(self.heard(bootstrap)) as told:
            async for record in told:
                request = _request_of(record)
                if request is None or request.written_at < since:
                    continue
                for step in self.answers(request, at=datetime.now(OSLO)):
                    if answering:
                        answering(request, step)
                    await _put(producer, step)

    # what all of it is made of

    def _message(
        self, name: str, patient: Patient | None, documents: Iterable[str], *, at: datetime, receiver: Party = PORTAL,
        answers: str | None = None, message_type: str = TIMERESERVASJON, key: str = "", wants_receipt: bool = True,
    ) -> Step:
        msg_id = id_of(self._run, name)
        envelope = Envelope(message_type, msg_id, at, self.office, receiver, patient, answers, wants_receipt)
        body, topic = writing.message(envelope, documents), INBOX if wants_receipt else SYNC
        return Step(name, self.vendor, body, msg_id, key or (patient.record if patient else msg_id), topic)

    def _receipt(self, name: str, original: Original, *, key: str, at: datetime, error: str | None = None) -> Step:
        msg_id = id_of(self._run, name)
        return Step(name, self.vendor, writing.apprec(msg_id, original, sender=self.office, at=at, error=error), msg_id, key)


def _request_of(record: Record) -> Request | None:
    """A request on the outbox; an AppRec is an end, and JSON is for a person to read."""
    if record.type is not None or record.value is None:
        return None
    read_as = read(record.value)
    return read_as if isinstance(read_as, Request) else None


@asynccontextmanager
async def producing(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer as a vendor needs it: what the broker has not confirmed is not sent, and nothing is sent twice."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, max_request_size=MAX_INBOX_BYTES) as producer:
        yield producer


async def put(bootstrap: str, steps: Iterable[Step]) -> list[Source]:
    """Put each message on its vendor's topic, in order, and wait until the broker has it. Where each lies, in the same order."""
    async with producing(bootstrap) as producer:
        return [await _put(producer, step) for step in steps]


async def _put(producer: AIOKafkaProducer, step: Step) -> Source:
    told = await producer.send_and_wait(of_vendor(step.topic, step.vendor), key=step.key.encode(), value=step.body)
    return Source(told.topic, told.partition, told.offset)


def heard(bootstrap: str, *vendors: str) -> AsyncGenerator[Record, None]:
    """What the hub sends these vendors, from the beginning: outboxes and errors."""
    return records(bootstrap, *(of_vendor(topic, vendor) for vendor in vendors for topic in (OUTBOX, ERRORS)))

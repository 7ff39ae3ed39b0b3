"""The EPJs of a run: what each of them sends in answer to a record of its outbox, and how much later. Pure; decided by the command's id.

So everything that can go wrong at an office does so in every run: answers that come late, broken, twice or never, requests that are
rejected, refused or forgotten. The same record always leads to the same bytes: read again, it is answered by re-sends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Final, TypeVar
from uuid import UUID, uuid5
from zlib import crc32

from checker.facts import BROKEN, Mail, Seen, mail_of
from contracts.topics import INBOX, SYNC, of_vendor, vendor_of
from examples import writing
from examples.answers import Practitioner
from examples.made_up import Party, Patient, Slot
from hub.certify.numbered import DIALOG, OFFICES, PORTAL, WRITTEN_AT, Letter

T = TypeVar("T")
LATE: Final = 17.0
"""Seconds after which a question has been told as timed out, if nothing breaks meanwhile."""
SOON: Final = 0.5
_NAMESPACE: Final = UUID("5f1b6c6e-0000-4000-8000-000000000000")
_PERCENT: Final = 100
_ROOT_WITHIN: Final = 100
"""Bytes: by then a document has named its root."""
_PATIENT: Final = re.compile(rb"<Patient>.*?<Id>(\d{11})</Id>", re.DOTALL)
_EVENT: Final = re.compile(rb"<vevent>.*</vevent>", re.DOTALL)
_RECEIVER: Final = re.compile(rb"<Receiver>.*?</Receiver>", re.DOTALL)
_PARTIES: Final = {office.her_ids[1].encode(): office.party for office in OFFICES}
_STAND_IN: Final = Practitioner("Vikstad", "Are", "5554450", role="15", remark="Vikar i mars")
_MARKS: Final = {"msg_id": "@MSG-ID@", "parent": "@PARENT@", "patient": "@PATIENT@", "event": "@EVENT@"}

Fate = tuple[tuple[str, float], ...]
"""What is sent, and how many seconds later each: an answer of this name."""
_QUESTION: Final[tuple[tuple[int, Fate], ...]] = (
    (70, (("good", 0),)),
    (78, (("good", LATE),)),
    (82, (("broken", 0),)),
    (84, (("broken", 0), ("good", SOON))),
    (91, ()),
    (_PERCENT, (("good", 0), ("other", 0))),
)
"""Up to which of a hundred questions are answered so."""
_RECEIPT: Final[tuple[tuple[int, str], ...]] = ((80, "1"), (88, "2"), (_PERCENT, ""))
"""Up to which of a hundred requests get an AppRec of this status; empty: none."""
_WORD: Final[tuple[tuple[int, str], ...]] = ((60, "yes"), (76, "no"), (84, "26"), (_PERCENT, ""))
"""Up to which of a hundred requests the office answers so; empty: never."""
_REPLIES: Final = {"HLT": "03", "HB": "20", "KT": "RKT"}
_WORDS: Final = {("RT", "yes"): "05", ("RT", "no"): "06", ("ART", "yes"): "08", ("ART", "no"): "09"}
_TYPES: Final = {"HB": "DIALOG_INNBYGGER_BEHANDLEROVERSIKT", "KT": "DIALOG_INNBYGGER_TEST"}
_EMPTY: Final = "<components></components>"
SLOT_AT: Final = datetime(2087, 3, 12, 9, 15)  # noqa: DTZ001  as xCal has it
_AGAIN: Final = 5
"""Of a hundred answers and AppRecs, so many are sent once more."""
_QUICKLY: Final = 50
"""Of a hundred questions, so many are answered on the topic for answers; the others in the inbox."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A letter, to be sent so many seconds from now."""

    letter: Letter
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """What a document of an outbox asks."""

    mail: Mail
    vendor: str
    partition: int
    """Of the inbox: all answers about one case come by the same."""
    patient: str = field(repr=False)
    event: str
    party: Party
    """The office that is asked."""


def answers(record: Seen) -> Iterator[Posted]:
    """What is sent because of this record. Nothing for the hub's AppRecs."""
    request = _request(record)
    if request is None:
        return
    for one in _to_question(request) if request.mail.code in _REPLIES else _to_request(request):
        yield one
        if share(one.letter.msg_id, "again") < _AGAIN:
            yield Posted(one.letter.sent_again(aside=share(one.letter.msg_id, "aside") % 2), one.after + SOON)


def share(told: str, question: str) -> int:
    """A number below a hundred that this id always has for this question."""
    return int.from_bytes(sha256(f"{told}|{question}".encode()).digest()[:4]) % _PERCENT


def _request(record: Seen) -> Request | None:
    body = record.value or b""
    if b"<MsgHead" not in body[:_ROOT_WITHIN]:
        return None
    patient, event, receiver = _PATIENT.search(body), _EVENT.search(body), _RECEIVER.search(body)
    asked = [party for her_id, party in _PARTIES.items() if receiver and b">%s<" % her_id in receiver[0]]
    if not asked:
        return None
    return Request(
        mail_of(body), vendor_of(record.topic), crc32(record.key or b"") % INBOX.partitions,
        patient[1].decode() if patient else "", event[0].decode() if event else "", asked[0],
    )


def _to_question(request: Request) -> Iterator[Posted]:
    for name, after in _chosen(_QUESTION, request, "answer"):
        letter = _answer(request, name, _REPLIES[request.mail.code])
        way = SYNC if share(request.mail.msg_id, "way") < _QUICKLY else INBOX
        yield Posted(replace(letter, topic=of_vendor(way, request.vendor)), after)


def _to_request(request: Request) -> Iterator[Posted]:
    """An AppRec or none; then the office's own word or none, but never after it has been rejected."""
    status = _chosen(_RECEIPT, request, "receipt")
    if status:
        yield Posted(_receipt(request, status))
    word = _chosen(_WORD, request, "word")
    if word and status != "2":
        yield Posted(_answer(request, "good", _WORDS.get((request.mail.code, word), word)), SOON)


def _chosen(table: tuple[tuple[int, T], ...], request: Request, question: str) -> T:
    mine = share(request.mail.msg_id, question)
    return next(chosen for below, chosen in table if mine < below)


def _answer(request: Request, name: str, code: str) -> Letter:
    """An answer under an id of its own: each name gives another."""
    msg_id = str(uuid5(_NAMESPACE, f"{request.mail.msg_id}|{name}"))
    told = {"msg_id": msg_id, "parent": request.mail.msg_id, "patient": request.patient, "event": request.event}
    body = _template(request.party, request.mail.code, code, broken=name == "broken")
    for what, value in told.items():
        body = body.replace(_MARKS[what], value)
    return _letter(request, msg_id, body.encode())


def _receipt(request: Request, status: str) -> Letter:
    msg_id = str(uuid5(_NAMESPACE, f"{request.mail.msg_id}|receipt"))
    body = _receipt_template(request.party, status)
    for what, value in {"msg_id": msg_id, "parent": request.mail.msg_id}.items():
        body = body.replace(_MARKS[what], value)
    return _letter(request, msg_id, body.encode())


def _letter(request: Request, msg_id: str, body: bytes) -> Letter:
    return Letter(0, msg_id, of_vendor(INBOX, request.vendor), request.partition, body)


@cache
def _template(party: Party, asked: str, code: str, *, broken: bool) -> str:
    quick, patient = asked in _REPLIES, Patient(_MARKS["patient"], "Myrstad", "Kaja", "")
    envelope = writing.Envelope(
        _TYPES.get(asked, DIALOG), _MARKS["msg_id"], WRITTEN_AT, party, PORTAL, None if asked == "KT" else patient,
        answers=_MARKS["parent"], wants_receipt=not quick,
    )
    said = writing.says(code, f"svar {_MARKS['msg_id']}")
    if broken:
        said = said.replace("</Notat>", f"{BROKEN.decode()}</Notat>")
    return writing.message(envelope, [said, *_more(party, asked, code)]).decode()


def _more(party: Party, asked: str, code: str) -> Iterator[str]:
    """Of free slots one; of an appointment what was asked for. A refusal (26) repeats nothing."""
    if asked == "HLT":
        yield writing.calendar([Slot(_MARKS["msg_id"], SLOT_AT)], party)
    elif asked == "HB":
        yield writing.practitioner_list([_STAND_IN])
    elif code in _WORDS.values():
        yield writing.calendar([], party).replace(_EMPTY, f"<components>{_MARKS['event']}</components>")


@cache
def _receipt_template(party: Party, status: str) -> str:
    original = writing.Original(DIALOG, _MARKS["parent"], WRITTEN_AT, PORTAL)
    return writing.apprec(_MARKS["msg_id"], original, sender=party, at=WRITTEN_AT, error="X99" if status == "2" else None).decode()

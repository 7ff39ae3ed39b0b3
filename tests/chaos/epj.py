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

from contracts.topics import INBOX, SYNC, of_vendor, vendor_of
from schemas.documents import AppRec, Ident, Kode, Organisation, OriginalMsgId
from schemas.kodeverk.feilmelding_8221 import OID as OID_8221
from schemas.kodeverk.feilmelding_8221 import Feilmelding8221
from schemas.kodeverk.kommunikasjonstest_7603 import OID as OID_7603
from schemas.kodeverk.meldingens_funksjon_8279 import MeldingensFunksjon8279 as Funksjon
from schemas.writing.apprec import write_apprec
from tests import messages
from tests.chaos.facts import BROKEN, Mail, Seen, mail_of
from tests.chaos.numbered import OFFICES, PORTAL, Letter

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
_TYPES: Final = {"HB": Funksjon.BEHANDLEROVERSIKT.value, "KT": Funksjon.TEST.value}
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
    patient, event = _PATIENT.search(body), _EVENT.search(body)
    return Request(
        mail_of(body), vendor_of(record.topic), crc32(record.key or b"") % INBOX.partitions,
        patient[1].decode() if patient else "", event[0].decode() if event else "",
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
    body = _template(request.vendor, request.mail.code, code, broken=name == "broken")
    for what, value in told.items():
        body = body.replace(_MARKS[what], value)
    return _letter(request, msg_id, body.encode())


def _receipt(request: Request, status: str) -> Letter:
    msg_id = str(uuid5(_NAMESPACE, f"{request.mail.msg_id}|receipt"))
    body = _receipt_template(request.vendor, status)
    for what, value in {"msg_id": msg_id, "parent": request.mail.msg_id}.items():
        body = body.replace(_MARKS[what], value)
    return _letter(request, msg_id, body.encode())


def _letter(request: Request, msg_id: str, body: bytes) -> Letter:
    return Letter(0, msg_id, of_vendor(INBOX, request.vendor), request.partition, body)


@cache
def _template(vendor: str, asked: str, code: str, *, broken: bool) -> str:
    quick = asked in _REPLIES
    return messages.message(
        type_v=_TYPES.get(asked, Funksjon.TIMERESERVASJON.value), ack="N" if quick else "J",
        conversation=messages.conversation(_MARKS["parent"], _MARKS["parent"]),
        dialog=_dialog(code, BROKEN.decode() if broken else ""),
        calendar=_calendar(vendor, asked, code), documents=[messages.document(messages.helsepersonel_liste())] if asked == "HB" else (),
        msg_id=_MARKS["msg_id"], patient="" if asked == "KT" else messages.patient(_MARKS["patient"]),
        sender=messages.office(_her_ids(vendor)), receiver=messages.portal(PORTAL),
    ).decode()


def _dialog(code: str, inside: str) -> str:
    if code == "RKT":
        return messages.foresporsel(code, system=OID_7603, inside=inside)
    return messages.notat(code, text=f"svar {_MARKS['msg_id']}", inside=inside)


def _calendar(vendor: str, asked: str, code: str) -> str | None:
    """Of free slots one; of an appointment what was asked for. A refusal (26) repeats nothing."""
    if asked == "HLT":
        return messages.icalendar(messages.vevent(uid=_MARKS["msg_id"], contact=_her_ids(vendor)[1]))
    return messages.icalendar(_MARKS["event"]) if code in _WORDS.values() else None


@cache
def _receipt_template(vendor: str, status: str) -> str:
    error = (Kode(Feilmelding8221.X99.value, OID_8221, Feilmelding8221.X99.tekst),) if status == "2" else ()
    return write_apprec(AppRec(
        datetime.fromisoformat(messages.GEN_DATE), _MARKS["msg_id"], _organisation("Kontoret", _her_ids(vendor)),
        _organisation("Portalen", PORTAL), Kode(status, dn="-"), error,
        OriginalMsgId(Kode(Funksjon.TIMERESERVASJON.value, dn="-"), messages.GEN_DATE, _MARKS["parent"]),
    )).decode()


def _organisation(name: str, her_ids: tuple[str, str]) -> Organisation:
    first, second = (Ident(her_id, Kode("HER", dn="HER-id")) for her_id in her_ids)
    return Organisation(name, (first,), Organisation(name, (second,)))


def _her_ids(vendor: str) -> tuple[str, str]:
    return next(office.her_ids for office in OFFICES if office.vendor == vendor)

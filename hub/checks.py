"""What a schema cannot say: which parts, references and identities belong to this row of table 4, and who may speak to whom.

Each check is a pure function from what was read to the failures it finds. `required` failures reject; `combination` failures are the
ones that a strict hub rejects and a tolerant one forgives (architecture 8).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from contracts.failures import Failure, Rule
from contracts.party import Party
from hub.case.identity import AHEAD
from hub.parties import Register
from hub.processes import Need, Row, Timing
from schemas.documents import Hodemelding, MsgInfo, Organisation
from schemas.kodeverk.ack_7304 import Ack7304
from schemas.leniencies import Leniency
from schemas.uuids import is_uuid

_INFO = "/MsgHead/MsgInfo"
_DOCUMENT = "/MsgHead/Document"
_CONTENT = f"{_DOCUMENT}/RefDoc/Content"
_EVENT = f"{_CONTENT}/icalendar/vcalendar/components/vevent[{{}}]/properties"
_DIALOG = f"{_CONTENT}/Dialogmelding"
_REFERENCE = "ConversationRef"
_ACKS = frozenset(Ack7304)
KINDS = ("application/pdf", "image/jpeg", "image/png")
"""The three kinds of attachment (dialogue.md 1.5); their size is bounded by the message's."""
_NEARLY = ("image/jpg",)
"""A known slip of senders, also of a published example."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts a message has, beside the dialogue message itself."""

    xcal: bool
    helsepersonell: bool
    pasientrelasjon: bool
    vedlegg: bool


def required(row: Row, message: Hodemelding, *, register: Register | None) -> Iterator[Failure]:
    """What must be there and is not. Any of these rejects the message."""
    info = message.msg_info
    yield from _one_statement(message)
    yield from _identity(info)
    yield from _receiver(info, register)
    yield from _patient(info)
    if row.conversation is Need.REQUIRED and info.conversation_ref is None:
        yield Failure.of(Rule.MISSING, _INFO, expected=_REFERENCE)
    yield from _calendar(row, message)
    if row.helsepersonell is Need.REQUIRED and not message.helsepersonel_liste:
        yield Failure.of(Rule.MISSING, _DOCUMENT, expected="HelsepersonelListe")
    if any(vedlegg.mime_type not in (*KINDS, *_NEARLY) for vedlegg in message.vedlegg):
        yield Failure.of(Rule.ATTACHMENT_KIND, f"{_CONTENT}/Base64Container", expected=", ".join(KINDS))


def combination(row: Row, message: Hodemelding, parts: Parts) -> Iterator[Failure]:
    """What is there and does not belong (the combination table)."""
    if row.conversation is Need.ABSENT and message.msg_info.conversation_ref is not None:
        yield Failure.of(Rule.NOT_ALLOWED, f"{_INFO}/{_REFERENCE}", expected=_REFERENCE)
    for need, present, name in (
        (row.xcal, parts.xcal, "icalendar"),
        (row.helsepersonell, parts.helsepersonell, "HelsepersonelListe"),
        (row.pasientrelasjon, parts.pasientrelasjon, "Pasientrelasjon"),
        (row.vedlegg, parts.vedlegg, "Base64Container"),
    ):
        if need is Need.ABSENT and present:
            yield Failure.of(Rule.NOT_ALLOWED, f"{_CONTENT}/{name}", expected=name)


def leniencies(row: Row, message: Hodemelding, *, received_at: datetime) -> Iterator[str]:
    """What was forgiven, by name."""
    yield from message.leniencies
    ack = message.msg_info.ack
    if message.msg_info.gen_date > received_at + AHEAD:
        yield Leniency.GEN_DATE_AHEAD.id
    if any(vedlegg.mime_type in _NEARLY for vedlegg in message.vedlegg):
        yield Leniency.MIME_TYPE_JPG.id
    if ack is not None and ack not in _ACKS:
        yield Leniency.ACK_UNKNOWN.id
    if row.timing is Timing.SYNC and ack == Ack7304.J:
        yield Leniency.ACK_ON_SYNCHRONOUS.id
    if row.timing is not Timing.SYNC and ack is None:
        yield Leniency.NO_ACK.id
    if not row.listed:
        yield Leniency.CODE_OUTSIDE_PROCESS.id
    if _system(message) not in (row.system, None):
        yield Leniency.CODE_SYSTEM.id


def forgiven(surplus: Failure) -> str:
    """The leniency by which something that does not belong is let through."""
    is_reference = surplus.expected == _REFERENCE
    return (Leniency.CONVERSATION_REF_ON_PUSH if is_reference else Leniency.PART_NOT_ALLOWED).id


def spoofs(sender: Organisation, vendor: str, register: Register) -> bool:
    """The topic says who the vendor is; this sender is not one of its parties, or says it belongs to another organisation."""
    party = register.find(sender.her_id)
    if party is None or party.vendor != vendor:
        return True
    return sender.her_id_level_1 not in (None, party.level_1, party.her_id)


def is_her_id(text: str | None) -> bool:
    """A HER-id is a number (dialogue.md 7)."""
    return text is not None and text.isascii() and text.isdigit()


def is_receipted(row: Row, info: MsgInfo) -> bool:
    """A positive AppRec is wanted: `Ack` J, or none given, on an asynchronous message (architecture 3)."""
    if row.timing is Timing.SYNC:
        return False
    return info.ack not in (Ack7304.N, Ack7304.F)


def outbox_of(receiver: Party | None) -> str | None:
    """The vendor whose outbox the receiver reads; None for the portal itself."""
    return receiver.vendor if receiver else None


def _one_statement(message: Hodemelding) -> Iterator[Failure]:
    """The standard allows several; which of them an AppRec would answer it does not say, so none is passed over in silence."""
    dialog = message.dialogmelding
    for many, name in ((dialog.foresporsel, "Foresporsel"), (dialog.notat, "Notat")):
        if len(many) > 1:
            yield Failure.of(Rule.TOO_MANY, _DIALOG, expected=name)


def _identity(info: MsgInfo) -> Iterator[Failure]:
    if not is_uuid(info.msg_id):
        yield Failure.of(Rule.MSG_ID_NOT_UUID, f"{_INFO}/MsgId")


def _receiver(info: MsgInfo, register: Register | None) -> Iterator[Failure]:
    if register is not None and register.find(info.receiver.her_id) is None:
        yield Failure.of(Rule.RECEIVER_UNKNOWN, f"{_INFO}/Receiver/Organisation")


def _patient(info: MsgInfo) -> Iterator[Failure]:
    patient = info.patient
    if patient is None:
        yield Failure.of(Rule.PATIENT_MISSING, _INFO)
    elif patient.national_id is None:
        yield Failure.of(Rule.PATIENT_ID_MISSING, f"{_INFO}/Patient")
    elif patient.national_id.series is None:
        yield Failure.of(Rule.PATIENT_ID_IMPOSSIBLE, f"{_INFO}/Patient/Ident/Id")


def _calendar(row: Row, message: Hodemelding) -> Iterator[Failure]:
    events = message.icalendar.vevent if message.icalendar else ()
    if row.xcal is Need.REQUIRED and not events:
        yield Failure.of(Rule.MISSING, _DOCUMENT, expected="icalendar/vcalendar/components/vevent")
    for number, event in enumerate(events, 1):
        if event.dtstart is None:
            yield Failure.of(Rule.MISSING, _EVENT.format(number), expected="dtstart")
        if not (event.uid or event.related_to):
            yield Failure.of(Rule.MISSING, _EVENT.format(number), expected="uid")


def _system(message: Hodemelding) -> str | None:
    dialog = message.dialogmelding
    codes = [notat.tema_kodet for notat in dialog.notat] + [foresporsel.type_foresp for foresporsel in dialog.foresporsel]
    return codes[0].s if codes else None

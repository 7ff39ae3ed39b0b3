"""The first pure function: one record of an input in, what stands in the log out.

A vendor's message: `bytes → size → parse → recognise → door → validate → check → typed document`, and the name of the case (architecture
2, 3 and 8). A command, a party or a citizen: by its topic.
Never does I/O, never claims, never answers: what it finds travels to casework.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Final

from pydantic import ValidationError

from contracts.citizen import CitizenStatus
from contracts.failures import Failure, Fault, Outcome, Rule
from contracts.party import Party
from contracts.records import Received
from contracts.topics import CITIZENS, COMMANDS, MAX_INBOX_BYTES, PARTIES
from hub import checks
from hub.case.entries import CitizenTold, Entry, Origin, PartyTold, Read, Receipt, Refused, Rejected, Unusable
from hub.case.identity import answered_id, folded
from hub.case.parking import way_of_row
from hub.commanding import PATIENCE, Counter, Patience, read_command
from hub.parties import Register, has_active
from hub.processes import Direction, Process, Row, Timing, find_row, is_carried, legal_codes, process_of
from hub.pseudonyms import Pseudonyms
from schemas.documents import Hodemelding, MsgInfo, Organisation
from schemas.kodeverk.ack_7304 import Ack7304
from schemas.leniencies import Leniency
from schemas.message import Opened, open_message
from schemas.national_id import NationalId
from schemas.oslo_time import OSLO
from schemas.parsing import envelope_of_broken
from schemas.recognition import Recognised

_INFO: Final = "/MsgHead/MsgInfo"
_TYPE: Final = f"{_INFO}/Type"
_CODED: Final = "/MsgHead/Document/RefDoc/Content/Dialogmelding"


class Combination(StrEnum):
    """What becomes of a message that holds what does not belong (architecture 8)."""

    STRICT = "strict"
    """Rejected, X99."""
    WARN = "warn"
    """Delivered, and the vendor is told on its errors topic."""
    TOLERANT = "tolerant"
    """Delivered, named as a leniency."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What reading depends on, all of it frozen. Without a register no party is checked and nothing is handed on."""

    pseudonyms: Pseudonyms
    register: Register | None = None
    combination: Combination = Combination.WARN
    max_bytes: int = MAX_INBOX_BYTES
    patience: Patience = PATIENCE
    asks_citizens: bool = False
    """Only who is digitally active is told of, and asked for (`portal.citizens.v1`)."""


@dataclass(frozen=True, slots=True)
class Sequenced:
    """What stands in the log: the key that orders it, and what was read."""

    key: str
    entry: Entry


def read(received: Received, desk: Desk, *, letter_id: str | None = None) -> Sequenced:
    """Read one record. Never raises for what a message holds. `letter_id`: the letter whose bytes are read again in a replay."""
    origin = origin_of(received, letter_id=letter_id)
    if by_topic := _BY_TOPIC.get(received.source.topic):
        return by_topic(received, origin, desk)
    entry = _sized(origin, received.body or b"", desk)
    return Sequenced(_key(entry, desk), entry)


def case_of_unread(received: Received, desk: Desk) -> tuple[str, Direction] | None:
    """The case that a message is of, and which way, where reading it failed but so much of it can be read; None: nobody knows.

    Never raises: something of ours has failed on this message already.
    """
    try:
        return _case_of_envelope(received, desk)
    except Exception:  # noqa: BLE001  whatever failed before may fail here
        return None


def _case_of_envelope(received: Received, desk: Desk) -> tuple[str, Direction] | None:
    opened = open_message(received.body or b"")
    info, process = opened.envelope(), process_of(opened.recognised.type_v)
    row = _row(process, opened.recognised) if process else None
    # nobody holds up another's case: what would be refused at the door is of none
    if info is None or row is None or _at_the_door(info, origin_of(received), opened.recognised, process, desk):
        return None
    way, patient = way_of_row(row, info), info.patient
    if way is None or patient is None or patient.national_id is None:
        return None
    return desk.pseudonyms.of(patient.national_id, office=_office(row, info, desk)), way


# other inputs than a vendor's inbox

def _command(received: Received, origin: Origin, desk: Desk) -> Sequenced:
    counter = Counter(desk.pseudonyms, desk.register or Register(party=()), desk.patience, asks_citizens=desk.asks_citizens)
    return Sequenced(*read_command(received, origin, counter))


def _party_told(received: Received, origin: Origin, _desk: Desk) -> Sequenced:
    her_id = (received.key or b"").decode("utf-8", "replace")
    try:
        told = received.body is None or Party.model_validate_json(received.body, strict=True).her_id == her_id
    except ValidationError:
        told = False
    if told and checks.is_her_id(her_id):
        return Sequenced(f"{PARTIES.name}/{her_id}", PartyTold(origin, her_id))
    return Sequenced(origin.source.topic_partition, Unusable(origin))


def _citizen_told(received: Received, origin: Origin, desk: Desk) -> Sequenced:
    try:
        told = CitizenStatus.model_validate_json(received.body or b"", strict=True)
    except ValidationError:
        # a tombstone too: its key is the portal's own, so nobody can tell whom it is about
        return Sequenced(origin.source.topic_partition, Unusable(origin))
    person = desk.pseudonyms.of_person(NationalId(told.national_id))
    return Sequenced(person, CitizenTold(origin, person, told.active))


_BY_TOPIC: Final = {COMMANDS.name: _command, PARTIES.name: _party_told, CITIZENS.name: _citizen_told}
"""How each input is read that is no vendor's inbox."""


# a vendor's message


def origin_of(received: Received, *, letter_id: str | None = None) -> Origin:
    """Where it came in and what its bytes are, also when they cannot be read."""
    return Origin(received.source, received.vendor, received.at, sha256(received.body or b"").digest(), letter_id)


def _key(entry: Entry, desk: Desk) -> str:
    if isinstance(entry, Read) and entry.message.msg_info.patient and entry.message.msg_info.patient.national_id:
        return desk.pseudonyms.of(entry.message.msg_info.patient.national_id, office=entry.office)
    if isinstance(entry, Receipt):
        return desk.pseudonyms.of_request(entry.apprec.original_msg_id.id)
    if isinstance(entry, Read):
        return desk.pseudonyms.of_request(answered_id(entry) or folded(entry.message.msg_info.msg_id))
    return entry.origin.source.topic_partition


def _sized(origin: Origin, body: bytes, desk: Desk) -> Entry:
    if not body or body.isspace():
        return Refused(origin, Failure.of(Rule.EMPTY))
    if len(body) > desk.max_bytes:
        return Refused(origin, Failure.of(Rule.TOO_LARGE, expected=f"{desk.max_bytes} bytes"))
    try:
        opened = open_message(body)
    except Fault as fault:
        return _unopened(origin, body, fault.failure, desk)
    return _receipt(origin, opened, desk) if opened.is_receipt else _dialogue(origin, opened, desk)


def _unopened(origin: Origin, body: bytes, failure: Failure, desk: Desk) -> Entry:
    """T01 where an AppRec can be addressed, else a transport error."""
    if failure.outcome is Outcome.REFUSED:
        return Refused(origin, failure)
    info = envelope_of_broken(body)
    if info is None or not checks.is_her_id(info.sender.her_id):
        return Refused(origin, failure)
    if _spoofs(info, origin, desk):
        return Refused(origin, Failure.of(Rule.SPOOFING))
    return _rejected(origin, failure, info, desk)


def _receipt(origin: Origin, opened: Opened, desk: Desk) -> Entry:
    """An AppRec is never answered by an AppRec, whatever is wrong with it."""
    try:
        apprec = opened.apprec()
    except Fault as fault:
        return Refused(origin, fault.failure)
    if desk.register and checks.spoofs(apprec.sender, origin.vendor, desk.register):
        return Refused(origin, Failure.of(Rule.SPOOFING, "/AppRec/Sender"))
    return Receipt(origin, apprec, apprec.sender.her_id or "", _outbox(apprec.receiver, desk))


def _dialogue(origin: Origin, opened: Opened, desk: Desk) -> Entry:
    process = process_of(opened.recognised.type_v)
    read = _document(opened) if _may_be_carried(process, opened.recognised) else None
    # A valid message has its envelope read with it; that of another is read by itself, as far as it can be.
    info = read.msg_info if isinstance(read, Hodemelding) else opened.envelope()
    if info is None:
        # The schema's own no says what cannot be read of the envelope; without one it is that there is none.
        return Refused(origin, read if isinstance(read, Failure) else _placed(Failure.of(Rule.NO_ENVELOPE, _INFO), opened))
    if failure := _at_the_door(info, origin, opened.recognised, process, desk):
        return Refused(origin, _placed(failure, opened), process.name if process else None, info.msg_id)
    assert process is not None and read is not None  # noqa: S101, PT018  # the door refuses what is not carried
    if isinstance(read, Failure):
        return _rejected(origin, read, info, desk, process, _row(process, opened.recognised))
    return _checked(origin, opened, read, process, desk)


def _may_be_carried(process: Process | None, recognised: Recognised) -> bool:
    """Nothing else is validated: its answer is the same either way."""
    if process is None:
        return False
    row = _row(process, recognised)
    return row.translator is not None if row else is_carried(process.name)


def _document(opened: Opened) -> Hodemelding | Failure:
    try:
        return opened.hodemelding()
    except Fault as fault:
        return fault.failure


def _at_the_door(
    info: MsgInfo, origin: Origin, recognised: Recognised, process: Process | None, desk: Desk,
) -> Failure | None:
    """Before validation is told of: who sends, and whether this hub carries it for them."""
    if process is None:
        return Failure.of(Rule.UNKNOWN_PROCESS, _TYPE)
    return _of_sender(info, origin, desk) or _of_process(info, origin, recognised, process, desk)


def _of_sender(info: MsgInfo, origin: Origin, desk: Desk) -> Failure | None:
    if not checks.is_her_id(info.sender.her_id):
        return Failure.of(Rule.NO_ENVELOPE, f"{_INFO}/Sender/Organisation")
    if _spoofs(info, origin, desk):
        return Failure.of(Rule.SPOOFING, f"{_INFO}/Sender/Organisation")
    return None


def _of_process(info: MsgInfo, origin: Origin, recognised: Recognised, process: Process, desk: Desk) -> Failure | None:
    row = _row(process, recognised)
    if row is None:
        return None if is_carried(process.name) else Failure.of(Rule.NOT_CARRIED, _TYPE, expected=process.name)
    if row.translator is None:
        return Failure.of(Rule.NOT_CARRIED, _CODED, expected=f"{process.name} {row.element} {row.code}")
    if not _is_active(row, info, desk, on=origin.received_at.astimezone(OSLO).date()):
        return Failure.of(Rule.NOT_ACTIVE, _TYPE, expected=process.name)
    return None


def _row(process: Process, recognised: Recognised) -> Row | None:
    return find_row(process.name, recognised.element, recognised.code.v if recognised.code else None)


def _is_active(row: Row, info: MsgInfo, desk: Desk, *, on: date) -> bool:
    """The office's party has the process, within its days. A receiver that is not in the register is the next check's business."""
    if desk.register is None:
        return True
    party = desk.register.find(_office_of(row, info).her_id)
    return party is None or (party.is_valid(on) and has_active(party, row.process))


def _placed(failure: Failure, opened: Opened) -> Failure:
    """The failure with the line of its place, and the indexes of what repeats on the way."""
    if failure.path is None or failure.line is not None:
        return failure
    _, _, inside = failure.path.removeprefix("/MsgHead/").rpartition("/Content/")
    path, line = opened.where(*inside.split("/"))
    return replace(failure, path=path, line=line)


def _checked(origin: Origin, opened: Opened, message: Hodemelding, process: Process, desk: Desk) -> Entry:
    row = _row(process, opened.recognised)
    if row is None:
        codes = ", ".join(legal_codes(process.name, opened.recognised.element)) or "Foresporsel, Notat"
        failure = _placed(Failure.of(Rule.UNKNOWN_CODE, _CODED, expected=codes), opened)
        return _rejected(origin, failure, message.msg_info, desk, process)
    for failure in checks.required(row, message, register=desk.register):
        return _rejected(origin, _placed(failure, opened), message.msg_info, desk, process, row)
    surplus = tuple(_placed(failure, opened) for failure in checks.combination(row, message, _parts(message, opened)))
    if surplus and desk.combination is Combination.STRICT:
        return _rejected(origin, surplus[0], message.msg_info, desk, process, row)
    return _read(origin, row, message, surplus, desk, alias=opened.recognised.type_v != process.types[0])


def _parts(message: Hodemelding, opened: Opened) -> checks.Parts:
    return checks.Parts(
        xcal=message.icalendar is not None, helsepersonell=bool(message.helsepersonel_liste),
        pasientrelasjon=opened.has_pasientrelasjon, vedlegg=bool(message.vedlegg),
    )


def _read(
    origin: Origin, row: Row, message: Hodemelding, surplus: tuple[Failure, ...], desk: Desk, *, alias: bool,
) -> Read:
    info = message.msg_info
    forgiven = (*checks.leniencies(row, message, received_at=origin.received_at), *map(checks.forgiven, surplus),
                *((Leniency.PROCESS_ALIAS.id,) if alias else ()))
    hand_on_to = _outbox(info.receiver, desk)
    return Read(
        origin, row.process, row.element, row.code.value, message, _sender(info, desk), _office(row, info, desk),
        leniencies=tuple(dict.fromkeys(forgiven)),
        notices=surplus if desk.combination is Combination.WARN else (), hand_on_to=hand_on_to,
        receipted=hand_on_to is None and checks.is_receipted(row, info), person=_asked_for(row, info, desk) if hand_on_to is None else None,
    )


def _asked_for(row: Row, info: MsgInfo, desk: Desk) -> str | None:
    """Whether the citizen is digitally active matters for what an office tells unasked or later; a synchronous answer is waited for."""
    if not desk.asks_citizens or row.timing is Timing.SYNC or info.ack == Ack7304.N or info.patient is None:
        return None
    return desk.pseudonyms.of_person(info.patient.national_id) if info.patient.national_id else None


def _rejected(
    origin: Origin, failure: Failure, info: MsgInfo, desk: Desk, process: Process | None = None, row: Row | None = None,
) -> Rejected:
    """A synchronous message, or one that wants no receipt, is told by a transport error instead."""
    by_apprec = not (row and row.timing is Timing.SYNC) and info.ack != Ack7304.N
    return Rejected(origin, failure, info, _sender(info, desk), process.name if process else None, by_apprec)


# parties

def _spoofs(info: MsgInfo, origin: Origin, desk: Desk) -> bool:
    return desk.register is not None and checks.spoofs(info.sender, origin.vendor, desk.register)


def _party(organisation: Organisation, desk: Desk) -> Party | None:
    return desk.register.find(organisation.her_id) if desk.register else None


def _outbox(receiver: Organisation, desk: Desk) -> str | None:
    return checks.outbox_of(_party(receiver, desk))


def _sender(info: MsgInfo, desk: Desk) -> str:
    party = _party(info.sender, desk)
    return party.her_id if party else info.sender.her_id or ""


def _office_of(row: Row, info: MsgInfo) -> Organisation:
    return info.receiver if row.direction is Direction.TO_OFFICE else info.sender


def _office(row: Row, info: MsgInfo, desk: Desk) -> str:
    """HER-id of the office: level 1 by the register, else as the message has it; one that gives only ENH there is known by level 2."""
    office = _office_of(row, info)
    party = _party(office, desk)
    return party.level_1 if party else office.her_id_level_1 or office.her_id or ""

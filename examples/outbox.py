"""What an EPJ reads on its outbox, and of it only what it needs to answer. Never validates: the hub has written it, or checked it.

Elements are looked up by their local names, so that one path serves every version of a namespace.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from xml.etree import ElementTree

from examples.made_up import OSLO, Slot

_CODES: Final = ("{*}TypeForesp", "{*}TemaKodet")
_MINUTES: Final = 15
"""Of a time without an end."""


@dataclass(frozen=True, slots=True)
class Request:
    """A message from the portal, or from another office."""

    type: str
    """The process, as `Type` has it."""
    msg_id: str
    code: str
    """What is asked: HLT, RT, ART ..."""
    written_at: datetime
    sender: str
    """HER-id of the party that asks."""
    receiver: str
    """HER-id of the party that is asked."""
    wants_receipt: bool
    """It is asynchronous: an AppRec is owed for it."""
    national_id: str | None = field(default=None, repr=False)
    """None: about nobody, as a communication test."""
    family_name: str = field(default="", repr=False)
    given_name: str = field(default="", repr=False)
    relation: str | None = None
    """By what right somebody acts for the patient: FO ... None: the patient asks."""
    slot: Slot | None = None
    """The time that is asked for, or that is not wanted any more."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """An AppRec."""

    answers: str
    """MsgId of the message it is about."""
    is_accepted: bool


def read(xml: bytes) -> Request | Receipt:
    """What came. Raises what ElementTree raises for what is no XML, and LookupError for what is neither."""
    root = ElementTree.fromstring(xml)  # noqa: S314  the hub has read it, or written it
    if root.tag.endswith("}AppRec"):
        return Receipt(_text(root, "{*}OriginalMsgId/{*}Id"), _value(root, "{*}Status") == "1")
    return _request(root, _found(root, "{*}MsgInfo"))


def _request(root: ElementTree.Element, info: ElementTree.Element) -> Request:
    patient = info.find("{*}Patient")
    return Request(
        type=_value(info, "{*}Type"), msg_id=_text(info, "{*}MsgId"), code=_code(root),
        written_at=_zoned_time(_text(info, "{*}GenDate")),
        sender=_her_id(_found(info, "{*}Sender")), receiver=_her_id(_found(info, "{*}Receiver")),
        wants_receipt=_value(info, "{*}Ack") == "J",
        national_id=None if patient is None else _text(patient, "{*}Ident/{*}Id"),
        family_name="" if patient is None else _text(patient, "{*}FamilyName"),
        given_name="" if patient is None else _text(patient, "{*}GivenName"),
        relation=_relation(root), slot=_slot(root),
    )


def _code(root: ElementTree.Element) -> str:
    """The coded action, which stands in one of two elements."""
    return next((found.get("V", "") for name in _CODES if (found := root.find(f".//{name}")) is not None), "")


def _her_id(party: ElementTree.Element) -> str:
    """Of level 2, which stands last."""
    return [_text(ident, "{*}Id") for ident in party.iterfind(".//{*}Ident") if _value(ident, "{*}TypeId") == "HER"][-1]


def _relation(root: ElementTree.Element) -> str | None:
    found = root.find(".//{*}Pasientrelasjon/{*}Relasjon")
    return None if found is None else found.get("V")


def _slot(root: ElementTree.Element) -> Slot | None:
    found = root.find(".//{*}vevent/{*}properties")
    if found is None:
        return None
    starts_at, ends_at = (_local_time(found.findtext(f"{{*}}{name}/{{*}}date-time")) for name in ("dtstart", "dtend"))
    if starts_at is None:
        return None
    minutes = int((ends_at - starts_at).total_seconds() // 60) if ends_at else _MINUTES
    return Slot(found.findtext("{*}uid/{*}text", ""), starts_at, minutes)


def _zoned_time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=OSLO)


def _local_time(text: str | None) -> datetime | None:
    """As the book has it: Norwegian, without a zone."""
    if not text:
        return None
    time = datetime.fromisoformat(text)
    return time.astimezone(OSLO).replace(tzinfo=None) if time.tzinfo else time


def _found(node: ElementTree.Element, path: str) -> ElementTree.Element:
    found = node.find(path)
    if found is None:
        raise LookupError(path)
    return found


def _text(node: ElementTree.Element, path: str) -> str:
    return (_found(node, path).text or "").strip()


def _value(node: ElementTree.Element, path: str) -> str:
    return _found(node, path).get("V", "")

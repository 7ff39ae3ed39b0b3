"""MsgInfo of MsgHead 1.2: who, to whom, about whom, when. Never looks into the documents. Source: appointments.md 3, dialogue.md 3."""

from collections.abc import Iterable
from typing import Any

from lxml import etree

from contracts.failures import Fault
from schemas.documents import ConversationRef, Kode, MsgInfo, Organisation, Patient
from schemas.formats import MSGHEAD
from schemas.reading.blocks import Notes, Row, missing, read_fields, read_id, read_kode, read_v, tables
from schemas.reading.parties import person_in, read_party
from schemas.reading.times import read_gen_date

MSG_HEAD = f"{{{MSGHEAD}}}MsgHead"
MSG_INFO = f"{{{MSGHEAD}}}MsgInfo"

_CONVERSATION_REF = tables(MSGHEAD, {
    "RefToParent": Row("ref_to_parent", read_id),
    "RefToConversation": Row("ref_to_conversation", read_id),
})


def _conversation_ref(node: etree._Element, notes: Notes) -> ConversationRef | None:
    found = read_fields(node, _CONVERSATION_REF, notes)
    return ConversationRef(found.get("ref_to_parent", ""), found.get("ref_to_conversation", "")) if found else None


_MSG_INFO = tables(MSGHEAD, {
    "Type": Row("type", read_kode),
    "GenDate": Row("gen_date", read_gen_date),
    "MsgId": Row("msg_id", read_id),
    "Ack": Row("ack", read_v),
    "ConversationRef": Row("conversation_ref", _conversation_ref),
    "Sender": Row("sender", read_party),
    "Receiver": Row("receiver", read_party),
    "Patient": Row("patient", person_in(MSGHEAD, Patient)),
})


def read_msg_info(node: etree._Element, notes: Notes) -> MsgInfo:
    """MsgInfo of a valid message. Raises `Fault`: MISSING for an empty MsgId, SCHEMA for a time or id that cannot be held."""
    found = read_fields(node, _MSG_INFO, notes)
    for field, name in (("msg_id", "MsgId"), ("gen_date", "GenDate")):
        if field not in found:
            raise missing(node, name)
    return _msg_info(found)


def msg_info(root: etree._Element) -> MsgInfo | None:
    """The envelope of a message that may be invalid, enough to address an AppRec; None if it is not enough."""
    node = next((child for child in root if child.tag == MSG_INFO), None) if root.tag == MSG_HEAD else None
    return None if node is None else msg_info_of(node)


def msg_info_of(children: Iterable[etree._Element]) -> MsgInfo | None:
    """The same from the children of MsgInfo that could be read: MsgId, Type, GenDate and a Sender with a HER-id."""
    found: dict[str, Any] = {}
    for child in children:
        if row := _MSG_INFO.get(child.tag):
            found.setdefault(row.field, _or_none(row, child))
    sender, kind = found.get("sender") or Organisation(), found.get("type") or Kode(None)  # None: there, and cannot be held
    addressable = found.get("msg_id") and found.get("gen_date") and sender.her_id
    return _msg_info(found) if addressable and kind.v else None


def _or_none(row: Row, child: etree._Element) -> Any:
    try:
        return row.read(child, set())
    except Fault:
        return None


def _msg_info(found: dict[str, Any]) -> MsgInfo:
    gen_date, gen_date_text = found["gen_date"]
    return MsgInfo(
        type=found.get("type") or Kode(None), gen_date=gen_date, gen_date_text=gen_date_text, msg_id=found["msg_id"],
        ack=found.get("ack"), conversation_ref=found.get("conversation_ref"), sender=found.get("sender") or Organisation(),
        receiver=found.get("receiver") or Organisation(), patient=found.get("patient"),
    )

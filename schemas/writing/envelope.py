"""MsgInfo of MsgHead 1.2: who, to whom, about whom, when. Source: appointments.md 3, dialogue.md 3.

Never makes an id or a time: what the document says is what is sent.
"""

from schemas.documents import ConversationRef, Kode, MsgInfo, Organisation
from schemas.kodeverk.ack_7304 import Ack7304
from schemas.writing.blocks import cs, required
from schemas.writing.parties import IN_MSGHEAD, organisation, person

_MIG_VERSION = "v1.2 2006-05-24"
_ACK = {ack.value: Kode(ack.value, dn=ack.tekst) for ack in Ack7304}


def msg_info(info: MsgInfo) -> str:
    """The envelope. Its time is the text of the document where there is one, so that a receipt mirrors what was sent."""
    blocks = (
        cs("Type", info.type),
        required("MIGversion", _MIG_VERSION),
        required("GenDate", info.gen_date_text or info.gen_date.isoformat()),
        required("MsgId", info.msg_id),
        cs("Ack", _ACK.get(info.ack) or Kode(info.ack)) if info.ack else "",
        _conversation_ref(info.conversation_ref) if info.conversation_ref else "",
        _party("Sender", info.sender),
        _party("Receiver", info.receiver),
        person(info.patient, IN_MSGHEAD, name="Patient") if info.patient else "",
    )
    return f"<MsgInfo>{''.join(blocks)}</MsgInfo>"


def _conversation_ref(ref: ConversationRef) -> str:
    both = required("RefToParent", ref.ref_to_parent) + required("RefToConversation", ref.ref_to_conversation)
    return f"<ConversationRef>{both}</ConversationRef>"


def _party(name: str, party: Organisation) -> str:
    return f"<{name}>{organisation(party)}</{name}>"

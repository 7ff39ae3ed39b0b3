"""A whole MsgHead 1.2 message: the envelope, and each part in a Document of its own, the dialogue message first (IG 16).

The one door to the writers of messages. Never writes an attachment: its bytes are not in the document.
"""

from collections.abc import Iterator

from schemas.documents import Hodemelding
from schemas.formats import MSGHEAD
from schemas.kodeverk.dokumenttype_8114 import Dokumenttype8114
from schemas.writing.blocks import DECLARATION, attribute
from schemas.writing.dialogmelding import dialogmelding
from schemas.writing.envelope import msg_info
from schemas.writing.helsepersonell import helsepersonel_liste
from schemas.writing.pasientrelasjon import pasientrelasjon
from schemas.writing.xcal import icalendar

_XML = Dokumenttype8114.XML
_MSG_TYPE = f"<MsgType{attribute('V', _XML.value)}{attribute('DN', _XML.tekst)}/>"


def write_hodemelding(message: Hodemelding) -> bytes:
    """The message as UTF-8 XML, which is read back as the same document. A character that XML cannot hold becomes U+FFFD.

    Raises ValueError for a message with attachments, and for a duration that no reader would take.
    """
    if message.vedlegg:
        raise ValueError("the bytes of an attachment are not in the document")
    documents = "".join([_document(part) for part in _parts(message)])
    return f'{DECLARATION}<MsgHead xmlns="{MSGHEAD}">{msg_info(message.msg_info)}{documents}</MsgHead>'.encode()


def _parts(message: Hodemelding) -> Iterator[str]:
    yield dialogmelding(message.dialogmelding)
    if message.icalendar is not None:
        yield icalendar(message.icalendar)
    if message.helsepersonel_liste is not None:
        yield helsepersonel_liste(message.helsepersonel_liste)
    if message.pasientrelasjon is not None:
        yield pasientrelasjon(message.pasientrelasjon)


def _document(part: str) -> str:
    return f"<Document><RefDoc>{_MSG_TYPE}<Content>{part}</Content></RefDoc></Document>"

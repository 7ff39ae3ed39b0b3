"""A message, opened: what the path asks of an XML message, and the only shape in which XML leaves this package. Nobody else sees a tree."""

from dataclasses import dataclass, field

from lxml import etree

from contracts.failures import Failure, Fault, Rule
from schemas.documents import AppRec, Hodemelding, MsgInfo
from schemas.formats import PASIENTRELASJON
from schemas.parsing import parse
from schemas.places import place_by_names
from schemas.reading.document import document
from schemas.reading.envelope import msg_info
from schemas.recognition import Kind, Recognised, recognise, unsupported
from schemas.validation import violation


@dataclass(frozen=True, slots=True)
class Opened:
    """A well-formed message that says it is a MsgHead 1.2 or an AppRec 1.1. Nothing of it is checked yet."""

    recognised: Recognised
    _root: etree._Element = field(repr=False)

    @property
    def is_receipt(self) -> bool:
        """An AppRec."""
        return self.recognised.kind is Kind.APP_REC

    @property
    def has_pasientrelasjon(self) -> bool:
        """Somebody acts for the patient."""
        return any(part is not None and part.namespace == PASIENTRELASJON for part in self.recognised.parts)

    def envelope(self) -> MsgInfo | None:
        """Enough to address an AppRec, also of an invalid message; None when it is not."""
        return msg_info(self._root)

    def where(self, *names: str) -> tuple[str, int | None]:
        """Path and line of what these names lead to from the root, such as `"MsgInfo", "Patient"` or `"icalendar", "vcalendar"`.

        Of what is missing: where it is missed. Never raises.
        """
        return place_by_names(self._root, *names)

    def hodemelding(self) -> Hodemelding:
        """The document of a MsgHead. Raises `Fault`: T10 for a part we do not know, T02 for what breaks the schema or cannot be held."""
        read = self._document()
        if not isinstance(read, Hodemelding):
            raise Fault(Failure.of(Rule.NOT_A_MESSAGE, "/*"))
        return read

    def apprec(self) -> AppRec:
        """The document of an AppRec. Raises `Fault` as above."""
        read = self._document()
        if not isinstance(read, AppRec):
            raise Fault(Failure.of(Rule.NOT_A_MESSAGE, "/*"))
        return read

    def _document(self) -> Hodemelding | AppRec:
        if failure := unsupported(self.recognised) or violation(self._root):
            raise Fault(failure)
        return document(self._root)


def open_message(body: bytes) -> Opened:
    """Parse and recognise. Raises `Fault`: T01 for what is no safe XML, `transport:` for what is no message of ours, T10 for an old one."""
    root = parse(body)
    return Opened(recognise(root), root)

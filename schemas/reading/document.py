"""The one door to the readers: a recognised and valid tree becomes its document. Never called with a tree the XSD refused."""

from lxml import etree

from schemas.documents import AppRec, Hodemelding
from schemas.formats import APPREC
from schemas.reading.apprec import read_apprec
from schemas.reading.hodemelding import read_hodemelding

_APP_REC = f"{{{APPREC}}}AppRec"


def document(root: etree._Element) -> Hodemelding | AppRec:
    """The typed document. Raises `Fault` for what the XSD lets through: bad Base64, an empty id, a time nobody can hold."""
    return read_apprec(root) if root.tag == _APP_REC else read_hodemelding(root)

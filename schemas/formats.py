"""Table 2: the formats. The only Python module that spells a namespace URI.

It says which formats exist, which of them are supported, and where the schema of each lies. It never reads a message.
A format that is known but not supported gets T10 with the list of those that are; so does one nobody knows.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Place = Literal["root", "content", "inside"]
"""Where a format stands: as the whole message, in `RefDoc/Content` of a MsgHead, or woven into another format."""

XSD_DIR: Final = Path(__file__).parent / "xsd"
DRIVER_XSD: Final = XSD_DIR / "driver.xsd"
"""All supported formats at once: `RefDoc/Content` is a strict wildcard."""

MSGHEAD: Final = "http://www.kith.no/xmlstds/msghead/2006-05-24"
APPREC: Final = "http://www.kith.no/xmlstds/apprec/2012-02-15"
DIALOGMELDING: Final = "http://www.kith.no/xmlstds/dialog/2013-01-23"
XCAL: Final = "urn:ietf:params:xml:ns:icalendar-2.0"
HELSEPERSONELL: Final = "http://www.kith.no/xmlstds/helsepersonell/2015-05-04"
PASIENTRELASJON: Final = "http://www.kith.no/xmlstds/pasientrelasjon/2014-03-28"
BASE64CONTAINER: Final = "http://www.kith.no/xmlstds/base64container"
XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
FELLESKOMPONENT1: Final = "http://www.kith.no/xmlstds/felleskomponent1"
KITH: Final = "http://www.kith.no/xmlstds"
XHTML: Final = "http://www.w3.org/1999/xhtml"
XS: Final = "http://www.w3.org/2001/XMLSchema"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True, slots=True)
class Format:
    """One row. `root` is None where the format has no root element of its own, or where its name is not known here."""

    name: str
    version: str
    namespace: str
    root: str | None
    place: Place
    xsd: str | None = None
    """File in `xsd/`; None: not supported."""

    @property
    def supported(self) -> bool:
        """Whether it is recognised and validated."""
        return self.xsd is not None

    @property
    def title(self) -> str:
        """Name and version, for people."""
        return f"{self.name} {self.version}".rstrip()

    @property
    def tag(self) -> str:
        """The root element's name as lxml writes it, `{namespace}local`; a name no element has where there is no root."""
        return f"{{{self.namespace}}}{self.root or '*'}"


FORMATS: Final[tuple[Format, ...]] = (
    Format("MsgHead", "1.2", MSGHEAD, "MsgHead", "root", "msghead-1.2.xsd"),
    Format("AppRec", "1.1", APPREC, "AppRec", "root", "apprec-1.1.xsd"),
    Format("Dialogmelding", "1.1", DIALOGMELDING, "Dialogmelding", "content", "dialogmelding-1.1.xsd"),
    Format("xCal", "2.0", XCAL, "icalendar", "content", "xcal.xsd"),
    Format("Helsepersonell", "2015-05-04", HELSEPERSONELL, "HelsepersonelListe", "content", "helsepersonell-2015-05-04.xsd"),
    # Read, not yet translated: a booking request that is handed on may carry it.
    Format("Pasientrelasjon", "2014-03-28", PASIENTRELASJON, "Pasientrelasjon", "content", "pasientrelasjon-2014-03-28.xsd"),
    Format("Base64Container", "1.0", BASE64CONTAINER, "Base64Container", "content", "base64-container-1.0.xsd"),
    # May be present; never verified.
    Format("XML Signature", "1.0", XMLDSIG, "Signature", "inside", "xmldsig.xsd"),
    Format("felleskomponent1", "1.1", FELLESKOMPONENT1, None, "inside", "felleskomponent1.xsd"),
    Format("kith", "", KITH, None, "inside", "kith.xsd"),
    Format("AppRec", "1.0", "http://www.kith.no/xmlstds/apprec/2004-11-21", "AppRec", "root"),
    Format("Dialogmelding", "1.0", "http://www.kith.no/xmlstds/dialog/2006-10-11", "Dialogmelding", "content"),
    Format("Helsepersonell", "2014-03-28", "http://www.kith.no/xmlstds/helsepersonell/2014-03-28", "Helsepersonell", "content"),
    Format("Personer", "2014-03-28", "http://www.kith.no/xmlstds/person/2014-03-28", "Personer", "content"),
    Format("M1 resept", "2013-10-08", "http://www.kith.no/xmlstds/eresept/m1/2013-10-08", None, "content"),
    Format("MeldingInnbygger", "2018-09-25", "http://ehelse.no/xmlstds/MeldingInnbygger/2018-09-25", None, "content"),
    Format("Videreformidling", "2018-09-25", "http://ehelse.no/xmlstds/Videreformidling/2018-09-25", None, "content"),
    Format("Leveringsrapport", "2018-08-14", "http://ehelse.no/xmlstds/leveringsrapport/2018-08-14", None, "content"),
)

ROOTS: Final = tuple(row for row in FORMATS if row.supported and row.place == "root")
"""What a whole message may be."""
PARTS: Final = tuple(row for row in FORMATS if row.supported and row.place == "content")
"""What may stand in `RefDoc/Content`."""
SUPPORTED_ROOTS: Final = ", ".join(row.title for row in ROOTS)
SUPPORTED_PARTS: Final = ", ".join(row.title for row in PARTS)
"""The supported formats by title: what the hint of a T10 names."""

_BY_NAMESPACE: Final = {row.namespace: row for row in FORMATS if row.place != "inside"}


def format_of(tag: str) -> Format | None:
    """The format whose root element this is (`{namespace}local`), supported or not; None when nobody knows it."""
    namespace, _, local = tag.removeprefix("{").rpartition("}")
    row = _BY_NAMESPACE.get(namespace)
    return row if row and row.root in (None, local) else None

"""Type dokumentreferanse: what a RefDoc holds, in `RefDoc/MsgType`."""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.8114"


class Dokumenttype8114(Kodeverk):
    """8114: value = code, `tekst` = its official text."""

    A = "A", "Vedlegg"
    REF = "REF", "Referanse"
    XML = "XML", "XML-instans"

"""Prioritet: how fast the sender wants an answer, in `RequestedPriority`."""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.8115"


class Prioritet8115(Kodeverk):
    """8115: value = code, `tekst` = its official text."""

    H = "H", "Høy"
    L = "L", "Lav"
    N = "N", "Normal"

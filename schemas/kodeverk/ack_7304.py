"""Ønsket meldingskvittering: when the sender wants an application receipt, in `Ack`."""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.7304"


class Ack7304(Kodeverk):
    """7304: value = code, `tekst` = its official text."""

    J = "J", "Ja"
    N = "N", "Nei"
    F = "F", "Kun ved feil"

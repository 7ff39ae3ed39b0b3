"""Kommunikasjonstest: the test of a connection and its answer."""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.7603"


class Kommunikasjonstest7603(Kodeverk):
    """7603: value = code, `tekst` = its official text."""

    KT = "KT", "Kommunikasjonstest"
    RKT = "RKT", "Respons kommunikasjonstest"

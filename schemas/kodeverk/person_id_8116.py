"""ID-type for personer: the kind of a person's identifier, in `TypeId`."""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.8116"


class PersonId8116(Kodeverk):
    """8116: value = code, `tekst` = its official text."""

    DKF = "DKF", "Dansk 'personnummer'"
    DNR = "DNR", "D-nummer"
    DUF = "DUF", "DUF-nummer"
    FHN = "FHN", "Felles hjelpenummer"
    FNR = "FNR", "Fødselsnummer"
    FPN = "FPN", "Forsikringspolise nummer"
    HER = "HER", "HER-id"
    HNR = "HNR", "H-nummer"
    HPR = "HPR", "HPR-nummer"
    PNR = "PNR", "Passnummer"
    SEF = "SEF", "Svensk 'personnummer'"
    SSN = "SSN", "Sosial security number"
    UID = "UID", "Utenlandsk identifikasjon"
    XXX = "XXX", "Annet"

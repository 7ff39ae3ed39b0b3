"""Status for applikasjonskvittering: the yes or no of an AppRec, in `Status`."""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.8258"


class Status8258(Kodeverk):
    """8258: value = code, `tekst` = its official text."""

    OK = "1", "OK"
    AVVIST = "2", "Avvist"
    OK_FEIL_I_DELMELDING = "3", "OK, feil i delmelding"

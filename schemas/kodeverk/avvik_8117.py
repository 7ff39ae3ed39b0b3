"""Avvik: what is wrong with a message already accepted (`DIALOG_AVVIK`)."""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.8117"


class Avvik8117(Kodeverk):
    """8117: value = code, `tekst` = its official text."""

    FEIL_ADRESSAT = "1", "Feil adressat"
    MANGELFULLE_OPPLYSNINGER = "2", "Mangelfulle opplysninger"
    ANNET = "9", "Annet"

"""Representasjonsrolle: by what right somebody acts for the patient, in `Relasjon`."""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.7611"


class Representasjonsrolle7611(Kodeverk):
    """7611: value = code, `tekst` = its official text."""

    FO = "FO", "Foreldreansvar"
    VE = "VE", "Vergemål"
    FU = "FU", "Fullmakt"
    TD = "TD", "Tildelt fullmakt"

"""Ja, nei: the yes or no of `KodetOpplysning`."""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.1101"


class JaNei1101(Kodeverk):
    """1101: value = code, `tekst` = its official text."""

    JA = "1", "Ja"
    NEI = "2", "Nei"

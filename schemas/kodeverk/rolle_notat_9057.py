"""Rolle i forhold til notat: who wrote or approved it, in `RolleNotat`."""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.9057"


class RolleNotat9057(Kodeverk):
    """9057: value = code, `tekst` = its official text."""

    FORFATTER = "1", "Forfatter"
    MEDFORFATTER = "2", "Medforfatter"
    GODKJENT_AV = "3", "Godkjent av"
    FORELAGT = "4", "Forelagt"

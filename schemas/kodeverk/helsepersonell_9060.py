"""Kategori helsepersonell: the profession, in `TypeHealthcareProfessional`; the ones that the dialogue standard names.

The official list is longer: a code that is not here must not stop a message.
"""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.9060"


class Helsepersonell9060(Kodeverk):
    """9060: value = code, `tekst` = its official text."""

    FT = "FT", "Fysioterapeut"
    HE = "HE", "Helsesekretær"
    JO = "JO", "Jordmor"
    LE = "LE", "Lege"
    PS = "PS", "Psykolog"
    SP = "SP", "Sykepleier"
    TL = "TL", "Tannlege"

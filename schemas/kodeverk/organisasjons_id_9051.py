"""ID-type for organisatoriske enheter: the kind of an organisation's identifier, in `TypeId`."""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.9051"


class OrganisasjonsId9051(Kodeverk):
    """9051: value = code, `tekst` = its official text."""

    AKO = "AKO", "Apotekets konsesjonsnummer"
    APO = "APO", "Apotekets identifikasjonsnummer"
    AVD = "AVD", "Off. identifikator for avdelinger"
    ENH = "ENH", "Organisasjonsnummeret i Enhetsregister"
    HER = "HER", "HER-id"
    LAV = "LAV", "Lokal identifikator for avdelinger"
    LIN = "LIN", "Lokal identifikator for institusjoner"
    LOK = "LOK", "Lokal identifikator uten nærmere angivelse"
    NPR = "NPR", "NPR avdelingsnummer"
    RSH = "RSH", "Nasjonalt register over enheter i spesialisthelsetjenesten (RESH-ID)"
    SYS = "SYS", "SYSVAK institusjonsnummer"

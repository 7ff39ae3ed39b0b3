"""Feilmeldinger for applikasjonskvittering: why an AppRec says no, in `Error`."""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.8221"


class Feilmelding8221(Kodeverk):
    """8221: value = code, `tekst` = its official text."""

    E10 = "E10", "Ugyldig meldingsidentifikator"
    E20 = "E20", "Lege finnes ikke"
    E21 = "E21", "Mottaker finnes ikke"
    E30 = "E30", "Pasientens fødselsnummer mangler"
    E31 = "E31", "Pasientens fødselsnummer er feil"
    E32 = "E32", "Pasientens navn mangler"
    E33 = "E33", "Pasientens etternavn mangler"
    E34 = "E34", "Pasientens fornavn mangler"
    E35 = "E35", "Pasienten finnes ikke i mottakersystemet"
    E36 = "E36", "Pasientopplysninger er utilstrekkelige"
    E53 = "E53", "Pasientens fødselsnummer eller D-nummer finnes ikke registrert i Folkeregisteret."
    E54 = "E54", "Pasientens fødselsnummer er ikke registrert i mottagersystemet"
    S01 = "S01", "Feil på signatur"
    S02 = "S02", "Ugyldig sertifikat"
    S03 = "S03", "Tilbaketrukket sertifikat"
    S99 = "S99", "Annen feil på signatur eller sertifikat"
    T01 = "T01", "Ikke XML / ikke 'well formed' / uleselig"
    T02 = "T02", "XML validerer ikke"
    T10 = "T10", "Støtter ikke meldingsformatet"
    T99 = "T99", "Annen feil på format"
    X99 = "X99", "Annen feil"

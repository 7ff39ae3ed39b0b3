"""Meldingens funksjon: the process a message belongs to, in `MsgInfo/Type`; those of the digital dialogue.

The texts vary between sources, so a code is matched on its value alone (HITS 1217:2018 and its examples).
"""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.8279"


class MeldingensFunksjon8279(Kodeverk):
    """8279: value = code, `tekst` = its official text."""

    AMQP_SOAP_FAULT = "AMQP_SOAP_FAULT", "AMQP SOAP Fault"
    APPREC = "APPREC", "Applikasjonskvittering"
    AVTALEUTSENDING = "DIALOG_INNBYGGER_AVTALEUTSENDING", "Dialog med innbygger – avtaleutsending"
    BEHANDLEROVERSIKT = "DIALOG_INNBYGGER_BEHANDLEROVERSIKT", "Benyttes til prosess for å hente behandler"
    DIGITALBRUKER = "DIALOG_INNBYGGER_DIGITALBRUKER", "Dialog med innbygger - digital bruker"
    EKONSULTASJON = "DIALOG_INNBYGGER_EKONSULTASJON", "Dialog med innbygger - eKonsultasjon"
    EKONTAKT = "DIALOG_INNBYGGER_EKONTAKT", "Dialog med innbygger - eKontakt"
    FINN_DOKUMENTER = "DIALOG_INNBYGGER_FINN_DOKUMENTER", "Dialog med innbygger - finn dokument"
    HELSEPERSONELL = "DIALOG_INNBYGGER_HELSEPERSONELL", "Dialog mellom innbygger og helsepersonell"
    HELSEREGISTER = "DIALOG_INNBYGGER_HELSEREGISTER", "Dialog mellom innbygger og helseregister"
    HENT_DOKUMENTER = "DIALOG_INNBYGGER_HENT_DOKUMENTER", "Dialog med innbygger - hent dokument"
    HL7_DOKUMENTNOTIFIKASJON = (
        "DIALOG_INNBYGGER_HL7_DOKUMENTNOTIFIKASJON",
        "Dialog med innbygger - dokumentnotifikasjon",
    )
    HREG_INNSYN_BRUK = "DIALOG_INNBYGGER_HREG_INNSYN_BRUK", "Dialog med innbygger - innsyn bruk"
    HREG_INNSYN_HELSEOPPLYSNINGER = (
        "DIALOG_INNBYGGER_HREG_INNSYN_HELSEOPPLYSNINGER",
        "Dialog med innbygger - innsyn helseopplysninger",
    )
    HREG_INNSYN_UTLEVERING = "DIALOG_INNBYGGER_HREG_INNSYN_UTLEVERING", "Dialog med innbygger - innsyn utlevering"
    HREG_MELDE_FEIL = "DIALOG_INNBYGGER_HREG_MELDE_FEIL", "Dialog med innbygger - melde feil i helseopplysninger"
    HREG_OPPFORINGER = "DIALOG_INNBYGGER_HREG_OPPFORINGER", "Dialog med innbygger - informasjon om oppføring"
    HREG_SLETTING_ELLER_SPERRING = (
        "DIALOG_INNBYGGER_HREG_SLETTING_ELLER_SPERRING",
        "Dialog med innbygger - Sletting eller sperring",
    )
    JOURNAL = "DIALOG_INNBYGGER_JOURNAL", "Forespørsel fra innbygger til helsepersonell om innsyn i journal"
    KOORDINATOR = "DIALOG_INNBYGGER_KOORDINATOR", "Dialog mellom innbygger og koordinator"
    MELDINGSFORMIDLING = "DIALOG_INNBYGGER_MELDINGSFORMIDLING", "Melding eller varsel til innbygger"
    RESEPTFORNYELSE = "DIALOG_INNBYGGER_RESEPTFORNYELSE", "Dialog med innbygger - reseptfornyelse"
    SAMTYKKE = (
        "DIALOG_INNBYGGER_SAMTYKKE",
        "Benyttes for helseaktør som sender en samtykkeforespørsel til innbygger via helsenorge.no",
    )
    TEST = "DIALOG_INNBYGGER_TEST", "Dialog med innbygger - test"
    TIMEONSKE = "DIALOG_INNBYGGER_TIMEONSKE", "Dialog med innbygger - timeønske"
    TIMER = "DIALOG_INNBYGGER_TIMER", "Dialog med innbygger om timer"
    TIMERESERVASJON = "DIALOG_INNBYGGER_TIMERESERVASJON", "Dialog med innbygger - timereservasjon"
    TJENESTEOVERSIKT = "DIALOG_INNBYGGER_TJENESTEOVERSIKT", "Dialog med innbygger - tjenesteoversikt"
    NOTIFIKASJON_HENVISNING = "NOTIFIKASJON_INNBYGGER_HENVISNING", "Notifikasjon til innbygger om henvisning"
    NOTIFIKASJON_TIME = "NOTIFIKASJON_INNBYGGER_TIME", "Notifikasjon til innbygger om time"

    # Not in the public copies of the list; the process's name stands for the text, which is not public.
    AVTALEAVBESTILLING = "DIALOG_INNBYGGER_AVTALEAVBESTILLING", "Dialog_Innbygger_Avtaleavbestilling"
    # The official examples spell the one above so; both are accepted.
    AVTALEBESTILLING = "DIALOG_INNBYGGER_AVTALEBESTILLING", "Dialog med innbygger - avtalebestilling"
    # As the first: the process's name stands for the text.
    TIMEONSKEUNGDOM = "DIALOG_INNBYGGER_TIMEONSKEUNGDOM", "Dialog_Innbygger_TimeonskeUngdom"

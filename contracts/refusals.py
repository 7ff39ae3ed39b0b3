"""Every reason why a command is not sent, as data: a stable code, and words in Norwegian and English that a portal can show as they are.

A refusal never holds a value from the command. `{limit}` is the only placeholder: a number of ours.
"""

from enum import Enum
from typing import Annotated

from pydantic import Field

from contracts.promise import Promise


class Reason(Promise):
    """Why a command was not sent."""

    code: str
    """Stable; new ones are added."""
    nb: Annotated[str, Field(min_length=1)]
    """Words for the citizen, in Norwegian."""
    en: Annotated[str, Field(min_length=1)]
    """Words for the citizen, in English."""


class Refusal(Enum):
    """One row a reason."""

    def __init__(self, code: str, nb: str, en: str) -> None:
        self.code, self.nb, self.en = code, nb, en

    def reason(self, limit: object = None) -> Reason:
        """As it is told."""
        return Reason(code=self.code, nb=self.nb.format(limit=limit), en=self.en.format(limit=limit))

    MALFORMED = (
        "malformed",
        "Forespørselen kunne ikke sendes på grunn av en teknisk feil.",
        "The request could not be sent because of a technical fault.",
    )
    COMMAND_UNKNOWN = (
        "command-unknown",
        "Denne typen forespørsel støttes ikke.",
        "This kind of request is not supported.",
    )
    COMMAND_ID_USED_TWICE = (
        "command-id-used-twice",
        "Forespørselen kunne ikke sendes på grunn av en teknisk feil.",
        "The request could not be sent because of a technical fault.",
    )
    FAULT_OF_OURS = (
        "fault-of-ours",
        "Forespørselen kunne ikke sendes på grunn av en feil hos oss. Prøv igjen senere.",
        "The request could not be sent because of a fault of ours. Try again later.",
    )
    RECEIVER_UNKNOWN = (
        "receiver-unknown",
        "Kontoret kan ikke nås digitalt. Ta kontakt på telefon.",
        "The office cannot be reached digitally. Contact it by telephone.",
    )
    NOT_ACTIVE = (
        "not-active",
        "Kontoret tilbyr ikke denne tjenesten digitalt. Ta kontakt på telefon.",
        "The office does not offer this service digitally. Contact it by telephone.",
    )
    REPRESENTATION_NOT_POSSIBLE = (
        "representation-not-possible",
        "Kontoret kan ikke ta imot denne forespørselen fra noen som handler på vegne av en annen.",
        "The office cannot take this request from somebody who acts for another person.",
    )
    CITIZEN_NOT_ACTIVE = (
        "citizen-not-active",
        "Innbyggeren er ikke digitalt aktiv. Ta kontakt med kontoret på telefon.",
        "The citizen is not digitally active. Contact the office by telephone.",
    )
    MUST_CALL = (
        "must-call",
        "Denne timen kan bare bestilles på telefon.",
        "This appointment can only be booked by telephone.",
    )
    NOT_YET_AVAILABLE = (
        "not-yet-available",
        "Denne timen kan ikke bestilles ennå.",
        "This appointment cannot be booked yet.",
    )
    SLOT_IN_THE_PAST = (
        "slot-in-the-past",
        "Tidspunktet har vært. Velg en annen time.",
        "The time has passed. Choose another appointment.",
    )
    TEXT_TOO_LONG = (
        "text-too-long",
        "Teksten er for lang. Skriv høyst {limit} tegn.",
        "The text is too long. Write at most {limit} characters.",
    )
    PERIOD_TOO_LONG = (
        "period-too-long",
        "Perioden er for lang. Velg høyst {limit} uker.",
        "The period is too long. Choose at most {limit} weeks.",
    )
    PERIOD_BACKWARDS = (
        "period-backwards",
        "Perioden slutter før den begynner.",
        "The period ends before it begins.",
    )
    DEADLINE_PASSED = (
        "deadline-passed",
        "Det tok for lang tid. Prøv igjen.",
        "It took too long. Try again.",
    )
    APPOINTMENT_UNKNOWN = (
        "appointment-unknown",
        "Timeavtalen finnes ikke hos dette kontoret.",
        "There is no such appointment at this office.",
    )
    APPOINTMENT_OVER = (
        "appointment-over",
        "Timeavtalen kan ikke avbestilles: den er avlyst eller gjennomført.",
        "The appointment cannot be cancelled: it is cancelled or over already.",
    )

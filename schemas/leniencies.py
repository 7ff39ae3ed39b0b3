"""What we forgive, by name: a fault of real senders that leaves no doubt about what is meant. Told with the outcome, never silent.

Never holds a value from the message. A fault that leaves a doubt is no leniency but a `Rule`.
"""

from enum import Enum


class Leniency(Enum):
    """One row a leniency: the stable id, and what was forgiven, in Norwegian and English."""

    def __init__(self, leniency_id: str, nb: str, en: str) -> None:
        self.id, self.nb, self.en = leniency_id, nb, en

    GEN_DATE_WITHOUT_ZONE = (
        "gen-date-without-zone",
        "GenDate mangler tidssone og er lest som norsk tid.",
        "GenDate has no time zone and was read as Norwegian time.",
    )
    MISSING_HOUR = (
        "missing-hour",
        "Klokkeslettet finnes ikke den natten sommertiden begynner, og er flyttet fram.",
        "The time does not exist in the night when summer time begins, and was moved forward.",
    )
    END_BEFORE_START = (
        "end-before-start",
        "dtend er før dtstart og er sett bort fra.",
        "dtend lies before dtstart and was disregarded.",
    )
    DURATION_WITHOUT_T = (
        "duration-without-t",
        "Varigheten mangler T (P30M) og er lest som minutter.",
        "The duration lacks its T (P30M) and was read as minutes.",
    )
    CONTACT_WITH_BLANK = (
        "contact-with-blank",
        "contact har blanke tegn, som er fjernet.",
        "contact holds blanks, which were removed.",
    )
    ACK_ON_SYNCHRONOUS = (
        "ack-on-synchronous",
        "En synkron melding ber om kvittering. Det sendes ingen.",
        "A synchronous message asks for a receipt. None is sent.",
    )
    ACK_UNKNOWN = (
        "ack-unknown",
        "Ack har en ukjent verdi og er lest som J.",
        "Ack has an unknown value and was read as J.",
    )
    GEN_DATE_AHEAD = (
        "gen-date-ahead",
        "GenDate ligger fram i tid. Meldingen er datert da den kom, så den ikke overstyrer senere meldinger.",
        "GenDate lies in the future. The message is dated when it came, so that it does not override later ones.",
    )
    MIME_TYPE_JPG = (
        "mime-type-jpg",
        "image/jpg er lest som image/jpeg.",
        "image/jpg was read as image/jpeg.",
    )
    NO_ACK = (
        "no-ack",
        "En asynkron melding sier ikke om den vil ha kvittering. Den får en.",
        "An asynchronous message does not say whether it wants a receipt. It gets one.",
    )
    CODE_SYSTEM = (
        "code-system",
        "Koden er riktig, men står med et annet kodeverk.",
        "The code is right, but stands with another code system.",
    )
    CODE_OUTSIDE_PROCESS = (
        "code-outside-process",
        "Koden er ikke ført opp for denne prosessen, men er lest likevel.",
        "The code is not listed for this process, and was read all the same.",
    )
    PROCESS_ALIAS = (
        "process-alias",
        "Meldingstypen er en kjent feilskriving av prosessens navn.",
        "The message type is a known misspelling of the process's name.",
    )
    CONVERSATION_REF_ON_PUSH = (
        "conversation-ref-on-push",
        "Meldingen starter en tråd, men viser til en tidligere melding. Henvisningen er sett bort fra.",
        "The message begins a thread, and refers to an earlier one. The reference was disregarded.",
    )
    PART_NOT_ALLOWED = (
        "part-not-allowed",
        "Meldingen har en del som ikke hører hjemme her. Delen er sett bort fra.",
        "The message holds a part that does not belong here. The part was disregarded.",
    )

"""Every no the hub can say, as data: a stable id, the code on the wire, and a hint a person can act on, in Norwegian and English.

A failure never holds a value from the message: values are personal data. `path` is made of names from our own schemas,
`expected` comes from a schema or a table.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from contracts.norwegian import in_norwegian


class Outcome(StrEnum):
    """What became of a message (architecture 3)."""

    DELIVERED = "delivered"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    REFUSED = "refused"
    SET_ASIDE = "set aside"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Hint:
    """What to do about it, for the person who reads it."""

    nb: str
    en: str


class Rule(Enum):
    """One row a no: the stable id, the code the sender gets, and the hints. `{expected}` is the only placeholder.

    Codes: 8221 (AppRec, three characters) or an error condition of the AMQP profile (`transport:`, `abuse:`).
    """

    def __init__(self, rule_id: str, code: str, nb: str, en: str) -> None:
        self.id, self.code, self.nb, self.en = rule_id, code, nb, en

    EMPTY = (
        "empty", "transport:not-well-formed-xml",
        "Meldingen er tom. Send XML-dokumentet som verdien i Kafka-meldingen.",
        "The message is empty. Send the XML document as the value of the Kafka record.",
    )
    TOO_LARGE = (
        "too-large", "transport:invalid-field-value",
        "Meldingen er større enn grensen på {expected}. Send færre eller mindre vedlegg.",
        "The message is larger than the limit of {expected}. Send fewer or smaller attachments.",
    )
    NOT_WELL_FORMED = (
        "not-well-formed", "T01",
        "Dette er ikke velformet XML. Kontroller stedet som er oppgitt.",
        "This is not well-formed XML. Look at the place given.",
    )
    DOCTYPE = (
        "doctype", "T01",
        "DOCTYPE og entiteter er ikke tillatt. Fjern dem.",
        "DOCTYPE and entities are not allowed. Remove them.",
    )
    TOO_DEEP = (
        "too-deep", "T01",
        "XML-dokumentet er for dypt nøstet, eller inneholder for lange tekster eller for mange elementer.",
        "The XML document is nested too deeply, or holds texts that are too long or too many elements.",
    )
    WRONG_ENCODING = (
        "wrong-encoding", "T01",
        "Tegnene stemmer ikke med tegnsettet som er oppgitt i XML-deklarasjonen. Bruk UTF-8.",
        "The characters do not fit the encoding given in the XML declaration. Use UTF-8.",
    )
    NO_ENVELOPE = (
        "no-envelope", "transport:not-well-formed-xml",
        "Avsender og MsgId kunne ikke leses, så ingen applikasjonskvittering kan adresseres. Kontroller hodemeldingen.",
        "Sender and MsgId could not be read, so no application receipt can be addressed. Check the MsgHead.",
    )
    NOT_A_MESSAGE = (
        "not-a-message", "transport:unsupported-message",
        "Rotelementet er verken MsgHead 1.2 eller AppRec 1.1.",
        "The root element is neither MsgHead 1.2 nor AppRec 1.1.",
    )
    WRAPPED = (
        "wrapped", "transport:unsupported-message",
        "Meldingen er pakket inn i en fremmed konvolutt, som ikke støttes. Send MsgHead som rotelement.",
        "The message is wrapped in a foreign envelope, which is not supported. Send MsgHead as the root element.",
    )
    UNKNOWN_PROCESS = (
        "unknown-process", "transport:unsupported-message",
        "Meldingstypen hører ikke til en prosess som denne tjenesten formidler.",
        "The message type does not belong to a process that this hub carries.",
    )
    NOT_CARRIED = (
        "not-carried", "transport:unsupported-message",
        "Prosessen {expected} formidles ikke ennå.",
        "The process {expected} is not carried yet.",
    )
    NOT_ACTIVE = (
        "not-active", "transport:unsupported-message",
        "Prosessen {expected} er ikke aktivert for denne parten i registeret.",
        "The process {expected} is not active for this party in the register.",
    )
    SPOOFING = (
        "spoofing", "abuse:spoofing-attack",
        "Avsenderens HER-id hører ikke til leverandøren som eier denne køen.",
        "The sender's HER-id does not belong to the vendor that owns this topic.",
    )
    UNSUPPORTED_PART = (
        "unsupported-part", "T10",
        "Meldingen har en del eller versjon som ikke støttes. Støttet her: {expected}.",
        "The message holds a part or version that is not supported. Supported here: {expected}.",
    )
    SCHEMA = (
        "schema", "T02",
        "XML-dokumentet følger ikke skjemaet. Forventet: {expected}.",
        "The XML document does not follow the schema. Expected: {expected}.",
    )
    BAD_BASE64 = (
        "bad-base64", "T02",
        "Innholdet er ikke gyldig Base64.",
        "The content is not valid Base64.",
    )
    MISSING = (
        "missing", "T02",
        "Et påkrevd felt mangler. Forventet: {expected}.",
        "A required field is missing. Expected: {expected}.",
    )
    NOT_ALLOWED = (
        "not-allowed", "X99",
        "Meldingen har noe som ikke hører hjemme i denne kombinasjonen av prosess og kode: {expected}.",
        "The message holds something that does not belong in this combination of process and code: {expected}.",
    )
    TOO_MANY = (
        "too-many", "X99",
        "Det kan bare være én slik her: {expected}. Behold én, eller send dem i hver sin melding.",
        "There may be only one of these here: {expected}. Keep one, or send each in a message of its own.",
    )
    ATTACHMENT_KIND = (
        "attachment-kind", "T99",
        "Vedlegget er av en type som ikke er tillatt. Tillatt: {expected}.",
        "The attachment is of a kind that is not allowed. Allowed: {expected}.",
    )
    UNKNOWN_CODE = (
        "unknown-code", "X99",
        "Koden er ikke lovlig i denne prosessen. Lovlige koder: {expected}.",
        "The code is not legal in this process. Legal codes: {expected}.",
    )
    MSG_ID_NOT_UUID = (
        "msg-id-not-uuid", "E10",
        "MsgId må være en UUID.",
        "MsgId must be a UUID.",
    )
    MSG_ID_USED_TWICE = (
        "msg-id-used-twice", "E10",
        "Denne MsgId er brukt før, i en melding med annet innhold. Meldingen er ikke behandlet. Send den på nytt med ny MsgId.",
        "This MsgId was used before, in a message with other content. The message was not dealt with. Send it anew with a new MsgId.",
    )
    RECEIVER_UNKNOWN = (
        "receiver-unknown", "E10",
        "Mottakerens HER-id er ikke kjent her.",
        "The receiver's HER-id is not known here.",
    )
    PATIENT_ID_MISSING = (
        "patient-id-missing", "E30",
        "Pasienten mangler fødselsnummer eller D-nummer.",
        "The patient has no national id (FNR or DNR).",
    )
    PATIENT_ID_IMPOSSIBLE = (
        "patient-id-impossible", "E31",
        "Pasientens fødselsnummer eller D-nummer kan ikke være riktig. Kontroller sifrene.",
        "The patient's national id cannot be right. Check the digits.",
    )
    PATIENT_MISSING = (
        "patient-missing", "E36",
        "Meldingen mangler pasient.",
        "The message has no patient.",
    )
    CITIZEN_NOT_ACTIVE = (
        "citizen-not-active", "E35",
        "Innbyggeren er ikke digitalt aktiv. Marker pasienten som ikke aktiv, og send ikke meldingen på nytt.",
        "The citizen is not digitally active. Mark the patient as not active, and do not send the message again.",
    )
    SET_ASIDE = (
        "set-aside", "X99",
        "Feilen er på vår side. Meldingen ligger trygt hos oss og behandles når feilen er rettet.",
        "The fault is ours. The message is kept safe and will be dealt with when the fault is mended.",
    )
    DISCARDED = (
        "discarded", "X99",
        "Meldingen ble lagt til side på grunn av en feil hos oss, og er forkastet av en operatør: {expected}. "
        "Er den fortsatt aktuell, send den på nytt med ny MsgId.",
        "The message was set aside because of a fault of ours and was discarded by an operator: {expected}. "
        "If it still matters, send it anew with a new MsgId.",
    )


_CONDITIONS = {"T01": "transport:not-well-formed-xml"}
"""Of codes that have a condition of their own; every other no is about what could be parsed and not be interpreted."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One no: the rule, and where. Safe to log, to send and to print."""

    rule: str
    """Name of the `Rule`."""
    path: str | None = None
    """Place in the document, e.g. `/MsgHead/MsgInfo/Patient/Ident`. Names from our schemas only; `*` for a name we do not know."""
    line: int | None = None
    expected: str | None = None
    """What a schema or table expected: a kind, a name, a limit. Never a value from the message."""

    @classmethod
    def of(cls, rule: Rule, path: str | None = None, line: int | None = None, *, expected: str | None = None) -> "Failure":
        """Build a failure of this rule."""
        return cls(rule.name, path, line, expected)

    @property
    def rule_id(self) -> str:
        """The rule's stable id."""
        return Rule[self.rule].id

    @property
    def code(self) -> str:
        """The code on the wire: 8221 or an error condition."""
        return Rule[self.rule].code

    @property
    def condition(self) -> str:
        """The error condition of the AMQP profile that tells it where no AppRec may be sent (appointments.md 11.7)."""
        code = self.code
        return code if ":" in code else _CONDITIONS.get(code, "transport:xml-not-interpretable")

    @property
    def outcome(self) -> Outcome:
        """Refused at the door, or rejected with a negative AppRec."""
        return Outcome.REFUSED if ":" in self.code else Outcome.REJECTED

    @property
    def hint(self) -> Hint:
        """The hint in both languages, with what was expected filled in."""
        rule, expected = Rule[self.rule], self.expected or "-"
        nb, en = rule.nb.format(expected=in_norwegian(expected)), rule.en.format(expected=expected)
        if self.expected and "{expected}" not in rule.en:
            return Hint(f"{nb} Forventet: {in_norwegian(expected)}.", f"{en} Expected: {expected}.")
        return Hint(nb, en)


class Fault(Exception):
    """The message is at fault. Carries the failure; its words are the rule's id, never the message's."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.rule_id)
        self.failure = failure

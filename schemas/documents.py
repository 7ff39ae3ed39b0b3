"""The documents, typed and frozen, named as the standard names them (HITS 1217:2018; element order and cardinality by the XSDs).

Everything a person wrote or is known by is `repr=False`, so that no log line, traceback or test report shows it.
All times are aware: xCal's local times are Europe/Oslo already.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from schemas.national_id import NationalId


@dataclass(frozen=True, slots=True)
class Kode:
    """CV / CS: a coded value. `v` decides; `dn` is display only and never matched on (appointments.md 2.2)."""

    v: str | None
    s: str | None = None
    dn: str | None = field(default=None, repr=False)
    ot: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Ident:
    """An identifier of an organisation (9051) or a person (8116)."""

    id: str = field(repr=False)
    type_id: Kode

    def __hash__(self) -> int:
        # Parties are looked up in caches for every message: what tells them apart is enough, and costs a third.
        return hash(self.id)


@dataclass(frozen=True, slots=True)
class HealthcareProfessional:
    """A practitioner, as a communication party or as a role in the dialogue."""

    family_name: str | None = field(default=None, repr=False)
    middle_name: str | None = field(default=None, repr=False)
    given_name: str | None = field(default=None, repr=False)
    ident: tuple[Ident, ...] = ()
    type_healthcare_professional: Kode | None = None
    role_to_patient: Kode | None = None

    @property
    def whole_name(self) -> str | None:
        """Given, middle and family name, as far as they are given."""
        return " ".join(part for part in (self.given_name, self.middle_name, self.family_name) if part) or None

    @property
    def hpr_number(self) -> str | None:
        """The HPR number among the idents, if any."""
        return next((ident.id for ident in self.ident if ident.type_id.v == "HPR"), None)


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation with its level 2: a nested organisation, a practitioner, or neither (appointments.md 3)."""

    organisation_name: str | None = field(default=None, repr=False)
    ident: tuple[Ident, ...] = ()
    organisation: "Organisation | None" = None
    healthcare_professional: HealthcareProfessional | None = None

    def __hash__(self) -> int:
        # As of an Ident: equality still looks at everything.
        return hash(self.ident)

    @property
    def her_id_level_1(self) -> str | None:
        """HER-id of the enterprise; None where only ENH is given."""
        return her_id(self.ident)

    @property
    def her_id(self) -> str | None:
        """HER-id of the communication party: level 2, or the single level (the three shapes of appointments.md 3)."""
        below = self.organisation or self.healthcare_professional
        return (her_id(below.ident) if below else None) or her_id(self.ident)


def her_id(idents: tuple[Ident, ...]) -> str | None:
    """The HER-id among these, if any."""
    return next((i.id for i in idents if i.type_id.v == "HER"), None)


@dataclass(frozen=True, slots=True)
class ConversationRef:
    """Which message this one answers, and which began the thread."""

    ref_to_parent: str
    ref_to_conversation: str


@dataclass(frozen=True, slots=True)
class Patient:
    """The citizen the message is about."""

    family_name: str | None = field(default=None, repr=False)
    middle_name: str | None = field(default=None, repr=False)
    given_name: str | None = field(default=None, repr=False)
    national_id: NationalId | None = None
    """The FNR or DNR, None when absent."""
    telephone: str | None = field(default=None, repr=False)
    """The first address of `TeleCom` that is a telephone, without `tel:`."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts for the patient (`Person` of felleskomponent1)."""

    family_name: str | None = field(default=None, repr=False)
    middle_name: str | None = field(default=None, repr=False)
    given_name: str | None = field(default=None, repr=False)
    national_id: NationalId | None = None
    """As of a Patient."""
    telephone: str | None = field(default=None, repr=False)
    """As of a Patient."""


@dataclass(frozen=True, slots=True)
class Pasientrelasjon:
    """Who acts for the patient, and by what right: a code of 7611 (appointments.md 6). The patient stays in the envelope."""

    person: tuple[Person, ...] = ()
    relasjon: Kode | None = None


@dataclass(frozen=True, slots=True)
class MsgInfo:
    """What the envelope of a MsgHead 1.2 says; enough to address an AppRec. `gen_date` is aware (without zone it is Oslo)."""

    type: Kode
    gen_date: datetime
    gen_date_text: str
    """As written: mirrored in the AppRec's IssueDate."""
    msg_id: str
    ack: str | None
    conversation_ref: ConversationRef | None
    sender: Organisation
    receiver: Organisation
    patient: Patient | None = None


@dataclass(frozen=True, slots=True)
class RollerRelatertNotat:
    """Who has which role in the dialogue: the wanted practitioner, or who answered."""

    rolle_notat: Kode | None = None
    role_to_patient: Kode | None = None
    healthcare_professional: HealthcareProfessional | None = None


@dataclass(frozen=True, slots=True)
class Foresporsel:
    """A request, or a push (then with a code of 7602)."""

    type_foresp: Kode
    emne_sporsmal: str | None = field(default=None, repr=False)
    sporsmal: str | None = field(default=None, repr=False)
    fra_dato: date | None = None
    til_dato: date | None = None
    kodet_opplysning: Kode | None = None
    roller_relatert_notat: tuple[RollerRelatertNotat, ...] = ()


@dataclass(frozen=True, slots=True)
class Notat:
    """An answer, whoever answers."""

    tema_kodet: Kode
    tema: str | None = field(default=None, repr=False)
    tekst_notat_innhold: str | None = field(default=None, repr=False)
    """Text of the element; XHTML is flattened to its text, a line break per `br`, `p` and `div`."""
    roller_relatert_notat: tuple[RollerRelatertNotat, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialogmelding:
    """The dialogue message 1.1: requests or answers, never both."""

    sakstype: str | None = field(default=None, repr=False)
    foresporsel: tuple[Foresporsel, ...] = ()
    notat: tuple[Notat, ...] = ()


@dataclass(frozen=True, slots=True)
class Recur:
    """How a planned visit recurs (appointments.md 5.4)."""

    freq: str
    count: int | None = None
    interval: str | None = None
    byday: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vevent:
    """One appointment or slot of the xCal profile (appointments.md 5). Texts are trimmed, names of properties kept."""

    dtstart: datetime | None
    dtend: datetime | None
    uid: str | None
    contact: str | None
    related_to: str | None = None
    categories: tuple[str, ...] = ()
    summary: str | None = field(default=None, repr=False)
    description: str | None = field(default=None, repr=False)
    location: str | None = field(default=None, repr=False)
    status: str | None = None
    attendee: tuple[str, ...] = field(default=(), repr=False)
    """Names (`cn`) of the staff who carry out a visit."""
    organizer: str | None = field(default=None, repr=False)
    rrule: Recur | None = None
    exdate: tuple[datetime, ...] = ()
    x_expected_duration: timedelta | None = None
    x_available_at: datetime | None = None
    x_cancellation_reason: str | None = None
    url: str | None = field(default=None, repr=False)
    """The way into a video call. Of the base schema, outside the profile."""


@dataclass(frozen=True, slots=True)
class Icalendar:
    """All vevents of the xCal document, in order."""

    vevent: tuple[Vevent, ...]


@dataclass(frozen=True, slots=True)
class Helsepersonell:
    """One entry of a HelsepersonelListe: a practitioner and a remark."""

    helsepersonell: tuple[HealthcareProfessional, ...]
    merknad: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Vedlegg:
    """An attachment, by what it is; its bytes stay in the message."""

    mime_type: str | None
    description: str | None = field(default=None, repr=False)
    size: int = 0
    """Decoded, in bytes."""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Hodemelding:
    """A whole MsgHead 1.2 message, read."""

    msg_info: MsgInfo
    dialogmelding: Dialogmelding
    icalendar: Icalendar | None = None
    helsepersonel_liste: tuple[Helsepersonell, ...] | None = None
    vedlegg: tuple[Vedlegg, ...] = ()
    leniencies: tuple[str, ...] = ()
    """Names of what was forgiven in reading, see `schemas.leniencies`."""
    pasientrelasjon: Pasientrelasjon | None = None


@dataclass(frozen=True, slots=True)
class OriginalMsgId:
    """The message an AppRec answers."""

    msg_type: Kode
    issue_date_text: str
    id: str


@dataclass(frozen=True, slots=True)
class AppRec:
    """An application receipt 1.1. Sender and receiver are kept as the Organisation they stand for (`Inst` with `Dept` or `HCPerson`)."""

    gen_date: datetime
    id: str
    sender: Organisation
    receiver: Organisation
    status: Kode
    error: tuple[Kode, ...]
    original_msg_id: OriginalMsgId


Document = Hodemelding | AppRec

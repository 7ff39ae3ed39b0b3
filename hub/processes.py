"""Table 4: process × version × direction × code → sync or async, what must be there, translator, topic, and the command that sends it.

From the validation matrix of the appointment processes (appointments.md 14, 10) and the flows of the dialogue (dialogue.md 1.3).
A row without a translator is known and not carried yet. Adding a message type is a row here, a translator, and golden cases; adding a
command is a row that names it, with the translator that makes its document.
Match on the code's value, never on its display name (appointments.md 2.2).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Final

from contracts.commands import Book, Cancel, Command, FindFreeSlots, FindPlannedVisits, FindPractitioners, TestConnection
from contracts.topics import ACCESS, APPOINTMENTS, DELIVERIES, OUTBOX, REPLIES, Topic
from schemas.kodeverk import Kodeverk
from schemas.kodeverk.foresporsel_7601 import OID as OID_7601
from schemas.kodeverk.foresporsel_7601 import Foresporsel7601 as Ber
from schemas.kodeverk.kommunikasjonstest_7603 import OID as OID_7603
from schemas.kodeverk.kommunikasjonstest_7603 import Kommunikasjonstest7603
from schemas.kodeverk.meldingens_funksjon_8279 import MeldingensFunksjon8279 as Funksjon
from schemas.kodeverk.svar_7602 import OID as OID_7602
from schemas.kodeverk.svar_7602 import Svar7602 as Svar
from translators.command_to_hodemelding import ToDocument, booking, cancellation, connection_test, free_slots, planned_visits, practitioners
from translators.hodemelding_to_replies import (
    connected,
    found_free_slots,
    found_planned_visits,
    found_practitioners,
    tested,
)
from translators.hodemelding_to_statements import Translate, asked, blocked, request_ended, says, visit
from translators.statements import Said


class Need(StrEnum):
    """Whether a part must be there."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    ABSENT = "absent"


class Direction(StrEnum):
    """Who wrote it: the office, or somebody who asks the office."""

    FROM_OFFICE = "from the office"
    TO_OFFICE = "to the office"
    BOTH = "both ways"
    """A communication test: whoever wants to know asks."""


class Timing(StrEnum):
    """Asynchronous messages are receipted; synchronous ones never (appointments.md 11.4)."""

    ASYNC = "async"
    SYNC = "sync"
    AS_REQUEST = "as the request"
    """A refusal follows the request it answers: its own `Ack` tells which."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the register, and the message types it goes by. The first is the one we send (conflict C1)."""

    name: str
    types: tuple[Funksjon, ...]
    versions: tuple[str, ...] = ("1.0",)
    """Those we know, the newest last (appointments.md 2, dialogue.md 1.1)."""
    represents_since: str | None = None
    """The first version in which somebody may act for the patient; None: in no version (appointments.md 6)."""

    def represents(self, version: str) -> bool:
        """In this version somebody may act for the patient."""
        since = self.represents_since
        return since is not None and self.versions.index(version) >= self.versions.index(since)


@dataclass(frozen=True, slots=True)
class Row:
    """One legal message."""

    process: str
    element: str
    code: Kodeverk
    system: str
    """OID of the code list that belongs here: a push carries codes of 7602 in `TypeForesp`."""
    direction: Direction
    timing: Timing
    conversation: Need
    xcal: Need
    helsepersonell: Need = Need.ABSENT
    pasientrelasjon: Need = Need.ABSENT
    vedlegg: Need = Need.ABSENT
    translator: Translate | None = None
    topic: Topic | None = None
    listed: bool = True
    """False: legal here by our reading alone, a named leniency (codes 26, 30, 31, 33 outside the lists of the standard)."""
    patient: Need = Need.REQUIRED
    since: str | None = None
    """The first version of the process that has it; None: all."""
    command: type[Command] | None = None
    """The portal's command that sends it."""
    to_document: ToDocument | None = None
    """The command's translator."""

    def is_in(self, version: str) -> bool:
        """This version of the process has it."""
        versions = process_named(self.process).versions
        return self.since is None or versions.index(version) >= versions.index(self.since)

    @property
    def translate(self) -> Translate:
        """The translator of a row that is carried."""
        assert self.translator is not None, "read refuses what is not carried"  # noqa: S101  a mistake of ours, not of a message
        return self.translator


PROCESSES: Final = (
    Process("Timereservasjon", (Funksjon.TIMERESERVASJON,), ("1.1", "1.2"), represents_since="1.2"),
    Process("Avtaleutsending", (Funksjon.AVTALEUTSENDING,)),
    Process("Avtaleavbestilling", (Funksjon.AVTALEAVBESTILLING, Funksjon.AVTALEBESTILLING), represents_since="1.0"),
    Process("Timeonske", (Funksjon.TIMEONSKE,), ("1.1", "1.2"), represents_since="1.2"),
    Process("TimeonskeUngdom", (Funksjon.TIMEONSKEUNGDOM,)),
    Process("Timer", (Funksjon.TIMER,), ("1.1", "1.2")),
    Process("BehandlerOversikt", (Funksjon.BEHANDLEROVERSIKT,), ("1.0", "1.1"), represents_since="1.0"),
    Process("Digitalbruker", (Funksjon.DIGITALBRUKER,), ("1.1", "1.2")),
    Process("Test", (Funksjon.TEST,), ("1.1", "1.2")),
    Process("Ekonsultasjon", (Funksjon.EKONSULTASJON,), ("1.1", "1.2"), represents_since="1.2"),
    Process("Ekontakt", (Funksjon.EKONTAKT,), ("1.1", "1.2"), represents_since="1.2"),
    Process("Reseptfornyelse", (Funksjon.RESEPTFORNYELSE,), ("1.1", "1.2", "1.3"), represents_since="1.2"),
    Process("Helsepersonell", (Funksjon.HELSEPERSONELL,), ("1.0", "1.1"), represents_since="1.1"),
    Process("Koordinator", (Funksjon.KOORDINATOR,)),
    Process("Journal", (Funksjon.JOURNAL,), represents_since="1.0"),
    Process("Meldingsformidling", (Funksjon.MELDINGSFORMIDLING,), ("0.8", "1.0")),
)

_R, _O, _A = Need.REQUIRED, Need.OPTIONAL, Need.ABSENT

_push = partial(
    Row, element="Foresporsel", system=OID_7602, direction=Direction.FROM_OFFICE, timing=Timing.ASYNC, conversation=_A, xcal=_R,
    topic=APPOINTMENTS,
)
_answer = partial(
    Row, element="Notat", system=OID_7602, direction=Direction.FROM_OFFICE, timing=Timing.ASYNC, conversation=_R, xcal=_O,
    topic=APPOINTMENTS,
)
_told = partial(_answer, xcal=_R, helsepersonell=_O, vedlegg=_O)
_quick_answer = partial(_answer, timing=Timing.SYNC, topic=REPLIES)
_request = partial(
    Row, element="Foresporsel", system=OID_7601, direction=Direction.TO_OFFICE, timing=Timing.ASYNC, conversation=_A, xcal=_R,
    pasientrelasjon=_O, topic=APPOINTMENTS,
)
_question = partial(_request, timing=Timing.SYNC, xcal=_A, topic=None)
# The guide does not say in which element the answer RKT stands: it is read in both, and written as an answer, in Notat.
_test = partial(
    Row, "Test", element="Foresporsel", system=OID_7603, direction=Direction.BOTH, timing=Timing.SYNC, xcal=_A, patient=_O,
)

_TIMERESERVASJON: Final = (
    _push("Timereservasjon", code=Svar.TIMERESERVASJON_BEKREFTET, translator=says(Said.CONFIRMED)),
    _push("Timereservasjon", code=Svar.ENDRING_AV_TIME_BEKREFTET, translator=says(Said.CHANGED)),
    _push("Timereservasjon", code=Svar.AVBESTILLING_AV_TIME_BEKREFTET, translator=says(Said.CANCELLED)),
    _push("Timereservasjon", code=Svar.PASIENT_IKKE_MOTT, translator=says(Said.NO_SHOW)),
    _push("Timereservasjon", code=Ber.MOA, system=OID_7601, translator=visit),
    _told("Timereservasjon", code=Svar.TIMERESERVASJON_BEKREFTET, translator=says(Said.CONFIRMED)),
    _told("Timereservasjon", code=Svar.ENDRING_AV_TIME_BEKREFTET, translator=says(Said.CHANGED)),
    _answer("Timereservasjon", code=Svar.TIME_IKKE_TILGJENGELIG, vedlegg=_O, translator=says(Said.NOT_BOOKED)),
    _answer("Timereservasjon", code=Svar.TIME_KUNNE_IKKE_ENDRES, vedlegg=_O, translator=says(Said.CHANGE_REFUSED)),
    _answer("Timereservasjon", code=Svar.AVBESTILLING_AV_TIME_BEKREFTET, vedlegg=_O, translator=says(Said.CANCELLED)),
    _answer("Timereservasjon", code=Svar.TIME_KUNNE_IKKE_AVBESTILLES, vedlegg=_O, translator=says(Said.CANCELLATION_REFUSED)),
    _quick_answer("Timereservasjon", code=Svar.BESTILTE_TIMER, xcal=_R, since="1.2", translator=found_planned_visits),
    _quick_answer("Timereservasjon", code=Svar.INGEN_BESTILTE_TIMER, xcal=_A, since="1.2", translator=found_planned_visits),
    _quick_answer("Timereservasjon", code=Svar.LEDIGE_TIMER, xcal=_R, helsepersonell=_O, translator=found_free_slots),
    _quick_answer("Timereservasjon", code=Svar.INGEN_LEDIGE_TIMER, xcal=_A, translator=found_free_slots),
    _request("Timereservasjon", code=Ber.RT, vedlegg=_O, translator=says(Said.REQUESTED), command=Book, to_document=booking),
    _request("Timereservasjon", code=Ber.ART, translator=says(Said.CANCELLATION_REQUESTED), command=Cancel, to_document=cancellation),
    _question("Timereservasjon", code=Ber.HLT, translator=asked, command=FindFreeSlots, to_document=free_slots),
    _question("Timereservasjon", code=Ber.HBT, translator=asked, since="1.2", command=FindPlannedVisits, to_document=planned_visits),
)


def _of(process: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(replace(row, process=process) for row in rows)


_AVTALEUTSENDING: Final = _of("Avtaleutsending", _TIMERESERVASJON[:5])
"""The same content under another name, depending on which process the actor has active (appointments.md 10.6)."""
_AVTALEAVBESTILLING: Final = (
    _request("Avtaleavbestilling", code=Ber.ART, translator=says(Said.CANCELLATION_REQUESTED), command=Cancel, to_document=cancellation),
    _answer("Avtaleavbestilling", code=Svar.AVBESTILLING_AV_TIME_BEKREFTET, translator=says(Said.CANCELLED)),
    _answer("Avtaleavbestilling", code=Svar.TIME_KUNNE_IKKE_AVBESTILLES, translator=says(Said.CANCELLATION_REFUSED)),
)
_TIMEONSKE: Final = (
    _request("Timeonske", code=Ber.OT, xcal=_A, vedlegg=_O),
    _request("Timeonske", code=Ber.OET, vedlegg=_O),
    _request("Timeonske", code=Ber.OAT, vedlegg=_O),
    _answer("Timeonske", code=Svar.TIMERESERVASJON_BEKREFTET),
    _answer("Timeonske", code=Svar.TIME_IKKE_TILGJENGELIG, xcal=_A),
    _answer("Timeonske", code=Svar.ENDRING_AV_TIME_BEKREFTET),
    _answer("Timeonske", code=Svar.AVBESTILLING_AV_TIME_BEKREFTET),
    _answer("Timeonske", code=Svar.TIME_KUNNE_IKKE_AVBESTILLES),
    _answer("Timeonske", code=Svar.TIMERESERVASJON_HOS_ANNEN_BEHANDLER_BEKREFTET, xcal=_R, helsepersonell=_R),
    _answer("Timeonske", code=Svar.TIME_KUNNE_IKKE_ENDRES),
)
_TIMER: Final = (
    _request("Timer", code=Ber.HE), _request("Timer", code=Ber.OET), _request("Timer", code=Ber.OAB),
    _request("Timer", code=Svar.TIMERESERVASJON_BEKREFTET, system=OID_7602),
    _answer("Timer", code=Svar.SVAR_PA_HENVENDELSE, xcal=_R),
    _answer("Timer", code=Svar.ENDRING_AV_TIME_BEKREFTET, xcal=_R),
    _answer("Timer", code=Svar.TIME_KUNNE_IKKE_ENDRES, xcal=_R),
    _answer("Timer", code=Svar.AVSLUTNING_AV_BEHANDLINGSFORLOP_BEKREFTET, xcal=_R),
    _answer("Timer", code=Svar.BEHANDLINGSFORLOP_KUNNE_IKKE_AVSLUTTES, xcal=_R),
)
_LOOKUPS: Final = (
    _question("BehandlerOversikt", code=Ber.HB, translator=asked, command=FindPractitioners, to_document=practitioners),
    _quick_answer("BehandlerOversikt", code=Svar.BEHANDLERE, xcal=_A, helsepersonell=_R, translator=found_practitioners),
    _quick_answer("BehandlerOversikt", code=Svar.BEHANDLERE_IKKE_FUNNET, xcal=_A, helsepersonell=_O, translator=found_practitioners),
    _request("Digitalbruker", code=Ber.SDAB, xcal=_A),
    _push("Digitalbruker", code=Ber.SIDAB, system=OID_7601, xcal=_A),
    _answer("Digitalbruker", code=Svar.DIGITALE_AKTIVE_BRUKERE, direction=Direction.TO_OFFICE, xcal=_A),
    _answer("Digitalbruker", code=Svar.INGEN_DIGITALE_BRUKERE, direction=Direction.TO_OFFICE, xcal=_A),
    _test(code=Kommunikasjonstest7603.KT, conversation=_A, topic=OUTBOX, translator=tested, command=TestConnection,
          to_document=connection_test),
    _test(code=Kommunikasjonstest7603.RKT, conversation=_R, topic=REPLIES, translator=connected),
    _test(code=Kommunikasjonstest7603.RKT, element="Notat", conversation=_R, topic=REPLIES, translator=connected),
)


def _dialogue(process: str, *, asks: tuple[Ber, ...], answers: tuple[Svar, ...], starts: tuple[Ber, ...] = ()) -> tuple[Row, ...]:
    """A dialogue of words: what the citizen asks, what the office answers, and what the office starts by itself (dialogue.md 1.3)."""
    return (
        *(_request(process, code=code, xcal=_A, vedlegg=_O, topic=None) for code in asks),
        *(_answer(process, code=code, xcal=_A, vedlegg=_O, topic=None) for code in answers),
        *(_push(process, code=code, system=OID_7601, xcal=_A, vedlegg=_O, topic=None) for code in starts),
    )


_BOTH_STARTS: Final = (Ber.DI, Ber.EKI)
_DIALOGUES: Final = (
    *_dialogue("Reseptfornyelse", asks=(Ber.RF, Ber.RFER),
               answers=(Svar.RESEPT_ER_FORNYET, Svar.RESEPT_KAN_IKKE_FORNYES, Svar.RESEPTER_DELVIS_FORNYET)),
    *_dialogue("Ekonsultasjon", asks=(Ber.SB,), answers=(Svar.SVAR_PA_SPORSMAL_FRA_BEHANDLER, Svar.DIALOG_AVSLUTTET,
               Svar.SVAR_FRA_INNBYGGER), starts=_BOTH_STARTS),
    *_dialogue("Ekontakt", asks=(Ber.HE, Ber.BA), answers=(Svar.SVAR_PA_HENVENDELSE, Svar.DIALOG_AVSLUTTET, Svar.ATTEST_ER_FERDIGSTILT,
               Svar.ATTEST_KAN_IKKE_UTSTEDES, Svar.SVAR_FRA_INNBYGGER), starts=_BOTH_STARTS),
    *_dialogue("Helsepersonell", asks=(Ber.SB,), answers=(Svar.SVAR_PA_SPORSMAL_FRA_BEHANDLER, Svar.SVAR_FRA_INNBYGGER),
               starts=_BOTH_STARTS),
    *_dialogue("Journal", asks=(Ber.SB,), answers=(Svar.SVAR_PA_SPORSMAL_FRA_BEHANDLER,)),
)

_REFUSALS: Final = {
    Svar.FORESPORSEL_AVVIST: (request_ended, DELIVERIES),
    Svar.IKKE_TILGANG: (blocked, ACCESS),
    Svar.GENERELL_FEIL: (request_ended, DELIVERIES),
    Svar.TJENESTE_TILBYS_IKKE: (request_ended, DELIVERIES),
}
_LISTED: Final = {
    Svar.FORESPORSEL_AVVIST: {"Timereservasjon", "Timeonske", "TimeonskeUngdom", "Digitalbruker", "Reseptfornyelse", "Ekonsultasjon",
                              "Ekontakt", "Helsepersonell", "Journal"},
    Svar.IKKE_TILGANG: {"Timereservasjon", "Timeonske", "TimeonskeUngdom", "BehandlerOversikt", "Reseptfornyelse", "Ekonsultasjon",
                        "Ekontakt", "Helsepersonell", "Journal"},
    Svar.GENERELL_FEIL: {"BehandlerOversikt", "Digitalbruker", "Ekonsultasjon", "Ekontakt", "Helsepersonell", "Journal"},
    Svar.TJENESTE_TILBYS_IKKE: set[str](),
}
"""Where the standard lists each refusal (dialogue.md 2.2, appointments.md 9.2)."""
_refusal = partial(_answer, timing=Timing.AS_REQUEST, helsepersonell=_A, vedlegg=_O)
_ANYWHERE: Final = tuple(
    _refusal(process.name, code=code, translator=translator, topic=topic, listed=process.name in _LISTED[code])
    for process in PROCESSES for code, (translator, topic) in _REFUSALS.items()
)
"""26, 30, 31 and 33 are read in every process, carried or not."""

ROWS: Final[tuple[Row, ...]] = (
    *_TIMERESERVASJON, *_AVTALEUTSENDING, *_AVTALEAVBESTILLING, *_TIMEONSKE, *_of("TimeonskeUngdom", _TIMEONSKE), *_TIMER, *_LOOKUPS,
    *_DIALOGUES, *_ANYWHERE,
)
_BY_KEY: Final = {(row.process, row.element, row.code.value): row for row in ROWS}
_BY_TYPE: Final = {funksjon.value: process for process in PROCESSES for funksjon in process.types}
_BY_NAME: Final = {process.name: process for process in PROCESSES}


def process_of(type_v: str | None) -> Process | None:
    """The process a message type belongs to, None for one that is not a citizen's process."""
    return _BY_TYPE.get(type_v or "")


def process_named(name: str) -> Process:
    """The process of a row. KeyError for a name that is not in the table."""
    return _BY_NAME[name]


def rows_of_command(command: type[Command]) -> tuple[Row, ...]:
    """The rows by which a command can be sent; the first one that the receiver has active is taken."""
    return tuple(row for row in ROWS if row.command is command)


def find_row(process: str, element: str | None, code: str | None) -> Row | None:
    """The row of this message, None when the combination is not in the table."""
    return _BY_KEY.get((process, element or "", code or ""))


def row_of(process: str, element: str, code: str) -> Row:
    """The row of a message that was read: it is there."""
    return _BY_KEY[process, element, code]


def is_carried(process: str) -> bool:
    """The process has at least one message of its own that is carried, not only the refusals that are read everywhere."""
    return any(row.translator and row.code not in _REFUSALS for row in ROWS if row.process == process)


def legal_codes(process: str, element: str | None) -> tuple[str, ...]:
    """The codes that this process carries in this element, for a hint."""
    return tuple(sorted(row.code.value for row in ROWS if row.process == process and row.element == element and row.translator))

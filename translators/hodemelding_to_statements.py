"""From the document to what it states: one function per row of table 4. Never decides whether it is news: that is the case's."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from schemas.documents import Foresporsel, HealthcareProfessional, Hodemelding, Notat, RollerRelatertNotat, Vevent
from schemas.kodeverk.timetype_7617 import Timetype7617
from translators.statements import AboutAppointment, Asked, Blocked, Details, RequestEnded, Said, Statement, With

Translate = Callable[[Hodemelding], tuple[Statement, ...]]

VIDEO_PLACE = "Videotime"
"""What the place of a video appointment reads, whatever the office wrote (services.md 1)."""
HOME_VISIT = "Hjemmebesøk"
"""The only place home services use (appointments.md 5, `location`)."""
NOT_KINDS = ("mustcall", "must-call", "tjenesteid:")
"""What travels in `categories` without being an appointment type (appointments.md 5.2)."""
_OF_STATUS = {"CANCELLED": Said.CANCELLED, "CONFIRMED": Said.CONFIRMED, "TENTATIVE": Said.CONFIRMED}


def says(said: Said) -> Translate:
    """Each vevent is one appointment of which this is said; without a calendar it is said of the conversation's."""
    return partial(_appointments, said)


def _appointments(said: Said, message: Hodemelding) -> tuple[Statement, ...]:
    return tuple(AboutAppointment(said, details) for details in _details(message) or (None,))


def visit(message: Hodemelding) -> tuple[Statement, ...]:
    """MOA: a visit carried out or cancelled; the calendar's status says which (appointments.md 10.6, 5.3)."""
    events = message.icalendar.vevent if message.icalendar else ()
    return tuple(
        AboutAppointment(_OF_STATUS.get((event.status or "").upper(), Said.COMPLETED), replace(details, home_visit=True))
        for event, details in zip(events, _details(message), strict=True)
    )


def request_ended(message: Hodemelding) -> tuple[Statement, ...]:
    """26, 31 and 33: this request gets no answer (appointments.md 11.3)."""
    return (RequestEnded(_first(message), words_of(message)),)


def blocked(message: Hodemelding) -> tuple[Statement, ...]:
    """30 in its three shapes: text in `TekstNotatInnhold`, in `Tema`, or none; with or without the slot (dialogue.md 2.3)."""
    return (Blocked(_first(message), words_of(message)),)


def asked(_message: Hodemelding) -> tuple[Statement, ...]:
    """A synchronous question: it is handed on and leaves no trace in the case."""
    return (Asked(),)


def _first(message: Hodemelding) -> Details | None:
    return next(iter(_details(message)), None)


def _details(message: Hodemelding) -> tuple[Details, ...]:
    if message.icalendar is None:
        return ()
    text, practitioner = words_of(message), _practitioner(message)
    return tuple(_detail(event, text, practitioner) for event in message.icalendar.vevent)


def _detail(event: Vevent, text: str | None, practitioner: With | None) -> Details:
    return Details(
        starts_at=event.dtstart,
        ends_at=event.dtend,
        expected_duration=event.x_expected_duration,
        kinds=kinds_of(event),
        about=event.summary,
        description=event.description,
        place=place_of(event),
        text=text,
        practitioner=practitioner or _attendee(event),
        cancellation_reason=event.x_cancellation_reason,
        party=event.contact,
        uid=event.uid,
        related_to=event.related_to,
        home_visit=(event.location or "").casefold() == HOME_VISIT.casefold(),
        way_in=event.url,
    )


def kinds_of(event: Vevent) -> tuple[str, ...]:
    """The appointment's kinds: what else travels in `categories` is none."""
    return tuple(kind for kind in event.categories if not kind.lower().startswith(NOT_KINDS))


def place_of(event: Vevent) -> str | None:
    """Where to meet, as it is shown."""
    return VIDEO_PLACE if Timetype7617.VIDEO.value in event.categories else event.location


def _attendee(event: Vevent) -> With | None:
    return With(name=", ".join(event.attendee)) if event.attendee else None


def words_of(message: Hodemelding) -> str | None:
    """The office's words to the citizen."""
    return _words(message.dialogmelding.notat[0]) if message.dialogmelding.notat else None


def _words(notat: Notat) -> str | None:
    return notat.tekst_notat_innhold or notat.tema or None


def _practitioner(message: Hodemelding) -> With | None:
    """Who the appointment is with: named in the dialogue, else the first in a HelsepersonelListe (appointments.md 10.5)."""
    for role in _roles(message):
        if role.healthcare_professional:
            return _with(role.healthcare_professional, role)
    for entry in message.helsepersonel_liste or ():
        if entry.helsepersonell:
            return _with(entry.helsepersonell[0])
    return None


def _roles(message: Hodemelding) -> tuple[RollerRelatertNotat, ...]:
    dialog = message.dialogmelding
    spoken: tuple[Notat | Foresporsel, ...] = (*dialog.notat, *dialog.foresporsel)
    return spoken[0].roller_relatert_notat if spoken else ()


def _with(who: HealthcareProfessional, role: RollerRelatertNotat | None = None) -> With:
    kode = (role.role_to_patient if role else None) or who.role_to_patient
    return With(name=who.whole_name, hpr_number=who.hpr_number, role=kode.v if kode else None)

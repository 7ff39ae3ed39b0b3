"""Documents of every shape, as the reader gives them: texts trimmed, codes as tokens, times aware. What the tests of writing share."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from schemas.documents import (
    ConversationRef,
    Dialogmelding,
    Foresporsel,
    HealthcareProfessional,
    Helsepersonell,
    Hodemelding,
    Icalendar,
    Ident,
    Kode,
    MsgInfo,
    Notat,
    Organisation,
    Pasientrelasjon,
    Patient,
    Person,
    Recur,
    RollerRelatertNotat,
    Vevent,
)
from schemas.national_id import NationalId
from tests import messages

_CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
TEXTS = st.one_of(st.text(_CHARACTERS, max_size=20), st.text("&<>\"'\r\n\t]]>æøå–𝄞", max_size=12))
"""Markup, quotes, line ends and every script."""
WORDS = TEXTS.map(str.strip).filter(bool)
"""The same, trimmed: what the reader gives of an element."""
_SOME = st.none() | WORDS

_CS = st.builds(Kode, _SOME, dn=st.none() | TEXTS)
_CV = st.builds(Kode, _SOME, st.none() | st.sampled_from(sorted(messages.CODES.values())), st.none() | TEXTS, st.none() | TEXTS)
_IDENTS = st.lists(st.builds(Ident, WORDS, _CV), max_size=2).map(tuple)
_NATIONAL_IDS = st.one_of(
    st.builds(messages.national_id, st.integers(1, 28) | st.integers(41, 68), st.integers(1, 12)), WORDS,
).map(NationalId)
_TELEPHONES = st.none() | st.from_regex(r"\+?[0-9][0-9 ]{0,12}[0-9]", fullmatch=True)

_PRACTITIONERS = st.builds(HealthcareProfessional, _SOME, _SOME, _SOME, _IDENTS, st.none() | _CS, st.none() | _CV)
_ORGANISATIONS = st.recursive(
    st.builds(Organisation, _SOME, _IDENTS, st.none(), st.none() | _PRACTITIONERS),
    # An empty organisation below another is none to the reader.
    lambda below: st.builds(Organisation, _SOME, _IDENTS, st.none() | below.filter(lambda party: party != Organisation()), st.none()),
    max_leaves=3,
)
_PERSON = (_SOME, _SOME, _SOME, st.none() | _NATIONAL_IDS, _TELEPHONES)
_REFS = st.one_of(st.builds(ConversationRef, WORDS, st.just("") | WORDS), st.builds(ConversationRef, st.just(""), WORDS))
_MOMENTS = st.datetimes(datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2200-12-31T22:59:59"), timezones=st.just(UTC))
_MSG_INFOS = st.builds(
    MsgInfo, _CS, _MOMENTS, st.just(""), WORDS, st.none() | st.sampled_from("JNF") | WORDS, st.none() | _REFS,
    _ORGANISATIONS, _ORGANISATIONS, st.none() | st.builds(Patient, *_PERSON),
)

_ROLES = st.lists(st.builds(RollerRelatertNotat, st.none() | _CV, st.none() | _CV, st.none() | _PRACTITIONERS), max_size=2).map(tuple)
_DAYS = st.none() | st.dates(date(1900, 1, 1), date(2200, 12, 31))
_FORESPORSLER = st.lists(st.builds(Foresporsel, _CV, _SOME, _SOME, _DAYS, _DAYS, st.none() | _CV, _ROLES), max_size=2).map(tuple)
_NOTATER = st.lists(st.builds(Notat, _CV, _SOME, _SOME, _ROLES), max_size=2).map(tuple)
_DIALOGMELDINGER = st.one_of(
    st.builds(Dialogmelding, _SOME, _FORESPORSLER), st.builds(Dialogmelding, _SOME, st.just(()), _NOTATER),
)

_RECURS = st.builds(
    Recur, st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]), st.none() | st.integers(0, 999_999_999), _SOME,
    st.lists(st.sampled_from(["MO", "TU", "1SA", "-1SU"]), max_size=3).map(tuple),
)
_VEVENTS = st.builds(
    Vevent, st.none() | _MOMENTS, st.none() | _MOMENTS, _SOME, _SOME, _SOME, st.lists(WORDS, max_size=2).map(tuple), _SOME, _SOME, _SOME,
    _SOME, st.lists(WORDS, max_size=2).map(tuple), _SOME, st.none() | _RECURS, st.lists(_MOMENTS, max_size=2).map(tuple),
    st.none() | st.integers(0, 10**8).map(lambda seconds: timedelta(seconds=seconds)), st.none() | _MOMENTS,
    st.none() | st.sampled_from(["Avlyst av tjeneste", "Avlyst på vegne av tjenestemottaker"]), _SOME,
)


def _in_order(event: Vevent) -> Vevent:
    # An end before its start is dropped in reading.
    if event.dtstart and event.dtend and event.dtend < event.dtstart:
        return replace(event, dtstart=event.dtend, dtend=event.dtstart)
    return event


_CALENDARS = st.lists(_VEVENTS.map(_in_order), max_size=2).map(tuple).map(Icalendar)
_LISTER = st.lists(st.builds(Helsepersonell, st.lists(_PRACTITIONERS, max_size=2).map(tuple), _SOME), max_size=2).map(tuple)
_RELASJONER = st.builds(Pasientrelasjon, st.lists(st.builds(Person, *_PERSON), max_size=2).map(tuple), st.none() | _CV)

HODEMELDINGER = st.builds(
    Hodemelding, _MSG_INFOS, _DIALOGMELDINGER, st.none() | _CALENDARS, st.none() | _LISTER, pasientrelasjon=st.none() | _RELASJONER,
)
"""Whole messages without attachments, whose time has no text yet."""

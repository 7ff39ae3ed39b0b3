"""What was expected, in Norwegian: schemas and tables say it in English, a hint says both. Names of elements stay as they are."""

import re
from collections.abc import Mapping
from typing import Final

PHRASES: Final[Mapping[str, str]] = {
    "a name that no other element of the document has": "et navn som ingen andre elementer i dokumentet har",
    "an address (URI)": "en adresse (URI)",
    "Base64": "Base64",
    "true or false": "true eller false",
    "date and time, local or ending in Z": "dato og klokkeslett, lokal tid eller med Z til slutt",
    "date": "dato",
    "date and time": "dato og klokkeslett",
    "a whole number from -31 to 31": "et helt tall fra -31 til 31",
    "a duration such as PT30M": "en varighet, for eksempel PT30M",
    "a number": "et tall",
    "a whole number": "et helt tall",
    "date and time, date, year, year and month, or time": "dato og klokkeslett, dato, år, år og måned, eller klokkeslett",
    "a whole number from 1 to 12": "et helt tall fra 1 til 12",
    "a code system: groups of digits parted by single full stops": "et kodeverk: siffergrupper skilt med ett punktum",
    "date and time with a fraction of a second, ending in Z": "dato og klokkeslett med brøkdel av sekund, med Z til slutt",
    "an offset from UTC such as +01:00": "et avvik fra UTC, for eksempel +01:00",
    "an element that is not nil": "et element som ikke er nil",
    "a type that the schema allows here": "en type som skjemaet tillater her",
    "the fixed value of the schema": "den faste verdien i skjemaet",
    "no attributes": "ingen attributter",
    "text without elements": "tekst uten elementer",
    "nothing inside": "ikke noe innhold",
    "elements without text between them": "elementer uten tekst mellom seg",
    "only the attributes of the schema": "bare skjemaets attributter",
    "a required attribute": "et påkrevd attributt",
    "one of the listed values": "en av de oppførte verdiene",
    "the elements of the schema, in its order": "skjemaets elementer, i skjemaets rekkefølge",
    "what the schema allows here": "det skjemaet tillater her",
    "a value of the type that the schema gives": "en verdi av typen som skjemaet angir",
    "nothing before the XML declaration": "ingenting foran XML-deklarasjonen",
    "UTF-8, UTF-16, UTF-32, ASCII, ISO-8859 or Windows-125x": "UTF-8, UTF-16, UTF-32, ASCII, ISO-8859 eller Windows-125x",
    "no more elements here": "ingen flere elementer her",
    "a date of the years 1900 to 2200": "en dato i årene 1900 til 2200",
    "a time of the years 1900 to 2200, such as 2026-01-15T09:00:00": "et tidspunkt i årene 1900 til 2200, for eksempel 2026-01-15T09:00:00",
}
"""Whole phrases of the schemas' explainer and readers."""
_PATTERNS: Final = (
    (re.compile(r"^one of (.*) and (\d+) more$"), r"en av \1 og \2 til"),
    (re.compile(r"^one of (.*)$"), r"en av \1"),
    (re.compile(r"^at most (\d+) characters$"), r"høyst \1 tegn"),
    (re.compile(r"^at most (\d+) tags and (\d+) attributes$"), r"høyst \1 tagger og \2 attributter"),
    (re.compile(r"^a number of at most (\d+) digits$"), r"et tall på høyst \1 siffer"),
    (re.compile(r"^no attributes but (.*)$"), r"ingen andre attributter enn \1"),
    (re.compile(r"^the fixed value (.*)$"), r"den faste verdien \1"),
)


def in_norwegian(expected: str) -> str:
    """The phrase in Norwegian; a name or a limit, which has no other words, as it is."""
    if expected in PHRASES:
        return PHRASES[expected]
    for pattern, norwegian in _PATTERNS:
        if pattern.match(expected):
            return pattern.sub(norwegian, expected)
    return expected

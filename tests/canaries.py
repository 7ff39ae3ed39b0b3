"""A person who was made up to be looked for: name, number and words that may stand in the portal's data and in XML, and nowhere else.

`songs` is the search: of what one record of the log led to, every place in which a canary sings.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from contracts.topics import SEQUENCED, TOPICS
from hub.log_record import ENTRY
from tests import mail
from tests import messages as m
from tests.story import Told, is_xml, model_of, type_of

NUMBER = m.national_id(17, 4, 61, added=80)
NAME, GIVEN, WORDS, PLACE = "Kanarifuglesen", "Kvitre", "hemmelig-om-kneet", "hemmelig-sted"
TELEPHONE = "90001961"
CANARIES = (NUMBER, NAME, GIVEN, WORDS, PLACE, TELEPHONE)
_PERSON = m.patient(NUMBER, NAME, GIVEN)
_MAY_CARRY = tuple(topic.name for topic in TOPICS if topic.name.startswith("portal."))


def sung(body: bytes) -> bytes:
    """The message, about the canary."""
    return body.replace(mail.PATIENTS[0].encode(), _PERSON.encode()).replace(b"Rom 4", PLACE.encode())


def songs(told: Told) -> list[str]:
    """Every place outside the portal's data in which a canary sings."""
    seen = [*_outside(told), ("repr of what was told", repr(told).encode()), ("repr of the entry", repr(told.entry).encode())]
    return [f"{canary} in {where}" for where, text in seen for canary in CANARIES if canary.encode() in text]


def shown_by(found: object) -> list[str]:
    """Of what can be reached from here, also through what is hidden from a repr: each thing of ours whose own repr sings."""
    return sorted({type(thing).__name__ for thing in _reached(found, set()) if any(canary in repr(thing) for canary in CANARIES)})


def _reached(found: Any, seen: set[int]) -> Iterator[object]:
    if id(found) in seen:
        return
    seen.add(id(found))
    if isinstance(found, BaseModel) or (dataclasses.is_dataclass(found) and not isinstance(found, type)):
        yield found
    for part in _parts(found):
        yield from _reached(part, seen)


def _parts(found: Any) -> list[Any]:
    if isinstance(found, BaseModel):
        return [value for _, value in found]
    if dataclasses.is_dataclass(found) and not isinstance(found, type):
        return [getattr(found, each.name) for each in dataclasses.fields(found)]
    if isinstance(found, Mapping):
        return [*found.values()]
    return [*found] if isinstance(found, list | tuple | set | frozenset) else []


def _outside(told: Told) -> Iterator[tuple[str, bytes]]:
    for out in told.outgoing:
        yield f"key of {out.topic}", out.key or b""
        yield from ((f"{name} of {out.topic}", value) for name, value in out.headers if (out.topic, name) != (SEQUENCED.name, ENTRY))
        if not (out.topic in _MAY_CARRY or is_xml(out)):
            yield f"data of {out.topic}", out.value or b""
        if type_of(out):
            yield f"repr of {out.topic}", repr(model_of(out)).encode()

"""Old names and new ones: what a record says of a person, told under two pseudonym keys. Pure.

A name cannot be undone, so whoever renames must meet the person again: in what the log still holds, or in what stands on a compacted topic.
Never shows a person, and never decides what becomes of a name that nobody can be found for.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from contracts.citizen import CitizenStatus
from contracts.records import Headers, Outgoing
from contracts.topics import ACCESS, APPOINTMENT_STATUS
from hub.case.entries import CitizenTold, Commanded, Entry, Read
from hub.case.identity import answered_id, folded
from hub.pseudonyms import Pseudonyms
from schemas.national_id import NationalId
from translators.cloud_event import derived_id, key_of_access

STATEMENTS: Final = (APPOINTMENT_STATUS, ACCESS)
"""Compacted topics that tell how something stands for a person, for as long as it stands."""
Pair = tuple[str, str]
"""Old name, new name."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What stands under a key of a compacted topic, as far as it names somebody."""

    topic: str
    patient: NationalId
    office: str
    case: str
    service: str
    """Of an access: part of its key."""
    told: dict[str, Any] = field(repr=False)


def statement_of(topic: str, value: bytes) -> Statement:
    """What it says. KeyError or ValueError when it is not ours."""
    told = json.loads(value)
    about = told["appointment"] if topic == APPOINTMENT_STATUS.name else told
    return Statement(topic, NationalId(about["patient"]), about["office"], about["case"], about["service"], told)


@dataclass(frozen=True, slots=True)
class Renaming:
    """From one pseudonym key to another."""

    old: Pseudonyms
    new: Pseudonyms

    @property
    def gone(self) -> str:
        """What every old name begins with."""
        return f"{self.old.version}."

    def of_entry(self, entry: Entry, body: bytes | None) -> Iterator[Pair]:
        """The names of the case that a record of the log concerns, and of its person. None for a record that only has an order."""
        if isinstance(entry, CitizenTold):
            yield from self.of_citizen(body)
        elif isinstance(entry, Read | Commanded):
            yield from self._of_document(entry)

    def of_citizen(self, told: bytes | None) -> Iterator[Pair]:
        """Of whom the portal tells whether they are digitally active; nobody, for a tombstone. ValueError when it is not that."""
        if told is not None:
            yield from self.of_person(NationalId(CitizenStatus.model_validate_json(told).national_id))

    def of_patient(self, patient: NationalId, *, office: str) -> Iterator[Pair]:
        """The case of a patient at an office, and the person."""
        yield self.old.of(patient, office=office), self.new.of(patient, office=office)
        yield from self.of_person(patient)

    def of_person(self, patient: NationalId) -> Iterator[Pair]:
        """The person over all offices."""
        yield self.old.of_person(patient), self.new.of_person(patient)

    def renamed(self, statement: Statement, *, key: bytes, headers: Headers, place: str) -> list[Outgoing]:
        """The same statement under the new name; a tombstone where its key is made of the old one. Nothing when it has the new name.

        `place`: where it stands, from which its id is derived: done again, the same bytes.
        """
        if not statement.case.startswith(self.gone):
            return []
        name = self.new.of(statement.patient, office=statement.office)
        about = statement.told["appointment"] if statement.topic == APPOINTMENT_STATUS.name else statement.told
        about["case"] = name
        event_id = str(derived_id("renamed", self.new.version, place)).encode()
        told = tuple((header, event_id if header == "ce_id" else value) for header, value in headers)
        value = json.dumps(statement.told, ensure_ascii=False, separators=(",", ":")).encode()
        if statement.topic != ACCESS.name:
            return [Outgoing(statement.topic, key, value, told)]
        return [
            Outgoing(statement.topic, key_of_access(name, statement.service).encode(), value, told), Outgoing(statement.topic, key, None),
        ]

    def _of_document(self, entry: Read | Commanded) -> Iterator[Pair]:
        info = entry.message.msg_info
        if info.patient and info.patient.national_id:
            yield from self.of_patient(info.patient.national_id, office=entry.office)
            return
        request = entry.command_id if isinstance(entry, Commanded) else answered_id(entry) or folded(info.msg_id)
        yield self.old.of_request(request), self.new.of_request(request)

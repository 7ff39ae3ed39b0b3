"""Numbered messages: real XML of which every single one is news, in a known order, with re-sends. Synthetic persons only.

Each message moves one of its case's appointments and writes its number into the calendar's summary, so that an event tells which message it
stands for. All have the same GenDate: whichever of two comes first, the other is never "older", and every one must give an event.
"""

import random
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

from checker.terms import POISON
from contracts.records import Headers
from contracts.topics import COMMANDS, INBOX, of_vendor
from examples import writing
from examples.made_up import OSLO, Party, Patient, Slot, synthetic_national_id

VENDORS: Final = ("berg", "dal", "elv", "fjell", "hav", "skog")
OFFICES_A_VENDOR: Final = 2
PROCESSES: Final = {"Timereservasjon": "1.2", "BehandlerOversikt": "1.1", "Test": "1.1"}
"""What every office has active, in which version."""
DIALOG: Final = "DIALOG_INNBYGGER_TIMERESERVASJON"
WRITTEN_AT: Final = datetime(2026, 1, 15, 8, tzinfo=OSLO)
"""GenDate of all that is sent."""
CODES: Final = ("05", "07", "08")
APPOINTMENTS_A_CASE: Final = 3
REMEMBERED: Final = 300
"""So many messages back a re-send may reach."""
_FIRST_DAY: Final = datetime(2087, 3, 1, 8)  # noqa: DTZ001  as xCal has it: local, without a zone
"""Ahead of whoever runs it."""
_PUSH: Final = 0x5B0E
_MARKS: Final = {
    "msg_id": "@MSG-ID@", "uid": "@UID@", "number": "@NUMBER@", "day": _FIRST_DAY.isoformat(),
    "end": Slot("", _FIRST_DAY).ends_at.isoformat(),
}


@dataclass(frozen=True, slots=True)
class Office:
    """One party of the register: level 1, level 2, and whose topic carries its messages."""

    vendor: str
    her_ids: tuple[str, str]

    @property
    def party(self) -> Party:
        """As it writes of itself."""
        name = f"Kontoret {self.vendor} {self.her_ids[1]}"
        return Party(self.vendor, self.her_ids[0], name, self.her_ids[1], name)


@dataclass(frozen=True, slots=True)
class Letter:
    """One record for an inbox, or for the portal's own topic. `again`: the same bytes were sent before."""

    number: int
    msg_id: str
    topic: str
    partition: int
    body: bytes = field(repr=False)
    again: bool = False
    headers: Headers = ()

    @property
    def is_command(self) -> bool:
        """The portal's."""
        return self.topic == COMMANDS.name

    def sent_again(self, *, aside: int) -> "Letter":
        """The same bytes, by a partition that lies so far aside."""
        partitions = COMMANDS.partitions if self.is_command else INBOX.partitions
        return replace(self, partition=(self.partition + aside) % partitions, again=True)


OFFICES: Final = tuple(
    Office(vendor, (f"8{at}00{number}00", f"8{at}00{number}01"))
    for number in range(1, OFFICES_A_VENDOR + 1) for at, vendor in enumerate(VENDORS, start=3)
)
PORTAL: Final = Party(None, "8990010", "Innbyggerportalen", "8990011", "Innbyggerportalen")
PORTAL_HER_IDS: Final = (PORTAL.level_1, PORTAL.her_id)


def write_register(path: Path, offices: Sequence[Office] = OFFICES) -> Path:
    """The register of parties (table 3) for these vendors and one portal."""
    rows = [_row(PORTAL_HER_IDS, "Portalen"), *(_row(one.her_ids, one.party.name, one.vendor) for one in offices)]
    path.write_text("\n".join(rows), "utf-8")
    return path


def _row(her_ids: tuple[str, str], name: str, vendor: str | None = None) -> str:
    processes = ", ".join(f'{{ process = "{name}", version = "{version}" }}' for name, version in PROCESSES.items())
    carried = f'vendor = "{vendor}"\nprocesses = [{processes}]\n' if vendor else ""
    return f'[[party]]\nher_id = "{her_ids[1]}"\nlevel_1 = "{her_ids[0]}"\nname = "{name}"\n{carried}'


def msg_id(number: int, *, kind: int = _PUSH) -> str:
    """The MsgId of a number, and the way back is `number_of`."""
    return str(UUID(int=(kind << 112) | (4 << 76) | (8 << 60) | number))


def number_of(found: str) -> int:
    """The number in a MsgId."""
    return UUID(found).int & 0xFFFF_FFFF


def letters(count: int, *, cases: int, resends: float, seed: int) -> Iterator[Letter]:
    """`count` numbered messages and, between them, re-sends."""
    chance = random.Random(seed)  # noqa: S311  traffic that can be made again
    return with_resends((push(number, chance.randrange(cases), chance) for number in range(count)), resends, chance)


def with_resends(letters: Iterable[Letter], share: float, chance: random.Random) -> Iterator[Letter]:
    """Each letter once, and after so many of them one of the last again: half of those through another partition of the same topic."""
    past = deque[Letter](maxlen=REMEMBERED)
    for letter in letters:
        past.append(letter)
        yield letter
        if chance.random() < share:
            yield chance.choice(past).sent_again(aside=chance.choice((0, 0, 1, 2)))


def push(number: int, case: int, chance: random.Random, *, kind: int = _PUSH) -> Letter:
    """One of the case's appointments is moved. `kind`: the first bits of its MsgId."""
    office = OFFICES[case % len(OFFICES)]
    partition = case // len(OFFICES) % INBOX.partitions
    told, which = msg_id(number, kind=kind), chance.randrange(APPOINTMENTS_A_CASE)
    body = _filled(_template(case, chance.choice(CODES)), number, told, uid=str(UUID(int=(case << 8) + which)), which=which)
    return Letter(number, told, of_vendor(INBOX, office.vendor), partition, body)


def poison(number: int, case: int, chance: random.Random, *, kind: int = POISON) -> Letter:
    """A push that is marked to fail."""
    return push(number, case, chance, kind=kind)


def _filled(template: str, number: int, told: str, *, uid: str, which: int) -> bytes:
    # each appointment has an hour of its own: two of a case never share a slot, by which they would be taken for one
    slot = Slot(uid, _FIRST_DAY.replace(day=number % 28 + 1, hour=8 + which))
    values = {"msg_id": told, "uid": uid, "number": str(number), "day": slot.starts_at.isoformat(), "end": slot.ends_at.isoformat()}
    for name, value in values.items():
        template = template.replace(_MARKS[name], value)
    return template.encode()


@cache
def _template(case: int, code: str) -> str:
    office = OFFICES[case % len(OFFICES)].party
    slot = Slot(_MARKS["uid"], _FIRST_DAY, about=f"nr {_MARKS['number']}")
    envelope = writing.Envelope(DIALOG, _MARKS["msg_id"], WRITTEN_AT, office, PORTAL, person_of(case))
    return writing.message(envelope, [writing.asks(code, "7602"), writing.calendar([slot], office)]).decode()


@cache
def patient_of(case: int) -> str:
    """The national id of the case's person, whom nobody is."""
    return synthetic_national_id(f"case {case}")


def person_of(case: int) -> Patient:
    """The case's person."""
    return Patient(patient_of(case), "Myrstad", "Kaja", str(case))

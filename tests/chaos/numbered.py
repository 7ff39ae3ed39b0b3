"""Numbered messages: real XML of which every single one is news, in a known order, with re-sends. Synthetic persons only.

Each message moves one of its case's appointments and writes its number into the calendar's summary, so that an event tells which message it
stands for. All have the same GenDate: whichever of two comes first, the other is never "older", and every one must give an event.
"""

import random
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

from contracts.records import Headers
from contracts.topics import COMMANDS, INBOX, of_vendor
from tests import messages

VENDORS: Final = ("berg", "dal", "elv", "fjell")
PORTAL: Final = ("8990010", "8990011")
PROCESSES: Final = {"Timereservasjon": "1.2", "BehandlerOversikt": "1.1", "Test": "1.1"}
"""What every office has active, in which version."""
CODES: Final = ("05", "07", "08")
APPOINTMENTS_A_CASE: Final = 3
REMEMBERED: Final = 300
"""So many messages back a re-send may reach."""
_MARKS: Final = {"msg_id": "@MSG-ID@", "uid": "@UID@", "day": "@DAY@", "hour": "@HOUR@", "number": "@NUMBER@"}


@dataclass(frozen=True, slots=True)
class Office:
    """One party of the register: level 1, level 2, and whose topic carries its messages."""

    vendor: str
    her_ids: tuple[str, str]


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


OFFICES: Final = tuple(Office(vendor, (f"8{at}00100", f"8{at}00101")) for at, vendor in enumerate(VENDORS, start=4))


def write_register(path: Path, offices: Sequence[Office] = OFFICES) -> Path:
    """The register of parties (table 3) for these vendors and one portal."""
    rows = [_row(PORTAL, "Portalen"), *(_row(office.her_ids, f"Kontoret {office.vendor}", office.vendor) for office in offices)]
    path.write_text("\n".join(rows), "utf-8")
    return path


def _row(her_ids: tuple[str, str], name: str, vendor: str | None = None) -> str:
    processes = ", ".join(f'{{ process = "{name}", version = "{version}" }}' for name, version in PROCESSES.items())
    carried = f'vendor = "{vendor}"\nprocesses = [{processes}]\n' if vendor else ""
    return f'[[party]]\nher_id = "{her_ids[1]}"\nlevel_1 = "{her_ids[0]}"\nname = "{name}"\n{carried}'


def msg_id(number: int) -> str:
    """The MsgId of a number, and the way back is `number_of`."""
    return messages.msg_id(number)


def number_of(found: str) -> int:
    """The number in a MsgId."""
    return UUID(found).int & 0xFFFF_FFFF


def letters(count: int, *, cases: int, resends: float, seed: int) -> Iterator[Letter]:
    """`count` numbered messages and, between them, re-sends."""
    chance = random.Random(seed)
    return with_resends((push(number, chance.randrange(cases), chance) for number in range(count)), resends, chance)


def with_resends(letters: Iterable[Letter], share: float, chance: random.Random) -> Iterator[Letter]:
    """Each letter once, and after so many of them one of the last again: half of those through another partition of the same topic."""
    past = deque[Letter](maxlen=REMEMBERED)
    for letter in letters:
        past.append(letter)
        yield letter
        if chance.random() < share:
            yield chance.choice(past).sent_again(aside=chance.choice((0, 0, 1, 2)))


def push(number: int, case: int, chance: random.Random) -> Letter:
    """One of the case's appointments is moved."""
    office = OFFICES[case % len(OFFICES)]
    partition = case // len(OFFICES) % INBOX.partitions
    body = _filled(_template(case, chance.choice(CODES)), number, case, chance.randrange(APPOINTMENTS_A_CASE))
    return Letter(number, msg_id(number), of_vendor(INBOX, office.vendor), partition, body)


def _filled(template: str, number: int, case: int, which: int) -> bytes:
    # each appointment has an hour of its own: two of a case never share a slot, by which they would be taken for one
    told = {"msg_id": msg_id(number), "uid": str(UUID(int=(case << 8) + which)), "day": f"{number % 28 + 1:02}", "hour": f"{8 + which:02}",
            "number": str(number)}
    for name, value in told.items():
        template = template.replace(_MARKS[name], value)
    return template.encode()


@cache
def _template(case: int, code: str) -> str:
    office = OFFICES[case % len(OFFICES)]
    day = f"2027-03-{_MARKS['day']}T{_MARKS['hour']}"
    event = messages.vevent(
        f"{day}:00:00", f"{day}:20:00", uid=_MARKS["uid"], contact=office.her_ids[1],
        more=messages.prop("summary", f"nr {_MARKS['number']}"),
    )
    return messages.message(
        dialog=messages.foresporsel(code), calendar=messages.icalendar(event), msg_id=_MARKS["msg_id"],
        patient=messages.patient(patient_of(case)), sender=messages.office(office.her_ids), receiver=messages.portal(PORTAL),
    ).decode()


@cache
def patient_of(case: int) -> str:
    """The national id of the case's person."""
    return messages.national_id(case % 28 + 1, case // 28 % 12 + 1, 50 + case // 336, individual=100)

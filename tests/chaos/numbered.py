"""Numbered messages: real XML of which every single one is news, in a known order, with re-sends. Synthetic persons only.

Each message moves one of its case's appointments and writes its number into the calendar's summary, so that an event tells which message it
stands for. All have the same GenDate: whichever of two comes first, the other is never "older", and every one must give an event.
"""

import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

from contracts.topics import INBOX, of_vendor
from tests import messages

VENDORS: Final = ("berg", "dal", "elv", "fjell")
PORTAL: Final = ("8990010", "8990011")
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
    """One record for an inbox. `again`: the same bytes were sent before."""

    number: int
    msg_id: str
    topic: str
    partition: int
    body: bytes = field(repr=False)
    again: bool = False


OFFICES: Final = tuple(Office(vendor, (f"8{at}00100", f"8{at}00101")) for at, vendor in enumerate(VENDORS, start=4))


def write_register(path: Path, offices: Sequence[Office] = OFFICES) -> Path:
    """The register of parties (table 3) for these vendors and one portal."""
    rows = [_row(PORTAL, "Portalen"), *(_row(office.her_ids, f"Kontoret {office.vendor}", office.vendor) for office in offices)]
    path.write_text("\n".join(rows), "utf-8")
    return path


def _row(her_ids: tuple[str, str], name: str, vendor: str | None = None) -> str:
    carried = f'vendor = "{vendor}"\nprocesses = [{{ process = "Timereservasjon", version = "1.2" }}]\n' if vendor else ""
    return f'[[party]]\nher_id = "{her_ids[1]}"\nlevel_1 = "{her_ids[0]}"\nname = "{name}"\n{carried}'


def msg_id(number: int) -> str:
    """The MsgId of a number, and the way back is `number_of`."""
    return messages.msg_id(number)


def number_of(found: str) -> int:
    """The number in a MsgId."""
    return UUID(found).int & 0xFFFF_FFFF


def letters(count: int, *, cases: int, resends: float, seed: int) -> Iterator[Letter]:
    """`count` numbered messages and, between them, re-sends: half of those through another partition of the same inbox."""
    chance, past = random.Random(seed), deque[Letter](maxlen=REMEMBERED)
    for number in range(count):
        letter = _letter(number, chance.randrange(cases), chance)
        past.append(letter)
        yield letter
        if chance.random() < resends:
            yield _again(chance.choice(past), chance)


def _again(letter: Letter, chance: random.Random) -> Letter:
    aside = chance.choice((0, 0, 1, 2))
    partition = (letter.partition + aside) % INBOX.partitions
    return Letter(letter.number, letter.msg_id, letter.topic, partition, letter.body, again=True)


def _letter(number: int, case: int, chance: random.Random) -> Letter:
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
        patient=messages.patient(_patient(case)), sender=messages.office(office.her_ids), receiver=messages.portal(PORTAL),
    ).decode()


@cache
def _patient(case: int) -> str:
    return messages.national_id(case % 28 + 1, case // 28 % 12 + 1, 50 + case // 336, individual=100)

"""The load: synthetic messages of 4-5 kB, each with a MsgId of its own, about appointments that are confirmed, moved and cancelled.

Every distinct message is news, so that each must lead to exactly one event on the appointments' topic and one receipt. A share is sent
twice, byte for byte. Never a real person: every number is of the synthetic series with 80 added to the month.
"""

import random
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final
from uuid import UUID

from contracts.party import Party
from hub.parties import read_register

PARTIES_FILE: Final = Path(__file__).with_name("parties.toml")
CASES: Final = 10_000
DOUBLED: Final = 0.02
"""The share that is a copy of an earlier message."""
_RECENT: Final = 500
"""A copy is of one of so many before it."""
_STAGES: Final = ("05", "07", "08")
_FAMILIES: Final = ("push", "answer")
_PLACE: Final = re.compile("@([a-z_]+)@")
_WEIGHTS: Final = ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to send. `key` keeps one patient's messages in one partition."""

    vendor: str
    key: bytes
    msg_id: str
    body: bytes = field(repr=False)
    again: bool = False
    """A copy of one that was sent before."""


class Load:
    """An endless, reproducible stream. `now`: the first message was written two days before, so that none is dated ahead."""

    def __init__(self, *, now: datetime, seed: int = 1, doubled: float = DOUBLED) -> None:
        self._random, self._now, self._doubled = random.Random(seed), now, doubled
        self._stages: dict[int, int] = {}
        self._recent: deque[Message] = deque(maxlen=_RECENT)
        self._written = 0
        parties = read_register(PARTIES_FILE).party
        self._portal, self._offices = parties[0], parties[1:]

    def take(self, count: int) -> list[Message]:
        """The next so many."""
        return [self._next() for _ in range(count)]

    def _next(self) -> Message:
        if self._recent and self._random.random() < self._doubled:
            earlier = self._random.choice(self._recent)
            return Message(earlier.vendor, earlier.key, earlier.msg_id, earlier.body, again=True)
        message = self._new()
        self._recent.append(message)
        return message

    def _new(self) -> Message:
        case = self._random.randrange(CASES)
        done = self._stages.get(case, 0)
        self._stages[case] = done + 1
        self._written += 1
        office = self._offices[case % len(self._offices)]
        msg_id = self._uuid()
        body = _filled(_template_of(case, done), self._words(case, done, office, msg_id))
        return Message(office.vendor or "", b"%d" % case, msg_id, body)

    def _words(self, case: int, done: int, office: Party, msg_id: str) -> dict[str, str]:
        appointment, stage = divmod(done, len(_STAGES))
        written = self._now - timedelta(days=2) + timedelta(seconds=self._written)
        starts = self._now.replace(minute=0, second=0, microsecond=0) + timedelta(days=20 + case % 40 + appointment, hours=stage)
        return {
            "msg_id": msg_id, "request": self._uuid(), "uid": str(UUID(int=(case << 32) | appointment, version=4)),
            "gen_date": written.isoformat(timespec="seconds"), "patient": national_id(case),
            "starts": f"{starts:%Y-%m-%dT%H:%M:%S}", "ends": f"{starts + timedelta(minutes=20):%Y-%m-%dT%H:%M:%S}",
            "office": office.level_1, "party": office.her_id, "portal": self._portal.level_1, "portal_party": self._portal.her_id,
        }

    def _uuid(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))


@lru_cache(maxsize=CASES)
def national_id(number: int) -> str:
    """A synthetic national id of its own for each number below 100,000, with control digits that hold."""
    day, month, year = 1 + number % 28, 81 + number // 28 % 12, number // 336 % 100
    # every start of a day's series has a thousand individual numbers; a tenth of them has no control digits
    for individual in range(number // 33_600 * 300, 1000):
        if (digits := _with_control(f"{day:02}{month:02}{year:02}{individual:03}")) is not None:
            return digits
    raise ValueError(number)


def _with_control(digits: str) -> str | None:
    for weights in _WEIGHTS:
        control = -sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11
        if control == 10:
            return None
        digits += str(control)
    return digits


def _template_of(case: int, done: int) -> str:
    appointment, stage = divmod(done, len(_STAGES))
    return f"{_FAMILIES[(case + appointment) % len(_FAMILIES)]}-{_STAGES[stage]}"


@lru_cache
def _template(name: str) -> tuple[str, ...]:
    # text and names of places by turns
    return tuple(_PLACE.split((Path(__file__).parent / "templates" / f"{name}.xml").read_text("utf-8")))


def _filled(name: str, words: dict[str, str]) -> bytes:
    return "".join(words[part] if at % 2 else part for at, part in enumerate(_template(name))).encode()

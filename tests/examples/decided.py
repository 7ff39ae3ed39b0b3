"""Steps sent down the pure path, as the hub would: read at a desk with the demo's register, claimed, decided in the order of the log."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import hub.parties
from contracts.records import Outgoing, Received, Source
from contracts.topics import INBOX, of_vendor
from examples.epj import Step
from examples.portal import TOPICS
from examples.scenario import scenario
from examples.subscriber import Heard, Record, hear
from hub.case.decide import decide
from hub.case.decision import Claimed, Context, Decision
from hub.case.entries import Read, Rejected
from hub.case.state import Case
from hub.parties import read_register
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk, Sequenced, read
from translators.cloud_event import Stamp

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REGISTER = read_register(Path(hub.parties.__file__).parent / "demo_parties.toml")


@dataclass(frozen=True, slots=True)
class Decided:
    """One step, what was read of it, and what followed."""

    step: Step
    sequenced: Sequenced
    decision: Decision


def decided(steps: Iterable[Step], *, at: datetime) -> list[Decided]:
    """Every step in its order, a second apart, the first at `at`."""
    desk = Desk(Pseudonyms(b"k" * 32), REGISTER)
    cases: dict[str, Case] = {}
    claims: set[str] = set()
    told = []
    for offset, step in enumerate(steps):
        received = Received(Source(of_vendor(INBOX, step.vendor), 0, offset), step.vendor, at + timedelta(seconds=offset), step.body)
        sequenced = read(received, desk)
        decision = decide(cases.get(sequenced.key, Case()), sequenced.entry, _context(received, step, sequenced, claims))
        cases[sequenced.key] = decision.case
        told.append(Decided(step, sequenced, decision))
    return told


def outgoing_of(steps: Iterable[Step], *, at: datetime) -> list[tuple[Step, Decision]]:
    """Every step and what followed from it."""
    return [(one.step, one.decision) for one in decided(steps, at=at)]


def _context(received: Received, step: Step, sequenced: Sequenced, claims: set[str]) -> Context:
    """What was refused at the door claims no id."""
    claimed = Claimed.DUPLICATE if step.msg_id in claims else Claimed.FIRST
    if isinstance(sequenced.entry, Read | Rejected):
        claims.add(step.msg_id)
    stamp = Stamp(0, received.source.offset, received.at, str(received.source), step.msg_id)
    return Context(stamp, sequenced.key, claimed, step.body)


@cache
def _scenario() -> list[Decided]:
    return decided(scenario(TODAY), at=NOW)


def heard(*names: str) -> list[Heard]:
    """What a portal hears of these steps of the scenario, of all when none is named."""
    sent = [record for one in _scenario() if not names or one.step.name in names for record in one.decision.outgoing]
    return [hear(as_record(record)) for record in sent if record.topic in TOPICS]


def as_record(outgoing: Outgoing) -> Record:
    """What leaves, as a subscriber meets it."""
    headers = {name: value.decode() for name, value in outgoing.headers}
    return Record(outgoing.topic, (outgoing.key or b"").decode(), headers, outgoing.value)

"""Exchanges played down the pure path: the portal asks, the hub writes, the example EPJ reads that and answers, and the portal is told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from contracts.topics import ERRORS, SEQUENCED, of_vendor
from examples.epj import ExampleEpj, Step
from examples.exchanges import Exchange
from examples.made_up import PARTIES
from examples.outbox import Request, read
from examples.portal import Asked, ExamplePortal
from examples.subscriber import Heard, Record, hear
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk
from tests.examples.decided import REGISTER, as_record
from tests.story import Hub, Told, is_xml

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
TICK = timedelta(milliseconds=50)
_ERRORS = {of_vendor(ERRORS, office.vendor) for office in PARTIES if office.vendor}


@dataclass(slots=True)
class Played:
    """One exchange, and what became of it."""

    exchange: Exchange
    asked: Asked
    written: list[bytes] = field(default_factory=list)
    """What the EPJ found on its outbox."""
    answered: list[Step] = field(default_factory=list)
    """What the EPJ sent."""
    told: list[Heard] = field(default_factory=list)
    """What the portal was told."""
    complained: list[Heard] = field(default_factory=list)
    """What the EPJ's vendor was told to mend."""
    decisions: list[Told] = field(default_factory=list)
    """What the hub made of each record."""

    @property
    def kinds(self) -> list[str]:
        """Of what the portal was told."""
        return [heard.kind for heard in self.told]

    @property
    def requests(self) -> list[Request]:
        """What the EPJ was asked."""
        return [request for xml in self.written if isinstance(request := read(xml), Request)]

    @property
    def left(self) -> list[Record]:
        """All that left the hub, as a subscriber meets it."""
        return [as_record(out) for told in self.decisions for out in told.outgoing if out.topic != SEQUENCED.name]

    def heard(self, kind: str) -> Heard:
        """What the portal was told of this kind."""
        return next(heard for heard in self.told if heard.kind == kind)


@dataclass(slots=True)
class Play:
    """One portal, one hub, an EPJ for each office; the clock goes a little with each record."""

    now: datetime
    run: str = "played"
    hub: Hub = field(default_factory=lambda: Hub(Desk(Pseudonyms(b"k" * 32), REGISTER)))
    portal: ExamplePortal = field(default_factory=ExamplePortal)
    epjs: dict[str, ExampleEpj] = field(init=False)

    def __post_init__(self) -> None:
        self.epjs = {office.her_id: ExampleEpj(office, run=self.run) for office in PARTIES if office.vendor}

    def all(self, exchanges: Iterable[Exchange]) -> dict[str, Played]:
        """One after the other, by name."""
        return {exchange.name: self.one(exchange) for exchange in exchanges}

    def one(self, exchange: Exchange) -> Played:
        """There and back. A question that nobody answers falls due."""
        asked = self.portal.ask(exchange.command(self.portal, self.now))
        epj, played = self.epjs[exchange.office.her_id], Played(exchange, asked)
        if exchange.answer:
            epj.script[asked.id] = exchange.answer
        self._take(played, self.hub.command(asked.command, asked.id, at=self._tick()))
        for request in played.requests:
            for step in epj.answers(request, at=self.now):
                played.answered.append(step)
                self._send(played, step)
        if asked.command.family.is_question and asked.reply is None:
            self._take(played, self.hub.fall_due(asked.id))
        return played

    def _send(self, played: Played, step: Step) -> None:
        before = len(self.hub.told)
        self.hub.send(step.body, vendor=step.vendor, at=self._tick())
        for told in self.hub.told[before:]:
            self._take(played, told)

    def _take(self, played: Played, told: Told) -> None:
        played.decisions.append(told)
        played.written += [out.value or b"" for out in told.outgoing if is_xml(out)]
        for heard in (hear(as_record(out)) for out in told.events):
            if heard.topic in _ERRORS:
                played.complained.append(heard)
            else:
                played.told.append(heard)
                self.portal.take(heard)

    def _tick(self) -> datetime:
        self.now += TICK
        return self.now

"""The checker: what the topics say about what became of each message and command. Pure; believes neither the hub nor the one who sent.

The truth is what stands in the inboxes and on the portal's topic. Each message has its event once, in its case's order, and its receipt;
each question one reply, each command one story and one document; each record one line in the journal. What is judged stands in
`of_events`, `of_senders` and `of_commands`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise

from tests.chaos import of_commands, of_events, of_senders
from tests.chaos.facts import Facts, Seen, Topics


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every list holds examples of what must not be; all empty is the proof."""

    records: int
    messages: int
    commands: int
    questions: int
    """Those of the commands that want a reply."""
    events: int
    longest_gap: float
    """Seconds in which no event came, since the first message was sent."""
    gap_began: float
    """Seconds after the first message."""
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    """An event or a document that nothing leads to, or that tells another one's number."""
    out_of_order: list[str] = field(default_factory=list)
    revisions: list[str] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    receipts_missing: list[str] = field(default_factory=list)
    receipts_doubled: list[str] = field(default_factory=list)
    receipts_wrong: list[str] = field(default_factory=list)
    """Negative, in another vendor's outbox, or of nothing that asked for one."""
    journal: list[str] = field(default_factory=list)
    notified_twice: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    """Dead letters, transport errors and notices: owed to a broken answer, and to nothing else."""
    replies_missing: list[str] = field(default_factory=list)
    replies_doubled: list[str] = field(default_factory=list)
    replies_wrong: list[str] = field(default_factory=list)
    """Not what was decided of the answers."""
    stories_wrong: list[str] = field(default_factory=list)
    """None, one that cannot be, or one that leaves out what an office has said."""
    sent_missing: list[str] = field(default_factory=list)
    sent_doubled: list[str] = field(default_factory=list)
    became: Counter[str] = field(default_factory=Counter)
    """What questions and commands were told, by how often: no verdict, but what the run has tried."""

    @property
    def faults(self) -> dict[str, list[str]]:
        """What was found, by kind, without the empty ones."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in found.items() if isinstance(value, list) and value}

    def line(self) -> str:
        """One line for people and for the log of a run."""
        counted = {each.name: getattr(self, each.name) for each in fields(self)}
        words = [f"{name}={len(value)}" for name, value in counted.items() if isinstance(value, list)]
        return (
            f"RESULT {'FAIL' if self.faults else 'PASS'} records={self.records} messages={self.messages} commands={self.commands} "
            f"questions={self.questions} resends={self.records - self.messages - self.commands} events={self.events} {' '.join(words)} "
            f"longest_gap={self.longest_gap:.1f}s@{self.gap_began:.0f} "
            f"became={','.join(f'{what}:{times}' for what, times in sorted(self.became.items()))}"
        )


def verdict(topics: Topics, *, vendors: Iterable[str]) -> Verdict:
    """Judge a finished run by all it left behind."""
    facts = Facts(topics, tuple(vendors))
    gap, began = longest_gap([*facts.inbox[:1], *facts.events])
    return Verdict(
        records=len(facts.inbox) + len(facts.orders), messages=len(facts.mail), commands=len(facts.asked),
        questions=len([*of_commands.questions(facts)]), events=len(facts.events), longest_gap=gap, gap_began=began,
        lost=of_events.lost(facts), doubled=of_events.doubled(facts),
        strange=[*of_events.strange(facts), *of_commands.documents_strange(facts)],
        out_of_order=[*of_events.out_of_order(facts), *of_commands.documents_out_of_order(facts)],
        revisions=[*of_events.revisions(facts)], status=[*of_events.status(facts)],
        receipts_missing=of_senders.receipts_missing(facts), receipts_doubled=of_senders.receipts_doubled(facts),
        receipts_wrong=[*of_senders.receipts_wrong(facts)], journal=[*of_senders.journal(facts)],
        notified_twice=of_events.notified_twice(facts), letters=[*of_senders.letters(facts)],
        replies_missing=[*of_commands.replies_missing(facts)], replies_doubled=[*of_commands.replies_doubled(facts)],
        replies_wrong=[*of_commands.replies_wrong(facts)], stories_wrong=[*of_commands.stories_wrong(facts)],
        sent_missing=[*of_commands.sent_missing(facts)], sent_doubled=[*of_commands.sent_doubled(facts)],
        became=of_commands.became(facts),
    )


def longest_gap(records: Sequence[Seen]) -> tuple[float, float]:
    """(seconds, seconds after the first record at which it began)."""
    times = sorted(record.timestamp_ms / 1000 for record in records)
    gaps = [(after - before, before - times[0]) for before, after in pairwise(times)]
    return max(gaps, default=(0.0, 0.0))

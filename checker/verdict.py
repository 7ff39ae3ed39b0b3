"""The verdict on a finished run: what the topics say about what became of each message and command. Pure; believes nobody.

The truth is what stands in the inboxes and on the portal's topic. Each message has its event once, in its case's order, and its receipt;
each question one reply, each command one story and one document; each record one line in the journal. What is judged stands in the
modules `of_*`; what of it a certificate counts together, in `COUNTED`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final

from checker import of_commands, of_events, of_letters, of_notifications, of_senders
from checker.facts import Facts

COUNTED: Final[Mapping[str, tuple[str, ...]]] = {
    "lost": ("lost", "sent_missing"),
    "doubled": ("doubled", "sent_doubled", "strange"),
    "disordered": ("out_of_order",),
    "receipts_missing": ("receipts_missing", "receipts_wrong"),
    "receipts_doubled": ("receipts_doubled",),
    "notifications_wrong": ("notifications",),
    "replies_wrong": ("replies_missing", "replies_doubled", "replies_wrong", "stories_wrong"),
    "status_wrong": ("status", "revisions"),
    "letters_wrong": ("letters", "journal"),
}
"""Each count of a certificate, and the lists of a verdict that it adds up."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every list holds examples of what must not be; all empty is the proof."""

    records: int
    messages: int
    commands: int
    questions: int
    """Those of the commands that want a reply."""
    events: int
    set_aside: int
    """Messages that were set aside, and dealt with later."""
    parked: int
    """Messages that waited behind one of those."""
    discarded: int
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
    notifications: list[str] = field(default_factory=list)
    """Told twice, for nothing, or not at all."""
    letters: list[str] = field(default_factory=list)
    """Letters, transport errors and notices: owed to a broken answer and to what was marked to fail, and to nothing else."""
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

    @property
    def counts(self) -> dict[str, int]:
        """What a certificate says: all zero is the proof."""
        return {name: sum(len(getattr(self, each)) for each in lists) for name, lists in COUNTED.items()}


def verdict(facts: Facts) -> Verdict:
    """Judge a finished run by all it left behind."""
    waits = Counter(line["outcome"] for line in facts.waits)
    return Verdict(
        records=len(facts.inbox) + len(facts.orders), messages=len(facts.mail), commands=len(facts.asked),
        questions=len([*of_commands.questions(facts)]), events=len(facts.events),
        set_aside=waits["set aside"], parked=waits["parked"], discarded=len(facts.discarded),
        lost=of_events.lost(facts), doubled=of_events.doubled(facts),
        strange=[*of_events.strange(facts), *of_commands.documents_strange(facts)],
        out_of_order=[*of_events.out_of_order(facts), *of_commands.documents_out_of_order(facts)],
        revisions=[*of_events.revisions(facts)], status=[*of_events.status(facts)],
        receipts_missing=of_senders.receipts_missing(facts), receipts_doubled=of_senders.receipts_doubled(facts),
        receipts_wrong=[*of_senders.receipts_wrong(facts)], journal=[*of_letters.journal(facts)],
        notifications=[*of_notifications.notifications_wrong(facts)], letters=[*of_letters.letters(facts)],
        replies_missing=[*of_commands.replies_missing(facts)], replies_doubled=[*of_commands.replies_doubled(facts)],
        replies_wrong=[*of_commands.replies_wrong(facts)], stories_wrong=[*of_commands.stories_wrong(facts)],
        sent_missing=[*of_commands.sent_missing(facts)], sent_doubled=[*of_commands.sent_doubled(facts)],
        became=of_commands.became(facts),
    )

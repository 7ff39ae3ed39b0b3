"""What casework decided, as metrics. Counts only: nothing here changes what is decided."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from contracts.failures import Outcome, Rule
from contracts.records import Outgoing
from contracts.topics import DELIVERIES, REPLIES
from hub.case.conversations import UNMATCHED
from hub.case.decision import Claimed, Decision
from hub.case.entries import Entry, Read, Receipt
from hub.metrics import Metrics


class Telling:
    """What casework decided, as metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def __call__(self, entry: Entry, decision: Decision) -> None:
        """One decision that memory has kept."""
        vendor = entry.origin.vendor
        code = decision.failure.code if decision.failure else None
        self._metrics.message(vendor=vendor, process=getattr(entry, "process", None), outcome=decision.outcome, code=code)
        if decision.outcome is Outcome.DUPLICATE:
            self._metrics.duplicate(vendor=vendor)
        for kind in _notices(entry, decision):
            self._metrics.notice(kind.id)
        if decision.letter and decision.letter.behind is None:
            self._metrics.letter(fault=decision.letter.fault)
        self._tell_portal(entry, decision)
        self._metrics.delivered_after(datetime.fromtimestamp(time.time(), UTC) - entry.origin.received_at)
        for each in decision.released:
            self(each.parked.entry, each.decision)

    def _tell_portal(self, entry: Entry, decision: Decision) -> None:
        """What the portal is told of its commands, and what an EPJ said of none."""
        for out in decision.outgoing:
            if out.topic == REPLIES.name:
                self._metrics.reply(_what(out))
            elif out.topic == DELIVERIES.name:
                self._metrics.story(_what(out))
        if isinstance(entry, Receipt) and decision.note == UNMATCHED:
            self._metrics.unmatched(vendor=entry.origin.vendor)


def _notices(entry: Entry, decision: Decision) -> Iterator[Rule]:
    if isinstance(entry, Read) and decision.outcome is Outcome.DELIVERED:
        yield from (Rule[failure.rule] for failure in entry.notices)
    if decision.note == Claimed.OTHER_CONTENT.value:
        yield Rule.MSG_ID_USED_TWICE


def _what(out: Outgoing) -> str:
    """The last word of its type, without the version: `timed-out` of `hub.reply.none.timed-out.v1`."""
    return dict(out.headers)["ce_type"].decode().split(".")[-2]

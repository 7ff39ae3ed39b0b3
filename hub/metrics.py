"""What the hub counts, in a registry of its own. A label comes from our tables: what is not in them is `unknown`, never itself.

Vendors come with the register, which may change; one that has gone keeps its labels.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from contracts.events import FAMILIES, Delivery
from contracts.failures import Outcome, Rule
from contracts.records import PORTAL
from contracts.topics import REPLIES, TOPICS, of_vendor
from hub.memory.rows import AtFault
from producers.observer import LaneState

UNKNOWN: Final = "unknown"
LANE_STATES: Final = get_args(LaneState)
_NONE: Final = "none"
_FAULTS: Final = frozenset(get_args(AtFault))
_HOLDS: Final = frozenset({"database", "broker", "topic", "owner", "machine", "ours"})
_DROPS: Final = frozenset({"event", "key", "value", "words"})
_CODES: Final = frozenset({_NONE} | {rule.code for rule in Rule})
_OUTCOMES: Final = frozenset(outcome.value for outcome in Outcome)
_REPLIES: Final = frozenset(kind.split(".")[-2] for family in FAMILIES if family.topic is REPLIES for kind in family.types)
_STEPS: Final = frozenset(Delivery.family.whats)
_DELAYS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)
_WORK: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """One set. `vendors`: of the register, more may come; `processes`: of table 4; `notices`: the kinds of notice."""

    def __init__(
        self, *, vendors: Collection[str] = (), processes: Collection[str] = (), notices: Collection[str] = ()
    ) -> None:
        self.registry = own = CollectorRegistry()
        self._notices = frozenset(notices)
        self._vendors: frozenset[str] = frozenset()
        self.know_vendors((PORTAL, *vendors))
        self._processes = frozenset(processes) | {_NONE}
        self._messages = Counter(
            "hub_messages_total", "Messages that came to an outcome.", ("vendor", "process", "outcome", "code"), registry=own)
        self._delay = Histogram(
            "hub_delay_seconds", "From the source's append to delivery of what it caused.", buckets=_DELAYS, registry=own)
        self._lag = Gauge("hub_lag_records", "Records that wait.", ("topic", "partition"), registry=own)
        self._lanes = Gauge("hub_lane_state", "1 on the lane's state, 0 on the others.", ("partition", "state"), registry=own)
        self._holds = Counter("hub_holds_total", "Holds that began, by what is waited for.", ("reason",), registry=own)
        self._held = Counter("hub_hold_seconds_total", "Seconds held, told when a hold ends.", ("reason",), registry=own)
        self._transactions = Histogram("hub_transaction_seconds", "One Kafka transaction.", buckets=_WORK, registry=own)
        self._database = Histogram("hub_database_seconds", "One batch's database transaction.", buckets=_WORK, registry=own)
        self._letters = Counter("hub_letters_total", "Dead letters, by whose fault.", ("fault",), registry=own)
        self._noticed = Counter("hub_notices_total", "Notices to vendors.", ("kind",), registry=own)
        self._duplicates = Counter("hub_duplicates_total", "Messages sent twice.", ("vendor",), registry=own)
        self._replies = Counter("hub_replies_total", "Replies to the portal's questions.", ("kind",), registry=own)
        self._stories = Counter("hub_stories_total", "Steps of the stories of the portal's commands.", ("step",), registry=own)
        self._unmatched = Counter(
            "hub_receipts_unmatched_total", "AppRecs that answer nothing that was sent from here.", ("vendor",), registry=own)
        self._drops = Counter("hub_log_dropped_total", "What the log left out.", ("kind",), registry=own)
        self._refused = Counter("hub_register_refused_total", "Changes of the register that were not taken.", registry=own)

    def know_vendors(self, vendors: Collection[str]) -> None:
        """These are vendors too: their names are labels from now on."""
        self._vendors |= frozenset(vendors)
        self._topics = frozenset(of_vendor(topic, vendor) for topic in TOPICS for vendor in (*self._vendors, UNKNOWN))

    def message(self, *, vendor: str, process: str | None, outcome: Outcome, code: str | None = None) -> None:
        """A message came to its outcome; `process` and `code` None where there is none."""
        self._messages.labels(
            _known(vendor, self._vendors), _known(process or _NONE, self._processes),
            _known(outcome.value, _OUTCOMES), _known(code or _NONE, _CODES),
        ).inc()

    def delivered_after(self, delay: timedelta) -> None:
        """From the source's append to delivery; clocks of two machines may make it negative: then none."""
        self._delay.observe(max(0.0, delay.total_seconds()))

    def lag(self, topic: str, *, partition: int, records: int) -> None:
        """How many records wait in a partition we read."""
        self._lag.labels(_known(topic, self._topics), str(int(partition))).set(records)

    def lane_state(self, partition: int, state: str) -> None:
        """The lane of this partition is now in this state."""
        for each in LANE_STATES:
            self._lanes.labels(str(int(partition)), each).set(each == state)

    def hold(self, reason: str) -> None:
        """A lane or a station waits for something."""
        self._holds.labels(_known(reason, _HOLDS)).inc()

    def held(self, reason: str, seconds: float) -> None:
        """It goes on after so long."""
        self._held.labels(_known(reason, _HOLDS)).inc(seconds)

    def transaction(self, seconds: float) -> None:
        """A Kafka transaction was committed."""
        self._transactions.observe(seconds)

    def database(self, seconds: float) -> None:
        """A batch's database transaction was committed."""
        self._database.observe(seconds)

    def letter(self, *, fault: str) -> None:
        """A dead letter was written: `sender`, `hub` or `door`."""
        self._letters.labels(_known(fault, _FAULTS)).inc()

    def notice(self, kind: str) -> None:
        """A notice was written to a vendor."""
        self._noticed.labels(_known(kind, self._notices)).inc()

    def duplicate(self, *, vendor: str) -> None:
        """A message was sent twice."""
        self._duplicates.labels(_known(vendor, self._vendors)).inc()

    def reply(self, kind: str) -> None:
        """A question has its reply."""
        self._replies.labels(_known(kind, _REPLIES)).inc()

    def story(self, step: str) -> None:
        """A command came a step further."""
        self._stories.labels(_known(step, _STEPS)).inc()

    def unmatched(self, *, vendor: str) -> None:
        """An AppRec answers nothing that was sent from here."""
        self._unmatched.labels(_known(vendor, self._vendors)).inc()

    def register_refused(self) -> None:
        """What stands on the register's topic is no register; the last good one stays in force."""
        self._refused.inc()

    def log_dropped(self, kind: str) -> None:
        """The log left something out (a `logs.Drop`)."""
        self._drops.labels(_known(kind, _DROPS)).inc()

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)


def _known(value: str, table: frozenset[str]) -> str:
    return value if value in table else UNKNOWN

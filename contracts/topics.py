"""Table 1: the topics. The only place that spells a topic's name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Direction = Literal["in", "out", "inner"]
MAX_MESSAGE_BYTES = 18_000_000
"""What the broker must let through (`message.max.bytes`): a message of 16 MB with its headers."""
MAX_INBOX_BYTES = 16_000_000
"""What a vendor may send: at least 1 MB below what a letter of it may need."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One row. `<vendor>` in a name stands for every vendor of the register."""

    name: str
    direction: Direction
    carries: str
    key: str
    compacted: bool = False
    partitions: int = 6
    retention_days: int = 14
    max_bytes: int = MAX_MESSAGE_BYTES

    @property
    def config(self) -> dict[str, str]:
        """The topic's settings on the broker."""
        settings = {"max.message.bytes": str(self.max_bytes)}
        if self.direction != "out":
            # What we read is dated by the broker: the fold has no clock of its own, and a sender's may be wrong.
            settings["message.timestamp.type"] = "LogAppendTime"
        if self.compacted:
            return settings | {"cleanup.policy": "compact", "segment.bytes": str(16 << 20)}
        return settings | {"cleanup.policy": "delete", "retention.ms": str(self.retention_days * 86_400_000)}


INBOX = Topic("epj.<vendor>.inbox", "in", "MsgHead or AppRec XML, raw and uncompressed", "the vendor's, never read",
              partitions=3, max_bytes=MAX_INBOX_BYTES)
SYNC = Topic("epj.<vendor>.sync", "in", "answers to the portal's questions, MsgHead XML; they may come by the inbox too, and wait there",
             "the vendor's, never read", partitions=3, max_bytes=MAX_INBOX_BYTES)
OUTBOX = Topic("epj.<vendor>.outbox", "out", "AppRec and dialogue XML to the vendor", "case", partitions=3)
ERRORS = Topic("epj.<vendor>.errors", "out", "transport error or notice: condition, description, id of the original", "MsgId or none",
               partitions=1)
SEQUENCED = Topic("hub.sequenced.v1", "inner", "everything that concerns a case, in its order", "case", retention_days=366)
APPOINTMENTS = Topic("portal.appointments.v1", "out", "what happened to an appointment", "case")
APPOINTMENT_STATUS = Topic("portal.appointment-status.v1", "out", "how each appointment stands, with a revision that only rises",
                           "appointment id", compacted=True)
ACCESS = Topic("portal.access.v1", "out", "blocked or open, per patient, office and service", "the three, hashed", compacted=True)
DELIVERIES = Topic("portal.deliveries.v1", "out", "what became of a command: sent or not, receipt, overdue, answered", "command id")
REPLIES = Topic("portal.replies.v1", "out", "the reply to a question: free slots, planned visits, practitioners; or that there is none",
                "command id")
SERVICES = Topic("portal.services.v1", "out", "what each party offers: processes, versions, roles, resource calendars", "party",
                 compacted=True)
COMMANDS = Topic("portal.commands.v1", "in", "what the portal asks of an office: book, cancel, find free slots and more",
                 "the portal's, never read", max_bytes=1_000_000)
CITIZENS = Topic("portal.citizens.v1", "in", "who is digitally active", "the portal's own of the person, never read", compacted=True,
                 max_bytes=1_000_000)
PARTIES = Topic("hub.parties.v1", "in", "the register: one communication party each", "party", compacted=True, partitions=1,
                max_bytes=1_000_000)
NOTIFICATIONS = Topic("notification.requests.v1", "out", "that something happened to an appointment, never what", "case")
DEAD_LETTERS = Topic("hub.dead-letters.v1", "out", "that a letter was written, replayed or discarded", "case", retention_days=366)
JOURNAL = Topic("hub.journal.v1", "out", "one line per message: ids, pseudonym, vendor, process, outcome, code, times", "source partition")

TOPICS: tuple[Topic, ...] = (
    INBOX, SYNC, OUTBOX, ERRORS, COMMANDS, CITIZENS, PARTIES, SEQUENCED, APPOINTMENTS, APPOINTMENT_STATUS, ACCESS, SERVICES, REPLIES,
    DELIVERIES, NOTIFICATIONS, DEAD_LETTERS, JOURNAL,
)

VENDOR = "<vendor>"
"""Stands in a name for a vendor's."""
VENDORS_PREFIX = "epj."
"""What every vendor's topics begin with, and no other topic."""
INBOX_PATTERN = r"^epj\.[a-z0-9][a-z0-9-]*\.inbox$"
"""Everything that is named like an inbox, also where the register knows no such vendor: a hub reads `inbox_pattern` instead."""
_VENDOR = re.compile(r"^epj\.([a-z0-9][a-z0-9-]*)\.(?:inbox|sync|outbox|errors)$")


def of_vendor(topic: Topic, vendor: str) -> str:
    """The name of a vendor's own topic."""
    return topic.name.replace(VENDOR, vendor)


def inbox_pattern(vendors: Iterable[str]) -> str:
    """The inboxes of these vendors and no others: who is not in the register has no topic to be answered on."""
    names = [re.escape(of_vendor(INBOX, vendor)) for vendor in vendors]
    return f"^(?:{'|'.join(names)})$"


def quick_pattern(vendors: Iterable[str]) -> str:
    """What must wait behind no inbox: what the portal and the register say, and these vendors' synchronous answers."""
    names = (COMMANDS.name, CITIZENS.name, PARTIES.name, *(of_vendor(SYNC, vendor) for vendor in vendors))
    return f"^(?:{'|'.join(map(re.escape, names))})$"


def vendor_of(name: str) -> str:
    """The vendor whose topic this is: the topic says who the sender is, ACLs tie it to the principal. ValueError otherwise."""
    if match := _VENDOR.match(name):
        return match[1]
    raise ValueError("not a vendor's topic")

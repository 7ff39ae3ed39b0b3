"""Table 5: who may do what on the cluster. One principal for each who connects; what no right gives is refused.

The topics are those of table 1, so that a new one brings its rights. Pure: it asks no broker, and says nothing about passwords. Who
administers the cluster (makes topics, rights and passwords) is a super user of the cluster's own and stands in no row.

Kafka's own rules: READ or WRITE on something implies DESCRIBE of it; an idempotent producer needs no right beyond WRITE on its topics; a
transaction needs WRITE on its transactional id and, where it carries offsets, READ on the group. A prefix ends with a dot, so that no name
is the beginning of another's.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from contracts.topics import (
    ACCESS,
    APPOINTMENT_STATUS,
    CITIZENS,
    COMMANDS,
    DEAD_LETTERS,
    ERRORS,
    INBOX,
    JOURNAL,
    NOTIFICATIONS,
    OUTBOX,
    PARTIES,
    SEQUENCED,
    SYNC,
    TOPICS,
    VENDOR,
    VENDORS_PREFIX,
    Topic,
)

Operation = Literal["READ", "WRITE", "DESCRIBE", "DESCRIBE_CONFIGS"]
Kind = Literal["topic", "group", "transactional id"]
ADMINISTRATOR: Final = "admin"
"""The super user of the local secure broker. No row: a super user is asked for no right."""
IMPLIES_DESCRIBE: Final = frozenset({"READ", "WRITE"})


@dataclass(frozen=True, slots=True)
class Right:
    """One allowance. `prefix`: for every name that begins so."""

    operation: Operation
    kind: Kind
    name: str
    prefix: bool = False

    def gives(self, operation: str, kind: str, name: str) -> bool:
        """Whether this right alone allows it."""
        if kind != self.kind or not (name.startswith(self.name) if self.prefix else name == self.name):
            return False
        return operation == self.operation or (operation == "DESCRIBE" and self.operation in IMPLIES_DESCRIBE)


@dataclass(frozen=True, slots=True)
class Principal:
    """One row: who connects under this name, and all that they may."""

    name: str
    """The user name, at SASL. `<vendor>` stands for a vendor's."""
    who: str
    rights: tuple[Right, ...]

    def may(self, operation: str, kind: str, name: str) -> bool:
        """Whether any of its rights allows it; what is of another kind (the cluster) none does."""
        return any(right.gives(operation, kind, name) for right in self.rights)


def _on(operation: Operation, *topics: Topic) -> tuple[Right, ...]:
    return tuple(Right(operation, "topic", topic.name) for topic in topics)


def _told(prefix: str) -> tuple[Topic, ...]:
    """What leaves the hub under this prefix."""
    return tuple(topic for topic in TOPICS if topic.direction == "out" and topic.name.startswith(prefix))


def _group(prefix: str) -> tuple[Right, ...]:
    return (Right("READ", "group", prefix, prefix=True),)


def _lanes(group_prefix: str) -> tuple[Right, ...]:
    """The groups of a hub, and the ids by which their lanes are fenced."""
    return (*_group(f"{group_prefix}."), Right("WRITE", "transactional id", f"{group_prefix}.", prefix=True))


_SHARED: Final = tuple(topic for topic in TOPICS if VENDOR not in topic.name)
_HUB_WRITES: Final = tuple(topic for topic in _SHARED if topic.direction != "in")
_HUB_READS: Final = tuple(topic for topic in _SHARED if topic.direction != "out")

VENDOR_PRINCIPAL: Final = Principal(
    VENDORS_PREFIX + VENDOR, "a vendor's EPJ",
    (*_on("WRITE", INBOX, SYNC), *_on("READ", OUTBOX, ERRORS), *_group(f"{VENDORS_PREFIX}{VENDOR}.")),
)
"""Nothing of another vendor's, and nothing that is shared. Its name has a dot, as no other principal's: a vendor may be called anything."""
PORTAL_PRINCIPAL: Final = Principal(
    "portal", "the citizens' portal", (*_on("WRITE", COMMANDS, CITIZENS), *_on("READ", *_told("portal.")), *_group("portal.")),
)
NOTIFIER_PRINCIPAL: Final = Principal(
    "notification", "the notification service", (*_on("READ", NOTIFICATIONS), *_group("notification.")),
)
OPERATOR_PRINCIPAL: Final = Principal(
    "operator", "operators: `hub parties publish`, `hub replay`, `hub discard`, `hub topics check`",
    (
        *_on("READ", PARTIES, DEAD_LETTERS, JOURNAL), *_on("WRITE", PARTIES, SEQUENCED),
        Right("WRITE", "transactional id", PARTIES.name), *_group("operator."),
        *_on("DESCRIBE", *_SHARED), *_on("DESCRIBE_CONFIGS", *_SHARED),
        Right("DESCRIBE", "topic", VENDORS_PREFIX, prefix=True), Right("DESCRIBE_CONFIGS", "topic", VENDORS_PREFIX, prefix=True),
    ),
)
"""Whoever may write the register says who may send for whom: the hub itself may not."""


def hub_principal(group_prefix: str = "hub") -> Principal:
    """The hub. Its right to vendors' topics is by prefix: a new vendor changes nothing here. No right to the cluster.

    It looks at its topics' settings to say what is wrong with them (`hub doctor`), and sets none.
    """
    return Principal(
        "hub", "the hub: `hub run`, `hub drain`, `hub doctor`",
        (
            Right("READ", "topic", VENDORS_PREFIX, prefix=True), Right("WRITE", "topic", VENDORS_PREFIX, prefix=True),
            *_on("READ", *_HUB_READS), *_on("WRITE", *_HUB_WRITES),
            Right("DESCRIBE_CONFIGS", "topic", VENDORS_PREFIX, prefix=True), *_on("DESCRIBE_CONFIGS", *_SHARED),
            *_lanes(group_prefix),
        ),
    )


def keeper_principal(group_prefix: str = "hub") -> Principal:
    """Whoever runs the jobs that look at all that was ever told: they read what the hub itself only writes. Nothing runs so for long.

    Writes what names a case anew or takes it down: the log, and what stands with the portal. A rebuilding fences every lane by its id.
    """
    return Principal(
        "keeper", "the long jobs: `hub forget`, `hub pseudonyms rotate`, `hub rebuild`",
        (
            Right("READ", "topic", VENDORS_PREFIX, prefix=True), *_on("READ", *_SHARED),
            *_on("WRITE", SEQUENCED, APPOINTMENT_STATUS, ACCESS), *_lanes(group_prefix),
        ),
    )


def vendor_principal(vendor: str) -> Principal:
    """A vendor's row, under its own name."""
    def named(text: str) -> str:
        return text.replace(VENDOR, vendor)

    row = VENDOR_PRINCIPAL
    return Principal(named(row.name), row.who, tuple(replace(right, name=named(right.name)) for right in row.rights))


def principals(vendors: Collection[str], *, group_prefix: str = "hub") -> tuple[Principal, ...]:
    """Table 5 for these vendors."""
    return (
        *map(vendor_principal, vendors), PORTAL_PRINCIPAL, NOTIFIER_PRINCIPAL, OPERATOR_PRINCIPAL,
        hub_principal(group_prefix), keeper_principal(group_prefix),
    )


def rows() -> Iterator[Principal]:
    """Table 5 as it is shown: one vendor for all."""
    yield VENDOR_PRINCIPAL
    yield from principals(())

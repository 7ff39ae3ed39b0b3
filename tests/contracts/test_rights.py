"""Table 5: what it gives, and above all what it does not."""

import pytest

from contracts.rights import (
    NOTIFIER_PRINCIPAL,
    OPERATOR_PRINCIPAL,
    PORTAL_PRINCIPAL,
    Right,
    hub_principal,
    keeper_principal,
    principals,
    rows,
    vendor_principal,
)
from contracts.topics import (
    ACCESS,
    APPOINTMENT_STATUS,
    CITIZENS,
    COMMANDS,
    ERRORS,
    INBOX,
    NOTIFICATIONS,
    OUTBOX,
    PARTIES,
    SEQUENCED,
    SYNC,
    TOPICS,
    of_vendor,
)

VENDORS = ("fjord", "fjord-2", "hub")
FJORD = vendor_principal("fjord")


def test_a_right_is_for_one_name_or_for_all_that_begin_with_it() -> None:
    """And for nothing of another kind."""
    one, many = Right("READ", "topic", "a.b"), Right("READ", "topic", "a.", prefix=True)
    assert [one.gives("READ", "topic", name) for name in ("a.b", "a.bc", "a.")] == [True, False, False]
    assert [many.gives("READ", "topic", name) for name in ("a.b", "a.bc", "ab")] == [True, True, False]
    assert not one.gives("READ", "group", "a.b")


@pytest.mark.parametrize(("operation", "implied"), [("READ", True), ("WRITE", True), ("DESCRIBE_CONFIGS", False)])
def test_describing_is_implied_by_reading_and_by_writing(operation: str, implied: bool) -> None:
    """As Kafka has it; nothing else is implied by anything."""
    right = Right(operation, "topic", "a")  # type: ignore[arg-type]  # a literal, by parameter
    assert right.gives("DESCRIBE", "topic", "a") is implied
    assert not right.gives("WRITE" if operation == "READ" else "READ", "topic", "a")


def test_a_vendor_writes_what_it_says_and_reads_what_it_is_told_and_nothing_else() -> None:
    """Of its own topics each in one direction; of another's and of what is shared nothing."""
    given = {
        (operation, topic.name, vendor)
        for operation in ("READ", "WRITE", "DESCRIBE_CONFIGS") for topic in TOPICS for vendor in VENDORS
        if FJORD.may(operation, "topic", of_vendor(topic, vendor))
    }
    assert given == {
        ("WRITE", INBOX.name, "fjord"), ("WRITE", SYNC.name, "fjord"), ("READ", OUTBOX.name, "fjord"), ("READ", ERRORS.name, "fjord"),
    }


@pytest.mark.parametrize("group", ["hub.reception", "portal.one", "epj.fjord-2.one", "epj.fjord", "one"])
def test_a_vendor_joins_no_group_but_its_own(group: str) -> None:
    """Whoever joins another's group takes its partitions."""
    assert FJORD.may("READ", "group", "epj.fjord.one")
    assert not FJORD.may("READ", "group", group)


def test_a_vendor_called_hub_is_not_the_hub() -> None:
    """A vendor's principal has a dot in its name, and none of the others has."""
    names = [principal.name for principal in principals(VENDORS)]
    assert len(set(names)) == len(names)
    assert not vendor_principal("hub").may("READ", "group", "hub.reception")
    assert all("." not in principal.name for principal in principals(()))


def test_every_prefix_ends_with_a_dot() -> None:
    """Else a vendor `fjord` could join the groups of a vendor `fjord-2`."""
    assert all(right.name.endswith(".") for principal in principals(VENDORS) for right in principal.rights if right.prefix)


@pytest.mark.parametrize("operation", ["CREATE", "DELETE", "ALTER", "ALTER_CONFIGS", "ALL", "CLUSTER_ACTION", "IDEMPOTENT_WRITE"])
def test_nobody_creates_or_alters_anything(operation: str) -> None:
    """That is for who administers the cluster, and stands in no row."""
    for principal in principals(VENDORS):
        assert not any(principal.may(operation, kind, INBOX.name) for kind in ("topic", "group", "transactional id", "cluster"))


def test_every_topic_has_somebody_who_writes_and_somebody_who_reads() -> None:
    """A new topic of table 1 is in table 5 without more, in the direction in which it goes."""
    for topic in TOPICS:
        name = of_vendor(topic, "fjord")
        for operation in ("READ", "WRITE"):
            assert any(principal.may(operation, "topic", name) for principal in principals(["fjord"])), (operation, name)


def test_only_an_operator_writes_the_register() -> None:
    """Whoever writes it says who may send for whom."""
    writers = [principal.name for principal in principals(VENDORS) if principal.may("WRITE", "topic", PARTIES.name)]
    assert writers == [OPERATOR_PRINCIPAL.name]


def test_the_log_is_written_by_the_hub_and_by_operators_alone() -> None:
    """By its keeper too, who forgets; and read by these two alone: it holds messages."""
    def those_who(operation: str) -> list[str]:
        return [principal.name for principal in principals(VENDORS) if principal.may(operation, "topic", SEQUENCED.name)]

    assert those_who("WRITE") == [OPERATOR_PRINCIPAL.name, hub_principal().name, keeper_principal().name]
    assert those_who("READ") == [hub_principal().name, keeper_principal().name]


def test_the_keeper_reads_all_that_was_told_and_speaks_to_no_vendor() -> None:
    """It looks for a person, or proves a rebuilding, in all topics; what it tells anew stands with the portal."""
    keeper = keeper_principal()
    assert all(keeper.may("READ", "topic", of_vendor(topic, "fjord")) for topic in TOPICS)
    assert {topic for topic in TOPICS if keeper.may("WRITE", "topic", of_vendor(topic, "fjord"))} == {SEQUENCED, APPOINTMENT_STATUS, ACCESS}


def test_the_portal_asks_and_the_notification_service_only_hears() -> None:
    """Each has what is told it, and the portal what it tells."""
    assert {topic for topic in TOPICS if PORTAL_PRINCIPAL.may("WRITE", "topic", topic.name)} == {COMMANDS, CITIZENS}
    assert not PORTAL_PRINCIPAL.may("READ", "topic", NOTIFICATIONS.name)
    assert [topic for topic in TOPICS if NOTIFIER_PRINCIPAL.may("READ", "topic", topic.name)] == [NOTIFICATIONS]
    assert not any(NOTIFIER_PRINCIPAL.may("WRITE", "topic", topic.name) for topic in TOPICS)


def test_the_hubs_groups_and_ids_follow_its_settings() -> None:
    """HUB_GROUP_PREFIX names them."""
    other = hub_principal("north")
    assert other.may("READ", "group", "north.reception")
    assert other.may("WRITE", "transactional id", "north.casework.one")
    assert not other.may("READ", "group", "hub.reception")


def test_the_table_has_a_row_for_each_who_connects() -> None:
    """One for all vendors."""
    assert [row.name for row in rows()] == ["epj.<vendor>", "portal", "notification", "operator", "hub", "keeper"]

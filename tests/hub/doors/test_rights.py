"""A cluster's rights against table 5, without a cluster."""

from dataclasses import replace

from contracts.rights import PORTAL_PRINCIPAL, principals, vendor_principal
from contracts.topics import APPOINTMENTS, INBOX, of_vendor
from hub.doors.rights import Compared, Granted, differences, wanted

TABLE = principals(["fjord"])
ALL = wanted(TABLE)
ON_INBOX = Granted("User:epj.fjord", "TOPIC", of_vendor(INBOX, "fjord"), "LITERAL", "WRITE")


def test_a_cluster_that_holds_the_table_has_no_differences() -> None:
    """Every right once, as Kafka says it."""
    assert ON_INBOX in ALL
    assert len(ALL) == len({(principal.name, right) for principal in TABLE for right in principal.rights})
    assert differences(TABLE, ALL) == Compared((), ())


def test_what_the_cluster_lacks_is_missing() -> None:
    """And nothing is surplus for it."""
    assert differences(TABLE, ALL - {ON_INBOX}) == Compared((ON_INBOX,), ())


def test_more_than_the_table_gives_is_surplus() -> None:
    """One of ours with more; a stranger on what is ours, by name, beginning or everything; a vendor that has left; a denial."""
    much = {
        replace(ON_INBOX, operation="READ"),
        replace(ON_INBOX, principal="User:stranger"),
        Granted("User:stranger", "TOPIC", "epj.", "PREFIXED", "READ"),
        Granted("User:stranger", "TOPIC", f"{APPOINTMENTS.name[:9]}", "PREFIXED", "READ"),
        Granted("User:*", "GROUP", "*", "LITERAL", "READ"),
        Granted("User:epj.gone", "TOPIC", "weather", "LITERAL", "READ"),
        replace(ON_INBOX, permission="DENY"),
        replace(ON_INBOX, host="10.0.0.1"),
    }
    assert set(differences(TABLE, ALL | much).surplus) == much


def test_what_others_do_elsewhere_on_the_cluster_is_not_ours() -> None:
    """Another topic, another group; a topic that is called as a group of ours."""
    others = {
        Granted("User:stranger", "TOPIC", "weather", "LITERAL", "READ"), Granted("User:stranger", "GROUP", "weather.", "PREFIXED", "READ"),
        Granted("User:stranger", "GROUP", APPOINTMENTS.name + ".x", "LITERAL", "READ"),
        Granted("User:stranger", "CLUSTER", "kafka-cluster", "LITERAL", "DESCRIBE"),
    }
    assert set(differences([vendor_principal("fjord")], others).surplus) == set()
    assert PORTAL_PRINCIPAL in TABLE


def test_a_right_says_itself_in_one_line() -> None:
    """Who, what, on what; a denial and a host where there is one."""
    assert str(ON_INBOX) == f"epj.fjord: WRITE on topic {of_vendor(INBOX, 'fjord')}"
    prefix = Granted("User:hub", "TRANSACTIONAL_ID", "hub.", "PREFIXED", "WRITE", "DENY", "10.0.0.1")
    assert str(prefix) == "hub: WRITE on transactional id hub.* (DENY from 10.0.0.1)"

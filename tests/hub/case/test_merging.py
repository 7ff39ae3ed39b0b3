"""One appointment goes by many names: `uid`, `related-to`, the conversation, the slot. When two prove to be one, the younger is gone."""

from typing import Any

from tests import mail
from tests.story import Hub, Told, data_of, type_of


def appointment(told: Told, at: int = 0) -> dict[str, Any]:
    """The appointment that an event tells of."""
    found: dict[str, Any] = data_of(told.events[at])["appointment"]
    return found


def two() -> tuple[Hub, str, str]:
    """A hub that knows two appointments, and their ids."""
    hub = Hub()
    ids = [appointment(hub.send(mail.push("05", mail.slot(n, day=10 + n), number=n, at=n)))["appointment_id"] for n in (1, 2)]
    return hub, ids[0], ids[1]


def test_an_appointment_is_known_by_its_uid_whatever_else_changes() -> None:
    """Time and place are not its name."""
    hub = Hub()
    first = hub.send(mail.push("05", mail.slot(1, day=12), number=1, at=1))
    moved = hub.send(mail.push("07", mail.slot(1, day=20, place="Rom 9"), number=2, at=2))
    assert appointment(moved)["appointment_id"] == appointment(first)["appointment_id"]


def test_an_appointment_is_known_by_the_slot_it_was_asked_for_by() -> None:
    """The confirmation calls the slot `related-to` and the appointment `uid`; later messages know only the appointment."""
    hub = Hub()
    asked = hub.send(mail.request("RT", mail.slot(1), number=900), vendor="vidde")
    hub.send(mail.answer("05", mail.slot(2, also=1), number=1, parent=950, at=1))
    moved = hub.send(mail.push("07", mail.slot(2, day=20), number=2, at=2))
    assert appointment(moved)["appointment_id"] == appointment(asked)["appointment_id"]


def test_an_appointment_is_known_by_its_slot_when_the_office_gives_it_another_name() -> None:
    """Same party, same start, still open: the same."""
    hub = Hub()
    asked = hub.send(mail.request("RT", mail.slot(1), number=900), vendor="vidde")
    given = hub.send(mail.push("05", mail.slot(7), number=1, at=1))
    assert appointment(given)["appointment_id"] == appointment(asked)["appointment_id"]


def test_a_slot_that_is_free_again_is_another_appointment() -> None:
    """Cancelled, and the same time given under another name: two appointments."""
    hub = Hub()
    hub.send(mail.push("05", mail.slot(1), number=1, at=1))
    gone = hub.send(mail.push("08", mail.slot(1), number=2, at=2))
    given = hub.send(mail.push("05", mail.slot(7), number=3, at=3))
    assert appointment(given)["appointment_id"] != appointment(gone)["appointment_id"]


def test_two_that_prove_one_keep_the_older_id_and_its_revisions() -> None:
    """`merged` tells of the younger, its status is a tombstone, and the older one goes on where it stood."""
    hub, older, younger = two()
    told = hub.send(mail.push("07", mail.slot(1, day=15, also=2), number=3, at=3))
    merged = data_of(told.events[0])
    assert (merged["appointment"]["appointment_id"], merged["merged_into"], merged["appointment"]["revision"]) == (younger, older, 2)
    assert (told.events[1].key, told.events[1].value) == (younger.encode(), None)
    assert (appointment(told, 2)["appointment_id"], appointment(told, 2)["revision"]) == (older, 2)


def test_the_revision_of_the_one_that_stays_rises_by_one_though_the_other_had_more() -> None:
    """A subscriber of the older id never sees a gap."""
    hub, _, _ = two()
    for n in (3, 4, 5):
        hub.send(mail.push("07", mail.slot(2, day=12 + n), number=n, at=n))
    told = hub.send(mail.push("07", mail.slot(1, day=25, also=2), number=6, at=6))
    assert appointment(told, 2)["revision"] == 2


def test_a_merge_by_an_older_word_tells_how_the_one_stands() -> None:
    """The message is too old to change anything, but it names both: the one that stays takes over the newer word on the other."""
    hub, older, _ = two()
    hub.send(mail.push("08", mail.slot(2, day=12), number=3, at=9))
    told = hub.send(mail.push("05", mail.slot(1, day=11, also=2), number=4, at=4))
    assert (appointment(told, 2)["appointment_id"], appointment(told, 2)["state"]) == (older, "cancelled")
    assert type_of(told.events[2]) == "hub.appointment.cancelled.v1"


def test_a_merge_that_changes_nothing_of_the_one_that_stays_tells_only_that() -> None:
    """Two names with the same time and words: `merged` and the tombstone."""
    hub = Hub()
    hub.send(mail.push("05", mail.slot(1), number=1, at=1))
    hub.send(mail.push("08", mail.slot(2, day=13), number=2, at=1))
    hub.send(mail.push("05", mail.slot(2), number=3, at=2))
    assert len(hub.told[-1].decision.case.appointments) == 2
    told = hub.send(mail.push("05", mail.slot(1, also=2), number=4, at=3))
    assert told.whats[:2] == ["hub.appointment.merged.v1", "tombstone"]


def test_after_a_merge_both_names_are_one() -> None:
    """Whichever name is used, the older id answers; no conversation leads to the one that is gone."""
    hub, older, _ = two()
    hub.send(mail.push("07", mail.slot(1, day=15, also=2), number=3, at=3))
    told = [hub.send(mail.push("07", mail.slot(name, day=20 + n), number=n, at=n)) for n, name in enumerate((2, 1), 4)]
    assert {appointment(each)["appointment_id"] for each in told} == {older}


def test_a_conversation_about_the_younger_leads_to_the_older_after_a_merge() -> None:
    """Its answer comes without a calendar and still finds the appointment."""
    hub, older, _ = two()
    hub.send(mail.request("ART", mail.slot(2, day=12), number=900, at=3), vendor="vidde")
    hub.send(mail.push("07", mail.slot(1, day=15, also=2), number=4, at=4))
    told = hub.send(mail.answer("08", number=5, parent=900, at=5))
    assert (appointment(told)["appointment_id"], appointment(told)["state"]) == (older, "cancelled")


def test_a_younger_one_that_never_had_a_status_gets_no_tombstone() -> None:
    """Only asked for: there is nothing to take away."""
    hub = Hub()
    hub.send(mail.push("05", mail.slot(1, day=11), number=1, at=1))
    hub.send(mail.request("RT", mail.slot(2, day=12), number=900), vendor="vidde")
    told = hub.send(mail.answer("05", mail.slot(1, day=12, also=2), number=2, parent=900, at=2))
    assert "tombstone" not in told.whats
    assert told.whats[0] == "hub.appointment.merged.v1"

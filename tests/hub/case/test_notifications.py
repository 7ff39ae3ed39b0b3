"""When a citizen is told: news of what changed, a reminder 24 to 48 elapsed hours before; never for a home visit, a 09 or a 34."""

from datetime import datetime, timedelta

import pytest

from tests import mail
from tests.story import START, Hub, Told, data_of, type_of


def windows(told: Told) -> dict[str, tuple[datetime, datetime]]:
    """What is to be told, and between which moments."""
    return {
        (type_of(out) or "").removeprefix("hub.notification.").removesuffix(".v1"): (
            datetime.fromisoformat(data_of(out)["deliver_from"]), datetime.fromisoformat(data_of(out)["deliver_until"]),
        )
        for out in told.events if (type_of(out) or "").startswith("hub.notification.")
    }


def kinds(told: Told) -> list[str]:
    """What is to be told."""
    return sorted(windows(told))


@pytest.mark.parametrize(("code", "told"), [
    ("05", ["new", "reminder"]), ("07", ["changed", "reminder"]), ("08", ["cancelled"]), ("11", []), ("MOA", []),
])
def test_a_push_notifies_by_what_it_says(code: str, told: list[str]) -> None:
    """New, changed, cancelled; a no-show and a visit carried out are not told."""
    assert kinds(Hub().send(mail.push(code, number=1))) == told


@pytest.mark.parametrize(("code", "told"), [("06", ["refused"]), ("09", []), ("34", []), ("26", ["refused"]), ("30", [])])
def test_an_answer_that_says_no_notifies_only_where_a_wish_was_refused(code: str, told: list[str]) -> None:
    """An appointment that stands is no news, and a block is not sent as a message."""
    assert kinds(Hub().send(mail.answer(code, mail.slot(), number=1, parent=900))) == told


def test_news_is_told_within_a_day() -> None:
    """From the moment the log took it."""
    assert windows(Hub().send(mail.push("08", number=1)))["cancelled"] == (START, START + timedelta(hours=24))


def test_a_reminder_opens_48_and_closes_24_elapsed_hours_before() -> None:
    """Ahead of everything, the window is whole."""
    starts_at = datetime.fromisoformat("2026-06-12T09:15:00+02:00")
    assert windows(Hub().send(mail.push("05", number=1)))["reminder"] == (starts_at - timedelta(hours=48), starts_at - timedelta(hours=24))


@pytest.mark.parametrize(("month", "day", "offset_before", "offset_after"), [
    ("2026-10", 26, "+02:00", "+01:00"), ("2027-03", 29, "+01:00", "+02:00"),
])
def test_a_reminder_counts_elapsed_hours_across_a_change_of_the_clocks(
    month: str, day: int, offset_before: str, offset_after: str,
) -> None:
    """48 hours before half past nine is not half past nine when the night between had 23 or 25 hours."""
    opens, _ = windows(Hub().send(mail.push("05", mail.slot(day=day, month=month), number=1)))["reminder"]
    starts_at = datetime.fromisoformat(f"{month}-{day:02}T09:15:00{offset_after}")
    assert starts_at - opens == timedelta(hours=48)
    assert opens != datetime.fromisoformat(f"{month}-{day - 2:02}T09:15:00{offset_before}")


@pytest.mark.parametrize(("before", "opens"), [
    (timedelta(hours=49), timedelta(hours=1)), (timedelta(hours=48), timedelta()), (timedelta(hours=30), timedelta()),
    (timedelta(hours=24, seconds=1), timedelta()),
])
def test_a_window_partly_past_opens_now(before: timedelta, opens: timedelta) -> None:
    """Between 48 and 24 hours before, the reminder may go at once."""
    starts_at = datetime.fromisoformat("2026-06-12T09:15:00+02:00")
    told = Hub().send(mail.push("05", number=1), at=starts_at - before)
    assert windows(told)["reminder"] == (starts_at - before + opens, starts_at - timedelta(hours=24))


@pytest.mark.parametrize("before", [timedelta(hours=24), timedelta(hours=2), timedelta(), timedelta(days=-3)])
def test_a_window_wholly_past_gives_no_reminder(before: timedelta) -> None:
    """A day before and later, the news alone must do."""
    starts_at = datetime.fromisoformat("2026-06-12T09:15:00+02:00")
    assert kinds(Hub().send(mail.push("05", number=1), at=starts_at - before)) == ["new"]


@pytest.mark.parametrize("place", ["Hjemmebesøk", "hjemmebesøk"])
def test_a_home_visit_is_shown_and_never_notified(place: str) -> None:
    """Neither given, changed nor cancelled."""
    hub = Hub()
    told = [hub.send(mail.push(code, mail.slot(day=10 + n, place=place), number=n, at=n)) for n, code in enumerate(("05", "07", "08"), 1)]
    assert [kinds(each) for each in told] == [[], [], []]
    assert all("hub.appointment.status.v1" in each.whats for each in told)


def test_a_cancelled_appointment_is_never_notified_twice() -> None:
    """The same word again, under a new MsgId and with a newer GenDate."""
    hub = Hub()
    assert kinds(hub.send(mail.push("08", number=1, at=1))) == ["cancelled"]
    assert kinds(hub.send(mail.push("08", number=2, at=2))) == []


def test_a_change_of_words_alone_rises_the_revision_and_notifies_nobody() -> None:
    """The portal shows the new text; nobody is disturbed for it."""
    hub = Hub()
    hub.send(mail.answer("05", mail.slot(), number=1, parent=900, at=1, text="Velkommen."))
    told = hub.send(mail.answer("07", mail.slot(), number=2, parent=900, at=2, text="Ta med legemiddelliste."))
    assert told.whats == ["hub.appointment.changed.v1", "hub.appointment.status.v1"]
    assert data_of(told.events[0])["appointment"]["revision"] == 2


def test_a_confirmation_of_what_is_confirmed_with_another_time_is_a_change() -> None:
    """05 twice with two times: the second is told as `changed`."""
    hub = Hub()
    hub.send(mail.push("05", number=1, at=1))
    told = hub.send(mail.push("05", mail.slot(day=15), number=2, at=2))
    assert (told.whats[0], kinds(told)) == ("hub.appointment.changed.v1", ["changed", "reminder"])


def test_a_notification_never_says_what_it_is_about() -> None:
    """Ids, revision, pseudonym and window: nothing of place, practitioner or person."""
    told = Hub().send(mail.push("05", number=1))
    shown = [set(data_of(out)) for out in told.events if (type_of(out) or "").startswith("hub.notification.")]
    assert shown == [{"appointment_id", "revision", "case", "deliver_from", "deliver_until"}] * 2

"""Norwegian local time, made aware: the two odd nights of the year, and what xs:dateTime allows besides."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.oslo_time import LONGEST_DAYS, NotATime, Zone, in_oslo, read_date, read_duration, read_time, write_duration, write_time

CET, CEST = timezone(timedelta(hours=1)), timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("text", "expected", "zone"),
    [
        ("2026-01-15T08:00:00", datetime(2026, 1, 15, 8, tzinfo=CET), Zone.OSLO),
        ("2026-07-15T08:00:00", datetime(2026, 7, 15, 8, tzinfo=CEST), Zone.OSLO),
        ("2026-07-15T08:00:00Z", datetime(2026, 7, 15, 8, tzinfo=UTC), Zone.WRITTEN),
        ("2026-07-15T08:00:00+05:30", datetime(2026, 7, 15, 2, 30, tzinfo=UTC), Zone.WRITTEN),
        ("2026-10-25T02:30:00", datetime(2026, 10, 25, 2, 30, tzinfo=CEST), Zone.OSLO),
        ("2026-03-29T02:30:00", datetime(2026, 3, 29, 3, 30, tzinfo=CEST), Zone.OSLO_MOVED),
        ("2026-03-29T01:59:59", datetime(2026, 3, 29, 1, 59, 59, tzinfo=CET), Zone.OSLO),
        ("2026-03-29T03:00:00", datetime(2026, 3, 29, 3, tzinfo=CEST), Zone.OSLO),
        ("2026-01-15T08:00:00.1234567899", datetime(2026, 1, 15, 8, 0, 0, 123456, tzinfo=CET), Zone.OSLO),
        ("2026-01-15T24:00:00", datetime(2026, 1, 16, tzinfo=CET), Zone.OSLO),
        ("2026-01-15T24:00:00.00Z", datetime(2026, 1, 16, tzinfo=UTC), Zone.WRITTEN),
        ("2200-12-31T23:59:59", datetime(2200, 12, 31, 23, 59, 59, tzinfo=CET), Zone.OSLO),
    ],
)
def test_a_time_is_read_as_it_is_meant(text: str, expected: datetime, zone: Zone) -> None:
    """No zone is Oslo; the ambiguous hour is the first; the missing hour moves forward; Z is UTC; long fractions are cut."""
    read, placed = read_time(text)
    assert (read, placed) == (expected, zone)
    assert read.utcoffset() == expected.utcoffset() or zone is Zone.WRITTEN


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-01-15", "2026-1-15T08:00:00", "20260115T080000", "2026-01-15 08:00:00", "2026-13-01T00:00:00", "2026-01-15T25:00:00",
        "0001-01-01T00:00:00", "1899-12-31T23:59:59", "-0044-03-15T00:00:00", "12026-01-15T08:00:00", "9999-12-31T23:59:59-05:00",
        "9999-12-31T23:59:59", "9999-12-31T24:00:00", "2201-01-01T00:00:00Z", "2200-12-31T24:00:00",
        "2026-01-15T08:00:00+15:00", "٢٠٢٦-01-15T08:00:00", "2026-01-15T08:00:60",
    ],
)
def test_what_no_clock_can_show_is_no_time(text: str) -> None:
    """Other notations, impossible dates and years that cannot be held are refused, without repeating them."""
    with pytest.raises(NotATime) as fault:
        read_time(text)
    assert str(fault.value) == ""
    assert fault.value.__cause__ is None


@given(st.datetimes(min_value=datetime.fromisoformat("1900-01-01"), max_value=datetime.fromisoformat("2100-01-01")))
def test_every_local_time_agrees_with_the_zone_database(local: datetime) -> None:
    """What exists in Oslo keeps its clock; what does not moves forward to the same instant. No text can say which of two hours it means."""
    local = local.replace(fold=0)
    read, zone = in_oslo(local)
    reference = local.replace(tzinfo=ZoneInfo("Europe/Oslo"))
    assert read.astimezone(UTC) == reference.astimezone(UTC)
    assert (read.replace(tzinfo=None) == local) == (zone is Zone.OSLO)


@pytest.mark.parametrize("text", ["2026-02-28", "2026-02-28Z", "2026-02-28+01:00"])
def test_a_date_is_a_day_whatever_its_zone(text: str) -> None:
    """xs:date allows a zone, which means nothing for a day."""
    assert read_date(text) == date(2026, 2, 28)


@pytest.mark.parametrize("text", ["", "2026-02-29", "0001-01-01", "2201-01-01", "9999-12-31", "20260228", "2026-02-28T00:00:00"])
def test_what_no_calendar_shows_is_no_date(text: str) -> None:
    """Impossible days and other notations are refused."""
    with pytest.raises(NotATime):
        read_date(text)


@pytest.mark.parametrize(
    ("text", "expected", "without_t"),
    [
        ("PT30M", timedelta(minutes=30), False),
        ("P30M", timedelta(minutes=30), True),
        ("P1DT2H", timedelta(days=1, hours=2), False),
        ("P1D", timedelta(days=1), False),
        ("P1H30M", timedelta(minutes=90), True),
        ("P2W", timedelta(weeks=2), False),
        ("2W", timedelta(weeks=2), False),
        ("+PT45S", timedelta(seconds=45), False),
    ],
)
def test_a_duration_is_read_with_or_without_its_t(text: str, expected: timedelta, without_t: bool) -> None:
    """P30M is 30 minutes, and known for what it is."""
    assert read_duration(text) == (expected, without_t)


@pytest.mark.parametrize("text", [
    "", "P", "PT", "30", "-PT30M", "P1Y", "PT1.5H", "P99999999999D", "9999W", "P9999DT24H", "PT" + "9" * 5000 + "S",
])
def test_what_no_visit_lasts_is_no_duration(text: str) -> None:
    """Years, negative and absurd durations are refused."""
    with pytest.raises(NotATime):
        read_duration(text)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 15, 8, tzinfo=CET), "2026-01-15T08:00:00"),
        (datetime(2026, 7, 15, 6, 0, 0, 250_000, tzinfo=UTC), "2026-07-15T08:00:00.250000"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=CEST), "2026-10-25T02:30:00"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=CET), "2026-10-25T01:30:00Z"),
        (datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Oslo")), "2026-10-25T01:30:00Z"),
        (datetime(2026, 10, 25, 3, tzinfo=CET), "2026-10-25T03:00:00"),
        (datetime(2200, 12, 31, 23, 30, tzinfo=UTC), "2200-12-31T23:30:00Z"),
    ],
)
def test_a_moment_is_written_in_local_time_unless_that_would_mean_another(moment: datetime, text: str) -> None:
    """The second of autumn's two equal hours is told in UTC, which leaves no doubt; so is the hour in which Oslo alone has a new year."""
    assert write_time(moment) == text
    assert read_time(text)[0] == moment.astimezone(UTC)


@given(st.datetimes(datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2200-12-31T23:59:59"), timezones=st.just(UTC)))
def test_every_moment_is_read_back_as_itself(moment: datetime) -> None:
    """Whatever the night, and down to the microsecond."""
    assert read_time(write_time(moment))[0] == moment


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(minutes=30), "PT30M"), (timedelta(minutes=90), "PT1H30M"), (timedelta(seconds=45), "PT45S"), (timedelta(days=2), "P2D"),
        (timedelta(weeks=1, hours=2), "P7DT2H"), (timedelta(), "PT0M"),
    ],
)
def test_a_duration_is_written_as_iso_8601_has_it(span: timedelta, text: str) -> None:
    """With its T, without what is nought."""
    assert write_duration(span) == text


@given(st.integers(0, (LONGEST_DAYS + 1) * 86_400 - 1))
def test_every_duration_is_read_back_as_itself(seconds: int) -> None:
    """Without a leniency."""
    span = timedelta(seconds=seconds)
    assert read_duration(write_duration(span)) == (span, False)


@pytest.mark.parametrize("span", [timedelta(minutes=-30), timedelta(milliseconds=500), timedelta(days=LONGEST_DAYS + 1)])
def test_a_duration_that_no_visit_has_is_not_written(span: timedelta) -> None:
    """Nobody could read it back."""
    with pytest.raises(NotATime):
        write_duration(span)

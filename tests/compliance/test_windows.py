"""Windows across midnight, daylight saving and holidays; business days."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.calendars import holidays_of
from compliance.windows import (
    Window,
    WindowError,
    add_business_days,
    day_start,
    hour_start,
    next_day_start,
)

BERLIN = "Europe/Berlin"
ALL = frozenset(range(1, 8))
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
)
OFFICE = Window(frozenset({1, 2, 3, 4, 5}), dt.time(9), dt.time(17), BERLIN)


def utc(*parts):
    year, month, day, *clock = parts
    return dt.datetime.combine(dt.date(year, month, day), dt.time(*clock), tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        (utc(2026, 11, 23, 10), utc(2026, 11, 23, 10)),  # open
        (utc(2026, 11, 23, 7, 59), utc(2026, 11, 23, 8)),  # before work
        (utc(2026, 11, 23, 8), utc(2026, 11, 23, 8)),  # the first moment
        (utc(2026, 11, 23, 16), utc(2026, 11, 24, 8)),  # the first too late
        (utc(2026, 11, 27, 16), utc(2026, 11, 30, 8)),  # Friday evening
        (utc(2026, 3, 27, 17), utc(2026, 3, 30, 7)),  # over the change to summer time
        (utc(2026, 10, 23, 17), utc(2026, 10, 26, 8)),  # and back
    ],
)
def test_window_opens_next(at, opening):
    assert OFFICE.next_opening(at) == opening


def test_window_skips_holidays():
    window = Window(OFFICE.days, OFFICE.start, OFFICE.end, BERLIN, holidays_of(["DE"], [2026]))

    assert window.next_opening(utc(2026, 12, 24, 18)) == utc(2026, 12, 28, 8)


def test_window_over_midnight_belongs_to_the_day_it_starts_on():
    window = Window(frozenset({1}), dt.time(22), dt.time(2), "UTC")

    assert window.contains(utc(2026, 11, 24, 1, 59))
    assert not window.contains(utc(2026, 11, 24, 2))
    assert not window.contains(utc(2026, 11, 23, 1))


def test_window_from_midnight_to_midnight_is_the_whole_day():
    window = Window(frozenset({1}), dt.time(0), dt.time(0), "UTC")

    assert window.contains(utc(2026, 11, 23))
    assert window.contains(utc(2026, 11, 23, 23, 59, 59))
    assert not window.contains(utc(2026, 11, 24))


def test_window_that_starts_in_the_skipped_hour_opens_at_the_jump():
    window = Window(ALL, dt.time(2, 30), dt.time(5), BERLIN)

    assert window.next_opening(utc(2026, 3, 28, 23)) == utc(2026, 3, 29, 1)


def test_window_inside_the_skipped_hour_does_not_open_that_day():
    window = Window(ALL, dt.time(2, 10), dt.time(2, 50), BERLIN)

    assert window.next_opening(utc(2026, 3, 28, 23)) == utc(2026, 3, 30, 0, 10)


def test_window_in_the_repeated_hour_opens_once():
    window = Window(ALL, dt.time(2, 10), dt.time(2, 50), BERLIN)

    assert window.next_opening(utc(2026, 10, 24, 22)) == utc(2026, 10, 25, 0, 10)
    assert window.next_opening(utc(2026, 10, 25, 0, 50)) == utc(2026, 10, 26, 1, 10)


def test_window_survives_json():
    window = Window(ALL, dt.time(9), dt.time(17, 30), BERLIN, frozenset({dt.date(2026, 12, 25)}))

    assert Window.from_json(window.to_json()) == window


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"days": [], "start": "09:00", "end": "17:00", "zone": "UTC"},
        {"days": [8], "start": "09:00", "end": "17:00", "zone": "UTC"},
        {"days": [1], "start": "25:00", "end": "17:00", "zone": "UTC"},
        {"days": [1], "start": "09:00", "end": "17:00", "zone": "Mars/Olympus"},
        {"days": [1], "start": "09:00", "end": "17:00", "zone": "../etc/passwd"},
    ],
)
def test_impossible_window_is_refused(data):
    with pytest.raises(WindowError):
        Window.from_json(data)


@settings(deadline=None)
@given(
    at=MOMENTS,
    zone=st.sampled_from(
        [BERLIN, "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu"]
    ),
    days=st.frozensets(st.integers(1, 7), min_size=1),
    start=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    end=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)
def test_next_opening_is_open_and_shows_hours_inside_the_window(at, zone, days, start, end):
    window = Window(days, start, end, zone)

    opening = window.next_opening(at)

    wall = opening.astimezone(ZoneInfo(zone)).time()
    inside = start <= wall < end if start < end else wall >= start or wall < end
    assert opening >= at
    assert window.contains(opening)
    assert inside


@settings(deadline=None)
@given(
    at=MOMENTS,
    minutes=st.integers(0, 4000),
)
def test_nothing_is_open_before_the_next_opening(at, minutes):
    opening = OFFICE.next_opening(at)
    probe = at + dt.timedelta(minutes=minutes)

    assert probe >= opening or not OFFICE.contains(probe)


@pytest.mark.parametrize(
    ("zone", "at", "start", "following"),
    [
        (BERLIN, utc(2026, 3, 29, 12), utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)),
        (BERLIN, utc(2026, 10, 25, 12), utc(2026, 10, 24, 22), utc(2026, 10, 25, 23)),
        # Chile's clocks jump over midnight itself: the day begins at one o'clock.
        ("America/Santiago", utc(2026, 9, 6, 12), utc(2026, 9, 6, 4), utc(2026, 9, 7, 3)),
    ],
)
def test_days_begin_at_local_midnight(zone, at, start, following):
    assert day_start(at, ZoneInfo(zone)) == start
    assert next_day_start(at, ZoneInfo(zone)) == following


def test_hours_are_those_of_utc():
    at = dt.datetime(2026, 11, 23, 12, 59, tzinfo=ZoneInfo("Asia/Kathmandu"))

    assert hour_start(at) == utc(2026, 11, 23, 7)


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        (dt.date(2026, 11, 23), 0, dt.date(2026, 11, 23)),
        (dt.date(2026, 11, 27), 1, dt.date(2026, 11, 30)),
        (dt.date(2026, 11, 28), 1, dt.date(2026, 11, 30)),
        (dt.date(2026, 12, 23), 3, dt.date(2026, 12, 29)),
    ],
)
def test_business_days_leave_out_weekends_and_holidays(start, n, expected):
    christmas = {dt.date(2026, 12, 25)}

    assert add_business_days(start, n, christmas) == expected


def test_business_days_keep_the_local_hour_over_a_clock_change():
    friday = dt.datetime(2026, 3, 27, 9, tzinfo=ZoneInfo(BERLIN))

    assert add_business_days(friday, 1).isoformat() == "2026-03-30T09:00:00+02:00"


def test_country_without_a_calendar_has_no_holidays():
    assert holidays_of(["XX", ""], [2026]) == frozenset()

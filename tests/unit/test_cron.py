"""Cron lines come when crontab(5) says, across clock changes too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizops_cli.config.cron import check_timezone, parse_cron
from bizops_cli.errors import ConfigError

START = datetime(2026, 1, 30, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "timezone", "expected"),
    [
        ("0 3 * * *", "UTC", "2026-01-31T03:00"),
        ("@daily", "UTC", "2026-01-31T00:00"),
        ("30 12 * * *", "UTC", "2026-01-31T12:30"),
        ("31 12 * * *", "UTC", "2026-01-30T12:31"),
        ("*/20 * * * *", "UTC", "2026-01-30T12:40"),
        ("0 3 * * 1-5", "UTC", "2026-02-02T03:00"),
        ("0 3 * * mon,SUN", "UTC", "2026-02-01T03:00"),
        ("0 3 * * 7", "UTC", "2026-02-01T03:00"),
        ("0 3 1 * *", "UTC", "2026-02-01T03:00"),
        ("0 3 3 * mon", "UTC", "2026-02-02T03:00"),
        ("0 3 */2 * mon", "UTC", "2026-02-09T03:00"),
        ("0 0 29 2 *", "UTC", "2028-02-29T00:00"),
        ("0 3 * * *", "Europe/Berlin", "2026-01-31T02:00"),
        ("5/15 6 * jun *", "UTC", "2026-06-01T06:05"),
    ],
)
def test_it_comes_next_when_it_should(line: str, timezone: str, expected: str) -> None:
    found = parse_cron(line).next_after(START, timezone)
    assert found is not None
    assert found.isoformat(timespec="minutes") == f"{expected}+00:00"


def test_an_hour_that_a_clock_change_leaves_out_is_waited_for() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    found = parse_cron("30 2 * * *").next_after(before, "Europe/Berlin")
    assert found == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_a_day_that_never_comes_is_none() -> None:
    assert parse_cron("0 0 31 2 *").next_after(START, "UTC") is None


@pytest.mark.parametrize(
    "line",
    [
        *("", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *"),
        *("* * * * 8", "a * * * *", "1-0 * * * *", "*/0 * * * *", "* * * foo *"),
        *("1, * * * *", "-1 * * * *", "1/x * * * *", "* * * * * *"),
    ],
)
def test_a_wrong_line_is_an_error_that_says_what_to_write(line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_cron(line)
    assert caught.value.next_step


def test_a_time_zone_must_be_there() -> None:
    check_timezone("America/New_York")
    for name in ("Europe/Atlantis", "../etc/passwd", ""):
        with pytest.raises(ConfigError):
            check_timezone(name)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["*", "0", "*/20", "7,41"]),
    st.sampled_from(["*", "3", "*/6"]),
    st.sampled_from(["*", "1", "*/3", "10-12"]),
    st.sampled_from(["*", "2", "1-3"]),
    st.sampled_from(["*", "0", "1-5", "sat"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 20)),  # noqa: DTZ001
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"]),
)
def test_there_is_no_earlier_minute_that_fits(
    minute: str,
    hour: str,
    day: str,
    month: str,
    weekday: str,
    start: datetime,
    timezone: str,
) -> None:
    """An oracle that tries minute after minute, up to three days."""
    cron = parse_cron(f"{minute} {hour} {day} {month} {weekday}")
    start = start.replace(tzinfo=UTC)
    found = cron.next_after(start, timezone)
    at = start.replace(second=0, microsecond=0)
    for _ in range(3 * 24 * 60):
        at += timedelta(minutes=1)
        local = at.astimezone(ZoneInfo(timezone))
        by_day = local.day in cron.days
        by_weekday = local.isoweekday() % 7 in cron.weekdays
        either = by_day or by_weekday
        both = by_day and by_weekday
        fits = (
            local.minute in cron.minutes
            and local.hour in cron.hours
            and local.month in cron.months
            and (both if cron.any_day or cron.any_weekday else either)
        )
        if fits:
            assert found == at
            return
        if found is not None:
            assert found != at
    assert found is None or found > at

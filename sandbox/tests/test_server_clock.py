from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from bizops_sandbox.servers.clock import VirtualClock, http_date


class _Seconds:
    def __init__(self) -> None:
        self.value = 1_000.0

    def __call__(self) -> float:
        return self.value


def test_the_clock_runs_with_real_seconds():
    seconds = _Seconds()
    clock = VirtualClock(datetime(2018, 1, 31, 12, tzinfo=UTC), monotonic=seconds)
    seconds.value += 61.9
    assert clock.now() == datetime(2018, 1, 31, 12, 1, 1, tzinfo=UTC)


def test_the_clock_never_leaves_its_day():
    seconds = _Seconds()
    clock = VirtualClock(datetime(2018, 1, 31, 23, tzinfo=UTC), monotonic=seconds)
    seconds.value += 100_000
    assert clock.now() == datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC)


def test_the_clock_can_be_moved_to_any_instant_in_any_zone():
    seconds = _Seconds()
    clock = VirtualClock(datetime(2018, 1, 31, tzinfo=UTC), monotonic=seconds)
    seconds.value += 10
    clock.move(datetime(2017, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == datetime(2016, 12, 31, 23, tzinfo=UTC)


def test_a_date_header_is_in_gmt_and_in_english():
    instant = datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC)
    assert http_date(instant) == "Wed, 31 Jan 2018 23:59:59 GMT"

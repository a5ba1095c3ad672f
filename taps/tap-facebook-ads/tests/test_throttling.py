"""Usage headers and the pauses they lead to."""

from __future__ import annotations

import json

import pytest

from tap_facebook_ads.client import plan_limit_pause
from tap_facebook_ads.throttling import ThrottleGuard, Usage, read_usage


class HandClock:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def monotonic_s(self):
        return self.now

    def now_s(self):
        return self.now

    def sleep(self, duration_s):
        self.slept.append(duration_s)
        self.now += duration_s

    def jitter(self, upper_s):
        return upper_s


APP = json.dumps({"call_count": 28, "total_time": 25, "total_cputime": 95})
ACCOUNT = json.dumps({"acc_id_util_pct": 92.5, "reset_time_duration": 300})
BUSINESS = json.dumps(
    {
        "1": [
            {"type": "ads_insights", "call_count": 100, "total_time": 3}
            | {"estimated_time_to_regain_access": 7}
        ],
        "2": [{"type": "ads_management", "call_count": 4}],
    }
)


@pytest.mark.parametrize(
    ("headers", "usage"),
    [
        ({}, Usage()),
        ({"X-App-Usage": APP}, Usage(95, 0)),
        ({"X-Ad-Account-Usage": ACCOUNT}, Usage(92.5, 300)),
        ({"X-Business-Use-Case-Usage": BUSINESS}, Usage(100, 420)),
        ({"X-App-Usage": APP, "X-Ad-Account-Usage": ACCOUNT}, Usage(95, 0)),
        ({"X-FB-Ads-Insights-Throttle": '{"acc_id_util_pct": 40}'}, Usage(40, 0)),
        ({"X-App-Usage": "{"}, Usage()),
        ({"X-App-Usage": "[1]"}, Usage()),
        ({"X-App-Usage": '{"call_count": "many"}'}, Usage()),
    ],
)
def test_the_fullest_limit_counts(headers, usage):
    assert read_usage(headers) == usage


def test_below_the_threshold_nothing_waits():
    clock = HandClock()
    guard = ThrottleGuard(clock=clock, threshold_percent=95, longest_s=7200)
    guard.note({"X-App-Usage": APP})
    guard.wait()
    assert clock.slept == []
    assert (guard.calls, guard.highest_percent, guard.is_high) == (1, 95, False)


@pytest.mark.parametrize(
    ("header", "text", "pause_s"),
    [
        ("X-App-Usage", APP, 60),
        ("X-Ad-Account-Usage", ACCOUNT, 300),
        ("X-Business-Use-Case-Usage", BUSINESS, 420),
        (
            "X-Ad-Account-Usage",
            '{"acc_id_util_pct": 99, "reset_time_duration": 86400}',
            900,
        ),
    ],
)
def test_above_it_all_wait_as_long_as_is_told(header, text, pause_s):
    clock = HandClock()
    guard = ThrottleGuard(clock=clock, threshold_percent=90, longest_s=7200)
    guard.note({header: text})
    assert guard.is_high
    guard.wait()
    guard.wait()
    assert clock.slept == [pause_s]


def test_no_pause_is_longer_than_the_setting():
    clock = HandClock()
    guard = ThrottleGuard(clock=clock, threshold_percent=90, longest_s=5)
    guard.hold(100, reason="a limit")
    guard.wait()
    assert clock.slept == [5]


def test_waits_for_limits_double_from_a_minute_to_a_quarter_of_an_hour():
    assert [plan_limit_pause(n) for n in range(1, 7)] == [60, 120, 240, 480, 900, 900]

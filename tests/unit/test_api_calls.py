"""API calls are read from what taps log, and from nothing that looks like it."""

from __future__ import annotations

import json

import pytest

from bizops_cli.singer.api_calls import CallCounter

METRIC = '{"type":"counter","metric":"http_request_count","value":%s,"tags":{"s":1}}'


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], None),
        (["API calls: 12 by this run; 40 of 15000 used by the org today"], 12),
        (["INFO | API calls: 1,204 by this run"], 1204),
        (["API calls: 3 by this run", "API calls: 9 by this run"], 9),
        (["METRIC: " + METRIC % 3, "INFO METRIC: " + METRIC % 4], 7),
        (["METRIC: " + METRIC % 3, "API calls: 5 by this run"], 5),
        (["API calls: many by this run", "API calls: 3 by the org"], None),
        (["METRIC: {http_request_count}", "METRIC: " + METRIC % "true"], None),
        (["METRIC: " + METRIC % "-1", "METRIC: " + METRIC % "1.5"], None),
        (
            ['METRIC: {"metric":"record_count","value":9,"t":"http_request_count"}'],
            None,
        ),
    ],
)
def test_the_sum_is_the_taps_own_or_that_of_its_metrics(
    lines: list[str], expected: int | None
) -> None:
    counter = CallCounter()
    for line in lines:
        counter.read(line)
    assert counter.calls == expected


@pytest.mark.parametrize(
    ("quota", "percent"),
    [
        ({"used": 1200, "allowed": 15000}, 8.0),
        ({"remaining": 25, "allowed": 100}, 75.0),
        ({"used_percent": 91.5}, 91.5),
        ({"used": 5}, None),
        ({"used": 5, "allowed": 0}, None),
        ({"used": True, "allowed": "x"}, None),
    ],
)
def test_what_a_service_says_of_its_limit_is_a_part_of_it(
    quota: dict[str, object], percent: float | None
) -> None:
    counter = CallCounter()
    point = {"metric": "http_request_count", "value": 1, "tags": {"quota": quota}}
    counter.read(f"INFO METRIC: {json.dumps(point)}")
    assert counter.quota_percent == percent
    assert counter.calls == 1

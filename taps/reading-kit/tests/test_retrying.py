"""What error answers call for where only the status is known, and how long to wait."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit.errors import ApiProblem
from reading_kit.retrying import (
    Verdict,
    judge,
    plan_pause,
    plan_wait,
    read_problem,
    read_retry_after,
)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (500, Verdict.RETRY),
        (502, Verdict.RETRY),
        (503, Verdict.RETRY),
        (504, Verdict.RETRY),
        (408, Verdict.RETRY),
        (429, Verdict.WAIT),
        (401, Verdict.LOG_IN_AGAIN),
        (400, Verdict.FAIL),
        (403, Verdict.FAIL),
        (404, Verdict.FAIL),
        (501, Verdict.FAIL),
    ],
)
def test_a_status_alone_has_a_verdict(status, verdict):
    assert judge(ApiProblem(status, "", "")) is verdict


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ('{"error":{"code":190,"message":"expired"}}', "190", "expired"),
        (
            '{"error":"invalid_grant","error_description":"expired"}',
            "invalid_grant",
            "expired",
        ),
        ('{"message":"404 Not found"}', "HTTP_404", "404 Not found"),
        ('[{"errorCode":"C","message":"m"}]', "C", "m"),
        ("<title>Down for\n maintenance</title>", "HTTP_404", "Down for\n maintenance"),
        ("", "HTTP_404", "empty answer"),
        ("[]", "HTTP_404", "unexpected answer"),
    ],
)
def test_error_bodies_of_the_usual_forms_are_read(body, code, message):
    problem = read_problem(404, body)
    assert (problem.code, problem.message) == (code, message)


@given(st.integers(1, 100), st.none() | st.floats(0, 1000), st.floats(0, 100))
def test_pauses_grow_and_never_exceed_the_longest(failures, retry_after_s, longest_s):
    pause = plan_pause(
        failures=failures, retry_after_s=retry_after_s, longest_s=longest_s
    )
    assert pause.delay_s >= 0
    assert pause.jitter_s >= 0
    assert pause.delay_s + pause.jitter_s <= longest_s + 1e-9


def test_the_wait_doubles_and_honours_the_server():
    waits = [
        plan_pause(failures=n, retry_after_s=None, longest_s=60).jitter_s
        for n in range(1, 9)
    ]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert plan_pause(failures=1, retry_after_s=20, longest_s=60).delay_s == 20


@pytest.mark.parametrize(
    ("text", "seconds"), [("3", 3.0), ("", None), ("Wed, 21 Oct 2015", None)]
)
def test_retry_after_is_read_in_seconds(text, seconds):
    assert read_retry_after({"Retry-After": text}) == seconds


def test_error_texts_are_one_line():
    assert str(ApiProblem(400, "X", "one\n two\r\n three")).count("\n") == 0


def test_a_wait_for_ones_turn_is_as_long_as_the_server_says():
    asked = plan_wait(retry_after_s=12, usual_s=30, longest_s=60)
    assert (asked.delay_s, asked.jitter_s) == (12, 4)
    usual = plan_wait(retry_after_s=None, usual_s=30, longest_s=60)
    assert (usual.delay_s, usual.jitter_s) == (30, 10)
    bounded = plan_wait(retry_after_s=3600, usual_s=30, longest_s=60)
    assert (bounded.delay_s, bounded.jitter_s) == (60, 0)


def test_the_first_pause_may_be_longer_and_doubles_all_the_same():
    pauses = [
        plan_pause(failures=n, retry_after_s=None, longest_s=300, first_s=5.0)
        for n in (1, 2, 8)
    ]
    assert [pause.jitter_s for pause in pauses] == [5.0, 10.0, 300]

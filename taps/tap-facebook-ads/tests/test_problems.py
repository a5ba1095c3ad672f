"""Error answers: what each code means, and what of them is told."""

from __future__ import annotations

import json

import pytest

from reading_kit.retrying import Verdict
from tap_facebook_ads.problems import (
    Cause,
    GraphError,
    classify,
    find_bad_field,
    judge,
    read_graph_problem,
)

REDUCE = "Please reduce the amount of data you're asking for, then retry your request"


def problem(code, subcode=None, message="words", status=400, **more):
    error = {"message": message, "type": "OAuthException", "code": code, **more}
    if subcode is not None:
        error["error_subcode"] = subcode
    return read_graph_problem(status, json.dumps({"error": error}))


CODES = [
    (problem(1), Cause.TEMPORARY),
    (problem(2, status=500), Cause.TEMPORARY),
    (problem(99, is_transient=True), Cause.TEMPORARY),
    (problem(1, message=REDUCE, status=500), Cause.REDUCE),
    (problem(100, message=f"(#100) {REDUCE}"), Cause.REDUCE),
    (problem(100, 1487534), Cause.REDUCE),
    *((problem(code), Cause.LIMIT) for code in (4, 17, 32, 341, 613)),
    (problem(17, 2446079, is_transient=True), Cause.LIMIT),
    *((problem(code), Cause.LIMIT) for code in (80000, 80003, 80004, 80005, 80008)),
    (problem(960), Cause.BATCH_TIMEOUT),
    (problem(2601, 1815107, is_transient=True), Cause.RUN_UNREADABLE),
    (problem(100, 33), Cause.MISSING),
    (problem(100, message="(#100) Tried accessing nonexisting field (x)"), Cause.FIELD),
    (problem(100, message="x is not valid for fields param. see"), Cause.FIELD),
    (problem(100, message="the cursor is invalid or expired."), Cause.CURSOR),
    (problem(100, message="cannot be beyond 37 months from"), Cause.OLD_RANGE),
    (problem(3018), Cause.OLD_RANGE),
    (problem(100), Cause.PARAMETER),
    (problem(190, 463, status=400), Cause.TOKEN),
    (problem(190, status=401), Cause.TOKEN),
    (problem(102), Cause.TOKEN),
    *((problem(code, status=403), Cause.PERMISSION) for code in (10, 200, 275, 299)),
    (problem(2635), Cause.VERSION),
    (problem(2500, message="Unknown path components: /v99.0/act_1"), Cause.VERSION),
    (problem(2500, message="Unknown path components: /x"), Cause.PARAMETER),
    (problem(2853001), Cause.NOT_LINKED),
    (read_graph_problem(502, "<html><title>Sorry</title></html>"), Cause.TEMPORARY),
    (read_graph_problem(500, ""), Cause.TEMPORARY),
    (read_graph_problem(429, ""), Cause.TEMPORARY),
    (read_graph_problem(401, ""), Cause.TOKEN),
    (read_graph_problem(404, "[]"), Cause.PARAMETER),
]


@pytest.mark.parametrize(("found", "cause"), CODES, ids=str)
def test_the_code_decides_and_not_the_status(found, cause):
    assert classify(found) is cause
    wanted = Verdict.RETRY if cause is Cause.TEMPORARY else Verdict.FAIL
    assert judge(found) is wanted


def test_an_error_is_told_with_code_and_trace_and_without_tokens():
    words = "see https://x/y?access_token=EAAsecret0123456789&limit=1"
    error = GraphError(problem(100, 7, message=words, fbtrace_id="Axyz"))
    assert "code 100, subcode 7, HTTP 400, fbtrace_id Axyz" in str(error)
    assert "secret" not in str(error)
    assert "secret" not in repr(error.problem)


def test_fields_are_found_in_both_wordings():
    first = "(#100) Tried accessing nonexisting field (wish_bid) on node type (AdSet)"
    assert find_bad_field(first) == "wish_bid"
    assert find_bad_field("labels is not valid for fields param. please") == "labels"
    assert find_bad_field("something else") is None

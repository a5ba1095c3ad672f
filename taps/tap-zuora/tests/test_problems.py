"""What Zuora tells of a failure leads to the right next step."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit.errors import ApiProblem
from reading_kit.retrying import Verdict
from tap_zuora.problems import (
    Remedy,
    find_missing_field,
    find_remedy,
    is_oversize,
    judge,
    judge_login,
    read_problem,
    says_failure,
)

# Texts recorded from tenants, shortened.
NO_FIELD = (
    "There is a syntax error in one of the queries in the AQuA input "
    "(There is no field named Frob__c in query: select Id, Frob__c from Account)"
)
NO_OBJECT = (
    "There is a syntax error in one of the queries in the AQuA input "
    "(The requested data source could not be found: Frob in query: select Id from Frob)"
)


@pytest.mark.parametrize(
    ("code", "message", "remedy"),
    [
        ("90005", NO_FIELD, Remedy.DROP_FIELD),
        ("90005", NO_OBJECT, Remedy.SKIP),
        ("90005", "There is a syntax error in one of the queries", Remedy.SKIP),
        ("90005", "There is a syntax error (unexpected token: by)", Remedy.FATAL),
        ("90028", "too many", Remedy.WAIT),
        ("90010", "", Remedy.NEW_JOB),
        ("90022", "", Remedy.NEW_JOB),
        ("90029", "", Remedy.NEW_JOB),
        ("90027", "", Remedy.HALVE),
        ("90012", "", Remedy.NO_DELETED),
        ("90017", "", Remedy.NO_DELETED),
        ("90018", "", Remedy.SKIP),
        ("90009", "", Remedy.SKIP),
        ("90019", "", Remedy.FATAL),
        ("90004", "", Remedy.FATAL),
        ("", "Query exceeded the maximum execution time limit.", Remedy.HALVE),
        ("", "Query exceeded the maximum number of output rows: 500000", Remedy.HALVE),
        ("", "Column 'frob__c' cannot be resolved", Remedy.DROP_FIELD),
        ("", "Table 'zuora.default.frob' does not exist", Remedy.SKIP),
        ("", "Internal error", Remedy.NEW_JOB),
    ],
)
def test_each_failure_of_a_query_has_its_remedy(code, message, remedy):
    assert find_remedy(code, message) is remedy


def test_the_missing_field_is_found_in_the_text():
    assert find_missing_field(NO_FIELD) == "Frob__c"
    assert (
        find_missing_field("Column 'updateddate' cannot be resolved") == "updateddate"
    )
    assert find_missing_field(NO_OBJECT) is None


@pytest.mark.parametrize(
    ("status", "value", "verdict"),
    [
        (401, {"reasons": [{"code": 90000011, "message": "sign in"}]}, "LOG_IN_AGAIN"),
        (200, {"reasons": [{"code": 90000011, "message": "sign in"}]}, "LOG_IN_AGAIN"),
        (200, {"reasons": [{"code": 50000060, "message": "error"}]}, "RETRY"),
        (200, {"reasons": [{"code": 50000050, "message": "locked"}]}, "RETRY"),
        (200, {"reasons": [{"code": 50000070, "message": "limit"}]}, "WAIT"),
        (200, {"reasons": [{"code": 53000020, "message": "wrong"}]}, "FAIL"),
        (400, {"reasons": [{"code": "SystemError", "message": "x"}]}, "RETRY"),
        (404, {"errorCode": "90002", "message": "Invalid Job Id."}, "FAIL"),
        (429, {"code": 429, "message": "too many"}, "WAIT"),
        (503, {"message": "maintenance"}, "RETRY"),
        (403, {"reasons": [{"code": 50000010, "message": "no access"}]}, "FAIL"),
    ],
)
def test_each_refused_request_has_its_verdict(status, value, verdict):
    assert judge(read_problem(status, json.dumps(value))) is Verdict[verdict]


def test_a_rejected_client_is_never_asked_for_a_token_again():
    body = '{"error": "invalid_client", "error_description": "Bad credentials"}'
    for status in (400, 401, 403):
        problem = read_problem(status, body)
        assert problem.code == "invalid_client"
        assert judge_login(problem) is Verdict.FAIL
    assert judge_login(ApiProblem(429, "", "")) is Verdict.WAIT
    assert judge_login(ApiProblem(503, "", "")) is Verdict.RETRY


def test_the_storages_answers_are_read():
    oversize = (
        "<Error><Code>MaxObjectSizeExceeded</Code><Message>"
        '<security:max-object-size xmlns:security="http://www.zuora.com">2146435072'
        "</security:max-object-size></Message></Error>"
    )
    problem = read_problem(403, oversize)
    assert is_oversize(problem)
    assert "2146435072" in problem.message
    bare = '<security:max-object-size xmlns:security="x">1</security:max-object-size>'
    assert is_oversize(read_problem(403, bare))
    denied = (
        "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    )
    problem = read_problem(403, denied)
    assert (problem.code, problem.message) == ("AccessDenied", "Request has expired")
    assert not is_oversize(problem)


def test_text_and_pages_are_read_as_they_are():
    sorry = "We're sorry, but something went wrong."
    assert read_problem(500, sorry).message == sorry
    page = "<html><head><title>Bad Gateway</title></head></html>"
    assert read_problem(502, page).message == "Bad Gateway"


@given(status=st.integers(400, 599), body=st.text(max_size=300))
def test_any_answer_is_read(status, body):
    problem = read_problem(status, body)
    assert problem.status == status
    assert judge(problem) in set(Verdict)


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_any_json_is_read(value):
    assert read_problem(400, json.dumps(value)).status == 400
    assert says_failure(value) in {True, False}

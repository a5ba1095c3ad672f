"""What each error answer of Salesforce calls for."""

from __future__ import annotations

import pytest

from reading_kit.errors import ApiProblem, QuotaError
from reading_kit.retrying import Verdict
from tap_salesforce.advice import Refusal, advise, classify_refusal
from tap_salesforce.limits import (
    ApiUsage,
    QuotaGuard,
    find_quota_breach,
    parse_limit_info,
)
from tap_salesforce.problems import (
    judge,
    judge_login,
    read_problem,
)


@pytest.mark.parametrize(
    ("status", "code", "message", "verdict"),
    [
        (500, "HTTP_500", "", Verdict.RETRY),
        (502, "HTTP_502", "", Verdict.RETRY),
        (503, "SERVER_UNAVAILABLE", "", Verdict.RETRY),
        (504, "HTTP_504", "", Verdict.RETRY),
        (406, "HTTP_406", "", Verdict.RETRY),
        (420, "HTTP_420", "", Verdict.RETRY),
        (429, "HTTP_429", "", Verdict.RETRY),
        (400, "UNABLE_TO_LOCK_ROW", "", Verdict.RETRY),
        (401, "INVALID_SESSION_ID", "Session expired", Verdict.LOG_IN_AGAIN),
        (401, "INVALID_AUTH_HEADER", "", Verdict.LOG_IN_AGAIN),
        (403, "HTTP_403", "Bad_OAuth_Token", Verdict.LOG_IN_AGAIN),
        (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit", Verdict.DAILY_LIMIT),
        (
            403,
            "REQUEST_LIMIT_EXCEEDED",
            "ConcurrentPerOrgLongTxn Limit",
            Verdict.WAIT,
        ),
        (
            403,
            "REQUEST_LIMIT_EXCEEDED",
            "ConcurrentRequests (Concurrent API Requests) Limit",
            Verdict.WAIT,
        ),
        (400, "MALFORMED_QUERY", "", Verdict.FAIL),
        (500, "QUERY_TIMEOUT", "", Verdict.FAIL),
        (404, "NOT_FOUND", "", Verdict.FAIL),
    ],
)
def test_each_row_of_the_error_table_has_its_verdict(status, code, message, verdict):
    assert judge(ApiProblem(status, code, message)) is verdict


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ('[{"message":"m","errorCode":"C","fields":[]}]', "C", "m"),
        (
            '{"error":"invalid_grant","error_description":"expired"}',
            "invalid_grant",
            "expired",
        ),
        ("<html><title>Down for\n maintenance</title>", "HTTP_503", "Down for\n"),
        ("", "HTTP_503", "empty answer"),
        ("[]", "HTTP_503", "unexpected answer"),
        (
            "<soapenv:Fault><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>"
            "<sf:exceptionMessage>Invalid &amp; locked</sf:exceptionMessage>",
            "INVALID_LOGIN",
            "Invalid & locked",
        ),
    ],
)
def test_error_bodies_of_every_form_are_read(body, code, message):
    problem = read_problem(503, body)
    assert problem.code == code
    assert problem.message.startswith(message)


def test_recorded_error_answers_are_read(recorded):
    from json import dumps

    expired = read_problem(401, dumps(recorded("expired_session_response.json")))
    assert judge(expired) is Verdict.LOG_IN_AGAIN
    grant = read_problem(400, dumps(recorded("refresh_error_response.json")))
    assert grant.code == "invalid_grant"
    assert judge_login(grant) is Verdict.FAIL


@pytest.mark.parametrize("code", ["INVALID_LOGIN", "PASSWORD_LOCKOUT"])
def test_a_rejected_login_is_never_repeated(code):
    assert judge_login(ApiProblem(500, code, "")) is Verdict.FAIL


def test_a_login_host_that_is_down_is_asked_again():
    assert judge_login(ApiProblem(503, "HTTP_503", "")) is Verdict.RETRY


@pytest.mark.parametrize(
    "header",
    [
        "api-usage=10018/100000; api-bursts=1/750",
        "api-usage=10018/100000",
        "api-usage=10018/100000; per-app-api-usage=17/250(appName=x)",
        "api-bursts=1/750; api-usage=10018/100000",
    ],
)
def test_the_limit_header_is_read_whatever_else_it_says(header):
    assert parse_limit_info(header) == ApiUsage(10018, 100000)


def test_a_header_without_usage_says_nothing():
    assert parse_limit_info("api-bursts=1/750") is None


@pytest.mark.parametrize(
    ("used", "own", "is_breach"), [(80, 25, False), (81, 0, True), (30, 26, True)]
)
def test_a_quota_is_broken_above_its_percentage(used, own, is_breach):
    breach = find_quota_breach(
        ApiUsage(used, 100), own_calls=own, total_percent=80, run_percent=25
    )
    assert bool(breach) is is_breach


def test_the_guard_stops_with_the_numbers():
    guard = QuotaGuard(total_percent=80, run_percent=25)
    guard.check()
    guard.note("api-usage=95/100")
    with pytest.raises(QuotaError, match="95 of 100"):
        guard.check()
    assert guard.own_calls == 1


@pytest.mark.parametrize(
    ("code", "message", "refusal"),
    [
        (
            "INVALIDENTITY",
            "Entity 'CaseStatus' is not supported by the Bulk API.",
            Refusal.USE_REST,
        ),
        (
            "FUNCTIONALITY_NOT_ENABLED",
            "Selecting compound data not supported in Bulk Query",
            Refusal.USE_REST,
        ),
        (
            "LIMIT_EXCEEDED",
            "Max bulk v2 query jobs (10000) per 24 hrs has been reached",
            Refusal.USE_REST_ONLY,
        ),
        (
            "EXCEEDED_QUOTA",
            "Max bulk v2 query result size stored (1000000000) kb per 24 hrs",
            Refusal.USE_REST_ONLY,
        ),
        ("QUERY_TIMEOUT", "too long", Refusal.SPLIT),
        ("", "batch was retried more than 15 times", Refusal.SPLIT),
        ("INVALID_FIELD", "No such column 'X__c' on entity 'Lead'", Refusal.DROP_FIELD),
        ("INVALID_FIELD", "something else", Refusal.FAIL),
        ("INVALID_QUERY_LOCATOR", "", Refusal.RESTART_CURSOR),
        ("INVALID_TYPE", "", Refusal.FAIL),
    ],
)
def test_each_refusal_of_a_query_has_its_remedy(code, message, refusal):
    assert classify_refusal(ApiProblem(400, code, message)) is refusal


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("OPERATION_TOO_LARGE exceeded 100000 distinct who/what's", "View All Data"),
        ("API_ERROR Implementation restriction", "View All Data"),
        ("TXN_SECURITY_METERING_ERROR", "Exempt from Transaction Security"),
        ("QUERY_TOO_COMPLICATED", "formula_fields to exclude"),
        ("MALFORMED_QUERY", "select fewer fields"),
        ("INSUFFICIENT_ACCESS", "lacks Read or View All"),
        ("API_DISABLED_FOR_ORG", "no API access"),
        ("entity type AITrustAttribute does not support query", "deselect the stream"),
    ],
)
def test_what_an_administrator_can_mend_is_said(text, hint):
    assert hint in advise(text)


def test_other_errors_come_without_advice():
    assert advise("QUERY_TIMEOUT") == ""

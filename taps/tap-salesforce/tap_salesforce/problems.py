"""What an error answer of Salesforce says, and what it calls for. Pure."""

from __future__ import annotations

import html
import re

from reading_kit.errors import ApiProblem
from reading_kit.retrying import TRANSIENT_STATUSES, Verdict
from reading_kit.retrying import read_problem as read_plain_problem

#: Protocol: these two pass by as well, so Salesforce's table of status codes says.
_TRANSIENT_STATUSES = TRANSIENT_STATUSES | {406}
_TRANSIENT_CODES = frozenset({"SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW"})
#: These come with a transient status, yet only another query can help.
_FINAL_CODES = frozenset({"QUERY_TIMEOUT", "QUERY_TOO_COMPLICATED"})
#: Codes with which a login may be repeated without counting as a wrong password.
_LOGIN_RETRY = re.compile(r"HTTP_\d+|SERVER_UNAVAILABLE|UNKNOWN_EXCEPTION|server_error")
_FAULT_CODE = re.compile(r"<(?:\w+:)?exceptionCode>\s*(?:\w+:)?(\w+)")
_FAULT_TEXT = re.compile(r"<(?:\w+:)?exceptionMessage>([^<]*)")


def read_problem(status: int, body: str) -> ApiProblem:
    """Read an error answer: Salesforce's list, OAuth's object, a SOAP fault or HTML."""
    if fault := _FAULT_CODE.search(body):
        reason = _FAULT_TEXT.search(body)
        return ApiProblem(status, fault[1], html.unescape(reason[1]) if reason else "")
    return read_plain_problem(status, body)


def judge(problem: ApiProblem) -> Verdict:
    """Decide what an error answer calls for."""
    if problem.status == 401 or (
        problem.status == 403
        and "Bad_OAuth_Token" in f"{problem.code} {problem.message}"
    ):
        return Verdict.LOG_IN_AGAIN
    if problem.code == "REQUEST_LIMIT_EXCEEDED":
        is_daily = "TotalRequests" in problem.message
        return Verdict.DAILY_LIMIT if is_daily else Verdict.WAIT
    if problem.code in _FINAL_CODES:
        return Verdict.FAIL
    if problem.status in _TRANSIENT_STATUSES or problem.code in _TRANSIENT_CODES:
        return Verdict.RETRY
    return Verdict.FAIL


def judge_login(problem: ApiProblem) -> Verdict:
    """Decide on an error answer of the login host; a rejection is never repeated."""
    is_passing = problem.status in _TRANSIENT_STATUSES and _LOGIN_RETRY.fullmatch(
        problem.code
    )
    return Verdict.RETRY if is_passing else Verdict.FAIL

"""What an answer of Salesforce means for the request that got it. Pure."""

from __future__ import annotations

import enum
import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_salesforce.errors import ApiProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Tries of one request, and of one waiting for a free slot.
TRIES = 8
CONCURRENCY_TRIES = 10
CONCURRENCY_PAUSE_S = 30.0
TRANSIENT_STATUSES = frozenset({406, 420, 429, 500, 502, 503, 504})
TRANSIENT_CODES = frozenset({"SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW"})
#: These come with a transient status, yet only another query can help.
_FINAL_CODES = frozenset({"QUERY_TIMEOUT", "QUERY_TOO_COMPLICATED"})
#: Codes with which a login may be repeated without counting as a wrong password.
_LOGIN_RETRY = re.compile(r"HTTP_\d+|SERVER_UNAVAILABLE|UNKNOWN_EXCEPTION|server_error")
_FAULT_CODE = re.compile(r"<(?:\w+:)?exceptionCode>\s*(?:\w+:)?(\w+)")
_FAULT_TEXT = re.compile(r"<(?:\w+:)?exceptionMessage>([^<]*)")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


class Verdict(enum.Enum):
    """What to do after an answer."""

    ACCEPT = "accept"
    RETRY = "retry"
    WAIT_FOR_SLOT = "wait for slot"
    LOG_IN_AGAIN = "log in again"
    DAILY_LIMIT = "daily limit"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Pause:
    """How long to wait before the next try.

    Attributes:
        delay_s: Fixed part in seconds.
        jitter_s: Upper end of the random part in seconds.
    """

    delay_s: float
    jitter_s: float


def read_problem(status: int, body: str) -> ApiProblem:
    """Read an error answer: Salesforce's list, OAuth's object, a SOAP fault or HTML."""
    if fault := _FAULT_CODE.search(body):
        reason = _FAULT_TEXT.search(body)
        return ApiProblem(status, fault[1], html.unescape(reason[1]) if reason else "")
    try:
        value = json.loads(body)
    except ValueError:
        title = _TITLE.search(body)
        text = title[1].strip() if title else body.strip()[:200] or "empty answer"
        return ApiProblem(status, f"HTTP_{status}", text)
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict):
        return ApiProblem(status, f"HTTP_{status}", "unexpected answer")
    code = first.get("errorCode") or first.get("error") or f"HTTP_{status}"
    text = first.get("message") or first.get("error_description") or ""
    return ApiProblem(status, str(code), str(text))


def judge(problem: ApiProblem) -> Verdict:
    """Decide what an error answer calls for."""
    if problem.status == 401 or (
        problem.status == 403
        and "Bad_OAuth_Token" in f"{problem.code} {problem.message}"
    ):
        return Verdict.LOG_IN_AGAIN
    if problem.code == "REQUEST_LIMIT_EXCEEDED":
        is_daily = "TotalRequests" in problem.message
        return Verdict.DAILY_LIMIT if is_daily else Verdict.WAIT_FOR_SLOT
    if problem.code in _FINAL_CODES:
        return Verdict.FAIL
    if problem.status in TRANSIENT_STATUSES or problem.code in TRANSIENT_CODES:
        return Verdict.RETRY
    return Verdict.FAIL


def judge_login(problem: ApiProblem) -> Verdict:
    """Decide on an error answer of the login host; a rejection is never repeated."""
    is_passing = problem.status in TRANSIENT_STATUSES and _LOGIN_RETRY.fullmatch(
        problem.code
    )
    return Verdict.RETRY if is_passing else Verdict.FAIL


def plan_pause(
    *, failures: int, retry_after_s: float | None, longest_s: float
) -> Pause:
    """Plan the wait after the n-th failure: 1 s, doubled each time, full jitter.

    A ``Retry-After`` of the server sets the least wait. Nothing waits longer than
    ``longest_s``.
    """
    jitter_s = min(2.0 ** (failures - 1), longest_s)
    delay_s = min(retry_after_s or 0.0, longest_s)
    return Pause(delay_s, min(jitter_s, longest_s - delay_s))


def plan_slot_pause(*, longest_s: float) -> Pause:
    """Plan the wait for one of the org's slots of long requests."""
    delay_s = min(CONCURRENCY_PAUSE_S, longest_s)
    return Pause(delay_s, min(10.0, longest_s - delay_s))


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Give the seconds of a ``Retry-After`` header; other forms count as none."""
    text = headers.get("Retry-After", "").strip()
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None

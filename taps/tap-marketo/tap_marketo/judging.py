"""What Marketo's codes mean for the request that got them. Pure.

HTTP 200 is not success: every JSON body says ``success`` and, where that is false, why
in ``errors[].code``. The codes and what to do about them are those of Adobe's pages on
error codes and on bulk extract.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reading_kit.errors import ApiProblem
from reading_kit.retrying import TRANSIENT_STATUSES, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Tries of a request that meets a system error, which seldom passes.
SYSTEM_ERROR_TRIES = 4
_TRANSIENT = frozenset({"604", "608", "614", "713"})
_TOKEN = frozenset({"601", "602"})
_SYSTEM = frozenset({"500", "611", "HTTP_500"})
RATE_LIMIT = "606"
DAILY_LIMIT = "607"
CONCURRENCY_LIMIT = "615"
#: Seconds to wait before asking again.
_WAITS_S = {RATE_LIMIT: 20.0, "429": 20.0, "HTTP_429": 20.0, CONCURRENCY_LIMIT: 3.0}
NO_DATA = "702"
ACCESS_DENIED = "603"
GONE = "1013"
BUSY = "1029"
NO_FILTER = "1035"
INVALID_VALUE = "1003"


class Busy(enum.Enum):
    """Which of its meanings code 1029 has; an unknown text counts as a full queue."""

    QUEUE_FULL = "queue full"
    QUOTA_SPENT = "quota spent"
    ALREADY_QUEUED = "already queued"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A successful answer.

    Attributes:
        rows: What stands in ``result``; none where a success lacks it.
        has_result: Whether there was a ``result`` at all.
        next_token: Token of the following page.
        has_more: What ``moreResult`` says, if it is there.
        is_empty_browse: Whether assets say that there are none (left).
    """

    rows: tuple[Any, ...]
    has_result: bool
    next_token: str | None
    has_more: bool | None
    is_empty_browse: bool


#: An answer without rows, and none to follow.
EMPTY = Envelope(
    rows=(), has_result=True, next_token=None, has_more=False, is_empty_browse=False
)


def read_envelope(value: object) -> Envelope | ApiProblem:
    """Read an answer's body; a failure becomes a problem with the request's id.

    Raises:
        ValueError: it is not an answer of Marketo's.
    """
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one error for one cause
    request_id = str(value.get("requestId") or "")
    if value.get("success") is not True:
        return _read_failure(value, request_id)
    result = value.get("result")
    token = value.get("nextPageToken")
    more = value.get("moreResult")
    return Envelope(
        rows=tuple(result) if isinstance(result, list) else (),
        has_result=isinstance(result, list),
        next_token=str(token) if token else None,
        has_more=more if isinstance(more, bool) else None,
        is_empty_browse=any(
            "no assets found" in str(each).lower()
            for each in value.get("warnings") or ()
        ),
    )


def _read_failure(value: Mapping[str, Any], request_id: str) -> ApiProblem:
    errors = value.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    if not isinstance(first, dict) or not first.get("code"):
        raise ValueError("neither a success nor an error")
    code = str(first["code"])
    text = str(first.get("message") or "")
    suffix = f" [requestId {request_id}]" if request_id else ""
    wait_s = _WAITS_S.get(code)
    return ApiProblem(200, code, f"{text}{suffix}", wait_s)


def judge(problem: ApiProblem) -> Verdict:
    """Decide what an answer that says it failed calls for."""
    code = problem.code
    if code in _TOKEN or problem.status == 401:
        return Verdict.LOG_IN_AGAIN
    if code in _WAITS_S or problem.status == 429:
        return Verdict.WAIT
    if code == DAILY_LIMIT:
        return Verdict.DAILY_LIMIT
    if code in _TRANSIENT or code in _SYSTEM:
        return Verdict.RETRY
    if problem.status in TRANSIENT_STATUSES:
        return Verdict.RETRY
    return Verdict.FAIL


class Judge:
    """Judges the answers of one request: a system error has fewer tries than others."""

    def __init__(self) -> None:
        self._system_errors = 0

    def __call__(self, problem: ApiProblem) -> Verdict:
        """Decide, counting system errors."""
        if problem.code in _SYSTEM or problem.status == 500:
            self._system_errors += 1
            if self._system_errors >= SYSTEM_ERROR_TRIES:
                return Verdict.FAIL
        return judge(problem)


def read_busy(problem: ApiProblem) -> Busy | None:
    """Tell the meanings of code 1029 apart by their text; none for other codes."""
    if problem.code != BUSY:
        return None
    text = problem.message.lower()
    if "already queued" in text:
        return Busy.ALREADY_QUEUED
    if "quota" in text:
        return Busy.QUOTA_SPENT
    if "queue" in text:
        return Busy.QUEUE_FULL
    return Busy.UNKNOWN


def explain_refusal(problem: ApiProblem, *, path: str) -> str:
    """Say what was refused and, where the cause is known, what to do."""
    text = f"{path}: {problem}"
    if problem.code == ACCESS_DENIED:
        text += f" ({_advise_permission(path)})"
    return text


_PERMISSIONS = (
    ("/rest/v1/activities/types", "Read-Only Activity Metadata"),
    ("/rest/v1/activities", "Read-Only Activity"),
    ("/bulk/v1/activities", "Read-Only Activity"),
    ("/rest/v1/campaigns", "Read-Only Campaign"),
    ("/rest/v1/lists", "Read-Only Lead"),
    ("/rest/asset", "Read-Only Assets"),
)


def _advise_permission(path: str) -> str:
    wanted = next(
        (name for prefix, name in _PERMISSIONS if path.startswith(prefix)),
        "Read-Only Lead",
    )
    return (
        f"give the API-only user's role the permission {wanted}, or check that "
        "this machine's address is in the allowed list"
    )

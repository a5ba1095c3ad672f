"""What an error of the Graph API means: decided by its code, not by the status. Pure.

Protocol: an error answer holds ``{"error": {"message", "type", "code",
"error_subcode", "is_transient", "fbtrace_id"}}``; the HTTP status says little.
"""

from __future__ import annotations

import enum
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reading_kit.errors import ApiError, ApiProblem
from reading_kit.retrying import TRANSIENT_STATUSES, Verdict, read_text_problem

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIMIT_CODES = frozenset({4, 17, 32, 341, 613, *range(80000, 80015)})
_TOKEN_CODES = frozenset({102, 190})
_PERMISSION_CODES = frozenset({10, *range(200, 300)})
_PARAMETER_CODE = 100
_UNREADABLE_SUBCODE = 1815107
_PATH_CODE = 2500
_PASSING_CODES = frozenset({1, 2})
_UNAUTHORIZED = 401
_REDUCE = "reduce the amount of data"
_NO_SUCH_FIELD = re.compile(
    r"nonexisting field \((\w+)\)|^(?:\(#100\) )?(\w+) is not valid for fields param"
)
_TOKENS = re.compile(r"(access_token=)[^&\s\"']+|EAA[A-Za-z0-9]{12,}")


class Cause(enum.Enum):
    """Why the service refused."""

    TEMPORARY = "temporary"
    REDUCE = "too much data"
    LIMIT = "limit reached"
    TOKEN = "token"  # noqa: S105 - the name of a cause
    PERMISSION = "permission"
    MISSING = "missing object"
    FIELD = "no such field"
    CURSOR = "cursor"
    OLD_RANGE = "range too old"
    VERSION = "version"
    NOT_LINKED = "not linked"
    RUN_UNREADABLE = "run cannot be read"
    BATCH_TIMEOUT = "batch timed out"
    PARAMETER = "parameter"


_CAUSES: Mapping[int, Cause] = {
    **dict.fromkeys(_LIMIT_CODES, Cause.LIMIT),
    **dict.fromkeys(_TOKEN_CODES, Cause.TOKEN),
    **dict.fromkeys(_PERMISSION_CODES, Cause.PERMISSION),
    960: Cause.BATCH_TIMEOUT,
    2601: Cause.RUN_UNREADABLE,
    2635: Cause.VERSION,
    3018: Cause.OLD_RANGE,
    2853001: Cause.NOT_LINKED,
}
_PARAMETER_CAUSES: Mapping[int, Cause] = {
    33: Cause.MISSING,
    1487534: Cause.REDUCE,
}


@dataclass(frozen=True, slots=True)
class GraphProblem(ApiProblem):
    """An error of the Graph API.

    Attributes:
        number: Its code; 0 where the answer held none.
        subcode: Its subcode; 0 where there is none.
        trace_id: What the service's support asks for.
    """

    number: int = 0
    subcode: int = 0
    is_transient: bool = False
    trace_id: str = ""

    def __str__(self) -> str:
        parts = [f"code {self.number}" if self.number else self.code]
        if self.subcode:
            parts.append(f"subcode {self.subcode}")
        parts.append(f"HTTP {self.status}" if self.status else "in a batch")
        if self.trace_id:
            parts.append(f"fbtrace_id {self.trace_id}")
        return f"{' '.join(self.message.split())} ({', '.join(parts)})"


class GraphError(ApiError):
    """The Graph API refused a request; ``cause`` tells what may help."""

    def __init__(self, problem: GraphProblem) -> None:
        super().__init__(problem)
        self.graph_problem = problem
        self.cause = classify(problem)


def read_graph_problem(status: int, body: str) -> GraphProblem:
    """Read an error answer; a body without an error object counts as text."""
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    error = value.get("error") if isinstance(value, dict) else None
    if isinstance(error, dict):
        return make_problem(status, error)
    plain = read_text_problem(status, body)
    return GraphProblem(status, plain.code, without_tokens(plain.message))


def make_problem(status: int, error: Mapping[str, Any]) -> GraphProblem:
    """Read the error object of an answer or of a batch's element."""
    number = _whole(error.get("code"))
    words = str(error.get("message") or error.get("error_user_msg") or "")
    return GraphProblem(
        status=status,
        code=str(number or f"HTTP_{status}"),
        message=without_tokens(words),
        number=number,
        subcode=_whole(error.get("error_subcode")),
        is_transient=error.get("is_transient") is True,
        trace_id=str(error.get("fbtrace_id") or ""),
    )


def without_tokens(text: str) -> str:
    """Mask whatever looks like an access token."""
    return _TOKENS.sub(lambda match: f"{match[1] or ''}...", text)


def _whole(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0


def classify(problem: GraphProblem) -> Cause:
    """Tell why the service refused."""
    number, words = problem.number, problem.message.lower()
    if problem.subcode == _UNREADABLE_SUBCODE:
        return Cause.RUN_UNREADABLE
    if _REDUCE in words:
        return Cause.REDUCE
    if number in _CAUSES:
        return _CAUSES[number]
    if number == _PARAMETER_CODE and not problem.is_transient:
        return _classify_parameter(problem, words)
    return _classify_rest(problem, words)


def _classify_parameter(problem: GraphProblem, words: str) -> Cause:
    if problem.subcode in _PARAMETER_CAUSES:
        return _PARAMETER_CAUSES[problem.subcode]
    if find_bad_field(problem.message):
        return Cause.FIELD
    if "cursor" in words:
        return Cause.CURSOR
    return Cause.OLD_RANGE if "37 months" in words else Cause.PARAMETER


def _classify_rest(problem: GraphProblem, words: str) -> Cause:
    if not problem.number and problem.status == _UNAUTHORIZED:
        return Cause.TOKEN
    if problem.number == _PATH_CODE and re.search(r"/v\d+\.\d+", words):
        return Cause.VERSION
    is_passing = problem.is_transient or problem.number in _PASSING_CODES
    if is_passing or problem.status in TRANSIENT_STATUSES or problem.status >= 500:
        return Cause.TEMPORARY
    return Cause.PARAMETER


def find_bad_field(message: str) -> str | None:
    """Give the field a refusal says does not exist."""
    match = _NO_SUCH_FIELD.search(message)
    return (match[1] or match[2]) if match else None


def judge(problem: ApiProblem) -> Verdict:
    """Decide for the sender: what passes is repeated, the rest is for the caller."""
    if isinstance(problem, GraphProblem) and classify(problem) is Cause.TEMPORARY:
        return Verdict.RETRY
    return Verdict.FAIL

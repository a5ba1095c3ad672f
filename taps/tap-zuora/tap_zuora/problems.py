"""What a failure that Zuora tells of calls for. Pure.

Codes: AQuA's error list (900xx), the REST API's reasons, whose last two digits name
the kind, and the texts of Data Query's jobs.
"""

from __future__ import annotations

import enum
import json
import re
from typing import TYPE_CHECKING, Any

from reading_kit.errors import ApiProblem
from reading_kit.retrying import TRANSIENT_STATUSES, Verdict, read_text_problem

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Kinds of REST reasons (last two digits): locked, internal, temporary.
_PASSING_KINDS = frozenset({50, 60, 61})
_LIMIT_KIND = 70
_SIGN_IN_KIND = 11
_XML_CODE = re.compile(r"<Code>([^<]*)</Code>")
_XML_TEXT = re.compile(r"<Message>(.*?)</Message>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_MISSING_FIELD = re.compile(
    r"There is no field named '?(\w+(?:\.\w+)*)|Column '([\w.]+)' cannot be resolved"
)
_MISSING_OBJECT = re.compile(
    r"data source could not be found|Table '[^']*' does not exist"
    r"|There is no (?:object|table) named",
    re.IGNORECASE,
)
_SYNTAX = "90005"
_TOO_MUCH = re.compile(
    r"maximum (?:processing|execution) time|time limit|number of output rows"
    r"|maximum number of (?:input|output) rows|exceeded .*(?:memory|size)"
    r"|aborted",
    re.IGNORECASE,
)


class Remedy(enum.Enum):
    """What to do about a query that failed, or a job that was refused."""

    NEW_JOB = "new job"
    WAIT = "wait"
    HALVE = "halve"
    DROP_FIELD = "drop field"
    NO_DELETED = "without deleted"
    SKIP = "skip"
    FATAL = "fatal"


_REMEDIES: Mapping[str, Remedy] = {
    "90002": Remedy.NEW_JOB,
    "90006": Remedy.NEW_JOB,
    "90008": Remedy.NEW_JOB,
    "90010": Remedy.NEW_JOB,
    "90022": Remedy.NEW_JOB,
    "90029": Remedy.NEW_JOB,
    "90028": Remedy.WAIT,
    "90007": Remedy.HALVE,
    "90027": Remedy.HALVE,
    "90012": Remedy.NO_DELETED,
    "90017": Remedy.NO_DELETED,
    "90009": Remedy.SKIP,
    "90018": Remedy.SKIP,
    "90004": Remedy.FATAL,
    "90019": Remedy.FATAL,
}


def find_remedy(code: str, message: str) -> Remedy:
    """Decide on a refused job or a failed query by Zuora's code and text."""
    if known := _REMEDIES.get(code):
        return known
    if find_missing_field(message):
        return Remedy.DROP_FIELD
    if _MISSING_OBJECT.search(message):
        return Remedy.SKIP
    if _TOO_MUCH.search(message):
        return Remedy.HALVE
    if code != _SYNTAX:
        return Remedy.NEW_JOB
    # Without details it is an object describe lists and this tenant does not have.
    return Remedy.FATAL if "(" in message else Remedy.SKIP


def find_missing_field(message: str) -> str | None:
    """Give the field a query asked for and the object does not have."""
    match = _MISSING_FIELD.search(message)
    return (match[1] or match[2]) if match else None


def read_problem(status: int, body: str) -> ApiProblem:
    """Read an error answer: JSON in one of four forms, XML, HTML or text."""
    try:
        value = json.loads(body)
    except ValueError:
        return _read_xml(status, body) or read_text_problem(status, body)
    if not isinstance(value, dict):
        return ApiProblem(status, f"HTTP_{status}", "unexpected answer")
    return read_json_problem(status, value)


def read_json_problem(status: int, value: Mapping[str, Any]) -> ApiProblem:
    """Read reasons, AQuA's errorCode, Data Query's code, or OAuth's error."""
    reasons = value.get("reasons")
    first = reasons[0] if isinstance(reasons, list) and reasons else value
    if not isinstance(first, dict):
        first = value
    code = first.get("errorCode") or first.get("code") or first.get("error")
    text = first.get("message") or first.get("error_description") or ""
    return ApiProblem(status, str(code or f"HTTP_{status}"), str(text))


def says_failure(value: object) -> bool:
    """Tell whether a good status comes with ``success: false``."""
    return isinstance(value, dict) and value.get("success") is False


def judge(problem: ApiProblem) -> Verdict:
    """Decide what an error answer calls for."""
    kind = _find_kind(problem)
    if problem.status == 401 or kind == _SIGN_IN_KIND:
        return Verdict.LOG_IN_AGAIN
    if problem.status == 429 or kind == _LIMIT_KIND:
        return Verdict.WAIT
    is_passing = (
        problem.status in TRANSIENT_STATUSES
        or kind in _PASSING_KINDS
        or "SystemError" in f"{problem.code} {problem.message}"
    )
    return Verdict.RETRY if is_passing else Verdict.FAIL


def judge_login(problem: ApiProblem) -> Verdict:
    """Decide on an answer to a token request; a rejection is never repeated."""
    if problem.status == 429:
        return Verdict.WAIT
    return Verdict.RETRY if problem.status in TRANSIENT_STATUSES else Verdict.FAIL


def is_oversize(problem: ApiProblem) -> bool:
    """Tell whether a file is larger than may be downloaded."""
    text = f"{problem.code} {problem.message}".lower()
    return problem.status == 403 and (
        "max-object-size" in text or "maxobjectsize" in text
    )


def _find_kind(problem: ApiProblem) -> int | None:
    """Give the last two digits of an eight-digit reason."""
    is_reason = re.fullmatch(r"\d{8}", problem.code) is not None
    return int(problem.code[-2:]) if is_reason else None


def _read_xml(status: int, body: str) -> ApiProblem | None:
    if "<Error>" not in body and "max-object-size" not in body:
        return None
    code, text = _XML_CODE.search(body), _XML_TEXT.search(body)
    inner = text[1] if text else body
    words = f"max-object-size {_TAG.sub('', inner)}" if "max-object" in inner else inner
    return ApiProblem(
        status, code[1] if code else f"HTTP_{status}", _TAG.sub("", words).strip()
    )

"""What Salesforce's refusals mean for a stream, and what helps. Pure."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reading_kit.errors import ApiProblem

_REFUSED_BY_BULK = (
    "is not supported by the Bulk API",
    "Selecting compound data not supported in Bulk",
)
_NO_SUCH_COLUMN = re.compile(r"No such column '(\w+)'")
_TIMEOUT_SIGNS = ("QUERY_TIMEOUT", "retried more than")

_ADVICE = {
    "OPERATION_TOO_LARGE": "the user needs the permission View All Data",
    "Implementation restriction": "the user needs the permission View All Data",
    "TXN_SECURITY_METERING_ERROR": "give the user the permission Exempt from "
    "Transaction Security",
    "MALFORMED_QUERY": "set formula_fields to exclude, or select fewer fields",
    "QUERY_TOO_COMPLICATED": "set formula_fields to exclude, or select fewer fields",
    "INVALID_TYPE": "the object is gone, or the user's profile cannot read it",
    "NOT_FOUND": "the object is gone, or the user's profile cannot read it",
    "INSUFFICIENT_ACCESS": "the user's profile lacks Read or View All",
    "API_DISABLED_FOR_ORG": "the org's edition or the user's profile has no API access",
    "does not support query": "deselect the stream: the object cannot be queried",
}


class Refusal(enum.Enum):
    """What a refused query calls for."""

    USE_REST = "use REST for this stream"
    USE_REST_ONLY = "use REST for the rest of the run"
    SPLIT = "read the window in parts"
    DROP_FIELD = "leave a field out"
    RESTART_CURSOR = "start the cursor again"
    FAIL = "fail"


def classify_refusal(problem: ApiProblem) -> Refusal:
    """Decide what can still be done about a refused query or job."""
    text = f"{problem.code} {problem.message}"
    if any(sign in text for sign in _REFUSED_BY_BULK):
        return Refusal.USE_REST
    if "Max bulk v2 query" in text:
        return Refusal.USE_REST_ONLY
    if any(sign in text for sign in _TIMEOUT_SIGNS):
        return Refusal.SPLIT
    if problem.code == "INVALID_FIELD" and find_bad_field(problem):
        return Refusal.DROP_FIELD
    if problem.code == "INVALID_QUERY_LOCATOR":
        return Refusal.RESTART_CURSOR
    return Refusal.FAIL


def find_bad_field(problem: ApiProblem) -> str | None:
    """Give the field an INVALID_FIELD answer complains about."""
    match = _NO_SUCH_COLUMN.search(problem.message)
    return match[1] if match else None


def advise(text: str) -> str:
    """Give a hint for an error text, beginning with "; ", or nothing."""
    hint = next((hint for sign, hint in _ADVICE.items() if sign in text), None)
    return f"; {hint}" if hint else ""

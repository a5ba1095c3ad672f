"""The faults that can be armed in the Facebook server."""

from __future__ import annotations

from bizops_sandbox.servers.faults import FaultKind
from bizops_sandbox.servers.wire_faults import CLOCK_SKEW, CUT, RESET, SLOW, SLOW_BODY

WIRE_FAULTS = (
    FaultKind(
        "status",
        "answer with this HTTP status instead of the real answer; `body` is json, html "
        "or empty; `retry_after` is the header's seconds, negative for no header",
        {
            "status": 503,
            "body": "json",
            "retry_after": -1,
            "code": 2,
            "message": "Service temporarily unavailable",
        },
    ),
    RESET,
    CUT,
    SLOW,
    SLOW_BODY,
)
CALL_FAULTS = (
    FaultKind(
        "throttled",
        "a limit is reached: 4, 17, 32, 341, 613, or 80000 and up with the minutes "
        "until access is regained in the usage header",
        {"code": 17, "minutes": 1},
    ),
    FaultKind(
        "transient",
        "code 1 or 2, is_transient, HTTP 500: an unexpected error, retry later",
        {"code": 2},
    ),
    FaultKind("reduce", "code 1, HTTP 500: please reduce the amount of data"),
    FaultKind(
        "permission",
        "code 200 (a scope is missing) or 10 (the app may not)",
        {"code": 200},
    ),
    FaultKind(
        "token_expired",
        "end all tokens, this call first: 190 with the subcode",
        {"subcode": 463},
    ),
    FaultKind("object_missing", "100/33: no such object, or it may not be seen"),
)
BATCH_FAULTS = (
    FaultKind("batch_timeout", "the element is answered 960: batch timed out"),
    FaultKind("batch_null", "the element's answer is null"),
)
RUN_FAULTS = (
    FaultKind(
        "run_failed",
        "the run ends Job Failed, unless its days are at most `unless_days`, or its "
        "object is not an account when `unless_below_account`",
        {
            "error_code": 100,
            "error_subcode": 1487534,
            "error_message": "(#100) Please reduce the amount of data you're asking "
            "for, then retry your request",
            "unless_days": 0,
            "unless_below_account": False,
        },
    ),
    FaultKind("run_skipped", "the run ends Job Skipped"),
    FaultKind("run_stuck", "the run stays at `percent` for ever", {"percent": 0}),
    FaultKind("run_slow", "the run takes `polls` more polls", {"polls": 3}),
    FaultKind(
        "run_missing",
        "the first `polls` polls find no such run: 100/33",
        {"polls": 1},
    ),
    FaultKind(
        "run_unreadable",
        "the first `reads` reads of a complete run's rows fail: 2601/1815107",
        {"reads": 2},
    ),
)
PAGE_FAULTS = (
    FaultKind("page_empty", "an empty page with a next that goes on from there"),
    FaultKind("page_duplicated", "the page begins with the last row of the one before"),
    FaultKind("page_truncated", "the last row of the page is missing"),
    FaultKind("cursor_expired", "100: the cursor is invalid or expired"),
)
LASTING_FAULTS = (
    CLOCK_SKEW,
    FaultKind(
        "usage_high",
        "say in the usage headers that `pct` percent are used; `header` is app, "
        "account, business, insights or all",
        {"pct": 96, "header": "all"},
        is_lasting=True,
    ),
    FaultKind(
        "version_warning",
        "every answer carries x-ad-api-version-warning",
        is_lasting=True,
    ),
    FaultKind(
        "field_removed",
        "the kind has no such field any more (object Insights: the report)",
        {"object": str, "field": str},
        is_lasting=True,
    ),
    FaultKind(
        "field_added",
        "the kind has a new field with this value",
        {"object": str, "field": str, "value": "new"},
        is_lasting=True,
    ),
    FaultKind(
        "field_retyped",
        "the field's value becomes a string, number, list or object",
        {"object": str, "field": str, "to": "string"},
        is_lasting=True,
    ),
    FaultKind(
        "rows_hidden", "these ids are not there (yet)", {"ids": list}, is_lasting=True
    ),
    FaultKind(
        "actions_missing",
        "purchases and leads are missing in reports of this level",
        {"level": "campaign"},
        is_lasting=True,
    ),
    FaultKind(
        "breakdown_missing",
        "rows of the first value lack this breakdown's key",
        {"breakdown": str},
        is_lasting=True,
    ),
)
FAULT_KINDS = (
    *WIRE_FAULTS,
    *CALL_FAULTS,
    *BATCH_FAULTS,
    *RUN_FAULTS,
    *PAGE_FAULTS,
    *LASTING_FAULTS,
)


def names(kinds: tuple[FaultKind, ...]) -> frozenset[str]:
    """Return the names of some kinds."""
    return frozenset(kind.name for kind in kinds)

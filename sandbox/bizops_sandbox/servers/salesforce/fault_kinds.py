"""The faults the Salesforce server can show, as README.md lists them."""

from __future__ import annotations

from bizops_sandbox.servers.faults import FaultKind
from bizops_sandbox.servers.wire_faults import CLOCK_SKEW, CUT, RESET, SLOW, SLOW_BODY

REQUEST_FAULTS = (
    FaultKind(
        "status",
        "answer with this HTTP status instead of the real answer; `body` is json, html "
        "or empty; `retry_after` is the header's seconds, negative for no header",
        {
            "status": 503,
            "body": "json",
            "retry_after": -1,
            "error_code": "SERVER_UNAVAILABLE",
            "message": "The server is unavailable",
        },
    ),
    RESET,
    CUT,
    SLOW,
    SLOW_BODY,
    FaultKind("daily_limit", "403 REQUEST_LIMIT_EXCEEDED, TotalRequests"),
    FaultKind("concurrent_limit", "403 REQUEST_LIMIT_EXCEEDED, ConcurrentRequests"),
    FaultKind("token_expired", "end all sessions; this request is answered 401"),
    CLOCK_SKEW,
    FaultKind(
        "api_usage",
        "say in Sforce-Limit-Info and /limits that `used` requests of the day are used",
        {"used": int},
        is_lasting=True,
    ),
)
LOGIN_FAULTS = (
    FaultKind("refresh_rejected", "invalid_grant: expired access/refresh token"),
    FaultKind(
        "login_refused",
        "answer the token request with this error",
        {
            "error": "invalid_grant",
            "error_description": "user hasn't approved this consumer",
        },
    ),
    FaultKind("rotate", "give a new refresh token; the old one dies"),
)
JOB_FAULTS = (
    FaultKind(
        "job_failed",
        "the job ends Failed, unless its key range is shorter than `unless_days`",
        {
            "error_message": "QUERY_TIMEOUT: Your query request was running for too "
            "long. (retried more than 15 times)",
            "unless_days": 0,
        },
    ),
    FaultKind("job_stuck", "the job stays InProgress"),
    FaultKind("job_aborted", "the job is Aborted, as by an administrator"),
    FaultKind(
        "job_vanished",
        "after `after_polls` polls the job is gone: 404",
        {"after_polls": 1},
    ),
)
BULK_FAULTS = (
    FaultKind("bulk_unsupported", "400 INVALIDENTITY: not supported by the Bulk API"),
    FaultKind("job_limit", "400 LIMIT_EXCEEDED: Max bulk v2 query jobs per 24 hrs"),
    FaultKind(
        "delete_fails",
        "DELETE of a job fails with this status",
        {"status": 500},
    ),
)
PAGE_FAULTS = (
    FaultKind("page_short", "one row fewer than Sforce-NumberOfRecords says"),
    FaultKind("page_duplicated", "the page before once more (page 1: page 2)"),
    FaultKind("header_missing", "no header row"),
    FaultKind("locator_missing", "no Sforce-Locator header"),
    FaultKind("locator_empty", "an empty Sforce-Locator header"),
)
SCHEMA_FAULTS = (
    FaultKind(
        "field_removed",
        "the object has no such field any more",
        {"object": str, "field": str},
        is_lasting=True,
    ),
    FaultKind(
        "rows_hidden",
        "these rows are not committed yet: no query sees them",
        {"object": str, "ids": list},
        is_lasting=True,
    ),
)
ALL_FAULTS = (
    *REQUEST_FAULTS,
    *LOGIN_FAULTS,
    *JOB_FAULTS,
    *BULK_FAULTS,
    *PAGE_FAULTS,
    *SCHEMA_FAULTS,
)


def names(kinds: tuple[FaultKind, ...]) -> frozenset[str]:
    """Return the names of some kinds."""
    return frozenset(kind.name for kind in kinds)

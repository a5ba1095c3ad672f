"""The faults the Zuora server can show."""

from __future__ import annotations

from bizops_sandbox.servers.faults import FaultKind
from bizops_sandbox.servers.wire_faults import CLOCK_SKEW, CUT, RESET, SLOW, SLOW_BODY

REQUEST_FAULTS = (
    FaultKind(
        "status",
        "answer with this HTTP status instead of the real answer; `body` is json "
        "(Zuora's reasons), text (its 500 page), html (a proxy's) or empty; "
        "`retry_after` is the header's seconds, negative for no header",
        {
            "status": 503,
            "body": "json",
            "retry_after": -1,
            "code": 50000060,
            "message": "System error, please try again later.",
        },
    ),
    RESET,
    CUT,
    SLOW,
    SLOW_BODY,
    FaultKind(
        "rate_limit",
        "429 of the rate limit; `reset_s` is ratelimit-reset, negative for no header",
        {"reset_s": 1},
    ),
    FaultKind("concurrency_limit", "429 of the limit of concurrent requests"),
    FaultKind("token_expired", "all tokens end; this request is answered 401"),
    FaultKind(
        "failure_200",
        "HTTP 200 with success false and this reason, as older resources fail",
        {"code": 50000060, "message": "SystemError"},
    ),
    FaultKind("forbidden", "403: the user's role has no API access to this resource"),
    CLOCK_SKEW,
    FaultKind(
        "requests_used",
        "say in ratelimit-remaining that `used` requests of the hour are used",
        {"used": int},
        is_lasting=True,
    ),
)
LOGIN_FAULTS = (
    FaultKind(
        "login_refused",
        "the token request is answered with this status",
        {"status": 401},
    ),
    FaultKind(
        "short_token",
        "the token given lives only `seconds`",
        {"seconds": 61},
    ),
)
JOB_FAULTS = (
    FaultKind(
        "job_refused",
        "HTTP 200 with this errorCode and no id: 90028, 90010, 90022, 90008 ...",
        {"error_code": "90028"},
    ),
    FaultKind(
        "job_error",
        "the job ends with status error",
        {"message": "Internal Server Error.", "error_code": "90010"},
    ),
    FaultKind("job_aborted", "the job ends aborted: maximum processing time"),
    FaultKind("job_cancelled", "the job ends cancelled, as by an administrator"),
    FaultKind("job_hang", "the job stays executing"),
    FaultKind(
        "job_vanished", "after `after_polls` polls: no such job", {"after_polls": 1}
    ),
    FaultKind("delete_fails", "the job cannot be cancelled", {"status": 500}),
)
BATCH_FAULTS = (
    FaultKind(
        "batch_failed",
        "one batch of a job fails, the others complete; unless its range is shorter "
        "than `unless_days`",
        {
            "message": "The query exceeded maximum processing time.",
            "error_code": "90027",
            "unless_days": 0,
        },
    ),
    FaultKind("batch_missing", "the query is ignored: no permission on its object"),
    FaultKind("record_count_off", "recordCount is wrong by `by` rows", {"by": 1}),
)
FILE_FAULTS = (
    FaultKind("file_gone", "404: the file was purged"),
    FaultKind("file_oversize", "403 with XML: larger than max-object-size"),
    FaultKind("file_forbidden", "403: the user may not export data sources"),
    FaultKind("rows_missing", "the last `rows` rows are not there", {"rows": 1}),
    FaultKind("rows_duplicated", "the first `rows` rows come twice", {"rows": 1}),
    FaultKind(
        "ragged_row", "row number `row` (from 1) lacks its last cell", {"row": 1}
    ),
    FaultKind("nul_bytes", "NUL bytes stand inside the cells of the first row"),
    FaultKind("byte_order_mark", "the file begins with a UTF-8 byte order mark"),
    FaultKind(
        "tricky_cell",
        "the first text of the first row holds quotes, a comma and a newline",
    ),
    FaultKind("fractional_seconds", "date-times have milliseconds"),
    FaultKind("spaced_datetimes", "date-times have a space in place of the T"),
    FaultKind("header_case", "the header row is in lower case"),
)
DATA_QUERY_FAULTS = (
    FaultKind(
        "data_query_failed",
        "the Data Query job fails, unless its range is shorter than `unless_days`",
        {
            "message": "Query exceeded the maximum execution time limit.",
            "unless_days": 0,
        },
    ),
    FaultKind("data_query_hang", "the Data Query job stays in_progress"),
    FaultKind("data_query_limit", "429: too many queries in the queue"),
    FaultKind("data_file_expired", "403 of the object storage: the link has expired"),
)
DATA_FAULTS = (
    FaultKind(
        "field_removed",
        "the object has no such field any more",
        {"object": str, "field": str},
        is_lasting=True,
    ),
    FaultKind(
        "field_added",
        "the object has another field, with this text in each row",
        {"object": str, "field": str, "type": "text", "value": ""},
        is_lasting=True,
    ),
    FaultKind(
        "field_retyped",
        "describe tells another type, and the cells are written so",
        {"object": str, "field": str, "type": str},
        is_lasting=True,
    ),
    FaultKind(
        "field_unexportable",
        "the field is not in the export context any more",
        {"object": str, "field": str},
        is_lasting=True,
    ),
    FaultKind(
        "object_removed",
        "describe and queries do not know the object",
        {"object": str},
        is_lasting=True,
    ),
    FaultKind(
        "object_forbidden",
        "the user may describe the object but not query it",
        {"object": str},
        is_lasting=True,
    ),
    FaultKind(
        "rows_hidden",
        "these rows are not committed yet: no query sees them",
        {"object": str, "ids": list},
        is_lasting=True,
    ),
    FaultKind(
        "rows_deleted",
        "these rows were deleted at the present moment",
        {"object": str, "ids": list},
        is_lasting=True,
    ),
)
FAULT_KINDS = (
    *REQUEST_FAULTS,
    *LOGIN_FAULTS,
    *JOB_FAULTS,
    *BATCH_FAULTS,
    *FILE_FAULTS,
    *DATA_QUERY_FAULTS,
    *DATA_FAULTS,
)


def names(kinds: tuple[FaultKind, ...]) -> frozenset[str]:
    """Return the names of some kinds."""
    return frozenset(kind.name for kind in kinds)

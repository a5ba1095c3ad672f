"""The faults the Marketo server can show, as README.md lists them."""

from __future__ import annotations

from bizops_sandbox.servers.faults import FaultKind
from bizops_sandbox.servers.wire_faults import CLOCK_SKEW, CUT, RESET, SLOW, SLOW_BODY

REQUEST_FAULTS = (
    FaultKind(
        "status",
        "answer with this HTTP status instead of the real answer; `body` is json, html "
        "or empty; `retry_after` is the header's seconds, negative for no header",
        {"status": 503, "body": "html", "retry_after": -1, "message": "Unavailable"},
    ),
    FaultKind(
        "error",
        "answer 200 with `success: false` and this code; an empty message is the "
        "code's own",
        {"code": "608", "message": ""},
    ),
    FaultKind("result_missing", "answer `success: true` without a result"),
    FaultKind("invalid_json", "answer with a body that breaks off amid the JSON"),
    FaultKind("token_expired", "all tokens expire; this request is answered 602"),
    RESET,
    CUT,
    SLOW,
    SLOW_BODY,
    CLOCK_SKEW,
    FaultKind(
        "calls_used",
        "say that `used` calls of the day are used already",
        {"used": int},
        is_lasting=True,
    ),
)
LOGIN_FAULTS = (
    FaultKind(
        "login_refused",
        "answer the token request with this error",
        {
            "status": 401,
            "error": "invalid_client",
            "error_description": "Bad client credentials",
        },
    ),
)
JOB_FAULTS = (
    FaultKind(
        "job_failed",
        "the job ends Failed",
        {"error_message": "Export job failed, please retry"},
    ),
    FaultKind("job_cancelled", "the job is cancelled, as by an administrator"),
    FaultKind("job_stuck", "the job stays Processing and keeps its slot"),
    FaultKind("job_without_file", "the job is Completed, but its file is 404"),
    FaultKind("checksum_wrong", "the job tells the checksum of another file"),
    FaultKind("quotes_unescaped", "quotes inside cells of the file are not doubled"),
    FaultKind("rows_duplicated", "the last `rows` of the file come twice", {"rows": 1}),
)
CREATE_FAULTS = (
    FaultKind("create_failed", "the new job's status is Failed at once"),
    FaultKind("quota_at_create", "1029 Export daily quota exceeded, at create"),
)
ENQUEUE_FAULTS = (
    FaultKind("queue_full", "1029 Too many jobs in queue"),
    FaultKind("quota_at_enqueue", "1029 Export daily quota exceeded, at enqueue"),
)
FILE_FAULTS = (
    FaultKind("range_ignored", "answer 200 with the whole file"),
    FaultKind(
        "json_instead_of_csv",
        "answer 200 with a JSON error instead of the file's bytes",
        {"code": "602"},
    ),
)
PAGE_FAULTS = (
    FaultKind("page_duplicated", "the page before once more"),
    FaultKind("page_empty", "no rows, and `moreResult` true"),
    FaultKind("page_token_expired", "1003: the page token is not good any more"),
    FaultKind(
        "rows_shifted",
        "an asset page begins `rows` earlier, as when others add assets meanwhile",
        {"rows": 1},
    ),
)
SCHEMA_FAULTS = (
    FaultKind(
        "field_removed",
        "leads or members have no such field any more",
        {"object": str, "field": str},
        is_lasting=True,
    ),
    FaultKind(
        "field_added",
        "leads have this field too, with the same value for everyone",
        {"field": str, "data_type": "string", "value": "new"},
        is_lasting=True,
    ),
    FaultKind(
        "field_retyped",
        "describe says another type for a field of leads",
        {"field": str, "data_type": str},
        is_lasting=True,
    ),
    FaultKind(
        "attribute_added",
        "activities of a type carry an attribute that describe does not know",
        {"type_id": int, "name": str, "value": "new"},
        is_lasting=True,
    ),
    FaultKind(
        "rows_hidden",
        "these leads or activities are not visible yet",
        {"object": str, "ids": list},
        is_lasting=True,
    ),
    FaultKind(
        "leads_changed",
        "these leads were changed just now, in a field that leaves updatedAt alone",
        {"ids": list},
        is_lasting=True,
    ),
)
FAULT_KINDS = (
    *REQUEST_FAULTS,
    *LOGIN_FAULTS,
    *JOB_FAULTS,
    *CREATE_FAULTS,
    *ENQUEUE_FAULTS,
    *FILE_FAULTS,
    *PAGE_FAULTS,
    *SCHEMA_FAULTS,
)


def names(kinds: tuple[FaultKind, ...]) -> frozenset[str]:
    """Return the names of some kinds."""
    return frozenset(kind.name for kind in kinds)

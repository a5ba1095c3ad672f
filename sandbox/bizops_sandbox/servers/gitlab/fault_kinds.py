"""The faults the GitLab server can show."""

from __future__ import annotations

from bizops_sandbox.servers.faults import FaultKind
from bizops_sandbox.servers.wire_faults import CLOCK_SKEW, CUT, RESET, SLOW, SLOW_BODY

REQUEST_FAULTS = (
    FaultKind(
        "status",
        "answer with this HTTP status; `body` is json, html, text or empty; "
        "`retry_after` is the header's seconds, negative for no header",
        {
            "status": 503,
            "body": "html",
            "retry_after": -1,
            "message": "GitLab is not responding",
        },
    ),
    FaultKind(
        "rate_limited",
        "429 with the plain text `Retry later`; `retry_after` negative: no header",
        {"retry_after": 1},
    ),
    FaultKind("endpoint_limited", "429 of a single endpoint, as JSON"),
    FaultKind("blocked", "403 with the HTML page of a firewall"),
    RESET,
    CUT,
    FaultKind(
        "truncated",
        "a whole answer whose JSON ends after `after_bytes`",
        {"after_bytes": 100},
    ),
    SLOW,
    SLOW_BODY,
    FaultKind(
        "token_expired",
        "end all OAuth access tokens; this request is answered 401",
    ),
)
LASTING_FAULTS = (
    CLOCK_SKEW,
    FaultKind(
        "budget_left",
        "so many requests of the minute remain, by the headers",
        {"remaining": int, "reset_after": 1},
        is_lasting=True,
    ),
    FaultKind(
        "heavy_page",
        "pages of more than `above` rows fail with `status`, after `seconds`",
        {"above": 50, "status": 500, "seconds": 0.0},
        is_lasting=True,
    ),
    FaultKind(
        "heavy_stats",
        "commits with statistics fail with `status`",
        {"status": 500},
        is_lasting=True,
    ),
    FaultKind(
        "filter_unknown",
        "the query parameter is refused with 400, as by an old version",
        {"parameter": str},
        is_lasting=True,
    ),
    FaultKind(
        "link_host",
        "Link headers name this host, as behind a proxy",
        {"host": str},
        is_lasting=True,
    ),
)
LOGIN_FAULTS = (FaultKind("refresh_rejected", "invalid_grant for the refresh token"),)
PAGE_FAULTS = (
    FaultKind("page_short", "the page lacks its last row, as if it were redacted"),
    FaultKind("page_empty", "the page is empty, but has a next one"),
    FaultKind("page_duplicated", "the page before once more (page 1: page 2)"),
    FaultKind("row_repeated", "the page begins with the last row of the page before"),
    FaultKind("link_loops", "the next link leads to this page again"),
)
SCHEMA_FAULTS = (
    FaultKind(
        "field_removed",
        "rows of the object have no such field",
        {"object": str, "field": str},
        is_lasting=True,
    ),
    FaultKind(
        "field_added",
        "rows of the object have a new field with this value",
        {"object": str, "field": str, "value": None},
        is_lasting=True,
    ),
    FaultKind(
        "field_retyped",
        "the field is text where it was something else, and a number where it was text",
        {"object": str, "field": str},
        is_lasting=True,
    ),
    FaultKind(
        "field_null",
        "the field is null",
        {"object": str, "field": str},
        is_lasting=True,
    ),
    FaultKind(
        "rows_hidden",
        "these rows (by id) are in no list",
        {"object": str, "ids": list},
        is_lasting=True,
    ),
    FaultKind(
        "rows_updated",
        "the first `rows` of the list, as it is sorted, have just been updated",
        {"object": str, "rows": 1},
        is_lasting=True,
    ),
    FaultKind(
        "one_instant",
        "all rows were updated at one instant, as by a bulk edit",
        {"object": str},
        is_lasting=True,
    ),
    FaultKind(
        "feature_off",
        "lists of the object are refused with `status`, 403 or 404",
        {"object": str, "status": 403},
        is_lasting=True,
    ),
    FaultKind(
        "project_deleted",
        "the project (id or path) is gone",
        {"project": str},
        is_lasting=True,
    ),
    FaultKind(
        "project_moved",
        "the project (path) has moved: 301 to its id",
        {"project": str},
        is_lasting=True,
    ),
    FaultKind("ping_empty", "no instance has a payload in its cache", is_lasting=True),
    FaultKind(
        "ping_value",
        "the payload has this value at the key path",
        {"key_path": str, "value": None},
        is_lasting=True,
    ),
)
FAULT_KINDS = (
    *REQUEST_FAULTS,
    *LASTING_FAULTS,
    *LOGIN_FAULTS,
    *PAGE_FAULTS,
    *SCHEMA_FAULTS,
)


def names(kinds: tuple[FaultKind, ...]) -> frozenset[str]:
    """Return the names of some kinds."""
    return frozenset(kind.name for kind in kinds)

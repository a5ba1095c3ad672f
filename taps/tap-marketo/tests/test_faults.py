"""Faults of the service: the tap recovers whole, or ends saying what is missing."""

from __future__ import annotations

import pytest

FILES = "*/file.json"
LEAD_JOB = {"object": "leads", "path": "*/create.json"}
ACTIVITY_JOB = {"object": "activities", "path": "*/create.json"}
RECOVERABLE = {
    "the service is down for a moment": {"fault": "status", "status": 503, "count": 3},
    "a gateway answers with HTML": {"fault": "status", "status": 502, "count": 2},
    "too many requests": {"fault": "status", "status": 429, "retry_after": 0},
    "a system error passes": {"fault": "error", "code": "611", "count": 3},
    "a transient error": {"fault": "error", "code": "713", "count": 3},
    "unavailable for a moment": {"fault": "error", "code": "608", "after": 12},
    "too many calls in 20 s": {"fault": "error", "code": "606", "after": 5, "count": 2},
    "too many calls at once": {"fault": "error", "code": "615", "after": 5, "count": 2},
    "the connection is reset": {"fault": "reset", "count": 2},
    "a body is cut": {"fault": "cut", "after": 4, "count": 2},
    "a body is shorter than it says": {
        "fault": "cut",
        "chunked": False,
        "after": 4,
        "count": 2,
    },
    "a body that is no JSON": {"fault": "invalid_json", "after": 6, "count": 2},
    "a success without result": {"fault": "result_missing", "after": 6, "count": 2},
    "a page without result": {
        "fault": "result_missing",
        "match": {"object": "lists"},
        "count": 2,
    },
    "an asset page without result": {
        "fault": "result_missing",
        "match": {"object": "emails"},
        "count": 2,
    },
    "a list of jobs without result": {
        "fault": "result_missing",
        "match": {"path": "*/leads/export.json"},
    },
    "the token ends in the middle": {"fault": "token_expired", "after": 9},
    "the token ends at a file": {"fault": "token_expired", "match": {"path": FILES}},
    "the token is refused twice over": {
        "fault": "error",
        "code": "602",
        "after": 9,
        "count": 1,
    },
    "a file is cut": {
        "fault": "cut",
        "after_bytes": 900,
        "match": {"path": FILES},
        "count": 3,
    },
    "a file is shorter than it says": {
        "fault": "cut",
        "after_bytes": 900,
        "chunked": False,
        "match": {"path": FILES},
        "count": 3,
    },
    "ranges are ignored": {"fault": "range_ignored", "count": None},
    "JSON in the place of a file": {"fault": "json_instead_of_csv"},
    "JSON of a passing error in the place of a file": {
        "fault": "json_instead_of_csv",
        "code": "608",
        "count": 2,
    },
    "a lead job fails once": {"fault": "job_failed", "match": LEAD_JOB},
    "a lead job fails twice": {"fault": "job_failed", "match": LEAD_JOB, "count": 2},
    "an activity job fails once": {"fault": "job_failed", "match": ACTIVITY_JOB},
    "an activity job fails twice": {
        "fault": "job_failed",
        "match": ACTIVITY_JOB,
        "count": 2,
    },
    "a job is cancelled": {"fault": "job_cancelled", "match": LEAD_JOB},
    "a job has no file": {"fault": "job_without_file", "match": LEAD_JOB},
    "a job fails as it is made": {"fault": "create_failed"},
    "the queue is full for a while": {"fault": "queue_full", "count": 3},
    "quotes are not escaped": {"fault": "quotes_unescaped", "match": ACTIVITY_JOB},
    "rows come twice in a file": {"fault": "rows_duplicated", "rows": 5, "count": 2},
    "a page comes twice": {
        "fault": "page_duplicated",
        "match": {"object": "lists", "page": 2},
    },
    "an asset page comes twice": {
        "fault": "page_duplicated",
        "match": {"object": "emails", "page": 2},
    },
    "an empty page is not the last": {
        "fault": "page_empty",
        "match": {"path": "*/deletedleads.json"},
        "count": 2,
    },
    "a page token expires": {
        "fault": "page_token_expired",
        "match": {"object": "lists", "page": 2},
    },
    "the page token of deleted leads expires": {
        "fault": "page_token_expired",
        "match": {"path": "*/deletedleads.json"},
    },
    "asset rows shift": {
        "fault": "rows_shifted",
        "rows": 3,
        "match": {"object": "emails"},
        "count": 2,
    },
    "the first byte comes late": {"fault": "slow", "seconds": 1.5, "after": 3},
    "a file comes in drops": {
        "fault": "slow_body",
        "seconds": 0.02,
        "chunk_bytes": 4000,
        "match": {"path": FILES},
    },
    "the usage is not told": {
        "fault": "error",
        "code": "603",
        "match": {"object": "stats"},
    },
}


@pytest.mark.parametrize("fault", RECOVERABLE.values(), ids=RECOVERABLE.keys())
def test_the_tap_recovers_with_complete_data(hard, whole, fault):
    hard.arm(fault)
    outcome = hard.run(catalog=hard.catalog)
    assert outcome.status == 0, outcome.log
    assert hard.control("GET", "/faults")[0]["used"], "the fault did not strike"
    assert hard.tables_of(outcome) == whole
    assert set(hard.bookmarks(outcome)) == set(hard.names)
    assert all(
        value >= "2018-01-31T23:59" for value in hard.bookmarks(outcome).values()
    )
    assert outcome.state["bookmarks"]["_activity_exports"] == []
    assert "export" not in outcome.state["bookmarks"]["leads"]


STOPPING = {
    "a permission lacks": (
        {"fault": "error", "code": "603", "match": {"object": "lists"}, "count": None},
        "lists",
        "Read-Only Lead",
    ),
    "an asset permission lacks": (
        {"fault": "error", "code": "603", "match": {"object": "emails"}, "count": None},
        "emails",
        "Read-Only Assets",
    ),
    "a system error stays": (
        {"fault": "error", "code": "611", "match": {"object": "lists"}, "count": None},
        "lists",
        "requestId",
    ),
    "a request is wrong": (
        {"fault": "error", "code": "1003", "match": {"object": "lists"}},
        "lists",
        "1003",
    ),
    "a lead job always fails": (
        {
            "fault": "job_failed",
            "error_message": "odd thing",
            "match": LEAD_JOB,
            "count": None,
        },
        "leads",
        "odd thing",
    ),
    "an activity job always fails": (
        {"fault": "job_failed", "match": ACTIVITY_JOB, "count": None},
        "activities_click_link",
        "failed",
    ),
    "a lead job never has a file": (
        {"fault": "job_without_file", "match": LEAD_JOB, "count": None},
        "leads",
        "no file",
    ),
    "a checksum is wrong": (
        {"fault": "checksum_wrong", "match": LEAD_JOB},
        "leads",
        "SHA-256",
    ),
    "quotes of leads are not escaped where that cannot be mended": (
        {"fault": "quotes_unescaped", "match": LEAD_JOB},
        "leads",
        "does not fit the header",
    ),
    "a lead job is stuck": (
        {"fault": "job_stuck", "match": LEAD_JOB, "count": None},
        "leads",
        "job_timeout",
    ),
    "the queue stays full for leads": (
        {
            "fault": "queue_full",
            "match": {"object": "leads"},
            "count": None,
        },
        "leads",
        "no room in the export queue",
    ),
    "asset pages never stop repeating": (
        {
            "fault": "page_duplicated",
            "match": {"object": "emails", "page": 2},
            "count": None,
        },
        "emails",
        "shift",
    ),
    "pages never stop repeating": (
        {
            "fault": "page_duplicated",
            "match": {"object": "lists", "page": 2},
            "count": None,
        },
        "lists",
        "again and again",
    ),
}


@pytest.mark.parametrize("case", STOPPING.values(), ids=STOPPING.keys())
def test_a_stream_that_cannot_be_read_stops_and_the_others_go_on(hard, whole, case):
    fault, stream, words = case
    hard.arm(fault)
    outcome = hard.run(catalog=hard.catalog, job_timeout=2, queue_timeout=1)
    assert outcome.status == 1, outcome.log
    assert words in outcome.log
    assert "Traceback" not in outcome.log
    assert set(hard.bookmarks(outcome)) == set(hard.names) - {stream}
    for name in set(hard.names) - {stream}:
        assert hard.tables_of(outcome)[name] == whole[name], name
    hard.calm()
    again = hard.run(catalog=hard.catalog, state=outcome.state)
    assert again.status == 0, again.log
    assert hard.tables_of(outcome, again)[stream] == whole[stream]
